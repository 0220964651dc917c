"""What a run says about who is who, as changes to the store: over everything, or only where today's rows touch."""

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from ...io.store.publish import Change
from ...io.store.store import Store
from ...schemas import APPLIED_MERGE
from .levels import Level
from .plan import Plan
from .previous_run import Delta

REGION = pl.Schema({"level": pl.String, "record_key": pl.String})


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
