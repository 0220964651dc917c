"""`guiyi check` on the terminal: one line per finding like a linter's, hints counted, a verdict at the end."""

from collections.abc import Iterator, Mapping

import polars as pl

from ..i18n import Text
from .check_report import WORDS, CheckReport, spot_of

_MARKS = {"error": "✗", "warning": "!", "info": "·"}


def render_text(report: CheckReport, limit: int = 100) -> str:
    """Errors and warnings in the order of the file, at most `limit` of them (0: all), and how often each rule spoke."""
    lines = [*_files(report), *_findings(report, limit), *_by_rule(report), _verdict(report)]
    return "\n".join(lines) + "\n"


def _files(report: CheckReport) -> Iterator[str]:
    for file in report.files.iter_rows(named=True):
        sheet = f" · {file['sheet']}" if file["sheet"] else ""
        about = f"{file['format']}, {file['encoding']}" if file["encoding"] else file["format"]
        yield report.say(Text("{n}{s} · {r:,} 行（{a}）", "{n}{s} · {r:,} rows ({a})")).format(
            n=file["name"], s=sheet, r=file["rows"], a=about
        )


def _findings(report: CheckReport, limit: int) -> Iterator[str]:
    told = report.findings.filter(pl.col("severity") != "info")
    several = report.files.height > 1
    for finding in (told.head(limit) if limit else told).iter_rows(named=True):
        yield _line(finding, several)
    if limit and told.height > limit:
        more = Text(
            "  … 还有 {n:,} 处错误和警告；--limit 0 全部列出", "  … {n:,} more errors and warnings; --limit 0 lists all"
        )
        yield report.say(more).format(n=told.height - limit)


def _line(finding: Mapping[str, object], several: bool) -> str:
    sheet = f"{finding['sheet']} " if several and finding["sheet"] else ""
    value = f"「{finding['value']}」" if finding["value"] is not None else ""
    header = f"{finding['header']} " if finding["header"] else ""
    advice = f" → {finding['suggestion']}" if finding["suggestion"] else ""
    spot = f"{sheet}{spot_of(finding)}"
    return f"  {_MARKS[str(finding['severity'])]} {spot:<7} {header}{value}{finding['message']}{advice}  [{finding['rule']}]"


def _by_rule(report: CheckReport) -> Iterator[str]:
    counted = report.findings.group_by("rule", "severity").agg(pl.len(), pl.col("row").n_unique().alias("rows"))
    order = pl.col("severity").replace_strict({"error": 0, "warning": 1, "info": 2}, return_dtype=pl.Int8)
    yield ""
    for rule, severity, count, _ in counted.sort(order, "len", "rule", descending=[False, True, False]).iter_rows():
        name = report.say(WORDS[severity])
        message = report.rules.get(rule, ("", ""))[1]
        yield f"  {count:>7,}  {name}  {rule}  {message}"


def _verdict(report: CheckReport) -> str:
    line = Text(
        "\n{v}：{e:,} 个错误，{w:,} 个警告，{i:,} 条提示；{r:,} 行中 {x:,} 行不应导入。",
        "\n{v}: {e:,} errors, {w:,} warnings, {i:,} hints; {x:,} of {r:,} rows should not be imported.",
    )
    counts = report.counts
    return report.say(line).format(
        v=report.say(report.verdict),
        e=counts["error"],
        w=counts["warning"],
        i=counts["info"],
        r=report.rows,
        x=report.rejected,
    )
