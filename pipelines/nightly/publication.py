"""The last stage: tables set down, counted, measured, held against the gates, and published in one transaction or not at all."""

import polars as pl

from ...io.store.publish import Change
from ...io.store.store import Store, open_store
from ...schemas import METRIC
from ..context import RunContext
from ..read import contracts
from ..resolve.candidates import write_keys
from ..resolve.previous_run import PreviousRun, new_audits
from . import gates
from .change_detection import Changes
from .metrics import measure
from .run_row import audit_of, with_counts
from .tables import Tables


def publish(
    run: RunContext, previous: PreviousRun, changes: Changes, row: pl.DataFrame, tables: Tables
) -> dict[str, pl.DataFrame]:
    """row: of `run`, without its counts → the tables that tell of the run: `run`, `metric`, `stage`, `audit_event`."""
    for name, change in list(tables.items()):  # what is large waits on disk from here, from where many threads write it
        if isinstance(change.rows, pl.DataFrame):
            contracts.check_table(name, change.rows)
            tables[name] = Change(run.keep(name, change.rows), change.scope)
    figures = tables.pop("metric", Change(METRIC.empty())).rows.lazy().collect()
    own: dict[str, pl.DataFrame] = {}

    def finish(target: Store) -> Tables:
        counted = _count(target, row, previous)
        write_keys(target, tables["feature"])
        moved = 0 if changes.mode != "incremental" else previous.moved + changes.delta.moved()
        told = _measured(run, target, counted, tables, measure(target, run.config, moved, figures))
        own.update(told, run=counted)
        return {name: Change(frame) for name, frame in told.items()}

    with open_store(run.store, create=True) as target:
        target.publish(previous.number, tables, finish)
    return own


def _count(target: Store, row: pl.DataFrame, previous: PreviousRun) -> pl.DataFrame:
    """With every row in place: count them, and write the run's own row and what stewards said since the last."""
    counts = ", ".join(f"(SELECT count(*) FROM main.{t}) AS {t}" for t in ("raw_record", "record", "quarantine"))
    rows = target.query(f"SELECT {counts}").row(0, named=True)
    members = target.query("SELECT level, count(*) AS n FROM main.entity_member GROUP BY level")
    contracts.check_conservation(rows, dict(members.iter_rows()))
    counted = with_counts(row, rows)
    for name, frame in (("run", counted), ("decision", previous.new_decisions)):
        contracts.check_table(name, frame)
        target.append(name, frame)
    return counted


def _measured(
    run: RunContext, target: Store, row: pl.DataFrame, tables: Tables, metric: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Figures and gates of a run whose row is written, and the tables that tell of it."""
    new, gone, now = (int(row[name][0]) for name in ("rows_new", "rows_gone", "rows_read"))
    changed = gates.Rows(tables["raw_record"].rows.height, tables["quarantine"].rows.height, now - new + gone, gone)
    with gates.heeded(run.options.breaker):
        gates.refuse(metric, changed, run.config.gates)
    own = {"metric": metric, "stage": run.runner.table(), "audit_event": pl.concat([audit_of(row), new_audits(target)])}
    for name, frame in own.items():
        contracts.check_table(name, frame)
    return own
