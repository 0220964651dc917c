"""A score in words and steps: from the odds of any two records, comparison by comparison, to the probability."""

import json
from typing import Any, NamedTuple

from ..evidence import comparison_words, level_words
from ..i18n import Text
from .published import log_odds

WIDTH, LABEL, FIGURE, ROW = 380.0, 172.0, 44.0, 22.0
# Levels that say something of the comparison before them (手机号一致); others name a thing of their own (工作单位 公司一致).
_JOINED = ("一致", "完全", "不同", "同音", "差", "拼音", "读音", "有一处", "残缺", "无关", "缺少")


class Step(NamedTuple):
    """A bar from `x`, `width` long; `word` and `figure` stand beside it. kind: start, for, against, total."""

    word: str
    figure: str
    kind: str
    x: float
    width: float
    y: float


class Waterfall(NamedTuple):
    """The bars, and where the lines of even odds and of the cut stand."""

    steps: list[Step]
    cut: float
    height: float
    words: str


def spoken(reasons: str | dict[str, Any]) -> str:
    """「手机号一致 +22.0 · 姓名同音不同字 +6.0」, the strongest first."""
    parts = [f"{_said(name, why['level'])} {float(why['weight']):+.1f}" for name, why in _ranked(reasons)]
    return " · ".join(parts)


def waterfall(reasons: str, score: float, prior: float, cut: float) -> Waterfall:
    """The steps of one pair's score. prior and the cut's odds are in log2; the widest excursion fills the width."""
    ranked = _ranked(reasons)
    levels, at = [prior], prior
    for _, why in ranked:
        at += float(why["weight"])
        levels.append(at)
    low, high = min(*levels, 0.0), max(*levels, log_odds(cut) + 1)
    scale = (WIDTH - LABEL - FIGURE) / (high - low or 1)

    def x(value: float) -> float:
        return round(LABEL + (value - low) * scale, 1)

    steps = [_step(str(Text("任取两条记录", "any two records")), f"{prior:+.1f}", "start", x(prior), x(0), 0)]
    for number, ((name, why), before, after) in enumerate(zip(ranked, levels, levels[1:], strict=False), start=1):
        weight = float(why["weight"])
        kind = "for" if weight >= 0 else "against"
        steps.append(_step(_said(name, why["level"]), f"{weight:+.1f}", kind, x(before), x(after), number))
    figure = f"{score:.3f}" if score < 0.9995 else "≈ 1"
    steps.append(_step(str(Text("得分", "score")), figure, "total", x(0), x(at), len(steps)))
    return Waterfall(steps, x(log_odds(cut)), len(steps) * ROW + 4, spoken(reasons))


def _step(word: str, figure: str, kind: str, one: float, other: float, number: int) -> Step:
    left, width = min(one, other), max(abs(other - one), 1.5)
    return Step(word, figure, kind, left, round(width, 1), number * ROW + 2)


def _ranked(reasons: str | dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What speaks for it first, then what speaks against."""
    stated: dict[str, Any] = json.loads(reasons) if isinstance(reasons, str) else reasons
    return sorted(((n, w) for n, w in stated.items() if w["weight"]), key=lambda r: -float(r[1]["weight"]))


def _said(comparison: str, level: str) -> str:
    """「手机号一致」, 「工作单位 公司一致」."""
    name, word = comparison_words(comparison), level_words(comparison, level)
    joined = str(word) == word.zh and word.zh.startswith(_JOINED)
    return f"{name!s}{'' if joined else ' '}{word!s}"
