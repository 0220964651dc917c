"""A duplicate group on the terminal: records side by side, the golden record, the reasons."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from ..i18n import Text
from .explanation import in_words
from .terminal import cell, heading

FIELDS = (
    "source_record_id", "source", "person_name", "title", "company_name", "credit_code", "phone", "landline",
    "landline_extension", "email", "address", "province", "channel", "created_at", "updated_at",
)  # fmt: skip


def print_group(view: Any) -> None:
    """Print a GroupView: fields down, records across, the golden record last."""
    group = view.group
    title = Text(
        "{a}组 {g}（{n} 条，{b}，最弱得分 {s:.3f}）", "Group {g} to {a} ({n} records, {b}, weakest link {s:.3f})"
    )
    words = {"merge": Text("合并", "merge"), "link": Text("关联", "link")}
    table = Table(
        title=str(
            title.format(
                a=words[group["action"]], g=group["group_id"], n=group["size"], b=group["band"], s=group["score_min"]
            )
        ),
        title_justify="left",
    )
    table.add_column("")
    for row in view.records.head(6).iter_rows(named=True):
        mark = "★ " if row["record_key"] == view.survivor else ""
        table.add_column(mark + row["record_key"][:8], overflow="fold")
    golden = dict(view.golden.select("field", "value").iter_rows()) if view.golden.height else {}
    if golden:
        table.add_column(str(Text("合并结果", "golden record")), overflow="fold", style="bold")
    _add_fields(table, view, golden)
    console = Console()
    console.print(table)
    for pair in view.pairs.head(5).iter_rows(named=True):
        console.print(Plain(_pair_line(pair)))


def _add_fields(table: Table, view: Any, golden: dict[str, str]) -> None:
    records = view.records.head(6)
    for field in FIELDS:
        values = [cell(v) for v in records[field].to_list()]
        if any(values) or golden.get(field):
            best = [cell(golden.get(field, "")).replace("T00:00:00", "").replace("T", " ")] if golden else []
            table.add_row(heading(field), *(Plain(v) for v in values), *(Plain(v) for v in best))


def _pair_line(pair: dict[str, Any]) -> str:
    reasons = json.loads(pair["reasons"])
    words = " · ".join(f"{in_words(name, why['level'])} {why['weight']:+.1f}" for name, why in reasons.items())
    return f"{pair['record_key_l'][:8]} – {pair['record_key_r'][:8]}  {pair['score']:.3f}  {words}"
