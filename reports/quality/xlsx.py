"""The report as a workbook: figures, findings, rankings, trend, and every formula with its SQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from ...i18n import Text
from .figures import advice
from .gather import LIGHTS, TITLE, Quality
from .page import TRENDS
from .view import label, lines, number
from .words import RANKING, SEVERITIES, WORDS

_PLACE = ("file", "row_number", "source_record_id", "value")
_LONGEST = 32_000  # characters of a cell, a little below Excel's limit


def render_xlsx(quality: Quality) -> bytes:
    """The workbook's bytes; the same report gives the same bytes. No cell is ever a formula."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        made = quality.run["finished_at"]
        book.set_properties({"title": quality.say(TITLE), "created": made if isinstance(made, datetime) else None})
        sheets = _Sheets(book, quality)
        sheets.figures()
        sheets.findings()
        sheets.ranking("owners", "owner_errors")
        sheets.ranking("sources", "source_errors")
        sheets.trend()
        sheets.formulas()
    return buffer.getvalue()


class _Sheets:
    """The sheets of one workbook and their formats."""

    def __init__(self, book: Any, quality: Quality) -> None:
        self.book, self.quality, self.say = book, quality, quality.say
        base = {"valign": "top", "font_size": 10}
        self.head = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#EEF1F4"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.soft = book.add_format({**base, "font_color": "#5A626B"})
        self.text = book.add_format({**base, "text_wrap": True})
        self.mono = book.add_format({**base, "text_wrap": True, "font_name": "Consolas"})
        kinds = {"share": "0.0%", "count": "#,##0"}
        self.number = {
            (unit, grey): book.add_format({**base, "num_format": form, **({"font_color": "#8A9097"} if grey else {})})
            for unit, form in kinds.items()
            for grey in (False, True)
        }

    def sheet(self, name: str, heads: Sequence[Text], widths: Sequence[int], top: int = 0) -> Any:
        sheet = self.book.add_worksheet(name[:31])
        mark = self.say(Text("可信度 {s} · {r}", "trust {s} · {r}"))
        mark = mark.format(s=number(self.quality.trust, "share"), r=self.quality.run["run_id"]).replace("&", "&&")
        sheet.set_header(f"&R{mark}")
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for at, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(top, at, self.say(head), self.head)
        sheet.freeze_panes(top + 1, 0)
        return sheet

    def row(self, sheet: Any, at: int, cells: Iterable[object], formats: Iterable[Any]) -> None:
        for column, (cell, form) in enumerate(zip(cells, formats, strict=True)):
            if isinstance(cell, int | float):
                sheet.write_number(at, column, cell, form)
            elif cell is not None:
                sheet.write_string(at, column, str(cell)[:_LONGEST], form)

    def figures(self) -> None:
        heads = (Text("指标", "figure"), Text("范围", "scope"), Text("值", "value"), Text("上次", "last run"),
                 Text("阈值", "threshold"), Text("状态", "light"), Text("代号", "name"), Text("代号（范围）", "scope name"))  # fmt: skip
        sheet = self.sheet(self.say(TITLE), heads, (26, 24, 12, 12, 12, 14, 20, 24), top=3)
        quality = self.quality
        sheet.write_string(0, 0, self.say(TITLE), self.title)
        sheet.write_string(1, 0, f"{quality.run['run_id']} · {str(quality.run['finished_at'])[:16]} UTC", self.soft)
        limit = f"{quality.config.report.trust * 100:g}%"
        trust = Text("可信度 {t}，阈值 {l}", "trust score {t}, threshold {l}")
        sheet.write_string(2, 0, self.say(trust).format(t=number(quality.trust, "share"), l=limit), self.soft)
        for at, one in enumerate(lines(quality), start=4):
            form = self.number[one.figure.unit, one.status == "warning"]
            cells = (self.say(one.figure.title), one.label, one.value, one.baseline, one.limit,
                     self.say(LIGHTS[one.status]) if one.status != "none" else None, one.figure.name, one.scope)  # fmt: skip
            self.row(sheet, at, cells, (self.text, self.text, form, form, self.soft, self.soft, self.soft, self.soft))

    def findings(self) -> None:
        heads = (Text("问题", "finding"), Text("级别", "severity"), Text("数量", "count"), Text("占行数", "of rows"),
                 Text("示例", "examples"), Text("建议", "advice"), Text("规则", "rule"))  # fmt: skip
        sheet = self.sheet(self.say(WORDS["findings"]), heads, (32, 9, 9, 9, 52, 52, 24))
        examples = self.quality.lists["examples"]
        count, share = self.number["count", False], self.number["share", False]
        for at, row in enumerate(self.quality.lists["top_findings"].iter_rows(named=True), start=1):
            shown = examples.filter(examples["rule"] == row["rule"]).iter_rows(named=True)
            texts = "\n".join(" ".join(str(e[k]) for k in _PLACE if e[k]) for e in shown)
            cells = (self.quality.rule(row["rule"], row["message"]), self.say(SEVERITIES[row["severity"]]), row["findings"],
                     row["share"], texts, self.say(advice(row["rule"])), row["rule"])  # fmt: skip
            self.row(sheet, at, cells, (self.text, self.text, count, share, self.text, self.text, self.soft))

    def ranking(self, name: str, errors: str) -> None:
        sheet = self.sheet(self.say(self.quality.listings[name].title), RANKING, (7, 30, 11, 11, 90))
        top = self.quality.lists[errors].group_by("name", maintain_order=True).agg("rule", "findings")
        of = {w: list(zip(r, n, strict=True)) for w, r, n in top.iter_rows()}
        count, share = self.number["count", False], self.number["share", False]
        for rank, (who, records, filled) in enumerate(self.quality.lists[name].iter_rows(), start=1):
            said = " · ".join(f"{self.quality.rule(r)} {n:,}" for r, n in of.get(who, []))
            self.row(sheet, rank, (rank, who, records, filled, said), (count, self.text, count, share, self.text))

    def trend(self) -> None:
        quality = self.quality
        heads = [Text("运行", "run"), Text("时间（UTC）", "at, UTC")]
        for name, scope in TRENDS:
            of = "" if scope == "run" else f" · {label(quality, scope)}"
            heads.append(Text(*(title + of for title in quality.catalogue[name].title)))
        sheet = self.sheet(self.say(WORDS["trend"]), heads, (20, 18, *(16 for _ in TRENDS)))
        values = {(r, n, s): v for r, _, n, s, v in quality.trend.iter_rows()}
        runs = quality.trend.select("run_id", "finished_at").unique("run_id").sort("run_id")
        for at, (run, when) in enumerate(runs.iter_rows(), start=1):
            forms = [self.number[quality.catalogue[n].unit, False] for n, _ in TRENDS]
            cells = [run, str(when)[:16], *(values.get((run, n, s)) for n, s in TRENDS)]
            self.row(sheet, at, cells, [self.text, self.soft, *forms])

    def formulas(self) -> None:
        heads = (
            Text("代号", "name"),
            Text("指标", "figure"),
            Text("公式", "formula"),
            Text("修复建议", "repair"),
            Text("SQL", "SQL"),
        )
        sheet = self.sheet(self.say(Text("公式与 SQL", "Formulas and SQL")), heads, (20, 24, 60, 44, 100))
        for at, (name, figure) in enumerate(self.quality.catalogue.items(), start=1):
            repair = self.say(figure.repair) if figure.repair else None
            cells = (name, self.say(figure.title), self.say(figure.formula), repair, figure.sql)
            self.row(sheet, at, cells, (self.soft, self.text, self.text, self.text, self.mono))
