"""Two rules that no cell can satisfy together."""

from collections.abc import Sequence
from fnmatch import fnmatch

import polars as pl

from ...i18n import Text
from .check import anchored
from .load import Rule, regex_fault
from .regex_shape import example, width

_CELL = 32_767  # characters that a cell of a workbook can hold
# What a comparison allows of {smaller, equal, greater}, and how it reads from the other side.
_ALLOWS = {"<": "<", "<=": "<=", "==": "=", "!=": "<>", ">=": ">=", ">": ">"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def contradiction(one: Rule, other: Rule) -> Text | None:
    """Why no cell can satisfy both; None where one can, or where it cannot be told."""
    if not _meet(one.only_for, other.only_for):
        return None
    if one.condition.compare is not None and other.condition.compare is not None:
        return _compare_clash(one, other)
    if one.field != other.field:
        return None
    for a, b in ((one, other), (other, one)):
        reason = _clash(a, b)
        if reason is not None:
            return reason
    return None


def _meet(one: str | None, other: str | None) -> bool:
    return one is None or other is None or fnmatch(one, other) or fnmatch(other, one)


def _compare_clash(one: Rule, other: Rule) -> Text | None:
    a, b = one.condition.compare, other.condition.compare
    assert a is not None and b is not None
    if (one.field, a.other) == (other.field, b.other):
        sign = b.op
    elif (one.field, a.other) == (b.other, other.field):
        sign = _TURNED[b.op]  # type: ignore[assignment]
    else:
        return None
    if set(_ALLOWS[a.op]) & set(_ALLOWS[sign]):
        return None
    return Text("两个比较不可能同时成立", "both comparisons cannot hold")


def _clash(a: Rule, b: Rule) -> Text | None:
    left, right = a.condition, b.condition
    if left.one_of is not None:
        return _choices_clash(left.one_of, b)
    if left.length is not None and right.length is not None and _apart(left.length.min, right.length.max):
        return Text("长度范围没有交集", "no length fits both")
    if left.range is not None and right.range is not None and _apart(left.range.min, right.range.max):
        return Text("取值范围没有交集", "no value lies in both ranges")
    if left.lacks is not None and left.lacks in (right.contains, right.matches):
        return Text("一条要求有、一条要求没有同一内容", "one wants what the other forbids")
    if left.matches is not None and right.length is not None:
        span = width(left.matches)
        if span and (_apart(right.length.min, span[1]) or _apart(span[0], right.length.max)):
            return Text("符合表达式的内容长度都不对", "what fits the expression has a wrong length")
    if left.matches is not None and right.matches is not None:
        return _patterns_clash(left.matches, right.matches)
    return None


def _apart(least: object, most: object) -> bool:
    """Whether a lower end lies above an upper end."""
    try:
        return least is not None and most is not None and least > most  # type: ignore[operator]
    except TypeError:
        return False


def _choices_clash(choices: Sequence[str], rule: Rule) -> Text | None:
    condition, values = rule.condition, pl.Series(choices)
    fits = None
    if condition.one_of is not None:
        fits = values.is_in(condition.one_of)
    elif condition.length is not None:
        fits = values.str.len_chars().is_between(condition.length.min or 0, condition.length.max or _CELL)
    elif condition.pattern is not None and regex_fault(condition.pattern) is None:
        whole = condition.matches is not None
        fits = values.str.contains(anchored(condition.pattern) if whole else condition.pattern)
        fits = ~fits if condition.lacks is not None else fits
    if fits is None or fits.any():
        return None
    return Text("列出的取值没有一个符合另一条", "none of the listed values fits the other")


def _patterns_clash(one: str, other: str) -> Text | None:
    """Patterns of bounded width whose examples do not fit the other."""
    spans, texts = (width(one), width(other)), (example(one), example(other))
    if None in spans or None in texts or any(regex_fault(p) is not None for p in (one, other)):
        return None
    (low, high), (least, most) = spans  # type: ignore[misc]
    if low > most or least > high:
        return Text("两个表达式要求的长度不同", "the expressions want different lengths")
    crossed = [
        pl.Series([text]).str.contains(anchored(pattern))[0] for text, pattern in zip(texts, (other, one), strict=True)
    ]
    if max(high, most) <= 64 and not any(crossed):
        return Text("没有内容同时符合两个表达式", "no text fits both expressions")
    return None
