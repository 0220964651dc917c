"""What the importer gets back: the annotated workbook, and the input split into rows to import and rows to mend."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from ..config import Config
from ..i18n import Language, Text
from ..io.annotate import AnnotatedSheet, FindingList, Mark, annotated_workbook, merged_cells, text_workbook
from ..io.export import write_file
from ..io.whole_sheet import read_whole
from ..reports.check_masking import visible
from ..reports.check_report import WORDS
from .check import Checked
from .intake import read_options

_HEADS = (
    Text("位置", "place"), Text("工作表", "sheet"), Text("列", "column"), Text("级别", "severity"), Text("值", "value"),
    Text("问题", "problem"), Text("建议", "suggestion"), Text("规则", "rule"),
)  # fmt: skip
_ORDER = {"error": 0, "warning": 1, "info": 2}


def write_annotated(checked: Checked, source: Path, config: Config, target: Path) -> None:
    """Write the user's own sheets with every finding at its cell. It holds the data in full: it is the user's file."""
    language = checked.report.language
    whole = read_whole(source, read_options(source, config))
    files = checked.intake.files.to_dicts()
    by_sheet = {file["sheet"]: file for file in files}
    sheets = []
    for sheet in whole:
        file = by_sheet.get(sheet.name)
        found = checked.findings.filter(pl.col("file_id") == (file["file_id"] if file else ""))
        first = min((min(cells, default=0) for cells in sheet.rows.values()), default=0)
        marks = list(_marks(_at_anchors(found.with_columns(pl.col("place").fill_null(first)), sheet.merged), language))
        header = file["header_row"] if file else 0
        unseen = sheet.hidden and file is None  # a hidden sheet that was checked is shown: its marks are to be seen
        name = sheet.name or source.stem
        sheets.append(AnnotatedSheet(name, sheet.rows, marks, header, sheet.merged, sheet.hidden_parts, unseen))
    order = {by_sheet[sheet.name]["file_id"]: i for i, sheet in enumerate(whole) if sheet.name in by_sheet}
    write_file(target, annotated_workbook(sheets, _finding_list(checked.findings, order, language)))


def _at_anchors(findings: pl.DataFrame, merged: Sequence[str]) -> pl.DataFrame:
    """`row, place` inside a merged range moved to its first cell, the only one that can be seen."""
    anchors = [(row, place, *cells[0]) for text in merged for cells in [merged_cells(text)] for row, place in cells[1:]]
    names = ("row", "place", "_row", "_place")
    table = pl.DataFrame(anchors, schema=dict.fromkeys(names, pl.Int64), orient="row").unique(["row", "place"])
    moved = findings.join(table, on=["row", "place"], how="left", maintain_order="left")
    return moved.with_columns(row=pl.coalesce("_row", "row"), place=pl.coalesce("_place", "place"))


def _marks(findings: pl.DataFrame, language: Language) -> Iterator[Mark]:
    """One mark per cell with all that is wrong with it; a row's findings stand at its first cell."""
    told = findings.filter(pl.col("row").is_not_null(), ~pl.col("rule").str.starts_with("sheet."))
    advice = "suggestion: " if language == "en" else "建议："
    for (row, place), cell in told.group_by("row", "place", maintain_order=True):
        lines = []
        for severity, message, suggestion, rule in cell.select("severity", "message", "suggestion", "rule").iter_rows():
            wish = f"\n{advice}{visible(suggestion)}" if suggestion else ""
            word = WORDS[severity].en if language == "en" else WORDS[severity].zh
            lines.append(f"{word}｜{message} [{rule}]{wish}")
        choices = cell["choices"].drop_nulls().explode().unique(maintain_order=True).drop_nulls().to_list()
        worst = min(cell["severity"].to_list(), key=_ORDER.__getitem__)
        yield Mark(int(str(row)), int(str(place)), worst, "\n".join(lines)[:3000], tuple(choices))


def _finding_list(findings: pl.DataFrame, order: dict[str, int], language: Language) -> FindingList:
    rows = []
    for f in findings.iter_rows(named=True):
        at = f["cell"] or (f"A{f['row']}" if f["row"] is not None else None)
        word = WORDS[f["severity"]].en if language == "en" else WORDS[f["severity"]].zh
        texts = (
            f["cell"] or f["row"] or "",
            f["sheet"],
            f["header"],
            word,
            f["value"],
            f["message"],
            f["suggestion"],
            f["rule"],
        )
        shown = ["" if text is None else visible(str(text)) for text in texts]
        rows.append((order.get(f["file_id"], 0), at if f["file_id"] in order else None, shown))
    heads = [head.en if language == "en" else head.zh for head in _HEADS]
    return FindingList("findings" if language == "en" else "问题清单", heads, rows)


def split_rows(checked: Checked) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(accepted, rejected): together every row that was read, cells as text as read; rejected has the reason last.

    A column per header in the order of the file; further cells of ragged rows as `#15`; the sheet first where the file
    has several.
    """
    order = checked.intake.files.select("file_id", "sheet").with_row_index("_order")
    rows = checked.intake.raw.join(order, on="file_id").sort("_order", "row_number")
    rows = rows.join(checked.rejected, on=["file_id", "row_number"], how="left", maintain_order="left")
    cells = [json.loads(text) for text in rows["values"].to_list()]
    headers = dict.fromkeys(checked.intake.columns["header"].to_list())
    further = sorted({name for row in cells for name in row if name not in headers}, key=lambda n: (len(n), n))
    table = [pl.Series(name, [row.get(name) for row in cells], dtype=pl.String) for name in (*headers, *further)]
    english = checked.report.language == "en"
    if checked.intake.files.height > 1:
        table.insert(0, rows["sheet"].alias(_free("sheet" if english else "工作表", {*headers, *further})))
    frame, bad = pl.DataFrame(table), rows["reason"].is_not_null()
    reason = rows["reason"].filter(bad).alias(_free("reason" if english else "原因", set(frame.columns)))
    return frame.filter(~bad), frame.filter(bad).with_columns(reason)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def write_rows(frame: pl.DataFrame, target: Path) -> None:
    """A workbook of text cells, or a CSV (UTF-8 with BOM) that holds exactly the texts of the frame.

    A CSV cannot say that a cell is text: what the file held, `=1+1` or +8613800138000, it holds again.
    """
    if target.suffix.lower() == ".xlsx":
        write_file(target, text_workbook(frame))
    else:
        write_file(target, b"\xef\xbb\xbf" + frame.write_csv().encode())


def holds_formula(frame: pl.DataFrame) -> bool:
    """Whether a spreadsheet that opens these texts as CSV would run one of them."""
    live = pl.col(pl.String).str.contains(r"^\s*[=@]|^\s*[+-].*[A-Za-z(!]")
    return (
        bool(frame.select(live.any()).select(pl.any_horizontal(pl.all().fill_null(False))).item())
        if frame.width
        else False
    )
