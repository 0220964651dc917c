"""The report on a terminal: trust, figures with their lights, what changed, the worst findings and rankings."""

from collections.abc import Mapping
from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from ...evidence import off_words
from ...i18n import Text
from .figures import SECTIONS, advice
from .gather import TITLE, Quality
from .view import CHANGES, Line, label, lines, movements, number
from .words import RANKING, WORDS

_COLON = Text("：", ": ")
_LIGHTS = {"ok": ("●", "green"), "warning": ("○", "bright_black"), "none": ("", "")}
# Scopes by rule are many; they stand in the files and in --drill.
_BRIEF = ("findings", "cells_changed")


def render_text(quality: Quality, width: int | None = None, colour: bool = False) -> str:
    """The report as text, at most a hundred lines."""
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=colour, highlight=False)
    run = quality.run
    console.print(Plain(f"{quality.say(TITLE)}  {run['run_id']}  {str(run['finished_at'])[:16]} UTC", style="bold"))
    console.print(Plain(_verdict(quality)))
    if quality.off:
        console.print(Plain(quality.say(off_words(quality.off))))
    console.print(_figures(quality))
    _repairs(quality, console)
    _changes(quality, console)
    console.print(_findings(quality))
    for name in ("owners", "sources"):
        console.print(_ranking(quality, name))
    console.print(Plain(quality.say(_NEXT)), soft_wrap=True)
    return out.getvalue()


_NEXT = Text(
    "明细：guiyi report --drill 指标（如 null_rate:phone）；网页：guiyi report --format html -o report.html",
    "Rows behind a figure: guiyi report --drill METRIC (such as null_rate:phone); page: guiyi report --format html -o report.html",
)


def _verdict(quality: Quality) -> str:
    good = Text("可信度 {t}，阈值 {l}", "Trust score {t}, threshold {l}")
    bad = Text("可信度 {t}，低于阈值 {l}：不可对外使用", "Trust score {t}, below {l}: not to be passed on")
    text = quality.say(good if quality.trusted else bad)
    return text.format(t=number(quality.trust, "share"), l=f"{quality.config.report.trust * 100:g}%")


def _figures(quality: Quality) -> Table:
    table = Table(header_style="bold", box=None, pad_edge=False)
    for head, justify in (("", "left"), (WORDS["scope"], "left"), (WORDS["value"], "right"), ("", "left"),
                          (WORDS["threshold"], "right"), (WORDS["change"], "right")):  # fmt: skip
        table.add_column(quality.say(head) if isinstance(head, Text) else head, justify=justify)  # type: ignore[arg-type]
    section = figure = ""
    for one in lines(quality):
        if _left_out(one):
            continue
        if one.figure.section != section:
            section = one.figure.section
            table.add_row(Plain(quality.say(SECTIONS[section]), style="bold underline"))
        title = quality.say(one.figure.title) if one.figure.name != figure else ""
        figure = one.figure.name
        table.add_row(title, *_cells(one))
    return table


def _left_out(one: Line) -> bool:
    """Rules one by one, and fields that nobody asks for."""
    by_rule = one.figure.name in _BRIEF and "." in one.scope
    return by_rule or (one.figure.light and one.scope != "run" and one.status == "none")


def _cells(one: Line) -> list[Plain]:
    mark, style = _LIGHTS[one.status]
    moved = {"better": "green", "worse": "yellow"}.get(one.trend, "")
    grey = "bright_black" if one.status == "warning" else ""
    return [Plain(one.label), Plain(one.text, grey), Plain(mark, style), Plain(one.limit), Plain(one.delta, moved)]


def _repairs(quality: Quality, console: Console) -> None:
    for name, figure in quality.catalogue.items():
        if figure.repair and any(one.status == "warning" for one in lines(quality, name)):
            console.print(Plain(f"○ {quality.say(figure.title)}{quality.say(_COLON)}{quality.say(figure.repair)}"))


def _changes(quality: Quality, console: Console) -> None:
    if not quality.previous:
        return
    console.print(Plain(f"\n{quality.say(WORDS['since'])} ({quality.previous})", style="bold"))
    counts = [f"{quality.say(CHANGES[what])} {count:,}" for what, count in quality.lists["changes"].iter_rows()]
    console.print(Plain(" · ".join(counts)))
    for one in movements(quality)[:5]:
        console.print(
            Plain(f"{quality.say(one.figure.title)} {one.label}{quality.say(_COLON)}{one.text} ({one.delta})")
        )


def _findings(quality: Quality) -> Table:
    table = Table(title=quality.say(WORDS["findings"]), title_justify="left", header_style="bold")
    for head in (
        Text("问题", "finding"),
        Text("数量", "count"),
        Text("示例", "example"),
        Text("建议", "advice"),
    ):
        table.add_column(quality.say(head), justify="right" if head.en == "count" else "left", overflow="fold")
    examples = quality.lists["examples"]
    for rule, _, count, _, _, message in quality.lists["top_findings"].head(10).iter_rows():
        shown = examples.filter(examples["rule"] == rule).to_dicts()
        example = _example(quality, shown[0]) if shown else ""
        table.add_row(quality.rule(rule, message), f"{count:,}", Plain(example), quality.say(advice(rule)))
    return table


def _example(quality: Quality, row: Mapping[str, Any]) -> str:
    """Whose value; a value of no row (文字 → 手机号) is a column's."""
    whose = row["source_record_id"]
    if row["row_number"] is None and row["field"] and row["field"] != row["value"]:
        whose = label(quality, row["field"])
    return f"{whose or ''} {row['value'] or ''}".strip()


def _ranking(quality: Quality, name: str) -> Table:
    table = Table(title=quality.say(quality.listings[name].title), title_justify="left", header_style="bold")
    for head in RANKING:
        table.add_column(
            quality.say(head), justify="left" if head.en in ("name", "top findings") else "right", overflow="fold"
        )
    errors = quality.lists["owner_errors" if name == "owners" else "source_errors"]
    for rank, (who, records, share) in enumerate(quality.lists[name].head(10).iter_rows(), start=1):
        top = [f"{quality.rule(r)} {n:,}" for w, r, n in errors.iter_rows() if w == who]
        table.add_row(str(rank), Plain(who), f"{records:,}", number(share, "share"), Plain(" · ".join(top)))
    return table
