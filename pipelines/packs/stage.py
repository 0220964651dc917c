"""The stage of a night that asks the packs: side tables with their customers, then findings, figures, plans and points."""

from dataclasses import dataclass

import polars as pl

from ...io.store.publish import Change
from ...io.store.store import Store
from ...schemas import FINDING, SIDE_TABLES, TABLES
from ...side_tables import side_tables
from ..context import RunContext
from ..field_events import field_events
from .asking import FAILED, SKIPPED, ask_packs
from .entities import with_entities
from .loading import LoadedPack
from .read import UNREAD, SideRows

_BY_NAME = {table.name: table for table in TABLES}
# What packs said, and of rows that come again what was said of their cells.
_PLACES = """
SELECT DISTINCT record_key, file_id, field, rule FROM main.finding
WHERE rule IN (SELECT unnest($1)) OR (rule = $2 AND record_key IN (SELECT record_key FROM again))
"""


@dataclass(frozen=True)
class Packs:
    """What a night has of packs: those of the configuration, and today's rows of side tables."""

    loaded: list[LoadedPack]
    today: SideRows

    def __bool__(self) -> bool:
        return bool(self.loaded or self.today.tables)


def ask_in_night(run: RunContext, packs: Packs, tables: dict[str, Change], before: Store | None) -> dict[str, Change]:
    """tables: of the run, customers done → the same with side tables, plans, points and `metric`, and with findings about them."""
    live = {name: tables[name].applied_to(_known(before, name)) for name in ("record", "entity_member")}
    beside, events = {}, [tables["field_event"].rows.lazy().collect()]
    for kind, table in SIDE_TABLES.items():
        known, today = _known(before, table.name), packs.today.tables.get(kind)
        rows = _side_rows(known, today, packs.today.whole)
        beside[table.name] = with_entities(rows, live["record"], live["entity_member"]) if rows.height else rows
        if today is not None and known.height:
            events.append(field_events(table, side_tables()[kind].number.name, known, today))
    live["field_event"] = pl.concat(events)
    told = ask_packs(packs.loaded, {**live, **beside}, run.now, run.language)
    found = pl.concat([told.finding, packs.today.findings])
    changed = {name: Change(rows) for name, rows in beside.items()}
    changed |= {
        "field_event": Change(live["field_event"]),
        "plan_item": Change(told.plan_item),
        "score_card": Change(told.score_card),
        "metric": Change(told.metric),
    }
    return {**tables, **changed, "finding": _with(tables["finding"], found, packs, before)}


def _known(before: Store | None, name: str) -> pl.DataFrame:
    """A table as the last run left it; empty before the first."""
    table = _BY_NAME[name]
    return table.empty() if before is None else table.conform(before.table(name))


def _side_rows(known: pl.DataFrame, today: pl.DataFrame | None, whole: frozenset[str]) -> pl.DataFrame:
    """A side table as it lives: rows of a number that comes again are replaced, and all of a source that is a whole table."""
    if today is None or today.is_empty():
        return known
    known = known.filter(~pl.col("source").is_in(sorted(whole)))
    return pl.concat([known.join(today, on="record_key", how="anti"), today]).sort("record_key")


def _with(finding: Change, found: pl.DataFrame, packs: Packs, before: Store | None) -> Change:
    """The findings of the run with those of packs, in the place of what packs said before."""
    rows = pl.concat([finding.rows.lazy().collect(), FINDING.conform(found)])
    if finding.scope is None or before is None:
        return Change(rows, finding.scope)
    rules = [rule for pack in packs.loaded for rule in pack.rules()]
    again = pl.concat(
        [pl.DataFrame(schema={"record_key": pl.String}), *(t.select("record_key") for t in packs.today.tables.values())]
    )
    with before.given(again, "again"):
        ended = before.query(_PLACES, [[*rules, FAILED, SKIPPED], UNREAD])
    ended = pl.concat([finding.scope, ended.select(finding.scope.columns), found.select(finding.scope.columns)])
    return Change(rows, ended.unique())
