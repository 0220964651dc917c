"""What moves between two cuts, for people and programs."""

from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from ..i18n import Text
from .terminal import cell, heading, print_json

_HEADINGS = {
    "change": Text("变化", "change"), "left": Text("变成", "becomes"), "link": Text("最弱连接", "weakest link"),
    "cut": Text("判重线", "cut"), "pairs": Text("记录对", "pairs"), "groups": Text("组", "groups"),
    "records": Text("组内记录", "records in groups"), "largest": Text("最大的组", "largest"),
    "refused": Text("因矛盾拒绝的连接", "links refused"),
}  # fmt: skip
_CHANGES = {"split": Text("拆开", "split"), "lost": Text("解散", "lost")}
_LONG = 18  # characters of `left` on the terminal: a group that falls into forty parts need not list them


def print_movement(moved: Any, limit: int, form: str) -> None:
    """Print a Movement as text or json."""
    if form == "json":
        facts = {k: getattr(moved, k) for k in ("level", "low", "high", "pairs", "kept", "split", "lost")}
        rows = {"changes": moved.changes.head(limit).to_dicts(), "cuts": moved.table.to_dicts()}
        print_json({**facts, **rows})
        return
    said = Text(
        "判重线从 {a:g} 提到 {b:g}：少 {p:,} 个记录对；{k:,} 组不变，{s:,} 组拆开，{n:,} 组解散。",
        "From {a:g} to {b:g}: {p:,} pairs fewer; {k:,} groups kept, {s:,} split, {n:,} lost.",
    )
    console = Console()
    console.print(
        str(said.format(a=moved.low, b=moved.high, p=moved.pairs, k=moved.kept, s=moved.split, n=moved.lost)),
        highlight=False,
    )
    if moved.changes.height:
        console.print(_table(_readable(moved.changes.head(limit))))
    if moved.changes.height > limit:
        rest = Text("另有 {n:,} 组，用 --limit 查看。", "{n:,} more groups: see --limit.")
        console.print(str(rest.format(n=moved.changes.height - limit)), highlight=False)
    cuts = [f"{c:g}" for c in moved.table["cut"]]
    console.print(_table(moved.table.with_columns(cut=pl.Series(cuts))))


def _readable(changes: pl.DataFrame) -> pl.DataFrame:
    words = {k: str(v) for k, v in _CHANGES.items()}
    left = pl.col("left")
    return changes.select(
        "score_min",
        pl.col("change").replace_strict(words, return_dtype=pl.String),
        "size",
        pl.when(left.str.len_chars() > _LONG).then(left.str.head(_LONG) + "…").otherwise(left).alias("left"),
        "person_name",
        "company_name",
        "phone",
        pl.concat_str("record_l", "record_r", separator=" – ").alias("link"),
    )


def _table(frame: pl.DataFrame) -> Table:
    table = Table(header_style="bold")
    for column in frame.columns:
        title = str(_HEADINGS[column]) if column in _HEADINGS else heading(column)
        table.add_column(
            title, overflow="fold", justify="right" if column == "cut" or frame[column].dtype.is_numeric() else "left"
        )
    for row in frame.iter_rows():
        table.add_row(*(Plain(f"{v:,}" if isinstance(v, int) else cell(v)) for v in row))
    return table
