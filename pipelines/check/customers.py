"""Rows that are the same customer: as another row of the file, or as somebody whom the store knows."""

from typing import TYPE_CHECKING

import polars as pl

from ...config import Config
from ...dedup.bands import sure_groups
from ...dedup.blocking import TooManyPairsError
from ...dedup.clustering import Clusters
from ...dedup.resolve import resolve
from ...fields import BY_NAME
from ...findings import conform_findings
from ...i18n import Language, Text
from ...rules.catalog import described
from ..clean.features import features_of, has_people
from ..clean.rows import Clean
from ..read.intake import Intake
from ..resolve.levels import only_companies, policies, too_many_pairs
from .selection import PAIRS

if TYPE_CHECKING:
    from ...io.store.store import Store

SAME, SIMILAR, _ = PAIRS
_COMPARED = ["person_name", "company_name", "credit_code", "phone", "landline", "email"]
_HELD = "SELECT record_key, source_record_id FROM main.record WHERE record_key IN (SELECT unnest(?))"


def customer_findings(
    intake: Intake, clean: Clean, config: Config, language: Language, store: "Store | None"
) -> pl.DataFrame:
    """FINDINGS of `row.same_customer`, of `row.similar_customer` where a human would decide, and, where a store is given, of
    `row.known_customer`."""
    ids = clean.record.select("record_key", "source_record_id", "person_name").with_columns(known=pl.lit(False))
    if ids.is_empty():
        return conform_findings(ids)
    if store is not None and store.last_run() is not None:
        members = _members_with_known(clean.by_key(), intake.height, config, store)
    else:
        features = features_of(clean)
        clusters = _grouped(features, has_people(features, clean.record), config)
        members = _members(clusters, ids, config.thresholds.auto)
    members = members.join(intake.raw.select("record_key", "file_id", "row_number"), on="record_key", how="left")
    found = [_same(members, intake, clean.record, language), _known_customers(members, store, clean, intake, language)]
    return pl.concat([conform_findings(described(f, language)) for f in found])


def _members_with_known(clean: Clean, read: int, config: Config, store: "Store") -> pl.DataFrame:
    """As `_members`, of the groups that a run tonight would put these rows in: with what stewards said, and by what is
    rare among all that is known."""
    from ..resolve.incremental import has_people as knows_people
    from ..resolve.incremental import resolve_affected
    from ..resolve.previous_run import Delta, load_previous_run
    from ..resolve.resolution import Today

    keys = clean.record["record_key"]
    changed = store.query(_HELD, [keys.to_list()])["record_key"]
    delta = Delta(keys, keys.len() - changed.len(), changed, keys.clear(), read)
    today = Today(features_of(clean), clean.record, delta, False)
    contact, account = resolve_affected(today, store, load_previous_run(store), config)
    level = (contact if knows_people(store, today) else account).level
    members = level.members.join(level.groups.select("entity_id", "band", score="score_min"), on="entity_id")
    members = members.with_columns(known=~pl.col("record_key").is_in(keys.implode()))
    return members.filter((~pl.col("known")).any().over("entity_id")).drop("level")


def _grouped(features: pl.DataFrame, of_people: bool, config: Config) -> Clusters:
    """The groups that a run would merge: of people, or, in a table that names none, of companies."""
    people, companies = policies(config)
    nobody = features.with_columns(person=pl.lit(None, pl.UInt32))
    limits = config.thresholds
    try:
        resolved = resolve(features if of_people else nobody, people if of_people else companies, limits.duplicate,
                           limits.floor, config.max_pairs)  # fmt: skip
    except TooManyPairsError as fault:
        raise too_many_pairs(fault) from None
    clusters = resolved.clusters
    return clusters if of_people else clusters._replace(labels=only_companies(clusters.labels, features))


def _members(clusters: Clusters, ids: pl.DataFrame, auto: float) -> pl.DataFrame:
    """Members of groups of two or more: `entity_id` (the smallest key), `record_key, source_record_id, known, score, band`."""
    weakest = clusters.tree_edges.group_by("group").agg(score=pl.col("score").min())
    members = ids.select("record_key", "source_record_id", "known").with_columns(group=pl.Series(clusters.labels))
    members = members.filter(pl.len().over("group") > 1).join(weakest, on="group")
    sure = pl.col("group").is_in(sure_groups(clusters, auto).implode())
    members = members.with_columns(band=pl.when(sure).then(pl.lit("auto")).otherwise(pl.lit("review")))
    return members.with_columns(entity_id=pl.col("record_key").min().over("group")).drop("group")


def _same(members: pl.DataFrame, intake: Intake, record: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Every row of a group but the first, with the place of the first and the fields that are equal to its."""
    order = intake.files.select("file_id", "sheet").with_row_index("_order")
    rows = members.filter(~pl.col("known")).join(order, on="file_id").sort("entity_id", "_order", "row_number")
    first = rows.group_by("entity_id", maintain_order=True).first()
    first = first.select(
        "entity_id", _key="record_key", first_row="row_number", first_file="file_id", first_sheet="sheet"
    )
    later = rows.join(first, on="entity_id").filter(pl.struct("file_id", "row_number") != pl.struct(
        pl.col("first_file").alias("file_id"), pl.col("first_row").alias("row_number")))  # fmt: skip
    words = Text("与第 {} 行", "see row {}") if intake.files.height == 1 else Text("与{}第 {} 行", "see {} row {}")
    at = ["first_row"] if intake.files.height == 1 else [pl.col("first_sheet").fill_null(""), "first_row"]
    own = record.select("record_key", *_COMPARED)
    other = record.select(pl.col("record_key").alias("_key"), *(pl.col(name).alias(f"_{name}") for name in _COMPARED))
    later = later.join(own, on="record_key", how="left", maintain_order="left")
    later = later.join(other, on="_key", how="left", maintain_order="left")
    equal = [pl.when(pl.col(name) == pl.col(f"_{name}")).then(pl.lit(name)) for name in _COMPARED]
    later = later.with_columns(fields=pl.concat_list(equal).list.drop_nulls())
    labels = {name: BY_NAME[name].label.en if language == "en" else BY_NAME[name].label.zh for name in _COMPARED}
    comma = ", " if language == "en" else "、"
    names = pl.col("fields").list.eval(pl.element().replace_strict(labels, return_dtype=pl.String)).list.join(comma)
    end = Text("相同（{}得分 {}）", " ({}score {})")
    shared = pl.format("same {}; " if language == "en" else "{}一致，", names)
    both = pl.when(names != "").then(shared).otherwise(pl.lit(""))
    template, tail = (words.en, end.en) if language == "en" else (words.zh, end.zh)
    told = pl.format(template + tail, *at, both, pl.col("score").round(2))
    rule = pl.when(pl.col("band") == "auto").then(pl.lit(SAME)).otherwise(pl.lit(SIMILAR))
    return later.select("file_id", "row_number", "fields", rule=rule, suggestion=told)


def _known_customers(
    members: pl.DataFrame, store: "Store | None", clean: Clean, intake: Intake, language: Language
) -> pl.DataFrame:
    """Rows in a group with a record of the store, and rows whose own record is there already."""
    known = members.filter("known").sort("record_key").group_by("entity_id", maintain_order=True)
    names = known.agg(
        name=pl.coalesce("source_record_id", "record_key").head(3).str.join(", " if language == "en" else "、")
    )
    met = members.filter(~pl.col("known")).join(names, on="entity_id")
    like = "the store's {} (score {})" if language == "en" else "库中编号 {}（得分 {}）"
    found = [met.select("record_key", suggestion=pl.format(like, "name", pl.col("score").round(2)))]
    if store is not None:
        again = store.query(_HELD, [clean.record["record_key"].to_list()])
        same = "the same number {}" if language == "en" else "编号 {} 已在库中"
        number = pl.coalesce("source_record_id", "record_key")
        found.insert(0, again.select("record_key", suggestion=pl.format(same, number)))
    table = pl.concat(found).unique("record_key", keep="first", maintain_order=True)
    places = intake.raw.select("record_key", "file_id", "row_number")
    return table.join(places, on="record_key").select(
        "file_id", "row_number", rule=pl.lit("row.known_customer"), suggestion="suggestion", fields=pl.lit(_COMPARED)
    )
