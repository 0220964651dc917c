"""The nightly run: read, compare with what is known, clean, resolve, plan, publish. The order is the program."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ...config import Config
from ...i18n import Language
from ...io.store.lock import run_lock
from ...io.store.publish import Change
from ...io.store.spool import spool
from ...log import name_run
from ...rules.catalog import STORED
from ...rules.phone.region import preload
from ..context import NO_OPTIONS, RunContext, RunOptions
from ..packs.stage import ask_in_night
from ..read.intake import Origin
from ..report.alarms import alarmed
from ..resolve.entities import plan_entities, resolve_entities
from ..resolve.previous_run import know
from ..resolve.resolution import Today
from ..runner import Listener, Runner, silent
from . import gates
from .breaker import refuse_sudden_change
from .change_detection import detect_changes, read_rows
from .cleaning import clean_changes
from .publication import publish
from .run_row import run_row
from .tables import opened, tables_of


@dataclass(frozen=True)
class Outcome:
    """What a run published: the row of `run`, its figures, and today's tables, but for those too large to stay in memory.

    severities: today's findings by severity. files: what was read today, as table `source_file`.
    """

    run: dict[str, object]
    metric: pl.DataFrame
    severities: dict[str, int]
    tables: dict[str, pl.DataFrame]
    files: pl.DataFrame


def run_nightly(
    origins: Sequence[Origin],
    store: Path,
    config: Config,
    _language: Language = STORED,  # a store speaks one language; who called with another still may
    listener: Listener = silent,
    options: RunOptions = NO_OPTIONS,
) -> Outcome:
    """Bring the store to what files and database queries say now and publish it, or raise and publish nothing."""
    started, runner = datetime.now(UTC).replace(tzinfo=None), Runner(listener)
    preload()
    with alarmed(store, config), run_lock(store, options.wait), spool(store) as keep:
        run, previous = RunContext(store, config, options, runner, keep), know(store)
        with runner.stage("read") as count:
            intake, packs = read_rows(run, origins)
            count(intake.height + packs.today.height)
        with opened(store, previous) as before:
            with runner.stage("compare") as count:
                changes = detect_changes(run, previous, before, intake, packs.today.files)
                count(changes.delta.fresh.len())
            row = run_row(changes, config, previous, started)
            name_run(row["run_id"][0])
            with runner.stage("clean") as count:
                cleaned = clean_changes(run, changes)
                count(cleaned.clean.record.height)
            today = Today(cleaned.features, cleaned.clean.record, changes.delta, changes.complete)
            with runner.stage("resolve") as count:
                found = resolve_entities(run, previous, before, today, changes.mode)
                count(found.contact.pairs.height + found.account.pairs.height)
            with runner.stage("plan") as count:
                planned = plan_entities(run, previous, before, today, found)
                count(planned.changes["merge_plan"].rows.height)
            tables = tables_of(run, changes, cleaned, planned, before)
            if packs:
                with runner.stage("packs") as count:
                    tables = ask_in_night(run, packs, tables, before)
                    count(packs.today.height)
            with gates.heeded(options.breaker):
                refuse_sudden_change(tables, changes.raw.height, before)
        for name in ("entity_event", "field_event"):
            tables[name] = Change(tables[name].rows.lazy().with_columns(run_id=pl.lit(row["run_id"][0])).collect())
        severities = dict(tables["finding"].rows.lazy().group_by("severity").len().collect().iter_rows())
        with runner.stage("publish") as count:
            live = publish(run, previous, changes, row, tables)
            count(sum(change.rows.height for change in tables.values()))
    frames = {name: change.rows for name, change in tables.items() if isinstance(change.rows, pl.DataFrame)}
    return Outcome(live["run"].to_dicts()[0], live["metric"], severities, frames, changes.files)
