"""What happened in and around the last run, as events that alarms can be set on."""

from datetime import datetime
from pathlib import Path

import polars as pl

from ...decisions import DecisionLog
from ...errors import GuiyiError
from ...i18n import Text
from ...io.store.store import Store
from ...reports.alarms import Event
from ..merge.apply import known_decisions

_DRIFT = ["header.renamed", "header.gone", "header.field_lost", "header.type_changed", "header.new", "header.added"]
_SHARES = """
SELECT r.number, count(q.record_key) AS aside, greatest(coalesce(r.rows_new + r.rows_changed, r.rows_read), 1) AS moved
FROM (SELECT * FROM history.run ORDER BY number DESC LIMIT 15) r LEFT JOIN versions.quarantine q ON q.since = r.number
GROUP BY ALL ORDER BY r.number DESC
"""
_WAITING = """
WITH seen AS (
  SELECT level, group_id, min(since) AS number FROM versions.duplicate_group WHERE band = 'review' GROUP BY ALL
), oldest AS (SELECT min(started_at) AS begun FROM history.run)
SELECT g.level, g.group_id, coalesce(r.started_at, o.begun) AS first_seen, list(m.record_key) AS keys FROM main.duplicate_group g
JOIN seen s USING (level, group_id) CROSS JOIN oldest o LEFT JOIN history.run r USING (number)
JOIN main.entity_member m ON m.level = g.level AND m.entity_id = g.entity_id
WHERE g.band = 'review' GROUP BY ALL ORDER BY first_seen, g.group_id
"""
_FEWEST = 20  # rows newly set aside below which no growth is worth a word


def events_of(store: Store, now: datetime) -> list[Event]:
    """drift, quarantine, unreviewed and overdue, as far as they apply; `now` is UTC without a zone, as in `run`."""
    run = store.last_run()
    if run is None:
        return []
    started, finished = run["started_at"], run["finished_at"] or run["started_at"]
    assert isinstance(started, datetime)
    assert isinstance(finished, datetime)
    found = [Event("overdue", hours=(_hours(finished, now),)), *_drift(store), *_quarantine(store)]
    ages = tuple(_hours(at, now) for at in waiting(store, store.path)["first_seen"].to_list())
    return [*found, Event("unreviewed", len(ages), ages)]


def fault_events(fault: Exception) -> list[Event]:
    """A run that published nothing: `failed`, and `breaker` or `gate` where that is why. Says the reason's code only."""
    reason = fault.reason if isinstance(fault, GuiyiError) else type(fault).__name__
    detail = Text(f"（{reason}）", f" ({reason})")
    why = [kind for kind in ("breaker", "gate") if kind in reason.split(".")]
    return [Event(kind, 1, (), detail) for kind in ("failed", *why)]


def waiting(store: Store, path: Path) -> pl.DataFrame:
    """Groups for review of the last run that nobody has settled: `level, group_id, first_seen, keys`."""
    groups = store.query(_WAITING)
    return groups.filter(DecisionLog.of(known_decisions(store, path), store.table("decision_status")).are_open(groups))


def _drift(store: Store) -> list[Event]:
    rules = store.query(
        "SELECT DISTINCT rule, field, file_id FROM main.finding WHERE rule IN (SELECT unnest(?))", [_DRIFT]
    )
    return [Event("drift", rules.height)] if rules.height else []


def _quarantine(store: Store) -> list[Event]:
    """Rows newly set aside per row that is new or changed: how many times the share of the runs before."""
    runs = store.query(_SHARES)
    if runs.height < 2 or runs["aside"][0] < _FEWEST:
        return []
    usual = float(runs["aside"][1:].sum()) / float(runs["moved"][1:].sum())
    share = runs["aside"][0] / runs["moved"][0]
    detail = Text(f"（{runs['aside'][0]:,} 行）", f" ({runs['aside'][0]:,} rows)")
    return [Event("quarantine", min(share / usual, 1000.0) if usual else 1000.0, (), detail)]


def _hours(since: datetime, now: datetime) -> float:
    return max((now - since).total_seconds() / 3600, 0.0)
