"""Survivorship: which record stays, and which value each field of the golden record takes.

Every choice is deterministic (strategy, then the last update, then the record key) and keeps its provenance: the
record it came from, the rule, and the values that lost.
"""

from collections.abc import Mapping

import polars as pl

from ..schemas import GOLDEN_FIELDS, GOLDEN_VALUE

# A field's own default; every other field takes the last updated value.
DEFAULTS: dict[str, str] = {"created_at": "earliest"}
# Values that travel with another field: an extension without its number means nothing.
_COMPANIONS = {"phone_extension": "phone", "landline_extension": "landline"}


def choose_survivors(members: pl.DataFrame) -> pl.DataFrame:
    """`entity_id, record_key` and the record's columns → `entity_id, survivor_record_key`: last updated, most complete."""
    ordered = members.with_columns(_filled=_filled()).sort(
        "entity_id", "updated_at", "_filled", "record_key", descending=[False, True, True, False], nulls_last=True
    )
    return ordered.group_by("entity_id", maintain_order=True).agg(survivor_record_key=pl.col("record_key").first())


def choose_values(members: pl.DataFrame, partial: pl.DataFrame, strategies: Mapping[str, str]) -> pl.DataFrame:
    """Members of merged groups (`entity_id` and `record` columns) → table `golden_value`.

    partial: `record_key, field` of values that are only part of one (张总, 张*): they win where nothing better is there.
    """
    fields = [f for f in GOLDEN_FIELDS if f not in _COMPANIONS]
    table = members.with_columns(_filled=_filled(), _at=pl.col("updated_at"))
    texts = table.with_columns(pl.col("created_at", "updated_at").dt.strftime("%Y-%m-%dT%H:%M:%S"))
    cells = texts.unpivot(
        fields, index=["entity_id", "record_key", "_filled", "_at"], variable_name="field"
    ).drop_nulls("value")
    cells = cells.join(partial.with_columns(_partial=pl.lit(True)), on=["record_key", "field"], how="left")
    chosen = {f: strategies.get(f) or DEFAULTS.get(f, "latest") for f in fields}
    ranked = cells.with_columns(strategy=pl.col("field").replace_strict(chosen, return_dtype=pl.String))
    ranked = ranked.with_columns(_merit=_merit()).sort(
        "entity_id", "field", pl.col("_partial").fill_null(False), "_merit", "_at", "record_key",
        descending=[False, False, False, True, True, False], nulls_last=True,
    )  # fmt: skip
    place = ["entity_id", "field"]
    best = ranked.unique(place, keep="first", maintain_order=True)
    best = best.join(_losers(ranked, best, place), on=place, how="left", maintain_order="left")
    won = best.with_columns(
        rule=pl.lit("survivorship.") + pl.col("strategy"), alternatives=pl.col("alternatives").fill_null("[]")
    )
    golden = pl.concat([GOLDEN_VALUE.conform(won), *(_companion(members, won, c, f) for c, f in _COMPANIONS.items())])
    return golden.sort(place)


def _filled() -> pl.Expr:
    return pl.sum_horizontal(pl.col(f).is_not_null() for f in GOLDEN_FIELDS)


def _merit() -> pl.Expr:
    """One number per cell, the larger the better under its field's strategy."""
    time, strategy = pl.col("_at").dt.epoch("us").cast(pl.Float64), pl.col("strategy")
    return (
        pl.when(strategy == "latest").then(time)
        .when(strategy == "earliest").then(-_own_time().fill_null(time))
        .when(strategy == "most_complete").then(pl.col("_filled").cast(pl.Float64))
        .when(strategy == "most_frequent").then(pl.len().over("entity_id", "field", "value").cast(pl.Float64))
        .when(strategy == "longest").then(pl.col("value").str.len_chars().cast(pl.Float64))
    )  # fmt: skip


def _own_time() -> pl.Expr:
    """A date field is early by its own value, not by the record's last update."""
    own = pl.col("value").str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False).dt.epoch("us").cast(pl.Float64)
    return pl.when(pl.col("field").is_in(["created_at", "updated_at"])).then(own)


def _losers(ranked: pl.DataFrame, best: pl.DataFrame, place: list[str]) -> pl.DataFrame:
    """`entity_id, field, alternatives`: JSON list of the other distinct values, best first, where there are any."""
    others = ranked.join(best.select(*place, _won="value"), on=place, how="left", maintain_order="left")
    others = others.filter(pl.col("value") != pl.col("_won")).unique(
        [*place, "value"], keep="first", maintain_order=True
    )
    quoted = others.select(*place, _json=pl.struct("value", "record_key").struct.json_encode())
    listed = quoted.group_by(place, maintain_order=True).agg(pl.col("_json").str.join(","))
    return listed.select(*place, alternatives=pl.concat_str([pl.lit("["), "_json", pl.lit("]")]))


def _companion(members: pl.DataFrame, won: pl.DataFrame, companion: str, field: str) -> pl.DataFrame:
    of = members.select("record_key", value=companion).drop_nulls().unique("record_key")
    with_it = won.filter(pl.col("field") == field).drop("value", "alternatives").join(of, on="record_key", how="inner")
    return GOLDEN_VALUE.conform(with_it.with_columns(field=pl.lit(companion), alternatives=pl.lit("[]")))
