"""`guiyi check` on the terminal: one line per finding like a linter's, hints counted, a verdict at the end."""

from collections.abc import Iterator, Mapping

import polars as pl

from ...i18n import Text
from .report import WORDS, CheckReport, gravest_first, spot_of

_MARKS = {"error": "✗", "warning": "!", "info": "·"}


def render_text(report: CheckReport, limit: int = 100) -> str:
    """Errors and warnings in the order of the file, at most `limit` of them (0: all), and how often each rule spoke."""
    verdict = f"\n{report.say(report.verdict)}{report.say(Text('：', ': '))}{report.say(report.summary)}{report.say(Text('。', '.'))}"
    lines = [*report.sheets(), *_unmapped(report), *_findings(report, limit), *_by_rule(report), verdict]
    return "\n".join(lines) + "\n"


def _unmapped(report: CheckReport) -> Iterator[str]:
    """The columns that no field was found for, by name: a line per sheet."""
    words = Text("  没有按字段检查的列：{names}（{n}）", "  columns of no field, not checked as one: {names} ({n})")
    for one in report.shown(report.found.filter(pl.col("rule") == "header.unmapped")).iter_rows(named=True):
        yield report.say(words).format(names=one["value"], n=one["suggestion"])


def _findings(report: CheckReport, limit: int) -> Iterator[str]:
    told = report.found.filter(pl.col("severity") != "info")
    several = report.files.height > 1
    for finding in report.shown(told.head(limit) if limit else told).iter_rows(named=True):
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
    counted = report.found.group_by("rule", "severity").agg(pl.len(), pl.col("row").n_unique().alias("rows"))
    order = gravest_first()
    yield ""
    for rule, severity, count, _ in counted.sort(order, "len", "rule", descending=[False, True, False]).iter_rows():
        name = report.say(WORDS[severity])
        message = report.rules.get(rule, ("", ""))[1]
        yield f"  {count:>7,}  {name}  {rule}  {message}"
