"""`guiyi check --format html`: one file that asks nothing of the network; every text from outside is escaped."""

from collections.abc import Iterator, Mapping
from html import escape

import polars as pl

from ...i18n import Text
from .report import WORDS, CheckReport, gravest_first, spot_of

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--error:#c0362c;--warning:#a86400;--info:#5b6b7b}
body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
td:nth-child(n+4):nth-child(-n+6){min-width:9rem}td:first-child,td:nth-child(3){white-space:nowrap}
th{position:sticky;top:0;background:Canvas}
.error{color:var(--error)}.warning{color:var(--warning)}.info{color:var(--info)}
.verdict{font-weight:600}code{font-size:.9em}.n{text-align:right;font-variant-numeric:tabular-nums}
@media print{td:nth-child(n+4):nth-child(-n+6){min-width:9rem}td:first-child,td:nth-child(3){white-space:nowrap}
th{position:static}body{margin:0;max-width:none}}
"""
_HEADS = (
    Text("位置", "place"), Text("列", "column"), Text("级别", "severity"), Text("值", "value"), Text("问题", "problem"),
    Text("建议", "suggestion"), Text("规则", "rule"),
)  # fmt: skip


_PROFILE = {
    "column": Text("列", "column"), "header": Text("表头", "header"), "label": Text("读作", "read as"),
    "confidence": Text("把握", "confidence"), "reason": Text("依据", "reason"), "filled": Text("填写率", "filled"),
    "distinct": Text("不同值", "distinct"), "sample": Text("示例", "sample"), "top": Text("最常见的值", "commonest"),
}  # fmt: skip


def render_html(report: CheckReport, columns: pl.DataFrame | None = None) -> str:
    """Verdict, files, rules, how each column is read (`columns`: pipelines.columns.PROFILE), and every finding, the gravest first."""
    title = report.say(Text("guiyi 导入前检查", "guiyi pre-import check"))
    return "".join(
        (
            f'<!doctype html>\n<html lang="{"en" if report.language == "en" else "zh-CN"}">\n<head>\n<meta charset="utf-8">\n',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
            '<meta name="viewport" content="width=device-width,initial-scale=1">\n',
            f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n",
            *_verdict(report), *_files(report), *_rules(report), *_columns(report, columns), *_findings(report),
            f"<p class=info>guiyi {escape(report.version)}</p>\n</body>\n</html>\n",
        )
    )  # fmt: skip


def _verdict(report: CheckReport) -> Iterator[str]:
    style = "error" if report.failed or report.counts["error"] else "info"
    verdict, summary = report.say(report.verdict).capitalize(), report.say(report.summary)
    yield f'<p class="verdict {style}">{escape(verdict)}</p>\n<p>{escape(summary)}</p>\n'


def _files(report: CheckReport) -> Iterator[str]:
    yield "<ul>\n"
    for line, sha256 in zip(report.sheets(), report.files["sha256"], strict=True):
        yield f"<li>{escape(line)} <code>{escape(sha256[:16])}</code></li>\n"
    yield "</ul>\n"


def _rules(report: CheckReport) -> Iterator[str]:
    counted = report.found.group_by("severity", "rule").len()
    order = gravest_first()
    yield f"<h2>{escape(report.say(Text('各规则', 'By rule')))}</h2>\n<table>\n"
    for severity, rule, count in counted.sort(order, "len", "rule", descending=[False, True, False]).iter_rows():
        word, message = report.say(WORDS[severity]), report.rules.get(rule, ("", ""))[1]
        cells = f"<td class=n>{count:,}</td><td class={severity}>{escape(word)}</td>"
        yield f"<tr>{cells}<td>{escape(message)}</td><td><code>{escape(rule)}</code></td></tr>\n"
    yield "</table>\n"


def _columns(report: CheckReport, profile: pl.DataFrame | None) -> Iterator[str]:
    if profile is None:
        return
    heads = "".join(f"<th>{escape(report.say(head))}</th>" for head in _PROFILE.values())
    several = profile.select("file", "sheet").n_unique() > 1
    yield f"<h2>{escape(report.say(Text('各列怎么读', 'How each column is read')))}</h2>\n"
    for (file, sheet), own in profile.group_by("file", "sheet", maintain_order=True):
        title = f"<h3>{escape(str(sheet or file))}</h3>\n" if several else ""
        yield f"{title}<table>\n<thead><tr>{heads}</tr></thead>\n"
        told = own.with_columns(
            pl.format("{}%", (pl.col("confidence", "filled") * 100).round().cast(pl.Int64)),
            pl.col("top").list.join("；"),
        )
        for row in told.select(*_PROFILE).iter_rows():
            cells = "".join(f"<td>{escape('' if cell is None else str(cell))}</td>" for cell in row)
            yield f"<tr>{cells}</tr>\n"
        yield "</table>\n"


def _findings(report: CheckReport) -> Iterator[str]:
    heads = "".join(f"<th>{escape(report.say(head))}</th>" for head in _HEADS)
    yield f"<h2>{escape(report.say(Text('全部问题', 'Findings')))}</h2>\n<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
    several = report.files.height > 1
    for finding in report.findings.sort(gravest_first(), maintain_order=True).iter_rows(named=True):
        yield _row(finding, report, several)
    yield "</tbody>\n</table>\n"


def _row(finding: Mapping[str, object], report: CheckReport, several: bool) -> str:
    severity = str(finding["severity"])
    spot = f"{finding['sheet']} {spot_of(finding)}" if several and finding["sheet"] else spot_of(finding)
    texts = (
        spot,
        finding["header"],
        report.say(WORDS[severity]),
        finding["value"],
        finding["message"],
        finding["suggestion"],
    )
    cells = "".join(f"<td>{escape('' if text is None else str(text))}</td>" for text in texts)
    return f"<tr class={severity}>{cells}<td><code>{escape(str(finding['rule']))}</code></td></tr>\n"
