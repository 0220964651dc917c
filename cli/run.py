"""guiyi run FILE… : the nightly job."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, ConfigFile, Query, Store, with_reading_options
from .origins import origins
from .run_job import Job, nothing_new, prune_old, reported
from .run_options import AcceptChange, FailOn, Files, Name, Quiet, Report, Whole

if TYPE_CHECKING:
    from ..config import Config
    from ..pipelines.intake import Origin


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "run",
        help=str(Text("读入、清洗、查重、制定合并方案并发布。", "Read, clean, find duplicates, plan merges, publish.")),
    )(with_reading_options(run))


def run(
    files: Files = None,
    db: Store = DEFAULT_STORE,
    config: ConfigFile = None,
    query: Query = None,
    name: Name = None,
    fail_on: FailOn = "never",
    accept_change: AcceptChange = False,
    whole: Whole = False,
    report: Report = None,
    quiet: Quiet = False,
    *,
    reading: dict[str, Any],
) -> int:
    """Run the pipeline and print a summary per run; exit 1 if there are findings at or above --fail-on."""
    from ..config import find_config, load_config
    from ..pipelines.nightly import Wishes, run_nightly
    from ..reports.summary import fails, summary_line, summary_table
    from .progress import listener

    with reported(report) as job:
        settings, found = load_config(config).reading(**reading, name=name), find_config(config)
        folder = found.parent if found is not None else Path()
        wishes = Wishes(breaker=not accept_change, whole=whole, folder=folder)
        for batch in _batches(files, query, settings, folder, db, whole, job):
            with listener(quiet) as hear:
                outcome = run_nightly(batch, db, settings, listener=job.begin(batch, hear), wishes=wishes)
            job.published(outcome)
            job.exit_code |= int(fails(outcome.severities, fail_on))
            if quiet:
                typer.echo(summary_line(outcome.run, outcome.metric))
            else:
                summary_table(outcome.run, outcome.metric, db)
        if job.runs:
            prune_old(db, settings.keep_runs, job)
    return job.exit_code


def _batches(
    files: list[str] | None, query: str | None, settings: "Config", folder: Path, db: Path, whole: bool, job: Job
) -> "list[list[Origin]]":
    """Files that are named make one run; else the new files of `inputs`, a run after the other.

    Without any, a run over what is known, if stewards have spoken since the last, or everything is to be compared.
    """
    if files or query is not None:
        return [list(origins(files or [], query, "run"))]
    from ..pipelines.inputs import waiting
    from ..pipelines.known import words_waiting

    found = waiting(settings, folder, db)
    job.skipped = [path.name for path in found.skipped]
    if found.batches:
        return [list(batch) for batch in found.batches]
    words = words_waiting(db)
    again = words is not None and (whole or words > 0)
    nothing_new(found.skipped, words if again else None)
    return [[]] if again else []
