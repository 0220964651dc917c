"""Everything compared with everything, and every merge planned: a first run, and one that rules or distance ask for."""

from typing import NamedTuple

import polars as pl

from ...decisions import active_decisions
from ...io.store.publish import Change
from ...io.store.store import Store
from ...schemas import FEATURE, RECORD
from ..context import RunContext
from ..read import contracts
from .levels import Level, resolve_levels, told
from .plan import plan_merges
from .previous_run import PreviousRun, past_of
from .resolution import Resolution, Today, applied_in, level_frames

_FEATURES = "SELECT * FROM main.feature WHERE record_key NOT IN (SELECT record_key FROM superseded)"
_RECORDS = "SELECT * FROM main.record WHERE record_key NOT IN (SELECT record_key FROM superseded)"


class Everything(NamedTuple):
    """Both levels over all records, and the records."""

    contact: Level
    account: Level
    features: pl.DataFrame
    record: pl.DataFrame


def compare_all(run: RunContext, known: PreviousRun, store: Store | None, today: Today) -> Everything:
    """Compare every record with every other that may be the same."""
    features, record = today.features, today.record
    if store is not None and not today.complete:
        with store.given(today.delta.superseded().to_frame(), "superseded"):
            features = pl.concat([FEATURE.conform(store.query(_FEATURES)), features]).sort("record_key")
            record = pl.concat([RECORD.conform(store.query(_RECORDS)), record]).sort("record_key")
    return Everything(
        *resolve_levels(features, record, run.config, run.language, past_of(store, known)), features, record
    )


def settle_all(run: RunContext, known: PreviousRun, store: Store | None, found: Everything) -> Resolution:
    """Plan every merge; all tables of groups as they are from now on."""
    contact, account = found.contact, found.account
    pairs = pl.concat([contact.pairs, account.pairs])
    contracts.check_table("pair", pairs)
    plan = plan_merges(
        found.record,
        found.features,
        (contact, account),
        run.config,
        active_decisions(known.decisions),
        applied_in(store),
    )
    changes = {name: Change(frame) for name, frame in level_frames(contact, account, plan).items()}
    changes["pair"] = Change(run.keep("pair", pairs))
    findings = pl.concat([contact.findings, account.findings, told(plan.finding, run.language)])
    return Resolution(changes, findings, None)
