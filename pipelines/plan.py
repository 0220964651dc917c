"""The merge plan: for every group to merge, the record that stays and the value each field takes."""

import hashlib
import json
from typing import NamedTuple

import polars as pl

from ..config import Config
from ..rules.survivorship import choose_by_hand, choose_survivors, choose_values
from ..schemas import MERGE_PLAN
from .resolve import Level


class Plan(NamedTuple):
    """The tables of these names."""

    merge_plan: pl.DataFrame
    golden_value: pl.DataFrame


def plan_merges(
    record: pl.DataFrame,
    features: pl.DataFrame,
    contact: Level,
    account: Level,
    config: Config,
    decisions: pl.DataFrame,
) -> Plan:
    """Plan every group whose action is `merge`; groups that are only linked keep their records.

    decisions: those in force (dedup/decisions.py); what a steward chose stands above the rules of survivorship.
    """
    groups = pl.concat([contact.groups, account.groups]).filter(pl.col("action") == "merge")
    members = pl.concat([contact.members, account.members]).select("level", "entity_id", "record_key")
    members = members.join(groups.select("level", "entity_id"), on=["level", "entity_id"], how="semi")
    members = members.drop("level").join(record, on="record_key", how="left", maintain_order="left")
    chosen = _chosen(decisions, members)
    survivors = _overruled(choose_survivors(members), chosen, "choose_survivor")
    plan = groups.join(survivors, on="entity_id", how="left", maintain_order="left")
    texts = plan.select(pl.concat_str("group_id", "survivor_record_key", separator="/")).to_series().to_list()
    plan = plan.with_columns(
        plan_id=pl.Series([hashlib.blake2b(t.encode(), digest_size=8).hexdigest() for t in texts], dtype=pl.String),
        status=pl.when(pl.col("band") == "auto").then(pl.lit("ready")).otherwise(pl.lit("review")),
    )
    golden = choose_values(members, _partial_names(features), {str(f): s for f, s in config.survivorship.items()})
    golden = choose_by_hand(golden, chosen.filter(pl.col("kind") == "choose_value"))
    return Plan(MERGE_PLAN.conform(plan).sort("plan_id"), golden)


def _chosen(decisions: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """`entity_id, kind, field, value, record_key` of choices whose record is a member, the last word of each field."""
    rows = [(kind, *(json.loads(detail or "{}").get(k) for k in ("field", "value", "record_key"))) for kind, detail in
            decisions.filter(pl.col("kind").is_in(["choose_value", "choose_survivor"])).select("kind", "detail").iter_rows()]  # fmt: skip
    schema = dict.fromkeys(("kind", "field", "value", "record_key"), pl.String)
    told = pl.DataFrame(rows, schema=schema, orient="row").join(
        members.select("entity_id", "record_key"), on="record_key", maintain_order="left"
    )
    return told.unique(["entity_id", "kind", "field"], keep="last", maintain_order=True)


def _overruled(survivors: pl.DataFrame, chosen: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The survivors, but where a steward named another."""
    named = chosen.filter(pl.col("kind") == kind).select("entity_id", named="record_key")
    both = survivors.join(named, on="entity_id", how="left", maintain_order="left")
    return both.select("entity_id", survivor_record_key=pl.coalesce("named", "survivor_record_key"))


def _partial_names(features: pl.DataFrame) -> pl.DataFrame:
    """Names that are only an address or a mask: 张总, 张*."""
    whole = pl.col("name_kind").is_in(["full", "latin"]).fill_null(False)
    weak = features.filter(~whole)
    return weak.select("record_key", field=pl.lit("person_name"))
