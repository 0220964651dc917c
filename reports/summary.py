"""What a run says when it is done: one line for cron, a table for people."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from ..i18n import Text, language

_ROWS = (
    ("rows_read", Text("读入行数", "rows read")),
    ("rows_clean", Text("干净行数", "rows clean")),
    ("rows_quarantined", Text("隔离行数", "rows quarantined")),
)


def fails(findings: pl.DataFrame, fail_on: str) -> bool:
    """Whether there are findings at or above a severity (`never`: no)."""
    grave = {"error": ["error"], "warning": ["error", "warning"]}.get(fail_on, [])
    return findings["severity"].is_in(grave).any()


def facts(run: Mapping[str, object], tables: Mapping[str, pl.DataFrame]) -> list[tuple[Text, str]]:
    """The figures of a run, with their names."""
    groups, findings = tables["duplicate_group"], tables["finding"]
    rows = [(name, f"{run[key]:,}") for key, name in _ROWS]
    changed = tables["metric"].filter(pl.col("name") == "cells_changed", pl.col("scope") == "run")["value"]
    rows.append((Text("改动的单元格", "cells changed"), f"{int(changed.sum()):,}"))
    grave = findings["severity"].is_in(["error", "warning"]).sum()
    rows.append((Text("问题（错误和警告）", "findings (errors, warnings)"), f"{grave:,}"))
    for level, name in (("contact", Text("同一联系人", "same person")), ("account", Text("同一公司", "same company"))):
        own = groups.filter(pl.col("level") == level)
        review = own.filter(pl.col("band") == "review").height
        text = Text("{g} 组，{r} 条记录，其中 {v} 组待复核", "{g} groups, {r} records, {v} groups to review")
        rows.append((name, str(text.format(g=f"{own.height:,}", r=f"{own['size'].sum():,}", v=f"{review:,}"))))
    rows.append((Text("合并方案", "merge plans"), f"{tables['merge_plan'].height:,}"))
    return rows


def summary_line(run: Mapping[str, object], tables: Mapping[str, pl.DataFrame]) -> str:
    """One line: run id and figures."""
    joiner, colon = ("; ", ": ") if language() == "en" else ("；", "：")
    return f"{run['run_id']}  " + joiner.join(f"{name!s}{colon}{value}" for name, value in facts(run, tables))


def summary_table(run: Mapping[str, object], tables: Mapping[str, pl.DataFrame], store: Path) -> None:
    """Print the figures, and where to look next."""
    table = Table(title=f"guiyi {run['run_id']}", show_header=False, title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    for name, value in facts(run, tables):
        table.add_row(str(name), value)
    console = Console()
    console.print(table)
    where = Text(
        "结果在 {p}。查看重复组：guiyi groups --db {p}",
        "The results are in {p}. Look at the groups: guiyi groups --db {p}",
    )
    console.print(str(where.format(p=store)), soft_wrap=True, highlight=False)
