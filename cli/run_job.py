"""What `guiyi run` tells while and after it works: summaries on standard output, and the report for programs."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import GuiyiError, UsageError
from ..i18n import Text
from ..interruption import is_interruption

if TYPE_CHECKING:
    from ..pipelines.intake import Origin
    from ..pipelines.nightly import Outcome
    from ..pipelines.runner import Listener

_INTERRUPTED = 130


class _Remembering:
    """A listener that hears what another hears, and keeps the stages."""

    def __init__(self, stages: list[tuple[str, int | None, float]], listener: "Listener") -> None:
        self._stages, self._listener = stages, listener

    def begin(self, name: str, total: int | None) -> None:
        if hasattr(self._listener, "begin"):
            self._listener.begin(name, total)

    def moved(self, rows: int) -> None:
        if hasattr(self._listener, "moved"):
            self._listener.moved(rows)

    def __call__(self, name: str, rows: int | None, seconds: float) -> None:
        self._stages.append((name, rows, seconds))
        self._listener(name, rows, seconds)


@dataclass
class Job:
    """A job's account of itself. Made by `reported`, which writes it down however the job ends."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    pruned: tuple[int, int] | None = None
    exit_code: int = 0
    _names: list[str] = field(default_factory=list)
    _stages: list[tuple[str, int | None, float]] = field(default_factory=list)

    def begin(self, origins: "Sequence[Origin]", listener: "Listener") -> "Listener":
        """A run begins: a listener that remembers its stages."""
        self._names, self._stages = [origin.name for origin in origins], []
        return _Remembering(self._stages, listener)

    def published(self, outcome: "Outcome") -> None:
        """The run that began is published."""
        from ..reports.run_report import told_run

        self.runs.append(told_run(self._names, self._stages, outcome.run, outcome.metric, outcome.files))
        self._names = []

    def document(self, exit_code: int, fault: BaseException | None) -> bytes:
        """The report; a run that began and was not published is in it with what is known."""
        from ..reports.run_report import told_job, told_run

        runs = [*self.runs, told_run(self._names, self._stages)] if self._names else self.runs
        if isinstance(fault, GuiyiError) and exit_code == fault.exit_code:
            return told_job(runs, self.skipped, self.pruned, exit_code, fault.reason, fault.what)
        reason = {5: "internal", _INTERRUPTED: "interrupted"}[exit_code] if fault is not None else None
        return told_job(runs, self.skipped, self.pruned, exit_code, reason)


@contextmanager
def reported(path: Path | None) -> Iterator[Job]:
    """A job whose report is written to `path` (None: nowhere), also when it fails; the fault goes on."""
    if path is not None and not path.absolute().parent.is_dir():
        raise UsageError(
            Text("报告 {p} 所在的文件夹不存在。", "The folder of the report {p} does not exist.").format(p=path)
        )
    job = Job()
    try:
        yield job
    except BaseException as fault:
        failed = fault.exit_code if isinstance(fault, GuiyiError) else 5
        code = _INTERRUPTED if is_interruption(fault) else failed
        try:
            _write(path, job.document(code, fault))
        except GuiyiError as unwritten:
            _say(str(unwritten))
        raise
    _write(path, job.document(job.exit_code, None))


def _say(text: str) -> None:
    from ..reports.masking import mask_message

    sys.stderr.write(f"{mask_message(text)}\n")


def _write(path: Path | None, document: bytes) -> None:
    from ..io.export import write_file

    if path is not None:
        write_file(path, document)


def nothing_new(skipped: Sequence[Path], words: int | None) -> None:
    """One line for a night without news. words: decisions that a run without files now hears; None: there is no run."""
    told = Text("没有新文件：{n:,} 个文件都已读过。", "Nothing new: {n:,} files, all read before.")
    if not skipped:
        told = Text("没有新文件：inputs 没有匹配任何文件。", "Nothing new: `inputs` matches no file.")
    typer.echo(str(told.format(n=len(skipped))))
    if words:
        heard = Text(
            "有 {n:,} 个决定尚未生效：按库中的记录重新判断。",
            "{n:,} decisions wait to be heard: judging the known records again.",
        )
        typer.echo(str(heard.format(n=words)))


def prune_old(store: Path, keep: int | None, job: Job) -> None:
    """Keep as many runs as configured. What cannot be removed now is removed after the next run, and said."""
    if keep is None:
        return
    from ..pipelines.life import prune

    try:
        job.pruned = prune(store, keep)
    except GuiyiError as fault:
        words = Text("旧的运行没有移除：{f}", "Old runs were not removed: {f}")
        _say(str(words.format(f=fault)))
