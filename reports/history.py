"""The life of an entity for people: what happened in words instead of codes, and without JSON."""

import json
import re

import polars as pl

from ..decisions import KINDS
from ..i18n import Text
from .masking import masked
from .terminal import show_frame

WHAT = {
    "born": Text("产生", "born"), "new": Text("产生", "born"), "grew": Text("增加记录", "grew"),
    "shrank": Text("减少记录", "shrank"), "changed": Text("记录有增有减", "changed"), "split": Text("拆出", "split"),
    "split_off": Text("从别处拆出", "split off"), "merged": Text("并入", "merged away"), "gone": Text("消失", "gone"),
    "applied": Text("已合并", "applied"), "undone": Text("已撤销", "undone"),
}  # fmt: skip
_MOVES = {
    ("from", True): Text("新增 {n} 条", "{n} new"), ("from", False): Text("{n} 条来自 {e}", "{n} from {e}"),
    ("to", True): Text("{n} 条不再存在", "{n} are no more"), ("to", False): Text("{n} 条转到 {e}", "{n} went to {e}"),
}  # fmt: skip


def print_history(events: pl.DataFrame, form: str) -> None:
    """Print HISTORY: json and csv as it is, text in words."""
    events = masked(events)
    if form != "text":
        show_frame(events, form)
        return
    what = [_what(row) for row in events.iter_rows(named=True)]
    detail = [_detail(row["what"], row["detail"]) for row in events.iter_rows(named=True)]
    show_frame(
        events.with_columns(
            at=pl.col("at").dt.strftime("%Y-%m-%d\n%H:%M:%S"),
            what=pl.Series(what, dtype=pl.String),
            detail=pl.Series(detail, dtype=pl.String),
        ),
        form,
    )


def _what(row: dict[str, object]) -> str:
    word = str(row["what"])
    if row["run_id"] is None and word in KINDS:  # `split` is also what a run does to an entity
        return str(KINDS[word].name)
    return str(WHAT[word]) if word in WHAT else word


def _detail(what: str, detail: str | None) -> str:
    """What an event's `detail` says: JSON of records by entity, a count, a group; a decision's id and note stay."""
    if not detail:
        return ""
    if what == "undone":
        return str(Text("{n} 个组", "groups: {n}").format(n=json.loads(detail)["count"]))
    if detail.startswith("{"):
        moves = [
            _MOVES[(way, not entity)].format(n=count, e=entity)
            for way, entities in sorted(json.loads(detail).items())
            for entity, count in sorted(entities.items())
        ]
        return str(Text("\n".join(m.zh for m in moves), "\n".join(m.en for m in moves)))
    if found := re.fullmatch(r"(\d+) records", detail):
        return str(Text("{n} 条记录", "{n} records").format(n=found[1]))
    if what == "applied" and (found := re.fullmatch(r"group (\S+), survivor (\S+)", detail)):
        return str(Text("组 {g}\n保留 {s}", "group {g}\nsurvivor {s}").format(g=found[1], s=found[2]))
    return detail
