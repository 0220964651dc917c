"""What one waits for at a desk: reading a workbook, and a command's first word."""

import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from guiyi.io.read.readers import read_tables
from guiyi.sample_data.crash import write_crash

from .measure import PYTHON, run_measured, show

TIMES = 5


def reading(folder: Path) -> None:
    """The import crash, 32,756 rows: every cell as written, with encodings, dialects and dirt found, against bare readers."""
    readers: list[tuple[str, str, Callable[[Path], object]]] = [
        ("guiyi", "crash.csv", read_tables),
        ("polars", "crash.csv", lambda path: pl.read_csv(path, infer_schema=False)),
        ("guiyi", "crash.xlsx", read_tables),
    ]
    if find_spec("fastexcel"):
        import fastexcel

        readers.append(
            ("fastexcel", "crash.xlsx", lambda p: fastexcel.read_excel(p).load_sheet(0, dtypes="string").to_polars())
        )
    rows = []
    for name, file, read in readers:
        path = folder / file
        if not path.exists():
            write_crash(path)
        rows.append((f"{name} {file}", *_fastest(read, path)))
    show("reading the crash file", ("", "seconds", "CPU seconds"), rows)
    if not find_spec("fastexcel"):
        print("fastexcel is not installed: pip install -e '.[bench]'")


def _fastest(read: Callable[[Path], object], path: Path) -> tuple[float, float]:
    taken = []
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), _cpu()
        read(path)
        taken.append((time.perf_counter() - wall, _cpu() - cpu))
    return min(taken)


def _cpu() -> float:
    """Seconds of this process and its children: guiyi reads workbooks in a process of their own."""
    return sum(os.times()[:4])


def start_up(folder: Path) -> None:
    """`guiyi --help` and a bare interpreter, the fastest of several."""
    rows = []
    for name, arguments in (("python -c pass", ["-c", "pass"]), ("guiyi --help", ["-m", "guiyi", "--help"])):
        costs = [run_measured([PYTHON, *arguments], folder / "start.log") for _ in range(TIMES)]
        best = min(costs)
        rows.append((name, best.wall, best.cpu))
    show("start-up", ("", "seconds", "CPU seconds"), rows)
