"""Rules of a pack on a frame of records: one vectorised expression per rule, true where the rule is broken."""

from datetime import date, datetime

import polars as pl

from .load import Bounds, Compare, Condition, Rule

_SLOTS = 1 << 32
_NO = pl.lit(False)


def broken(rule: Rule, frame: pl.DataFrame) -> pl.Series:
    """frame: `record_key` and the rule's fields (a field that is not there is null everywhere) → Boolean per row."""
    frame = _with_fields(rule, frame)
    hit = _broken(rule.condition, pl.col(rule.field), frame).fill_null(False)
    if rule.on_trial:
        hit = hit & chosen_for_trial(rule.rollout)
    return frame.select(broken=pl.lit(False) | hit)["broken"]


def chosen_for_trial(share: float) -> pl.Expr:
    """True for a stable share of the rows: the record key is a hash, so its first digits choose."""
    return pl.col("record_key").str.slice(0, 8).str.to_integer(base=16, dtype=pl.Int64, strict=False) < int(
        share * _SLOTS
    )


def anchored(pattern: str) -> str:
    """A pattern that speaks of the whole text."""
    return rf"\A(?:{pattern})\z"


def _with_fields(rule: Rule, frame: pl.DataFrame) -> pl.DataFrame:
    other = rule.condition.compare.other if rule.condition.compare else rule.field
    missing = {name for name in (rule.field, other) if name not in frame.columns}
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(missing))


def _text(column: pl.Expr, name: str, frame: pl.DataFrame) -> pl.Expr:
    """Times as people write them: without a midnight."""
    if frame.schema[name].is_temporal():
        return column.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    return column.cast(pl.String)


def _broken(condition: Condition, column: pl.Expr, frame: pl.DataFrame) -> pl.Expr:
    name = column.meta.output_name()
    text = _text(column, name, frame)
    if condition.required:
        return column.is_null()
    if condition.matches is not None:
        return ~text.str.contains(anchored(condition.matches))
    if condition.contains is not None:
        return ~text.str.contains(condition.contains)
    if condition.lacks is not None:
        return text.str.contains(condition.lacks)
    if condition.one_of is not None:
        return ~text.is_in(condition.one_of)
    if condition.length is not None:
        least, most = condition.length.min, condition.length.max
        return _outside(text.str.len_chars().cast(pl.Int64), least, most)
    if condition.range is not None:
        return _out_of_range(column, text, condition.range, name, frame)
    return _compared(column, text, condition.compare, name, frame) if condition.compare else _NO


def _outside(value: pl.Expr, least: object, most: object) -> pl.Expr:
    low = _NO if least is None else value < pl.lit(least)
    high = _NO if most is None else value > pl.lit(most)
    return low | high


def _out_of_range(column: pl.Expr, text: pl.Expr, bounds: Bounds, name: str, frame: pl.DataFrame) -> pl.Expr:
    ends = [b for b in (bounds.min, bounds.max) if b is not None]
    if any(isinstance(b, date | datetime) for b in ends):
        value = _time(column, text, name, frame)
        # A day as the upper end means its last moment.
        most = datetime.combine(bounds.max, datetime.max.time()) if type(bounds.max) is date else bounds.max
        return _outside(value, bounds.min, most)
    return _outside(_number(text), bounds.min, bounds.max)


def _compared(column: pl.Expr, text: pl.Expr, compare: Compare, name: str, frame: pl.DataFrame) -> pl.Expr:
    other = pl.col(compare.other)
    other_text = _text(other, compare.other, frame)
    if any(frame.schema[n].is_temporal() for n in (name, compare.other)):
        left, right = _time(column, text, name, frame), _time(other, other_text, compare.other, frame)
    elif compare.op in ("==", "!="):
        left, right = text, other_text
    else:
        left, right = _number(text), _number(other_text)
    holds = {"==": left == right, "!=": left != right, "<": left < right, "<=": left <= right,
             ">": left > right, ">=": left >= right}  # fmt: skip
    return ~holds[compare.op]


def _number(text: pl.Expr) -> pl.Expr:
    """1,234.5 元 → 1234.5; what is no number is null and passes."""
    return text.str.replace_all(r"[,，\s¥￥元]", "").cast(pl.Float64, strict=False)


def _time(column: pl.Expr, text: pl.Expr, name: str, frame: pl.DataFrame) -> pl.Expr:
    if frame.schema[name].is_temporal():
        return column
    day = text.str.replace_all(r"[/.年月]", "-").str.extract(r"^(\d{4}-\d{1,2}-\d{1,2})")
    return day.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
