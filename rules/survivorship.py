"""Survivorship: which record stays, and which value each field of the golden record takes.

Every choice is deterministic (strategy, then the last update, then the fullest record, then the record key) and keeps
its provenance: the record it came from, the rule, and the values that lost. Where only the record key decided between two
values, no rule did, and a steward is asked.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from ..custom_columns import EXTRA, header_of, is_custom, unpacked
from ..fields import FIELDS, GOLDEN_FIELDS, TIME, TIME_FORMAT
from ..schemas import GOLDEN_VALUE
from .columns.header_words import normalize
from .columns.headers import is_note

# Of a column of notes every note is kept.
DEFAULTS: dict[str, str] = {f.name: f.survivorship for f in FIELDS if f.survivorship != "latest"}
# Values that travel with another field: an extension without its number means nothing.
_COMPANIONS = {f.name: f.of for f in FIELDS if f.of}
TIMES = tuple(f.name for f in FIELDS if f.dtype == TIME)
# Who a customer is and how they are reached: of these no value is taken by chance.
CONTESTED = tuple(f.name for f in FIELDS if f.contested)
UNION = "union"
JOINER = "; "  # between the parts of a union, the last updated first
CELLS = 4_000_000  # of custom columns, ranked at once


class Survived(NamedTuple):
    """golden_value: the table. undecided: `entity_id, field, record_key, value, suggestion`, where a value of CONTESTED
    won by nothing but its record's key; suggestion: the value that stood beside it."""

    golden_value: pl.DataFrame
    undecided: pl.DataFrame


_NO_KEYS = pl.Series("record_key", [], pl.String)
_UNDECIDED = pl.Schema(dict.fromkeys(("entity_id", "field", "record_key", "value", "suggestion"), pl.String()))


def choose_survivors(members: pl.DataFrame) -> pl.DataFrame:
    """`entity_id, record_key` and the record's columns → `entity_id, survivor_record_key`: last updated, most complete."""
    ordered = members.with_columns(_filled=filled_fields()).sort(
        "entity_id", "updated_at", "_filled", "record_key", descending=[False, True, True, False], nulls_last=True
    )
    return ordered.group_by("entity_id", maintain_order=True).agg(survivor_record_key=pl.col("record_key").first())


def choose_values(
    members: pl.DataFrame,
    partial: pl.DataFrame,
    strategies: Mapping[str, str],
    sources: Sequence[str] = (),
    fields: Sequence[str] = GOLDEN_FIELDS,
) -> Survived:
    """Members of groups (`entity_id` and `record` columns) → the values of their golden records.

    partial: `record_key, field` of values that are only part of one (张总, 张*): they win where nothing better is there.
    sources: the most trusted first, for `source_priority`; a source that is not named comes last.
    """
    filled = pl.col("_filled") if "_filled" in members.columns else filled_fields()
    base = members.with_columns(_entity=pl.col("entity_id").rank("dense"), _filled=filled, _at=pl.col("updated_at"))
    # The order of the default strategy, once for all fields; what else decides is sorted on top of it.
    base = base.sort("_entity", "_at", "_filled", "record_key", descending=[False, True, True, False], nulls_last=True)
    golden, undecided = {}, [_UNDECIDED.to_frame()]
    for field in fields:
        if field not in _COMPANIONS:
            strategy = strategies.get(field) or DEFAULTS.get(field, "latest")
            weak = partial.filter(pl.col("field") == field)["record_key"]
            cells = _ranked(_cells(base, [field]), strategy, sources, weak, own_time=field in TIMES)
            best = cells.unique("_entity", keep="first", maintain_order=True)
            golden[field] = _choose_field(cells, best, strategy)
            if field in CONTESTED and strategy != UNION:
                undecided.append(_undecided(cells, best, field))
    travelling = [_companion(members, golden[f], c) for c, f in _COMPANIONS.items() if f in golden]
    custom = _choose_custom(base, strategies, sources) if "extra" in base.columns else []
    values = pl.concat([GOLDEN_VALUE.empty(), *golden.values(), *travelling, *custom]).sort("entity_id", "field")
    return Survived(values, pl.concat(undecided).sort("entity_id", "field"))


def _choose_custom(base: pl.DataFrame, strategies: Mapping[str, str], sources: Sequence[str]) -> list[pl.DataFrame]:
    """The values of the columns that no field stands for, those of one strategy together: there may be thousands of them."""
    base = unpacked(base.select("_entity", "entity_id", "record_key", "_filled", "_at", "source", "extra"))
    alike: dict[str, list[str]] = {}
    for name in filter(is_custom, base.columns):
        alike.setdefault(_custom_strategy(name, strategies), []).append(name)
    width = max(1, CELLS // max(1, base.height))
    golden = []
    for strategy, names in alike.items():
        for at in range(0, len(names), width):
            cells = _ranked(_cells(base, names[at : at + width]), strategy, sources)
            best = cells.unique("_entity", keep="first", maintain_order=True)
            golden.append(_choose_field(cells, best, strategy))
    return golden


def _custom_strategy(name: str, strategies: Mapping[str, str]) -> str:
    """As configured for its header, however that is written (`extra:预算`, `extra:预算*`), else by what the header says."""
    own = {normalize(header_of(field)): strategy for field, strategy in strategies.items() if is_custom(field)}
    header = header_of(name)
    return own.get(normalize(header)) or (UNION if is_note(header) else "latest")


def choose_by_hand(golden: pl.DataFrame, chosen: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Table `golden_value` with the values that stewards chose (`entity_id, field, value, record_key`) in place of the rules'.

    The value that the rule had chosen becomes the first of the alternatives. members: `record_key` and the columns of
    `record`; an extension comes from the record whose number was chosen, or goes.
    """
    picked = chosen.drop_nulls("value").filter(
        pl.col("field").is_in(GOLDEN_FIELDS) | pl.col("field").str.starts_with(EXTRA)
    )
    if picked.is_empty():
        return golden
    held = golden.join(picked, on=["entity_id", "field"], how="semi")
    before = {(row["entity_id"], row["field"]): row for row in held.to_dicts()}
    told = [_by_hand(row, before.get((row["entity_id"], row["field"]))) for row in picked.to_dicts()]
    by_hand = pl.DataFrame(told, schema=GOLDEN_VALUE.polars)
    own = {companion: by_hand.filter(pl.col("field") == main) for companion, main in _COMPANIONS.items()}
    travelling = [_companion(members, won, companion) for companion, won in own.items()]
    gone = [by_hand, *(won.with_columns(field=pl.lit(companion)) for companion, won in own.items())]
    rest = golden.join(pl.concat(gone), on=["entity_id", "field"], how="anti")
    return pl.concat([rest, by_hand, *travelling]).sort("entity_id", "field")


def _by_hand(row: dict[str, str], before: dict[str, str] | None) -> dict[str, str]:
    """A chosen value as `golden_value`; the others that stood there are what lost."""
    others = json.loads(before["alternatives"] or "[]") if before else []
    if before:
        others = [{"value": before["value"], "record_key": before["record_key"]}, *others]
    lost = [other for other in others if other["value"] != row["value"]]
    alternatives = json.dumps(lost, ensure_ascii=False, separators=(",", ":"))
    told = {name: row[name] for name in ("entity_id", "field", "value", "record_key")}
    return {**told, "rule": "survivorship.steward", "alternatives": alternatives}


def filled_fields() -> pl.Expr:
    """How many fields of `record` hold something; a caller that brings fewer columns brings this as `_filled`."""
    return pl.sum_horizontal(pl.col(f).is_not_null() for f in GOLDEN_FIELDS)


def _cells(base: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """What stands in these columns, one row a cell, field after field; from here on `_entity` numbers entity and field."""
    index = ("_entity", "entity_id", "record_key", "_filled", "_at", "source")
    values = (pl.col(f).dt.strftime(TIME_FORMAT) if f in TIMES else f for f in fields)
    cells = base.select(*index, *values).unpivot(fields, index=index, variable_name="field", value_name="value")
    place = pl.col("field").rle_id().cast(pl.Int64) * base["_entity"].n_unique()
    return cells.drop_nulls("value").with_columns(_entity=place + pl.col("_entity"))


def _ranked(
    cells: pl.DataFrame,
    strategy: str,
    sources: Sequence[str],
    weak: pl.Series = _NO_KEYS,
    *,
    own_time: bool = False,
) -> pl.DataFrame:
    """The cells of each entity and field, the best first; `_weak, _merit, _at, _filled` are what they were ranked by."""
    cells = cells.with_columns(
        _weak=pl.col("record_key").is_in(weak.implode()), _merit=_merit(strategy, sources, own_time=own_time)
    )
    if strategy == "latest" and weak.is_empty():
        return cells
    return cells.sort(
        "_entity", "_weak", "_merit", descending=[False, False, True], nulls_last=True, maintain_order=True
    )


def _undecided(cells: pl.DataFrame, best: pl.DataFrame, field: str) -> pl.DataFrame:
    """Ranked cells and the first of each entity → the winners that another value stands beside, equal in all but the record's
    key."""
    ranks = ["_entity", "_weak", "_merit", "_at", "_filled"]
    beside = cells.join(
        best.select(*ranks, "entity_id", _won="value", _by="record_key"), on=ranks, nulls_equal=True,
        maintain_order="left",
    ).filter(pl.col("value") != pl.col("_won"))  # fmt: skip
    return beside.unique("_entity", keep="first", maintain_order=True).select(
        "entity_id", pl.lit(field).alias("field"), record_key="_by", value="_won", suggestion="value"
    )


def _choose_field(cells: pl.DataFrame, best: pl.DataFrame, strategy: str) -> pl.DataFrame:
    """Ranked cells and the first of each entity (`best`) → golden values, with the values that lost."""
    if strategy == UNION:
        # What was joined before, and came back from the CRM, is taken apart: each part stands once.
        parts = cells.select("_entity", value=pl.col("value").str.split(JOINER)).explode("value")
        parts = parts.with_columns(pl.col("value").str.strip_chars()).filter(pl.col("value") != "")
        together = parts.unique(["_entity", "value"], keep="first", maintain_order=True)
        joined = together.group_by("_entity", maintain_order=True).agg(pl.col("value").str.join(JOINER))
        won = best.drop("value").join(joined, on="_entity", maintain_order="left")
        won = won.with_columns(alternatives=pl.lit("[]"))
    else:
        won = best.join(_losers(cells, best), on="_entity", how="left", maintain_order="left")
    return GOLDEN_VALUE.conform(
        won.with_columns(rule=pl.lit(f"survivorship.{strategy}"), alternatives=pl.col("alternatives").fill_null("[]"))
    )


def _merit(strategy: str, sources: Sequence[str], *, own_time: bool) -> pl.Expr:
    """One number per cell, the larger the better under the strategy. own_time: the values are times themselves."""
    time = pl.col("_at").dt.epoch("us").cast(pl.Float64)
    if strategy == "earliest" and own_time:  # a date is early by its own value, not by the record's last update
        own = pl.col("value").str.to_datetime(TIME_FORMAT, strict=False)
        # A bare date says some time of its day: a record that knows which comes first.
        own = pl.when(own == own.dt.truncate("1d")).then(own.dt.offset_by("1d")).otherwise(own)
        return -own.dt.epoch("us").cast(pl.Float64).fill_null(time)
    merits = {
        "latest": time,
        "earliest": -time,
        "most_complete": pl.col("_filled").cast(pl.Float64),
        "most_frequent": pl.len().over("_entity", "value").cast(pl.Float64),
        "longest": pl.col("value").str.len_chars().cast(pl.Float64),
        "source_priority": -pl.col("source").replace_strict(
            {name: float(place) for place, name in enumerate(sources)},
            default=float(len(sources)),
            return_dtype=pl.Float64,
        ),
        # A value that another record confirms comes before one that stands alone.
        "verified_first": (pl.len().over("_entity", "value") > 1).cast(pl.Float64),
        UNION: time,
    }
    return merits[strategy]


def _losers(cells: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """`_entity, alternatives`: JSON list of the other distinct values, best first, where there are any."""
    others = cells.join(best.select("_entity", _won="value"), on="_entity", how="left", maintain_order="left")
    others = others.filter(pl.col("value") != pl.col("_won"))
    others = others.unique(["_entity", "value"], keep="first", maintain_order=True)
    quoted = others.select("_entity", _json=pl.struct("value", "record_key").struct.json_encode())
    listed = quoted.group_by("_entity", maintain_order=True).agg(pl.col("_json").str.join(","))
    return listed.select("_entity", alternatives=pl.concat_str([pl.lit("["), "_json", pl.lit("]")]))


def _companion(members: pl.DataFrame, won: pl.DataFrame, companion: str) -> pl.DataFrame:
    of = members.select("record_key", value=companion).drop_nulls().unique("record_key")
    with_it = won.drop("value", "alternatives").join(of, on="record_key", how="inner")
    return GOLDEN_VALUE.conform(with_it.with_columns(field=pl.lit(companion), alternatives=pl.lit("[]")))
