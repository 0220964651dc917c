"""What the store knows before a run: the records that live in it, and which of today's rows say something new."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ... import __version__
from ...config import Config
from ...decisions import active_decisions
from ...io.store.journal import audits_of, decisions_of
from ...io.store.store import Store, open_store
from ...plugins import plugin_versions
from ...schemas import DECISION
from ..clean.packs import load_rules, read_pack
from ..read.intake import Intake
from .levels import NO_PAST, Past

_LAST = "SELECT number, config_hash, rules_hash, rows_clean FROM main.run"
# Kept among the figures of the live run: the runs that it adds up may have been pruned.
MOVED = "rows_moved"  # a figure of the run: rows that were new, changed or gone since everything was compared
_SINCE_WHOLE = f"SELECT coalesce(max(value), 0) AS moved FROM main.metric WHERE name = '{MOVED}'"
_HELD = "SELECT record_key FROM main.raw_record WHERE record_key IN (SELECT record_key FROM given)"
_SAME = """
SELECT record_key FROM given JOIN main.raw_record known USING (record_key) WHERE CAST(known."values" AS VARCHAR) = given."values"
"""
_SNAPSHOT = """
SELECT r.record_key FROM main.raw_record r JOIN main.source_file f USING (file_id)
WHERE f.source IN (SELECT unnest(?)) AND r.record_key NOT IN (SELECT record_key FROM given)
"""


class PreviousRun(NamedTuple):
    """The last published run, as far as the next one asks. `number` of this run: 1 for a first run."""

    number: int
    rows: int
    moved: int
    rules: str
    config: str
    decisions: pl.DataFrame
    new_decisions: pl.DataFrame


class Delta(NamedTuple):
    """Record keys of today's rows: `fresh` new or changed (to be cleaned), of which `changed`; `gone`: live no more.

    new: how many were not known. read: how many rows today's files hold.
    """

    fresh: pl.Series
    new: int
    changed: pl.Series
    gone: pl.Series
    read: int

    def superseded(self) -> pl.Series:
        """`record_key` of known records that are changed or gone: of them the store's word is over."""
        return pl.concat([self.changed, self.gone]).alias("record_key")

    def moved(self) -> int:
        """How many are new, changed and gone."""
        return self.new + self.changed.len() + self.gone.len()


def rules_of(config: Config, folder: Path) -> str:
    """Hash of what cells are read and judged by: rows that were so under another are cleaned again.

    folder: where the configuration's packs are found from; a pack counts by its content.
    """
    packs = [read_pack(folder / name).model_dump(mode="json") for name in config.rules]
    told = [
        __version__,
        *plugin_versions(),
        packs,
        {k: s.model_dump(exclude={"snapshot"}) for k, s in config.sources.items()},
    ]
    if config.severity:
        load_rules(config, folder)  # refuses a name that is no rule
        told.append(config.severity)
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def know(path: Path, *, write: bool = True) -> PreviousRun:
    """Read what a run starts from, decisions of the journal included. Makes no file: a run that fails leaves nothing behind.

    write: a store that cannot be written fails now rather than after the work.
    """
    if write and not path.exists():
        said = decisions_of(path)
        return PreviousRun(1, 0, 0, "", "", said, said)
    with open_store(path, write=write) as store:
        return load_previous_run(store)


def load_previous_run(store: Store) -> PreviousRun:
    """The same of a store that is open."""
    said, taken = decisions_of(store.path), store.table("decision")
    last = store.query(_LAST).to_dicts()
    moved = int(store.query(_SINCE_WHOLE)["moved"][0])
    new = said.join(taken, on="decision_id", how="anti")
    both = DECISION.conform(pl.concat([taken, new]))
    if not last:
        return PreviousRun(1, 0, 0, "", "", both, new)
    run = last[0]
    return PreviousRun(run["number"] + 1, run["rows_clean"], moved, run["rules_hash"], run["config_hash"], both, new)


def new_audits(store: Store) -> pl.DataFrame:
    """What the journal notes and the store's `audit_event` does not hold yet."""
    known = store.table("audit_event")
    return audits_of(store.path).join(known, on=known.columns, how="anti")


def words_waiting(path: Path) -> int | None:
    """How many decisions the last published run has not heard; None: no run is published."""
    if not path.exists():
        return None
    known = know(path, write=False)
    return known.new_decisions.height if known.number > 1 else None


def compare(store: Store, intake: Intake, snapshots: list[str]) -> Delta:
    """Which of today's rows are new, changed or gone (from sources of which each file is the whole table)."""
    rows = intake.raw.select("record_key", "values")
    with store.given(rows):
        held = store.query(_HELD)
        gone = (
            store.query(_SNAPSHOT, [snapshots])["record_key"] if snapshots else pl.Series("record_key", [], pl.String)
        )
    # The wide column is read only where there is a row to compare with: mostly today's rows are new.
    with store.given(rows.join(held, on="record_key", how="semi")):
        same = store.query(_SAME)["record_key"] if held.height else held["record_key"]
    fresh = rows["record_key"].filter(~rows["record_key"].is_in(same.implode()))
    changed = fresh.filter(fresh.is_in(held["record_key"].implode()))
    return Delta(fresh, fresh.len() - changed.len(), changed, gone, intake.height)


def all_new(intake: Intake) -> Delta:
    """The delta of a first run."""
    keys = intake.raw["record_key"]
    return Delta(keys, keys.len(), keys.clear(), keys.clear(), intake.height)


def past_of(store: Store | None, known: PreviousRun) -> Past:
    """The nights before, for a run over everything."""
    force = active_decisions(known.decisions)
    if store is None:
        return NO_PAST._replace(decisions=force, run=known.number)
    members, status = store.table("entity_member"), store.table("decision_status")
    return Past(decisions=force, members=members, status=status, run=known.number)
