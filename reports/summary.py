"""What a run says when it is done: one line for cron, a table for people."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from ..i18n import Text, language
from .masking import mask_text

_DOUBTFUL = ("header.unread", "header.contradicted", "header.person_unread", "header.second_contact")
_ROWS = (
    ("rows_read", Text("读入行数", "rows read")),
    ("rows_clean", Text("干净行数", "rows clean")),
    ("rows_quarantined", Text("隔离行数", "rows quarantined")),
)


def fails(severities: Mapping[str, int], fail_on: str) -> bool:
    """severity → findings of today. Whether there are some at or above a severity (`never`: no)."""
    grave = {"error": ["error"], "warning": ["error", "warning"]}.get(fail_on, [])
    return any(severities.get(severity) for severity in grave)


def facts(run: Mapping[str, object], metric: pl.DataFrame) -> list[tuple[Text, str]]:
    """The figures of a run, with their names."""
    value = {(n, s): v or 0.0 for n, s, v in metric.select("name", "scope", "value").iter_rows()}

    def figure(name: str, scope: str) -> int:
        return int(value.get((name, scope), 0.0))

    rows = [(name, f"{run[key]:,}") for key, name in _ROWS]
    if run["number"] != 1:  # the first run is all new
        today = Text("{t} 行，新增 {n}，变化 {c}，消失 {g}", "{t} rows: {n} new, {c} changed, {g} gone")
        figures = {
            k: f"{run[v]:,}"
            for k, v in (("t", "rows_today"), ("n", "rows_new"), ("c", "rows_changed"), ("g", "rows_gone"))
        }
        rows.insert(0, (Text("今日读入", "today"), str(today.format(**figures))))
    rows.append((Text("改动的单元格", "cells changed"), f"{figure('cells_changed', 'run'):,}"))
    grave = figure("findings", "error") + figure("findings", "warning")
    rows.append((Text("问题（错误和警告）", "findings (errors, warnings)"), f"{grave:,}"))
    for level, name in (("contact", Text("同一联系人", "same person")), ("account", Text("同一公司", "same company"))):
        review = figure("groups_review", level)
        text = Text("{g} 组，{r} 条记录，其中 {v} 组待复核", "{g} groups, {r} records, {v} groups to review")
        counts = {"g": review + figure("groups_auto", level), "r": figure("grouped", level), "v": review}
        rows.append((name, str(text.format(**{k: f"{v:,}" for k, v in counts.items()}))))
    plans = {status: int(v) for (name, status), v in value.items() if name == "merge_plans"}
    text = Text(
        "潜在冲突 {n} · 自动合并 {a} · 待复核 {v} · 已执行 {x}",
        "{n} conflicts: {a} automatic, {v} to review, {x} carried out",
    )
    counts = {
        "n": sum(plans.values()),
        "a": plans.get("ready", 0),
        "v": plans.get("review", 0),
        "x": plans.get("applied", 0),
    }
    rows.append((Text("合并方案", "merge plans"), str(text.format(**{k: f"{v:,}" for k, v in counts.items()}))))
    of_packs = metric.filter(pl.col("pack").is_not_null())
    if of_packs.height:
        text = Text("{n} 项指标，{w} 项超出警戒线", "{n} figures, {w} beyond their limits")
        beyond = of_packs["status"].eq("warning").sum()
        rows.append((Text("规则包", "packs"), str(text.format(n=f"{of_packs.height:,}", w=f"{beyond:,}"))))
    return rows


def doubtful_columns(findings: pl.DataFrame | None) -> list[Text]:
    """What is said, before anything else, of columns that were not understood; None: too many findings to stay in memory."""
    if findings is None:
        return []
    told = findings.filter(pl.col("rule").is_in(_DOUBTFUL)).select("message", "value").unique(maintain_order=True)
    return [
        Text(f"{message}：{mask_text(value)}", f"{message}: {mask_text(value)}") for message, value in told.iter_rows()
    ]


def published(run: Mapping[str, object]) -> Text:
    """What stays true, whatever happens after a run."""
    return Text("运行 {r} 已发布", "Run {r} is published").format(r=run["run_id"])


def summary_line(run: Mapping[str, object], metric: pl.DataFrame) -> str:
    """One line: run id and figures."""
    joiner, colon = ("; ", ": ") if language() == "en" else ("；", "：")
    return f"{run['run_id']}  " + joiner.join(f"{name!s}{colon}{value}" for name, value in facts(run, metric))


def summary_table(run: Mapping[str, object], metric: pl.DataFrame, store: Path | None) -> None:
    """Print the figures, and where to look next; store None: they were not published."""
    mark = "" if store is not None else str(Text("（演练，将发布）", " (rehearsal: would be published)"))
    table = Table(title=f"guiyi {run['run_id']}{mark}", show_header=False, title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    for name, value in facts(run, metric):
        table.add_row(str(name), value)
    console = Console()
    console.print(table)
    if store is None:
        return
    where = Text(
        "结果在 {p}。查看重复组：guiyi groups --db {p}",
        "The results are in {p}. Look at the groups: guiyi groups --db {p}",
    )
    console.print(str(where.format(p=store)), soft_wrap=True, highlight=False)
