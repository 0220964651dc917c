"""What `guiyi run` tells while and after it works: summaries on standard output, and the report for programs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import INTERRUPTED, GuiyiError, UsageError, exit_code_of
from ..i18n import Text
from ..log import name_run, tell, warn
from .output import after_publishing

if TYPE_CHECKING:
    from ..pipelines.nightly.files_aside import Aside, Refusal
    from ..pipelines.nightly.run import Outcome
    from ..pipelines.read.intake import Origin
    from ..pipelines.runner import Listener


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
    aside: "list[Aside]" = field(default_factory=list)
    refused: "list[Refusal]" = field(default_factory=list)
    dry_run: bool = False
    exit_code: int = 0
    _names: list[str] = field(default_factory=list)
    _stages: list[tuple[str, int | None, float]] = field(default_factory=list)

    def begin(self, origins: "Sequence[Origin]", listener: "Listener") -> "Listener":
        """A run begins: a listener that remembers its stages. One that began before and was refused is kept as such."""
        self._keep_refused()
        self._names, self._stages = [origin.name for origin in origins], []
        name_run(None)
        return _Remembering(self._stages, listener)

    def has_published(self) -> bool:
        """Whether a run of this job counts."""
        return any(run["published"] for run in self.runs)

    def _keep_refused(self) -> None:
        from ..reports.run_report import told_run

        if self._names:
            self.runs.append(told_run(self._names, self._stages))
            self._names = []

    def published(self, outcome: "Outcome") -> None:
        """The run that began is published; or, in a rehearsal, would be."""
        from ..reports.run_report import told_run

        figures = {name: value for name, value in outcome.run.items() if isinstance(value, int)}
        tell("rehearsed" if self.dry_run else "published", None, **figures, findings=outcome.severities)
        told = told_run(self._names, self._stages, outcome.run, outcome.metric, outcome.files)
        self.runs.append({**told, "published": not self.dry_run})
        self._names = []

    def document(self, exit_code: int, fault: BaseException | None) -> bytes:
        """The report; a run that began and was not published is in it with what is known."""
        from ..reports.run_report import told_job

        self._keep_refused()
        if isinstance(fault, GuiyiError) and exit_code == fault.exit_code:
            return told_job(self.runs, self._files(), exit_code, fault.reason, fault.what)
        reason = {5: "internal", INTERRUPTED: "interrupted"}[exit_code] if fault is not None else None
        return told_job(self.runs, self._files(), exit_code, reason)

    def _files(self) -> dict[str, Any]:
        """What became of the files that no run of this job has read, and what was pruned."""
        before = [(one.name, one.reason, one.since.isoformat()) for one in self.aside if one.reason is not None]
        now = [(one.path.name, one.fault.reason, None) for one in self.refused]
        return {
            "skipped": self.skipped,
            "aside": [{"name": name, "reason": reason, "since": since} for name, reason, since in (*before, *now)],
            "pruned": None if self.pruned is None else {"runs": self.pruned[0], "rows": self.pruned[1]},
        }


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
        try:
            _write(path, job.document(exit_code_of(fault), fault))
        except GuiyiError as unwritten:
            tell("report", str(unwritten), "error")
        raise
    try:
        _write(path, job.document(job.exit_code, None))
    except GuiyiError as unwritten:
        if not job.has_published():
            raise
        with after_publishing(Text("本次运行已发布", "The run is published")):
            raise unwritten


def _write(path: Path | None, document: bytes) -> None:
    from ..io.write.export import write_file

    if path is not None:
        write_file(path, document)


def nothing_new(skipped: Sequence[Path], words: int | None, *, others: bool) -> None:
    """One line for a night without news. words: decisions that a run without files now hears; None: there is no run.

    others: there are files besides those that were read before.
    """
    told = Text("没有新文件：{n:,} 个文件都已读过。", "Nothing new: {n:,} files, all read before.")
    if not skipped and others:
        told = Text("没有新文件。", "Nothing new.")
    elif not skipped:
        told = Text("没有新文件：inputs 没有匹配任何文件。", "Nothing new: `inputs` matches no file.")
    typer.echo(str(told.format(n=len(skipped))))
    tell("nothing_new", None, skipped=len(skipped))
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
    from ..pipelines.merge.lineage import prune

    try:
        job.pruned = prune(store, keep)
    except GuiyiError as fault:
        words = Text("旧的运行没有移除：{f}", "Old runs were not removed: {f}")
        tell("prune", words.format(f=fault), "warning")


@contextmanager
def rehearsing(store: Path, dry_run: bool, wait: float, job: Job) -> Iterator[Path]:
    """Where the runs inside write: the store, or in a rehearsal a copy that is thrown away."""
    job.dry_run = dry_run
    if not dry_run:
        yield store
        return
    from ..io.store.rehearsal import rehearse_on_copy

    with rehearse_on_copy(store, wait) as copy:
        yield copy


def print_outcome(outcome: "Outcome", store: Path, quiet: bool, dry_run: bool) -> None:
    """What a run published, or in a rehearsal would publish."""
    from ..reports.summary import doubtful_columns, summary_line, summary_table

    for words in doubtful_columns(outcome.tables.get("finding")):
        warn(words)
    if quiet:
        mark = str(Text("（演练）", "(rehearsal) ")) if dry_run else ""
        typer.echo(mark + summary_line(outcome.run, outcome.metric))
    else:
        summary_table(outcome.run, outcome.metric, None if dry_run else store)
        if dry_run:
            words = Text(
                "这是演练：没有发布，没有发送告警，{p} 未改动。",
                "This was a rehearsal: nothing is published, no alarm was sent, {p} is as it was.",
            )
            typer.echo(str(words.format(p=store)))
