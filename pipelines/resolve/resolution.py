"""What a run says about who is who, as changes to the store: over everything, or only where today's rows touch."""

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from ...config import Config
from ...decisions import active_decisions
from ...i18n import Language
from ...io.store.publish import Change
from ...io.store.spool import Keep
from ...io.store.store import Store
from ...schemas import APPLIED_MERGE, FEATURE, RECORD
from ..read import contracts
from .levels import Level, resolve_levels, told
from .plan import Plan, plan_merges
from .previous_run import Delta, PreviousRun, past_of

REGION = pl.Schema({"level": pl.String, "record_key": pl.String})
_FEATURES = "SELECT * FROM main.feature WHERE record_key NOT IN (SELECT record_key FROM superseded)"
_RECORDS = "SELECT * FROM main.record WHERE record_key NOT IN (SELECT record_key FROM superseded)"


class Today(NamedTuple):
    """Today's rows as they come out of cleaning, sorted by key; `complete`: no other record lives."""

    features: pl.DataFrame
    record: pl.DataFrame
    delta: Delta
    complete: bool


@dataclass(frozen=True)
class Resolution:
    """Changes to the tables of groups. findings: of the groups; region: `level, record_key` judged anew, None: all.

    planned: the level whose merges were planned anew in the region. recounted: the findings tell of all shared values.
    """

    changes: dict[str, Change]
    findings: pl.DataFrame
    region: pl.DataFrame | None
    planned: str = "contact"
    recounted: bool = True


class Everything(NamedTuple):
    """Both levels over all records, and the records."""

    contact: Level
    account: Level
    features: pl.DataFrame
    record: pl.DataFrame


def compare_all(
    today: Today, store: Store | None, known: PreviousRun, config: Config, language: Language
) -> Everything:
    """Compare every record with every other that may be the same."""
    features, record = today.features, today.record
    if store is not None and not today.complete:
        with store.given(today.delta.superseded().to_frame(), "superseded"):
            features = pl.concat([FEATURE.conform(store.query(_FEATURES)), features]).sort("record_key")
            record = pl.concat([RECORD.conform(store.query(_RECORDS)), record]).sort("record_key")
    return Everything(*resolve_levels(features, record, config, language, past_of(store, known)), features, record)


def settle_all(
    found: Everything, store: Store | None, known: PreviousRun, config: Config, language: Language, keep: Keep
) -> Resolution:
    """Plan every merge; all tables of groups as they are from now on."""
    contact, account = found.contact, found.account
    pairs = pl.concat([contact.pairs, account.pairs])
    contracts.check_table("pair", pairs)
    plan = plan_merges(
        found.record, found.features, contact, account, config, active_decisions(known.decisions), applied_in(store)
    )
    changes = {name: Change(frame) for name, frame in level_frames(contact, account, plan).items()}
    changes["pair"] = Change(keep("pair", pairs))
    findings = pl.concat([contact.findings, account.findings, told(plan.finding, language)])
    return Resolution(changes, findings, None)


def applied_in(store: Store | None) -> pl.DataFrame:
    """The merges that were applied and not undone."""
    return APPLIED_MERGE.empty() if store is None else store.table("applied_merge")


def level_frames(contact: Level, account: Level, plan: Plan) -> dict[str, pl.DataFrame]:
    """The tables of both levels but `pair`."""
    return {
        "duplicate_group": plan.duplicate_group,
        "entity_member": pl.concat([contact.members, account.members]),
        "merge_plan": plan.merge_plan,
        "golden_value": plan.golden_value,
        "entity_event": pl.concat([contact.events, account.events]),
        "decision_status": pl.concat([contact.judged, account.judged]),
    }
