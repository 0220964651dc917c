"""Frames and figures on standard output: a table for people, json or csv for programs."""

import json
import re
import sys
from collections.abc import Mapping, Sequence

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from ..custom_columns import header_of
from ..fields import FIELDS
from ..i18n import Text

HEADINGS = {
    **{field.name: field.label for field in FIELDS},
    "group_id": Text("组", "group"), "band": Text("区间", "band"), "action": Text("动作", "action"),
    "size": Text("记录数", "records"), "score_min": Text("最弱得分", "weakest"), "entity_id": Text("实体", "entity"),
    "source": Text("来源", "source"),
    "row_number": Text("行", "row"), "verdict": Text("结论", "verdict"), "score": Text("得分", "score"),
    "of_record": Text("与记录", "of record"), "same_as_row": Text("同第几行", "same as row"),
    "at": Text("时间", "at"), "run_id": Text("运行", "run"), "what": Text("事件", "what"), "by": Text("何人", "by"),
    "detail": Text("说明", "detail"), "file": Text("文件", "file"), "sheet": Text("工作表", "sheet"),
    "row": Text("行", "row"), "cell": Text("单元格", "cell"), "header": Text("列名", "header"), "field": Text("字段", "field"),
    "value": Text("值", "value"), "before": Text("原值", "before"), "after": Text("新值", "after"),
    "severity": Text("级别", "severity"), "message": Text("问题", "message"), "suggestion": Text("建议", "suggestion"),
    "rule": Text("规则", "rule"), "code": Text("毛病", "code"), "pack": Text("规则包", "pack"), "step": Text("步骤", "step"),
    "reason": Text("原因", "reason"), "level": Text("层级", "level"), "kind": Text("种类", "kind"), "id": Text("标识", "id"),
    "record_key": Text("记录键", "record key"), "record_key_l": Text("记录键一", "record key 1"),
    "record_key_r": Text("记录键二", "record key 2"), "part": Text("部分", "part"), "weight": Text("权重", "weight"),
    "label": Text("读作", "read as"), "confidence": Text("把握", "sure"), "filled": Text("非空", "filled"),
    "distinct": Text("不同值", "distinct"), "sample": Text("样例", "sample"), "column": Text("列", "column"),
    "account_id": Text("公司", "company id"), "title": Text("名称", "title"), "needs": Text("需要的表", "needs"),
    "checks": Text("检查", "checks"), "metrics": Text("指标", "metrics"), "plans": Text("方案", "plans"), "scores": Text("评分", "scores"),
    "name": Text("指标", "figure"), "scope": Text("范围", "scope"), "status": Text("状态", "status"), "plan": Text("方案", "plan"),
    "item": Text("对象", "item"), "target": Text("交给", "to"), "reasons": Text("依据", "reasons"),
}  # fmt: skip
# What is copied into the next command: never broken over lines, whatever that costs the other columns.
IDS = frozenset(
    {"group_id", "entity_id", "account_id", "record_key", "record_key_l", "record_key_r", "of_record", "run_id"}
)
_SHORT = frozenset({"at", "what", "by"})
_ID = re.compile(r"\b[A-Za-z]?[0-9a-f]{16,20}\b")  # inside of words


def heading(column: str) -> str:
    """What a column is called before people."""
    return str(HEADINGS.get(column, header_of(column)))


def cell(value: object) -> str:
    """A value as text: nothing for null, three decimals for scores, dates without a midnight."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value).removesuffix(" 00:00:00")


def print_data(text: str) -> None:
    """Print what a program reads: in UTF-8, whatever code page the output has."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def print_json(value: object) -> None:
    """Print a value as JSON; what JSON does not know, such as dates, as text."""
    print_data(json.dumps(value, ensure_ascii=False, default=str, indent=2) + "\n")


def show_frame(frame: pl.DataFrame, form: str, columns: Sequence[str] | None = None) -> None:
    """Print a frame as text, json or csv; as text only these columns (None: all)."""
    if form == "json":
        print_json(frame.to_dicts())
    elif form == "csv":
        print_data(frame.write_csv())
    else:
        Console().print(_table(frame.select(columns or frame.columns)), crop=False)


def _table(frame: pl.DataFrame) -> Table:
    table = Table(header_style="bold")
    for column in frame.columns:
        texts = [cell(v) for v in frame[column]]
        ids = texts if column in IDS else [found for text in texts for found in _ID.findall(text)]
        table.add_column(
            heading(column),
            overflow="fold",
            justify="right" if frame[column].dtype.is_numeric() else "left",
            no_wrap=column in IDS or column in _SHORT,
            min_width=max(map(len, ids), default=None),
        )
    for row in frame.iter_rows():
        table.add_row(*(Plain(cell(v)) for v in row))
    return table


def show_facts(facts: Mapping[str, object], form: str) -> None:
    """Print figures by name as text or json."""
    if form == "json":
        print_json(dict(facts))
        return
    table = Table(show_header=False)
    for name, value in facts.items():
        table.add_row(name, Plain(f"{value:.4f}" if isinstance(value, float) else str(value)))
    Console().print(table)
