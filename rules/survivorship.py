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
from ..plugins import load_named
from ..schemas import GOLDEN_VALUE
from .columns.header_words import normalize
from .columns.headers import is_note

# Of a column of notes every note is kept.
DEFAULTS: dict[str, str] = {f.name: f.survivorship for f in FIELDS if f.survivorship != "latest"}
# field → what travels with its value: an extension without its number means nothing.
_COMPANIONS = {f.of: f.name for f in FIELDS if f.of}
_COMPANION = pl.col("field").replace_strict(_COMPANIONS, default=None)
TIMES = tuple(f.name for f in FIELDS if f.dtype == TIME)
# Who a customer is and how they are reached: of these no value is taken by chance.
CONTESTED = tuple(f.name for f in FIELDS if f.contested)
# Strategies of plug-ins: a number per cell, the larger the better, over `value, record_key, source, _at, _filled, _entity`.
_PLUGGED: dict[str, pl.Expr] = load_named("survivorship", pl.Expr)
UNION = "union"
JOINER = "; "  # between the parts of a union, the last updated first
CELLS = 1_000_000  # ranked at once


class Survived(NamedTuple):
    """golden_value: the table. undecided: `entity_id, field, record_key, value, suggestion`, where a value of CONTESTED
    won by nothing but its record's key; suggestion: the value that stood beside it."""

    golden_value: pl.DataFrame
    undecided: pl.DataFrame


_UNDECIDED = pl.Schema(dict.fromkeys(("entity_id", "field", "record_key", "value", "suggestion"), pl.String()))


def choose_survivors(members: pl.DataFrame) -> pl.DataFrame:
    """`entity_id, record_key` and the record's columns → `entity_id, survivor_record_key`: last updated, most complete."""
    ordered = _ordered(members.lazy().with_columns(_filled=filled_fields(), _at="updated_at"), "entity_id")
    stays = ordered.group_by("entity_id", maintain_order=True).agg(survivor_record_key=pl.col("record_key").first())
    return stays.collect()


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
    numbered = members.lazy().with_columns(_entity=pl.col("entity_id").rank("dense"), _filled=filled, _at="updated_at")
    # The order of the default strategy, once for all fields; what else decides is sorted on top of it.
    base = _ordered(numbered, "_entity").collect()
    base = unpacked(base) if "extra" in base.columns else base
    weak = dict(partial.group_by("field").agg("record_key").iter_rows())
    names = [*(name for name in fields if name not in _COMPANIONS.values()), *filter(is_custom, base.columns)]
    width = max(1, CELLS // max(1, base.height))
    found = [Survived(GOLDEN_VALUE.empty(), _UNDECIDED.to_frame())]
    for way, alike in _ways(names, strategies, weak).items():
        for at in range(0, len(alike), width):
            cells = _ranked(_cells(base, alike[at : at + width]), way, sources, weak)
            # The streaming engine loses the order.
            both = _choose(cells.collect(engine="in-memory").lazy(), way.strategy)
            found.append(Survived(*pl.collect_all(both, engine="in-memory")))
    golden, undecided = (pl.concat(frames) for frames in zip(*found, strict=True))
    values = pl.concat([golden, _travelling(members, golden)]).sort("entity_id", "field")
    return Survived(values, undecided.sort("entity_id", "field"))


class _Way(NamedTuple):
    """How cells are ranked. own_time: by the times that they are. partial: the field of which some values are only part of
    one, else empty."""

    strategy: str
    own_time: bool
    partial: str


def _ways(
    names: Sequence[str], strategies: Mapping[str, str], weak: Mapping[str, Sequence[str]]
) -> dict[_Way, list[str]]:
    """Columns by how their cells are ranked, to be ranked together: there may be thousands of them."""
    custom = {normalize(header_of(name)): strategy for name, strategy in strategies.items() if is_custom(name)}
    ways: dict[_Way, list[str]] = {}
    for name in names:
        header = header_of(name)
        if is_custom(name):  # as configured, however the header is written there, else by what it says
            strategy = custom.get(normalize(header)) or (UNION if is_note(header) else "latest")
        else:
            strategy = strategies.get(name) or DEFAULTS.get(name, "latest")
        # A date is early by its own value, not by the record's last update.
        way = _Way(strategy, strategy == "earliest" and name in TIMES, name if name in weak else "")
        ways.setdefault(way, []).append(name)
    return ways


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
    gone = pl.concat([by_hand, by_hand.with_columns(field=_COMPANION)])
    rest = golden.join(gone, on=["entity_id", "field"], how="anti")
    return pl.concat([rest, by_hand, _travelling(members, by_hand)]).sort("entity_id", "field")


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


def _ordered(members: pl.LazyFrame, entity: str) -> pl.LazyFrame:
    """By entity, then the last updated (`_at`) first, then the fullest, then by key."""
    by = [entity, "_at", "_filled", "record_key"]
    return members.sort(by, descending=[False, True, True, False], nulls_last=True)


def _cells(base: pl.DataFrame, fields: Sequence[str]) -> pl.LazyFrame:
    """What stands in these columns, one row a cell, field after field; from here on `_entity` numbers entity and field."""
    index = ("_entity", "entity_id", "record_key", "_filled", "_at", "source")
    values = (pl.col(f).dt.strftime(TIME_FORMAT) if f in TIMES else f for f in fields)
    cells = base.lazy().select(*index, *values).unpivot(fields, index=index, variable_name="field", value_name="value")
    place = pl.col("field").rle_id().cast(pl.Int64) * pl.col("_entity").max()
    return cells.drop_nulls("value").with_columns(_entity=place + pl.col("_entity"))


def _ranked(cells: pl.LazyFrame, way: _Way, sources: Sequence[str], weak: Mapping[str, Sequence[str]]) -> pl.LazyFrame:
    """The cells of each entity and field, the best first; `_weak, _merit, _at, _filled` are what they were ranked by."""
    is_weak = pl.col("record_key").is_in(weak[way.partial]) if way.partial else pl.lit(False)
    cells = cells.with_columns(_weak=is_weak, _merit=_merit(way, sources))
    if way.strategy == "latest" and not way.partial:
        return cells
    ranks = ["_entity", "_weak", "_merit"]
    return cells.sort(ranks, descending=[False, False, True], nulls_last=True, maintain_order=True)


def _choose(cells: pl.LazyFrame, strategy: str) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Ranked cells → golden values with the values that lost, and those of CONTESTED that another stands beside, equal in all
    but the record's key."""
    if strategy == UNION:
        # What was joined before, and came back from the CRM, is taken apart: each part stands once.
        parts = cells.with_columns(pl.col("value").str.split(JOINER)).explode("value")
        cells = parts.with_columns(pl.col("value").str.strip_chars()).filter(pl.col("value") != "")
    ranks = pl.col("_entity", "_weak", "_merit", "_at", "_filled")
    cells = cells.with_columns(
        _best=pl.col("_entity").ne_missing(pl.col("_entity").shift()),
        _rank=(~pl.all_horizontal(ranks.eq_missing(ranks.shift()))).cum_sum(),
        rule=pl.lit(f"survivorship.{strategy}"),
    )
    names = ("value", "record_key", "_rank")
    cells = cells.with_columns(pl.when("_best").then(name).forward_fill().alias(f"{name}_won") for name in names)
    lost = cells.filter(pl.col("value") != pl.col("value_won")).filter(
        pl.struct("_entity", "value").is_first_distinct()
    )
    told = pl.col("value") if strategy == UNION else pl.struct("value", "record_key").struct.json_encode()
    # Texts are joined in lists, which is many times faster than in groups.
    others = lost.select("_entity", _others=told).group_by("_entity", maintain_order=True).agg("_others")
    golden = cells.filter("_best").join(others, on="_entity", how="left", maintain_order="left")
    if strategy == UNION:
        whole = pl.concat_list("value", pl.col("_others").fill_null([])).list.join(JOINER)
        return golden.with_columns(value=whole, alternatives=pl.lit("[]")).select(
            GOLDEN_VALUE.names
        ), _UNDECIDED.to_frame().lazy()
    listed = pl.format("[{}]", pl.col("_others").list.join(",").fill_null(""))
    beside = lost.filter(pl.col("field").is_in(CONTESTED), pl.col("_rank") == pl.col("_rank_won"))
    beside = beside.unique("_entity", keep="first", maintain_order=True).select(
        "entity_id", "field", record_key="record_key_won", value="value_won", suggestion="value"
    )
    return golden.with_columns(alternatives=listed).select(GOLDEN_VALUE.names), beside


def _merit(way: _Way, sources: Sequence[str]) -> pl.Expr:
    """One number per cell, the larger the better."""
    time = pl.col("_at").dt.epoch("us").cast(pl.Float64)
    if way.own_time:
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
    return (merits | _PLUGGED)[way.strategy]


def _travelling(members: pl.DataFrame, won: pl.DataFrame) -> pl.DataFrame:
    """Golden values → those of the fields that travel with them, from the same records."""
    carried = [companion for companion in _COMPANIONS.values() if companion in members.columns]
    cells = members.lazy().select("record_key", *carried).unique("record_key")
    cells = cells.unpivot(carried, index="record_key", variable_name="field").drop_nulls("value")
    with_it = won.lazy().select("entity_id", "record_key", "rule", field=_COMPANION).drop_nulls("field")
    with_it = with_it.join(cells, on=["record_key", "field"]).with_columns(alternatives=pl.lit("[]"))
    return with_it.select(GOLDEN_VALUE.names).collect()
