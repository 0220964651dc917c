"""guiyi run FILE… : the nightly job."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import typer

from ..errors import UsageError
from ..i18n import Text
from ..log import use_json_lines
from .options import DEFAULT_STORE, ConfigFile, NewStore, Query, load_settings, with_reading_options
from .origins import origins
from .output import after_publishing
from .run_inbox import Publish, run_inbox
from .run_job import print_outcome, prune_old, rehearsing, reported
from .run_metrics import measured
from .run_options import (
    AcceptChange,
    AsOf,
    DryRun,
    FailOn,
    Files,
    LogFormat,
    MetricsFile,
    Name,
    Quiet,
    Report,
    Retry,
    Skip,
    Wait,
    Whole,
)

if TYPE_CHECKING:
    from ..pipelines.read.intake import Origin


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "run",
        help=str(Text("读入、清洗、查重、制定合并方案并发布。", "Read, clean, find duplicates, plan merges, publish.")),
    )(with_reading_options(run))


def run(
    files: Files = None,
    db: NewStore = DEFAULT_STORE,
    config: ConfigFile = None,
    query: Query = None,
    name: Name = None,
    fail_on: FailOn = "never",
    accept_change: AcceptChange = False,
    whole: Whole = False,
    retry: Retry = None,
    skip: Skip = None,
    report: Report = None,
    metrics_file: MetricsFile = None,
    wait: Wait = 0.0,
    as_of: AsOf = None,
    dry_run: DryRun = False,
    log_format: LogFormat = "text",
    quiet: Quiet = False,
    *,
    reading: dict[str, Any],
) -> int:
    """Run the pipeline and print a summary per run; exit 1 if there are findings at or above --fail-on."""
    from ..pipelines.context import RunOptions
    from ..pipelines.nightly.inputs import Asked
    from ..pipelines.nightly.run import run_nightly
    from ..reports.summary import fails, published
    from .progress import listener

    if log_format == "json":
        use_json_lines()
    with reported(report) as job, measured(None if dry_run else metrics_file, db, lambda: job.exit_code):
        settings, folder = load_settings(config)
        settings = settings.reading(**reading, name=name)
        options = RunOptions(breaker=not accept_change, whole=whole, folder=folder, wait=wait, as_of=as_of)
        refusal, asked = None, Asked(retry or (), skip or ())
        with rehearsing(db, dry_run, wait, job) as store:
            settings = settings.model_copy(update={"alarm": []}) if dry_run else settings

            def publish(batch: "Sequence[Origin]") -> None:
                with listener(quiet) as hear:
                    outcome = run_nightly(batch, store, settings, listener=job.begin(batch, hear), options=options)
                job.published(outcome)
                job.exit_code |= int(fails(outcome.severities, fail_on))
                with nullcontext() if dry_run else after_publishing(published(outcome.run)):
                    print_outcome(outcome, db, quiet, dry_run)

            if files or query is not None:
                _run_named(files or [], query, asked != Asked(), publish)
            else:
                refusal = run_inbox(settings, store, asked, options, job, publish)
        if job.has_published():
            prune_old(db, settings.keep_runs, job)
        if refusal is not None:
            raise refusal
    return job.exit_code


def _run_named(files: list[str], query: str | None, asked: bool, publish: Publish) -> None:
    """Files that are named make one run; one that a gate refuses names them."""
    from ..pipelines.nightly.gates import GateError

    if asked:
        what = Text(
            "--retry、--skip 用于 inputs 里的文件，不与文件名同用。", "--retry and --skip are for files of `inputs`."
        )
        raise UsageError(what, Text("直接写出文件名就会读它。", "A file that is named is read."))
    batch = list(origins(files, query, "run"))
    try:
        publish(batch)
    except GateError as fault:
        raise fault.about(", ".join(origin.name for origin in batch[:3]) + ("…" if len(batch) > 3 else "")) from None
