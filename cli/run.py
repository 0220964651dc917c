"""guiyi run FILE… : the nightly job."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..i18n import Text
from ..log import use_json_lines
from .options import DEFAULT_STORE, ConfigFile, Query, Store, with_reading_options
from .origins import origins
from .run_job import Job, nothing_new, print_outcome, prune_old, rehearsing, reported
from .run_metrics import measured
from .run_options import (
    AcceptChange,
    DryRun,
    FailOn,
    Files,
    LogFormat,
    MetricsFile,
    Name,
    Quiet,
    Report,
    Wait,
    Whole,
)

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
    metrics_file: MetricsFile = None,
    wait: Wait = 0.0,
    dry_run: DryRun = False,
    log_format: LogFormat = "text",
    quiet: Quiet = False,
    *,
    reading: dict[str, Any],
) -> int:
    """Run the pipeline and print a summary per run; exit 1 if there are findings at or above --fail-on."""
    from ..config import find_config, load_config
    from ..i18n import language
    from ..pipelines.nightly import Wishes, run_nightly
    from ..reports.summary import fails
    from .progress import listener

    if log_format == "json":
        use_json_lines()
    with reported(report) as job, measured(None if dry_run else metrics_file, db, lambda: job.exit_code):
        settings, found = load_config(config).reading(**reading, name=name), find_config(config)
        folder = found.parent if found is not None else Path()
        wishes = Wishes(breaker=not accept_change, whole=whole, folder=folder, wait=wait)
        with rehearsing(db, dry_run, wait, job) as store:
            settings = settings.model_copy(update={"alarm": []}) if dry_run else settings
            for batch in _batches(files, query, settings, folder, store, whole, job):
                with listener(quiet) as hear:
                    spoken = settings.language or language()
                    outcome = run_nightly(batch, store, settings, spoken, job.begin(batch, hear), wishes)
                job.published(outcome)
                job.exit_code |= int(fails(outcome.severities, fail_on))
                print_outcome(outcome, db, quiet, dry_run)
        if job.runs and not dry_run:
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
