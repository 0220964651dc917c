"""A pair in words: each comparison, its level and weight, the score, and what decided."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from ..decisions import Decision
from ..evidence import comparison_words, dimension_words, key_words, level_words
from ..i18n import Text
from .terminal import print_json

TITLES = {"contact": Text("同一联系人？", "Same person?"), "account": Text("同一公司？", "Same company?")}


def in_words(comparison: str, level: str) -> str:
    """「手机号 一致」."""
    return f"{comparison_words(comparison)} {level_words(comparison, level)}"


def verdict(explained: Any, duplicate: float, auto: float) -> Text:
    """What the score means, and why not, where it is not a duplicate."""
    same = (
        Text("是同一公司", "the same company") if explained.level == "account" else Text("是同一人", "the same person")
    )
    if explained.decision is not None:
        return _decided(explained.decision, same)
    if explained.score >= duplicate and explained.together is False:
        return Text(
            "得分达标，但与组内其他记录矛盾，未归为一组",
            "scored as the same, but kept apart: the group would contradict itself",
        )
    if explained.score >= auto:
        return Text(f"{same.zh}，无需人工", f"{same.en}, no human needed")
    if explained.score >= duplicate:
        return Text(f"很可能{same.zh}，待人工复核", f"probably {same.en}, to be reviewed")
    if explained.together:
        return Text(
            f"{same.zh}：这两条依据不足，由组内其他记录或决定连在一起",
            f"{same.en}: held together by other records or decisions of the group",
        )
    against = [f for f in explained.findings if f.weight < 0]
    if against:
        worst = min(against, key=lambda f: f.weight)
        why = in_words(worst.comparison, worst.level)
        return Text(f"不合并：{why}", f"not merged: {why}")
    return Text("不合并：依据不足", "not merged: too little evidence")


def _decided(decision: Decision, same: Text) -> Text:
    """Who decided the pair, when, and what. same: what the two would be."""
    who, day = decision.by, f"{decision.at:%Y-%m-%d}"
    if decision.kind == "set_aside":
        return Text(f"已由 {who}（{day}）搁置，不参与归组", f"set aside by {who} ({day}): joins nobody")
    zh, en = (same.zh.removeprefix("是"), same.en)
    if decision.kind != "must_link":
        return Text(f"已由 {who}（{day}）判为不是{zh}", f"decided by {who} ({day}): not {en}")
    return Text(f"已由 {who}（{day}）判为{zh}", f"decided by {who} ({day}): {en}")


def print_explanation(explained: Sequence[Any], duplicate: float, auto: float, form: str) -> None:
    """Print the explanations of both levels."""
    if form == "json":
        rows = [
            {"level": e.level, "prior": e.prior, "score": e.score, "blocks": e.blocks, **e.dimensions, "off": sorted(e.off),
             "verdict": str(verdict(e, duplicate, auto)),
             "comparisons": [f._asdict() for f in e.findings]}
            for e in explained
        ]  # fmt: skip
        print_json(rows)
        return
    for one in explained:
        _print_level(one, duplicate, auto)


def _print_level(explained: Any, duplicate: float, auto: float) -> None:
    table = Table(title=str(TITLES[explained.level]), title_justify="left", show_footer=True)
    table.add_column(str(Text("比较项", "comparison")), footer=str(Text("得分", "score")))
    table.add_column(str(Text("结论", "level")), footer=str(verdict(explained, duplicate, auto)))
    table.add_column(str(Text("权重（log2）", "weight (log2)")), justify="right", footer=f"{explained.score:.4f}")
    table.add_row(str(Text("起点", "prior")), str(Text("任取两条记录", "any two records")), f"{explained.prior:+.1f}")
    for finding in explained.findings:
        name, level = comparison_words(finding.comparison), level_words(finding.comparison, finding.level)
        table.add_row(str(name), str(level), f"{finding.weight:+.1f}" if finding.weight else "0")
    console = Console()
    console.print(table)
    console.print(str(dimension_words(explained.level, explained.dimensions, explained.off)))
    keys = key_words()[explained.level]
    met = str(Text("；", "; ")).join(str(keys[name]) for name in explained.blocks) or str(
        Text("无（不会被放在一起比较）", "none (the two are never compared)")
    )
    console.print(str(Text("共同的分块键：", "Shared blocking keys: ")) + met)
