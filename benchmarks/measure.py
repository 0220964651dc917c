"""Run a command and say what it cost: wall and CPU seconds, peak memory. Figures are shown, never asserted."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

PYTHON = sys.executable


class Cost(NamedTuple):
    """cpu: user and system seconds of the process and the children it waited for; peak: the largest of them, bytes."""

    wall: float
    cpu: float
    peak: int


def run_measured(command: Sequence[str | Path], log: Path, limit: float | None = None) -> Cost:
    """Run a command, its output into a file. Raises SystemExit, naming the log, when it fails or takes too long."""
    started = time.perf_counter()
    with log.open("w") as out:
        process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=subprocess.STDOUT)
        pid, status, usage = _waited(process, limit)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status) if pid else -9
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}; see {log}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def _waited(process: "subprocess.Popen[bytes]", limit: float | None) -> tuple[int, int, Any]:
    """wait4, which alone tells one child's own usage, with a limit in seconds."""
    deadline = None if limit is None else time.monotonic() + limit
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG if deadline else 0)
        if pid:
            return pid, status, usage
        if deadline and time.monotonic() > deadline:
            process.kill()
            return os.wait4(process.pid, 0)
        time.sleep(0.05)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process that runs; 0 where the system does not tell (it does under /proc)."""
    try:
        user, system = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; the first column is text, the others figures."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_figure(v) for v in row))
    Console().print(table)


def _figure(value: object) -> str:
    if value == 0:
        return "0"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def gigabytes(size: int) -> str:
    """Bytes as a person reads them."""
    return f"{size / 2**30:.2f} GB"
