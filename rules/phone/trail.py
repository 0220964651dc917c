"""The story of a phone cell: what each rule made of it, and what is wrong with it."""

import polars as pl

from ..base.trail import CHANGES, FINDINGS
from .numbering_plan import national

_NOTHING = pl.lit(None, pl.String)
_KEY = ("raw", "area")


def changes(best: pl.DataFrame) -> pl.DataFrame:
    """`raw, area, step, rule, before, after` from the cell to `value`.

    A number already in national notation (13912345678, 02158881234) changes by `phone.e164` alone: it was right as it
    stood. Everything else goes through `phone.format`, then loses its other numbers and its extension, each by a rule.
    """
    value, tail, others = pl.col("value"), pl.col("extension"), pl.col("others")
    filled = ~pl.col("number").str.starts_with("+")
    bare = pl.when(filled).then("number").otherwise(value)
    whole = bare + pl.when(tail.is_null()).then(pl.lit("")).otherwise(pl.lit(" 转") + tail)
    several = whole + pl.when(others.is_null()).then(pl.lit("")).otherwise(
        pl.lit(", ") + others.str.replace_all(",", ", ")
    )
    completed = (
        pl.when(pl.col("number").str.len_chars() > 8).then(pl.lit("phone.zero")).otherwise(pl.lit("phone.area_code"))
    )
    cells = best.lazy()
    kept, lost = cells.filter(value.is_not_null()), cells.filter(value.is_null())
    plain = national(value) == pl.col("raw")
    dressed = kept.filter(~plain)
    return pl.concat(
        [
            _step(kept.filter(plain), 0, pl.lit("phone.e164"), pl.col("raw"), value),
            _step(dressed, 0, pl.lit("phone.format"), pl.col("raw"), several),
            _step(dressed.filter(others.is_not_null()), 1, pl.lit("phone.several"), several, whole),
            _step(dressed.filter(tail.is_not_null()), 2, pl.lit("phone.extension"), whole, bare),
            _step(dressed.filter(filled), 3, completed, bare, value),
            _step(lost, 0, pl.col("reason"), pl.col("raw"), _NOTHING),
        ]
    ).collect()


def _step(cells: pl.LazyFrame, step: int, rule: pl.Expr, before: pl.Expr, after: pl.Expr) -> pl.LazyFrame:
    frame = cells.select(
        *_KEY, step=pl.lit(step, pl.UInt8), rule=rule, before=before, after=after,
    ).select("raw", "area", *CHANGES.names()[1:])  # fmt: skip
    return frame.filter(pl.col("before").ne_missing(pl.col("after")))


def findings(best: pl.DataFrame) -> pl.DataFrame:
    """`raw, area, rule, suggestion`: no number and why (a placeholder is a mere change), one masked, several."""
    value = pl.col("value")
    notes = (
        (value.is_null() & (pl.col("reason") != "phone.placeholder"), pl.col("reason")),
        (value.is_not_null() & pl.col("partial").is_not_null(), pl.lit("phone.masked")),
        (pl.col("others").is_not_null() | pl.col("extension").str.contains("/", literal=True), pl.lit("phone.several")),
    )
    found = [best.lazy().filter(when).select(*_KEY, rule=rule, suggestion=_NOTHING) for when, rule in notes]
    return pl.concat(found).select("raw", "area", *FINDINGS.names()[1:]).collect()
