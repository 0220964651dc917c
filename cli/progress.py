"""What a long run says while it works, on stderr: a moving line on a terminal, plain lines elsewhere, nothing when quiet.

Each finished stage leaves a line. Where nobody watches, a stage that takes long says every half minute that it is alive.
"""

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from .. import log
from ..i18n import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

HEARTBEAT = 30.0  # seconds
_NAMES = {
    "read": Text("读入", "read"), "compare": Text("比对", "compare"), "clean": Text("清洗", "clean"), "resolve": Text("查重", "resolve"),
    "plan": Text("合并方案", "plan"), "packs": Text("规则包", "packs"), "publish": Text("发布", "publish"),
}  # fmt: skip


def stage_name(name: str) -> str:
    """What a stage is called before people."""
    return str(_NAMES.get(name, name))


def _finished(name: str, rows: int | None, seconds: float) -> str:
    count = "" if rows is None else f"{rows:,}"
    return f"  {stage_name(name):<8} {count:>12} {seconds:7.1f} s"


class Quiet:
    """Says nothing. The base of those that do: used in `with`, so that nothing goes on moving after a fault."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self, name: str, total: int | None) -> None:
        """A stage begins."""

    def moved(self, rows: int) -> None:
        """The stage has come so far."""

    def __call__(self, name: str, rows: int | None, seconds: float) -> None:
        """A stage has ended."""

    def close(self) -> None:
        """The work has ended, one way or the other."""


class Lines(Quiet):
    """A line per finished stage, and one every `every` seconds while a stage takes its time. stamped: with the time."""

    def __init__(self, stream: TextIO | None = None, every: float = HEARTBEAT, stamped: bool = False) -> None:
        self._stream, self._every, self._stamped = stream or sys.stderr, every, stamped
        self._ended = threading.Event()
        self._beat: threading.Thread | None = None
        self._rows: int | None = None

    def begin(self, name: str, total: int | None) -> None:
        """Start the heartbeat."""
        self.close()
        self._rows, self._ended = None, threading.Event()
        self._beat = threading.Thread(target=self._beats, args=(name, total, self._ended), daemon=True)
        self._beat.start()

    def moved(self, rows: int) -> None:
        """Remember it for the next heartbeat."""
        self._rows = rows

    def __call__(self, name: str, rows: int | None, seconds: float) -> None:
        """Stop the heartbeat, write the line."""
        self.close()
        self._write("stage", _finished(name, rows, seconds), stage=name, rows=rows, seconds=round(seconds, 3))

    def close(self) -> None:
        """Stop the heartbeat."""
        self._ended.set()
        if self._beat is not None:
            self._beat.join()
            self._beat = None

    def _beats(self, name: str, total: int | None, ended: threading.Event) -> None:
        start = time.monotonic()
        while not ended.wait(self._every):
            of = "" if self._rows is None else f" {self._rows:,}" + ("" if total is None else f" / {total:,}")
            working = Text("进行中", "working")
            spent = time.monotonic() - start
            line = f"  {stage_name(name):<8} {working!s}{of} {spent:.0f} s"
            self._write("working", line, stage=name, rows=self._rows, total=total, seconds=round(spent))

    def _write(self, event: str, line: str, **figures: object) -> None:
        if log.speaks_json():
            log.tell(event, None, **figures)
            return
        self._stream.write(f"{log.now() if self._stamped else ''}{line}\n")
        self._stream.flush()


class Bar(Quiet):
    """A line that moves while a stage works, and stays as a plain line when it is done."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def begin(self, name: str, total: int | None) -> None:
        """Show the stage; without a total the bar only pulses."""
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self.close()
        columns = (
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[rows]}"),
            TimeElapsedColumn(),
        )  # fmt: skip
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task = self._progress.add_task(stage_name(name), total=total, rows="")
        self._progress.start()

    def moved(self, rows: int) -> None:
        """Move the bar."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=rows, rows=f"{rows:,}")

    def __call__(self, name: str, rows: int | None, seconds: float) -> None:
        """Leave a line."""
        self.close()
        self._console.print(_finished(name, rows, seconds), highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Take the moving line away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def listener(quiet: bool) -> Quiet:
    """A listener for the runner that fits where standard error goes."""
    if quiet:
        return Quiet()
    if log.speaks_json() or not sys.stderr.isatty():
        return Lines(stamped=True)
    from rich.console import Console

    console = Console(stderr=True)
    return Lines() if console.is_dumb_terminal else Bar(console)
