"""The merge plan: for every group to merge, the record that stays and the value each field takes."""

import hashlib
import json
from typing import NamedTuple

import polars as pl

from ...config import Config
from ...fields import FIELDS
from ...rules.survivorship import JOINER, UNION, choose_by_hand, choose_survivors, choose_values, filled_fields
from ...schemas import FINDING, GOLDEN_VALUE, MERGE_PLAN
from ..merge.crosswalk import standing
from .levels import Level

# What is the company's rather than a contact's.
COMPANY_FIELDS = tuple(f.name for f in FIELDS if f.company)


class Plan(NamedTuple):
    """The tables of these names. finding: why a group that would merge by itself waits for a steward."""

    duplicate_group: pl.DataFrame
    merge_plan: pl.DataFrame
    golden_value: pl.DataFrame
    finding: pl.DataFrame


def plan_merges(
    record: pl.DataFrame,
    features: pl.DataFrame,
    levels: tuple[Level, Level],
    config: Config,
    decisions: pl.DataFrame,
    applied: pl.DataFrame,
) -> Plan:
    """Plan every group whose action is `merge`; groups that are only linked keep their records.

    features: of table `feature`, `record_key` and `name_kind`.
    decisions: those in force (decisions.active_decisions); what a steward chose stands above the rules of survivorship. applied:
    table `applied_merge`; the record that the CRM kept stays the survivor when its group grows, and one that was merged away
    becomes none, whoever chose it.
    """
    contact, account = levels
    groups = pl.concat([contact.groups, account.groups])
    members = pl.concat([contact.members, account.members]).select("level", "entity_id", "record_key")
    chosen = _chosen(decisions, members).join(groups, on="entity_id", how="semi", maintain_order="left")
    merging = groups.filter(pl.col("action") == "merge").select("level", "entity_id")
    members = members.join(merging, on=["level", "entity_id"], how="semi", maintain_order="left")
    done = groups.join(applied, on="group_id", how="semi")["entity_id"]
    settled = pl.concat([contact.agreed, account.agreed, done])
    kept, gone = _merged_before(members, applied)
    members = members.drop("level").join(record, on="record_key", how="left", maintain_order="left")
    by_word = chosen.filter(pl.col("kind") == "choose_survivor").join(
        gone, on=["entity_id", "record_key"], how="anti", maintain_order="left"
    )
    named = pl.concat([by_word.select(kept.columns), kept])
    survivors = _overruled(choose_survivors(_staying(members, gone)), named)
    strategies: dict[str, str] = {str(f): s for f, s in config.survivorship.items()}
    by_rule = choose_values(members, _partial_names(features), strategies, config.source_priority)
    golden = pl.concat([by_rule.golden_value, _companies(record, contact, account, strategies, config)])
    by_hand = chosen.filter(pl.col("kind") == "choose_value")
    golden = choose_by_hand(golden.sort("entity_id", "field"), by_hand, record)
    undecided = by_rule.undecided.join(by_hand, on=["entity_id", "field"], how="anti", maintain_order="left")
    undecided = undecided.filter(~pl.col("entity_id").is_in(settled.implode()))
    waiting = pl.col("entity_id").is_in(undecided["entity_id"].unique().implode())
    groups = groups.with_columns(band=pl.when(waiting).then(pl.lit("review")).otherwise("band"))
    plan = groups.join(survivors, on="entity_id", how="inner", maintain_order="left")
    texts = (f"{group}/{key}" for group, key in plan.select("group_id", "survivor_record_key").iter_rows())
    ids = pl.Series([hashlib.blake2b(t.encode(), digest_size=8).hexdigest() for t in texts], dtype=pl.String)
    is_done = pl.col("group_id").is_in(applied["group_id"].implode())
    status = pl.when(is_done).then(pl.lit("applied")).when(pl.col("band") == "auto").then(pl.lit("ready"))
    plan = MERGE_PLAN.conform(plan, plan_id=pl.lit(ids), status=status.otherwise(pl.lit("review"))).sort("plan_id")
    return Plan(groups, plan, golden, _findings(undecided, record))


def _findings(undecided: pl.DataFrame, record: pl.DataFrame) -> pl.DataFrame:
    """Table `finding` (without words) of the values that no rule could choose between."""
    numbers = record.select("record_key", "source_record_id")
    named = undecided.join(numbers, on="record_key", how="left", maintain_order="left")
    return FINDING.conform(named, rule=pl.lit("survivorship.undecided"))


def _companies(
    record: pl.DataFrame, contact: Level, account: Level, strategies: dict[str, str], config: Config
) -> pl.DataFrame:
    """Golden records of companies whose records stay: what is the company's, and the contacts gathered under it.

    Each contact is named by the first of its records, which no history of entities changes.
    """
    linked = account.groups.lazy().filter(pl.col("action") == "link").select("entity_id")
    members = (
        account.members.lazy().select("entity_id", "record_key").join(linked, on="entity_id", how="semi").collect()
    )
    own = record.lazy().select("record_key", "source", "updated_at", *COMPANY_FIELDS, _filled=filled_fields())
    whole = members.lazy().join(own, on="record_key", how="left", maintain_order="left").collect()
    nothing = pl.DataFrame(schema={"record_key": pl.String, "field": pl.String})
    values = choose_values(whole, nothing, strategies, config.source_priority, COMPANY_FIELDS).golden_value
    named = record.lazy().filter(pl.col("person_name").is_not_null()).select("record_key")
    people = contact.members.lazy().select("record_key", person="entity_id").join(named, on="record_key", how="semi")
    first = members.lazy().join(people, on="record_key").group_by("entity_id", "person").agg(pl.col("record_key").min())
    contacts = first.group_by("entity_id").agg(
        value=pl.col("record_key").sort().str.join(JOINER), record_key=pl.col("record_key").min()
    )
    told = {"field": "contacts", "rule": f"survivorship.{UNION}", "alternatives": "[]"}
    gathered = GOLDEN_VALUE.conform(contacts.collect(), **{name: pl.lit(text) for name, text in told.items()})
    return pl.concat([values, gathered])


def _chosen(decisions: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """`entity_id, kind, field, value, record_key` of choices whose record is a member at their level, the last word of each
    field."""
    choices = decisions.filter(pl.col("kind").is_in(["choose_value", "choose_survivor"]))
    rows = [(level, kind, *(json.loads(detail or "{}").get(k) for k in ("field", "value", "record_key")))
            for level, kind, detail in choices.select("level", "kind", "detail").iter_rows()]  # fmt: skip
    schema = dict.fromkeys(("level", "kind", "field", "value", "record_key"), pl.String)
    told = pl.DataFrame(rows, schema=schema, orient="row").join(
        members, on=["level", "record_key"], maintain_order="left"
    ).drop("level")  # fmt: skip
    return told.unique(["entity_id", "kind", "field"], keep="last", maintain_order=True)


def _merged_before(members: pl.DataFrame, applied: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`level, entity_id, record_key` → `entity_id, record_key` of those that applied merges kept, and of those merged away."""
    stands = standing(applied).select("level", "record_key", "survivor_record_key")
    stays = pl.col("record_key") == pl.col("survivor_record_key")
    known = (
        members.lazy().join(stands.lazy(), on=["level", "record_key"]).select("entity_id", "record_key", stays=stays)
    )
    known = known.sort("entity_id", "record_key")
    kept, gone = pl.collect_all([known.filter("stays").drop("stays"), known.filter(~pl.col("stays")).drop("stays")])
    return kept, gone


def _staying(members: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """The members without those that were merged away, but where none is left: such a group is not planned (merge/plan_file.py)."""
    here = members.join(gone, on=["entity_id", "record_key"], how="anti", maintain_order="left")
    empty = members.join(here, on="entity_id", how="anti", maintain_order="left")
    return pl.concat([here, empty])


def _overruled(survivors: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """The survivors, but where another is named (`entity_id, record_key`, the first of each entity)."""
    named = chosen.lazy().select("entity_id", named="record_key").unique("entity_id", keep="first", maintain_order=True)
    both = survivors.lazy().join(named, on="entity_id", how="left", maintain_order="left")
    return both.select("entity_id", survivor_record_key=pl.coalesce("named", "survivor_record_key")).collect()


def _partial_names(features: pl.DataFrame) -> pl.DataFrame:
    """Names that are only an address or a mask: 张总, 张*."""
    whole = pl.col("name_kind").is_in(["full", "latin"]).fill_null(False)
    weak = features.filter(~whole)
    return weak.select("record_key", field=pl.lit("person_name"))
