"""The stewards' workbook as tables: the text and the style of every cell, one row per record.

Pure: frames in, frames out; `io` makes a file of them.
"""

import json
from collections.abc import Collection
from typing import NamedTuple

import polars as pl

from ...custom_columns import is_custom
from ...evidence import dimension_words
from ...fields import GOLDEN_FIELDS
from ...i18n import Language, Text
from ...schemas import is_golden
from ..explanation import in_words
from ..masking import masked
from .words import CHOSEN_FIELDS, KEYS, TAKE, custom_choices, head_of, is_choice, offers, say

_TIMES = ("created_at", "updated_at")
_BANDS = {"auto": Text("免复核", "auto"), "review": Text("待复核", "review")}
_FIGURES = {"number": " count", "score": " figure"}
MOST_CUSTOM = 300  # custom columns in a book: a sheet has 16,384 columns, and nobody reads so many
FROZEN = 5  # the columns that a steward fills in stay in sight
FORMATS: dict[str, dict[str, object]] = {
    "plain": {"valign": "top"},
    "band": {"bg_color": "#EEF3FA"},
    "mine": {"bg_color": "#FFFBE6", "locked": False, "align": "center"},
    "mine_band": {"bg_color": "#FBF3D0", "locked": False, "align": "center"},
    "differs": {"bg_color": "#FFE08A"},
    "added": {"bg_color": "#CDEBCB"},
    "golden": {"bold": True},
    "key": {"font_color": "#8A8A8A"},
    "count": {"num_format": "0"},
    "figure": {"num_format": "0.000"},
    "top": {"top": 1, "top_color": "#7F7F7F"},
}


class BookSheet(NamedTuple):
    """texts, styles: the same rows and columns; a style is words of FORMATS. heads, widths, offers: by column."""

    texts: pl.DataFrame
    styles: pl.DataFrame
    heads: list[str]
    widths: list[int]
    offers: dict[str, list[str]]


def book_sheet(members: pl.DataFrame, language: Language, unmask: bool, off: Collection[str] = ()) -> BookSheet:
    """The sheet of groups.

    members: `record`'s columns, `level, group_id, number, action, band, score_min, weakest_link` (JSON), `survivor` (Boolean),
    `golden` (list of the fields whose value comes from this record), `decided` (text or null), `check`; the rows of a
    group stand together, the one to compare with first. off: evidence that the run had switched off.
    """
    members = members.with_columns(
        *(pl.col(f).dt.strftime("%Y-%m-%d %H:%M:%S").str.replace(" 00:00:00", "") for f in _TIMES),
        _first=pl.struct("number").rle_id() != pl.struct("number").rle_id().shift(1, fill_value=-1),
    )
    custom = [f for f in members.columns if is_custom(f)][:MOST_CUSTOM]
    fields = [f for f in (*GOLDEN_FIELDS, *custom) if members[f].null_count() < members.height]
    linked = bool((members["action"] == "link").all()) if members.height else False
    differing = set() if linked else _differing(members, fields)
    columns = _columns(fields, differing, linked)
    members = members.with_columns(band=pl.col("band").replace({k: say(t, language) for k, t in _BANDS.items()}))
    texts = _texts(members, columns, unmask, off)
    choices = [c for c in columns if is_choice(c) and c != "note"]
    heads = custom_choices([c for c in choices if is_custom(c.removeprefix(TAKE))])
    action = "link" if linked else "merge"
    return BookSheet(
        texts,
        _styles(members, columns),
        [say(heads.get(c, head_of(c)).text, language) for c in columns],
        [_width(c, texts) for c in columns],
        {c: offers(c, action, language) for c in choices},
    )


def _columns(fields: list[str], differing: set[str], linked: bool) -> list[str]:
    """The columns in order: what to fill in, the record with a choice beside each field that differs, the keys."""
    mine = ["number", "verdict", "exclude", "note"] if linked else ["number", "verdict", "exclude", "survivor", "note"]
    plan = ["decided", "source_record_id", "source"] if linked else ["plan", "decided", "source_record_id", "source"]
    middle = [c for f in fields for c in ((f, TAKE + f) if f in differing else (f,))]
    return [*mine, *plan, *middle, "score", "band", "why", *KEYS]


def _differing(members: pl.DataFrame, fields: list[str]) -> set[str]:
    """Fields of which at least one group holds several values: there is something to choose."""
    wanted = [f for f in fields if f in CHOSEN_FIELDS or is_custom(f)]
    if not wanted:
        return set()
    counted = members.group_by("group_id").agg(pl.col(f).drop_nulls().n_unique() for f in wanted)
    return {f for f in wanted if (counted[f] > 1).any()}


def _texts(members: pl.DataFrame, columns: list[str], unmask: bool, off: Collection[str]) -> pl.DataFrame:
    why = [_reasons(level, link, off) for level, link in members.select("level", "weakest_link").rows()]
    shown = masked(members, unmask).with_columns(
        plan=pl.when("survivor").then(pl.lit("★")),
        score=pl.when("_first").then(pl.col("score_min").round(3)),
        why=pl.when("_first").then(pl.Series(why, dtype=pl.String)),
        survivor=pl.lit(None, pl.String),
    )
    blank = [c for c in columns if is_choice(c) and c != "survivor"]
    return shown.with_columns(pl.lit(None, pl.String).alias(c) for c in blank).select(columns)


def _reasons(level: str, link: str | None, off: Collection[str]) -> str | None:
    told = json.loads(link or "{}")
    known = str(dimension_words(level, told, off))
    finer = "；".join(
        f"{in_words(name, why['level'])} {why['weight']:+.1f}" for name, why in (told.get("reasons") or {}).items()
    )
    return "\n".join(filter(None, (known, finer))) or None


def _styles(members: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """The words that dress each cell: band of the group, difference to its first row, value to take, what is the steward's."""
    odd = pl.col("number") % 2 == 1
    band = pl.when(odd).then(pl.lit("plain")).otherwise(pl.lit("plain band"))
    mine = pl.when(odd).then(pl.lit("plain mine")).otherwise(pl.lit("plain mine_band"))
    top = pl.when("_first").then(pl.lit(" top")).otherwise(pl.lit(""))
    shown = [c for c in columns if is_golden(c)]
    first = members.filter("_first").select("group_id", *(pl.col(f).alias(f"_{f}") for f in shown))
    both = members.join(first, on="group_id", how="left", maintain_order="left")

    def style(column: str) -> pl.Expr:
        if is_choice(column):
            words = mine
        elif is_golden(column):
            words = band + _difference(column) + _golden(column)
        else:
            words = band + pl.lit(" key" if column in KEYS else _FIGURES.get(column, ""))
        return (words + top).alias(column)

    return both.select(style(c) for c in columns)


def _difference(field: str) -> pl.Expr:
    own, base = pl.col(field), pl.col(f"_{field}")
    added = pl.when(own.is_not_null() & base.is_null()).then(pl.lit(" added")).otherwise(pl.lit(""))
    return pl.when((own != base).fill_null(False)).then(pl.lit(" differs")).otherwise(added)


def _golden(field: str) -> pl.Expr:
    holds = pl.col("golden").list.contains(field).fill_null(False)
    return pl.when(holds).then(pl.lit(" golden")).otherwise(pl.lit(""))


def _width(column: str, texts: pl.DataFrame) -> int:
    """Wide enough for most texts: hanzi count two."""
    if not is_golden(column) or texts[column].dtype != pl.String:
        return head_of(column).width
    cells = texts[column].drop_nulls()
    if cells.is_empty():
        return head_of(column).width
    spread = (cells.str.len_bytes() + cells.str.len_chars()) / 2  # a hanzi is three bytes and one character
    return min(max(int(float(spread.quantile(0.9) or 0)) + 2, 8), 34)
