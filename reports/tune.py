"""What `guiyi tune` found: on the terminal, and as a configuration."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from ..evidence import comparison_words, level_words
from ..i18n import Text
from .terminal import print_json

_HELD_OUT = Text("（五折留出）", " (held-out folds)")
_FIGURES = {
    "precision": Text("精确率", "precision"), "recall": Text("召回率", "recall"), "f1": Text("F1", "F1"),
    "auto_precision": Text("免复核记录对的精确率", "precision of pairs that need no human"),
    "pairs": Text("达到判重线的记录对", "pairs at or above the cut"),
    "self_estimate": Text("精确率（权重自估，不是实测）", "precision (the weights' self-estimate, not measured)"),
}  # fmt: skip
_UNCHANGED = Text("没有要改的权重。", "No weight changes.")
_WORSE = Text(
    "新权重反而更差（见下列数字），不采用，也不会写出。",
    "The new weights are worse (see the figures below): they are not adopted and never written.",
)
_ONE_SIDED = Text(
    "标注全是同一种结论，无从判断新权重的好坏：不采用，也不会写出。",
    "All labels say the same, so that nothing can judge the new weights: they are not adopted and never written.",
)


def as_config(tuning: Any) -> str:
    """A configuration of nothing but the changed weights, with comments that say where they come from."""
    said = {"labels: {}": tuning.labels, "{} decisions of stewards": tuning.decisions}
    source = ", ".join(k.format(v) for k, v in said.items() if v is not None) or "EM without labels"
    lines = [
        "# guiyi tune：在自己的数据上重新估计的权重（log2 几率），覆盖随程序发布的值；名称见 docs/zh/matching.md。",
        f"# {source}; run {tuning.run_id}, {tuning.rows} records. Remove a line to return to the shipped weight.",
    ]
    for tuned in tuning.levels:
        state = "converged" if tuned.converged else f"NOT converged (last move {tuned.change:.2f} bits)"
        lines += [
            "",
            f"# {tuned.level}: {tuned.pairs} of {tuned.candidates} candidate pairs, {tuned.rounds} rounds, {state}",
        ]
        if tuning.labelled:
            lines[-1] = f"# {tuned.level}: {tuned.pairs} labelled pairs, {tuned.rounds} rounds, {state}"
        lines += [
            f"# {_called(name, tuning).en}: {_number(a)} -> {_number(b)}" for name, (a, b) in tuned.figures.items()
        ]
        for (comparison,), rows in tuned.changed.group_by("comparison", maintain_order=True):
            lines.append(f"[weights.{tuned.level}.{comparison}]")
            lines += [f"{r['level']} = {r['new']}  # was {r['present']:g}" for r in rows.iter_rows(named=True)]
    return "\n".join(lines) + "\n"


def _called(figure: str, tuning: Any) -> Text:
    held_out = _HELD_OUT if tuning.labelled else Text("", "")
    return Text(_FIGURES[figure].zh + held_out.zh, _FIGURES[figure].en + held_out.en)


def print_tuned(tuning: Any, written: Path | None, form: str) -> None:
    """Print each level's changes and figures as text or json."""
    if form == "json":
        print_json(_facts(tuning))
        return
    console = Console()
    for tuned in tuning.levels:
        console.print(str(_said(tuned, tuning.labelled)), highlight=False)
        refused = _ONE_SIDED if tuned.one_sided else _WORSE if tuned.worse else None
        console.print(_table(tuned) if tuned.changed.height else str(refused or _UNCHANGED))
        for name, (before, after) in tuned.figures.items():
            console.print(f"  {_called(name, tuning)!s}  {_number(before)} → {_number(after)}", highlight=False)
    console.print(str(_advice(tuning, written)), highlight=False)


def _facts(tuning: Any) -> dict[str, object]:
    levels = [
        {"level": t.level, "worse": t.worse, "one_sided": t.one_sided, "candidates": t.candidates, "pairs": t.pairs,
         "rounds": t.rounds, "converged": t.converged,
         "last_move": t.change, "figures": {k: {"before": a, "after": b} for k, (a, b) in t.figures.items()},
         "weights": t.weights.to_dicts()}
        for t in tuning.levels
    ]  # fmt: skip
    told = {"run_id": tuning.run_id, "records": tuning.rows, "labels": tuning.labels, "decisions": tuning.decisions}
    return {**told, "levels": levels}


def _said(tuned: Any, labelled: bool) -> Text:
    if labelled:
        said = Text("{l}：{p:,} 个标注的记录对，{r} 轮，{c}", "{l}: {p:,} labelled pairs, {r} rounds, {c}")
    else:
        said = Text(
            "{l}：{n:,} 个候选记录对中的 {p:,} 个，{r} 轮，{c}", "{l}: {p:,} of {n:,} candidate pairs, {r} rounds, {c}"
        )
    state = (
        Text("已收敛", "converged")
        if tuned.converged
        else Text("未收敛（最后一轮仍变动 {m:.2f}）", "not converged (last move {m:.2f})").format(m=tuned.change)
    )
    names = {"contact": Text("同一联系人", "contact"), "account": Text("同一公司", "account")}
    facts = {"p": tuned.pairs, "n": tuned.candidates, "r": tuned.rounds}
    name = names[tuned.level]
    return Text(said.zh.format(l=name.zh, c=state.zh, **facts), said.en.format(l=name.en, c=state.en, **facts))


def _table(tuned: Any) -> Table:
    table = Table(header_style="bold")
    heads = (
        Text("比较项", "comparison"), Text("结论", "level"), Text("现权重", "present"), Text("新权重", "new"),
        Text("变化", "change"), Text("相同的对", "same pairs"), Text("不同的对", "different pairs"),
    )  # fmt: skip
    for place, head in enumerate(heads):
        table.add_column(str(head), justify="right" if place > 1 else "left")
    for r in tuned.changed.iter_rows(named=True):
        words = (str(comparison_words(r["comparison"])), str(level_words(r["comparison"], r["level"])))
        weights = (f"{r['present']:+g}", f"{r['new']:+g}", f"{r['new'] - r['present']:+.2f}")
        table.add_row(*(Plain(x) for x in (*words, *weights, f"{r['same']:,}", f"{r['different']:,}")))
    return table


def _number(figure: float) -> str:
    return f"{figure:.4f}" if figure <= 1 else f"{figure:,.0f}"


def _advice(tuning: Any, written: Path | None) -> Text:
    if written is not None:
        said = Text(
            "已写入 {p}。请先用 guiyi run --config {p} 试跑，再用 guiyi evaluate 或 guiyi groups 查看。",
            "Written to {p}. Try it with guiyi run --config {p}, then look with guiyi evaluate or guiyi groups.",
        )
        return said.format(p=written)
    if not any(t.changed.height for t in tuning.levels):
        if any(t.worse or t.one_sided for t in tuning.levels):
            return Text("请保留现有的权重。", "Keep the present weights.")
        return Text("现有的权重适合这份数据。", "The present weights suit this data.")
    return Text("以上没有写入任何文件；用 -o 写成配置。", "Nothing was written; -o writes a configuration.")
