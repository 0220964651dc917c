"""A duplicate group on the terminal: records side by side, the golden record, the reasons."""

import json
from collections.abc import Sequence
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from ..custom_columns import is_custom
from ..evidence import DIMENSIONS, dimension_words
from ..fields import GOLDEN_FIELDS
from ..i18n import Text
from .explanation import in_words
from .terminal import cell, heading

FIELDS = ("source_record_id", "source", *GOLDEN_FIELDS)
BESIDE, ROOM = 24, 16  # columns of the terminal: for the names of fields and the golden record, for each record


def print_group(view: Any, limit: int = 6) -> None:
    """Print a GroupView: fields down, records across, the golden record last; then the pairs, the weakest link first.

    Not more than `limit` records and pairs (0: all of them), and what is left out is said.
    """
    group, console = view.group, Console()
    title = Text(
        "{a}组 {g}（{n} 条，{b}，最弱得分 {s:.3f}）", "Group {g} to {a} ({n} records, {b}, weakest link {s:.3f})"
    )
    words = {"merge": Text("合并", "merge"), "link": Text("关联", "link")}
    told: str | None = str(
        title.format(
            a=words[group["action"]], g=group["group_id"], n=group["size"], b=group["band"], s=group["score_min"]
        )
    )
    records, pairs = _foremost(view, limit), _pairs(view)
    listed = pairs[: limit or None]
    abreast = max(1, (console.width - BESIDE) // ROOM)
    for at in range(0, records.height, abreast):
        console.print(_table(told, records[at : at + abreast], view, last=at + abreast >= records.height))
        told = None
    for place, pair in enumerate(listed):
        console.print(Plain(_pair_line(view, pair, weakest=place == 0 and len(pairs) > 1)))
    _say_left_out(console, str(group["group_id"]), view.records.height - records.height, len(pairs) - len(listed))


def _foremost(view: Any, limit: int) -> pl.DataFrame:
    """The records to show. Where some are left out, the survivor and the ends of the weakest link are not among these."""
    records: pl.DataFrame = view.records
    if not limit or records.height <= limit:
        return records
    link = json.loads(view.group["weakest_link"])
    foremost = [view.survivor, link["record_key_l"], link["record_key_r"]]
    return records.sort(~pl.col("record_key").is_in(foremost), maintain_order=True).head(limit)


def _pairs(view: Any) -> list[dict[str, Any]]:
    """`record_key_l, record_key_r, score, reasons` (mapping): the link that the group hangs on, then the strongest first."""
    link = json.loads(view.group["weakest_link"])
    ends = (link["record_key_l"], link["record_key_r"])
    pairs = view.pairs.select("record_key_l", "record_key_r", "score", "reasons", *DIMENSIONS).to_dicts()
    others = [
        pair | {"reasons": json.loads(pair["reasons"])}
        for pair in pairs
        if (pair["record_key_l"], pair["record_key_r"]) != ends
    ]
    return [link | {"score": view.group["score_min"]}, *others]


def _table(title: str | None, records: pl.DataFrame, view: Any, *, last: bool) -> Table:
    """Fields down, these records across; the golden record stands in the last of the tables."""
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for key in records["record_key"]:
        head = ("★ " if key == view.survivor else "") + key[:8]
        table.add_column(head, overflow="fold", min_width=len(head))
    golden = dict(view.golden.select("field", "value").iter_rows()) if last and view.golden.height else {}
    if golden:
        table.add_column(str(Text("合并结果", "golden record")), overflow="fold", style="bold")
    _add_fields(table, records, golden)
    return table


def _add_fields(table: Table, records: pl.DataFrame, golden: dict[str, str]) -> None:
    for field in (*FIELDS, *filter(is_custom, records.columns)):
        values = [cell(v) for v in records[field].to_list()]
        if any(values) or golden.get(field):
            best = [cell(golden.get(field, "")).replace("T00:00:00", "").replace("T", " ")] if golden else []
            table.add_row(heading(field), *(Plain(v) for v in values), *(Plain(v) for v in best))


def _pair_line(view: Any, pair: dict[str, Any], *, weakest: bool) -> str:
    known = str(dimension_words(view.group["level"], pair, view.off))
    words = " · ".join(f"{in_words(name, why['level'])} {why['weight']:+.1f}" for name, why in pair["reasons"].items())
    mark = str(Text("（最弱连接）", " (weakest link)")) if weakest else ""
    return f"{pair['record_key_l'][:8]} – {pair['record_key_r'][:8]}  {pair['score']:.3f}{mark}  {known}\n  {words}"


def _say_left_out(console: Console, group: str, records: int, pairs: int) -> None:
    """What is not shown, and how to see it; nothing where all is there."""
    parts: Sequence[Text] = [
        words.format(n=n)
        for n, words in (
            (records, Text("{n:,} 条记录", "{n:,} records")),
            (pairs, Text("{n:,} 对的依据", "the reasons of {n:,} pairs")),
        )
        if n
    ]
    if parts:
        words = Text("另有 {w}没有列出，全部查看：{c}", "Not shown: {w}. To see all: {c}")
        joined = Text("、".join(p.zh for p in parts), " and ".join(p.en for p in parts))
        command = f"guiyi show {group} --limit 0"
        told = Text(words.zh.format(w=joined.zh, c=command), words.en.format(w=joined.en, c=command))
        console.print(Plain(str(told)), soft_wrap=True)
