"""Faults of a rule pack that break real rule sets: told before the rules meet a file."""

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import polars as pl

from ...fields import MAPPED_FIELDS
from ...i18n import Text
from ...schemas import RECORD
from ..catalog import catalog
from .check import anchored
from .lint_pairs import contradiction
from .load import Pack, Rule, regex_fault
from .regex_shape import example, is_anchored, is_explosive

_FORM = re.compile(r"(?:\\[dws]|\[[^\]]*\]|\{[\d,]+\}|[*+?.()|])+")  # nothing but classes of signs
_CELL = 32_767  # characters that a cell of a workbook can hold
_FOREIGN = "课程编号"  # what stands before a code that is not the one meant
_ALWAYS_FILLED = ("source", "record_key")
# Fields whose values look different in every source: a pattern for them needs `only_for`.
_OF_SOURCE = ("source_record_id", "owner", "channel", "title")
_PROBES = ("", "x", "1", "中", "a b", "-", "9" * 40, "多" * 40)
_FIELDS = frozenset((*MAPPED_FIELDS, *RECORD.names))


class Fault(NamedTuple):
    """pack: file; rule: id; code: one of docs/en/check.md; text: what is wrong and what to do."""

    pack: str
    rule: str
    code: str
    text: Text


def lint(packs: Sequence[tuple[str, Pack]]) -> list[Fault]:
    """Every fault of the packs, in their order; faults between two rules are told at the later one."""
    placed = [(name, rule) for name, pack in packs for rule in pack.rule]
    found = [Fault(name, rule.id, code, text) for name, rule in placed for code, text in _alone(rule)]
    found += [Fault(name, rule.id, "duplicate_id", text) for name, rule, text in _duplicates(placed)]
    for (_, one), (name, other) in combinations(placed, 2):
        reason = contradiction(one, other)
        if reason is not None:
            what = Text("与规则 {r} 矛盾：{w}", "contradicts {r}: {w}")
            text = Text(what.zh.format(r=one.id, w=reason.zh), what.en.format(r=one.id, w=reason.en))
            found.append(Fault(name, other.id, "contradiction", text))
    return found


def _duplicates(placed: Sequence[tuple[str, Rule]]) -> Iterator[tuple[str, Rule, Text]]:
    seen: dict[str, str] = dict.fromkeys(catalog(), "catalog.toml")
    for name, rule in placed:
        if rule.id in seen:
            what = Text("规则编号已被 {p} 使用", "the id is taken by {p}")
            yield name, rule, what.format(p=seen[rule.id])
        seen.setdefault(rule.id, name)


def _alone(rule: Rule) -> Iterator[tuple[str, Text]]:
    yield from _field_faults(rule)
    pattern = rule.condition.pattern
    fault = None if pattern is None else regex_fault(pattern)
    if fault is not None:
        yield "regex_invalid", Text("正则表达式不能用：{f}", "not a regular expression: {f}").format(f=fault)
        return
    if pattern is not None:
        yield from _pattern_faults(rule, pattern)
    reason = _never(rule)
    if reason is not None:
        yield "never_fires", reason


def _field_faults(rule: Rule) -> Iterator[tuple[str, Text]]:
    near = [] if rule.field in _FIELDS else difflib.get_close_matches(rule.field, sorted(_FIELDS), 1, 0.75)
    if near:
        yield (
            "unknown_field",
            Text("没有字段 {f}，是否指 {n}？", "there is no field {f}; is {n} meant?").format(f=rule.field, n=near[0]),
        )
    particular = rule.condition.kind in ("matches", "contains", "one_of")
    if rule.only_for is None and particular and (rule.field not in _FIELDS or rule.field in _OF_SOURCE):
        yield (
            "no_context",
            Text(
                "“{f}”的写法各来源不同，请用 only_for 写明只对哪个来源生效",
                "{f} looks different in every source: say with only_for which one is meant",
            ).format(f=rule.field),
        )


def _pattern_faults(rule: Rule, pattern: str) -> Iterator[tuple[str, Text]]:
    if not pattern.strip() or pattern in ("^$", "^", "$", "()", "(?:)"):
        yield "regex_empty", Text("正则表达式是空的", "the regular expression is empty")
        return
    # A word that is to be absent is absent anywhere; a form (three letters, four digits) forbids every text that holds it.
    formed = rule.condition.lacks is None or _FORM.fullmatch(pattern) is not None
    if formed and not is_anchored(pattern):
        yield "regex_unanchored", _unanchored(rule, pattern)
    if is_explosive(pattern):
        yield (
            "regex_catastrophic",
            Text(
                "重复里套重复，如 (a+)+：别的程序读这条规则会卡死，请改写",
                "a repeat inside a repeat, such as (a+)+, hangs other programs: write it anew",
            ),
        )


def _unanchored(rule: Rule, pattern: str) -> Text:
    text = example(pattern)
    hit = f"{_FOREIGN}{text}" if text else f"{_FOREIGN}…"
    if rule.condition.matches is not None:
        return Text(
            "没有写 ^ 和 $：guiyi 按整格匹配，别的程序会把“{h}”也算作符合",
            "no ^ and $: guiyi reads it as the whole cell, other programs also take “{h}”",
        ).format(h=hit)
    if rule.condition.lacks is not None:
        return Text(
            "没有写 ^ 和 $：只是含有它的“{h}”也会被判为不符",
            "without ^ and $ “{h}”, which only holds it, is refused too",
        ).format(h=hit)
    return Text("没有写 ^ 和 $，“{h}”也会符合", "without ^ and $ it also takes “{h}”").format(h=hit)


def _never(rule: Rule) -> Text | None:
    """Why a rule can never complain; None where it can."""
    condition = rule.condition
    if rule.rollout == 0:
        return Text("rollout 为 0，对任何行都不生效", "rollout is 0: it speaks for no row")
    if condition.required and rule.field in _ALWAYS_FILLED:
        return Text("这个字段从不为空", "this field is never empty")
    if condition.length is not None:
        least, most = condition.length.min or 0, condition.length.max
        if rule.field == "credit_code" and least <= 18 <= (18 if most is None else most):
            return Text("清洗后的信用代码总是 18 位", "a cleaned credit code always has 18 characters")
        if least <= 1 and (most is None or most >= _CELL):
            return Text("任何单元格的长度都在范围内", "every cell is that long")
    if condition.range is not None and condition.range.min is None and condition.range.max is None:
        return Text("没有上下限", "neither end is given")
    if (
        condition.compare is not None
        and condition.compare.other == rule.field
        and "=" in condition.compare.op
        and condition.compare.op != "!="
    ):
        return Text("字段和自己比较", "the field is compared with itself")
    return _never_by_pattern(rule)


def _never_by_pattern(rule: Rule) -> Text | None:
    condition = rule.condition
    wanted = condition.matches if condition.matches is not None else condition.contains
    if wanted is not None:
        pattern = anchored(wanted) if condition.matches is not None else wanted
        if pl.Series(_PROBES).str.contains(pattern).all():
            return Text("任何内容都符合", "anything fits")
    return None
