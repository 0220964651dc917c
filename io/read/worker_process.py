"""The process of the worker, which may be started before there is work: it loads its modules while we load ours."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..table.kind import kind_of

_ready: list["subprocess.Popen[bytes]"] = []


def start_worker() -> "subprocess.Popen[bytes]":
    """The worker that waits already, or a new one."""
    return _ready.pop() if _ready else _started()


@contextmanager
def worker_in_advance(origin: object) -> Iterator[None]:
    """Have a worker ready if this is the path of a file for it; one that nobody took is sent home at the end."""
    if isinstance(origin, Path) and _is_for_worker(origin):
        _ready.append(_started())
    try:
        yield
    finally:
        while _ready:
            with _ready.pop() as process:
                process.kill()


def _is_for_worker(path: Path) -> bool:
    if not path.is_file():  # a pipe that nobody writes into would never open
        return False
    try:
        with path.open("rb") as file:
            return kind_of(file.read(8192)) in ("zip", "ole", "biff", "html", "xml", "parquet")
    except (OSError, ValueError):  # whoever reads the file says what is wrong with it
        return False


def _started() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _command() -> list[str]:
    """-P: the folder that we are started in must not become a source of modules."""
    return [sys.executable, "-P", "-m", __name__.rpartition(".")[0] + ".worker"]
