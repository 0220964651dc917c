"""What the importer gets back: the user's own sheets with the faults marked, and repaired where he asks for it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from ...config import Config
from ...i18n import Language, Text
from ...io.read.whole_sheet import WholeSheet, read_whole
from ...io.table.kind import kind_of
from ...io.table.source_table import LIST_HEADS
from ...io.write.export import write_file
from ...io.write.marked import ListSheet, Mark, SheetEdits, edit_workbook
from ...io.write.marked_parts import unique_name
from ...io.write.plain_workbook import PlainSheet, merged_cells, plain_workbook
from ...reports.cell_masking import visible
from ...reports.check.report import WORDS, gravest_first
from ..read.intake import read_options
from .gate import Checked

_FAULTS = (
    Text("级别", "severity"),
    Text("值", "value"),
    Text("问题", "problem"),
    Text("建议", "suggestion"),
    Text("规则", "rule"),
)
_REPAIRS = (Text("改前", "before"), Text("改后", "after"), Text("改了什么", "what was done"), Text("规则", "rules"))


def write_annotated(checked: Checked, source: Path, config: Config, target: Path) -> None:
    """Write the user's own sheets with every finding at its cell. It holds the data in full: it is the user's file."""
    sheets = read_whole(source, read_options(source, config))
    write_file(target, marked_workbook(checked, checked.findings, source, sheets, None))


def marked_workbook(
    checked: Checked, findings: pl.DataFrame, source: Path, sheets: Sequence[WholeSheet], repairs: pl.DataFrame | None
) -> bytes:
    """The workbook with `findings` marked and, where there are any, `repairs` made (check_repairs.REPAIRS), both listed behind.

    An xlsx is edited where it stands, so that formats, widths, colours and formulas stay; anything else is written as texts.
    """
    language = checked.report.language
    data, taken = source.read_bytes(), set[str]()
    names = [unique_name(sheet.name or source.stem, taken) for sheet in sheets]
    files = {file["sheet"]: file for file in checked.intake.files.iter_rows(named=True)}
    edits, plain, tabs = {}, [], {}
    for sheet, name in zip(sheets, names, strict=True):
        file = files.get(sheet.name)
        own = pl.col("file_id") == (file["file_id"] if file else "")
        first = min((min(cells, default=0) for cells in sheet.rows.values()), default=0)
        found = _at_cells(findings.filter(own), checked.intake.columns, first)
        marks = list(_marks(_at_anchors(found, sheet.merged), language))
        edits[name] = SheetEdits(marks, {} if repairs is None else texts_by_place(repairs.filter(own)))
        unseen = sheet.hidden and file is None  # a hidden sheet that was checked is shown: its marks are to be seen
        header = file["header_row"] if file else 0
        plain.append(PlainSheet(name, sheet.rows, header, sheet.merged, sheet.hidden_parts, unseen))
        if file:
            tabs[file["file_id"]] = name
    lists = [] if repairs is None or repairs.is_empty() else [_repair_list(repairs, tabs, language)]
    lists.append(_finding_list(findings, tabs, language))
    own_names = {name: sheet.name or name for sheet, name in zip(sheets, names, strict=True)}
    in_place = {own_names[name]: edit for name, edit in edits.items()}
    marked = edit_workbook(data, in_place, lists) if kind_of(data[:8192]) == "zip" else None
    if marked is None:
        marked = edit_workbook(plain_workbook(plain), edits, lists)
    assert marked is not None  # what xlsxwriter writes is usual
    return marked


def texts_by_place(repairs: pl.DataFrame) -> dict[tuple[int, int], str]:
    """(row, 0-based column) → what is to stand there."""
    return {(row, place): text for row, place, text in repairs.select("row_number", "place", "after").iter_rows()}


def _at_cells(findings: pl.DataFrame, columns: pl.DataFrame, first: int) -> pl.DataFrame:
    """Findings about rows at the cells that are at fault; without such, at the row's first cell."""
    of_rows = findings.filter(pl.col("place").is_null()).drop("place").with_row_index("_n")
    fields = of_rows.select("_n", "file_id", field="fields").explode("field").drop_nulls()
    guilty = fields.join(columns.select("file_id", "field", "place"), on=["file_id", "field"]).select("_n", "place")
    placed = of_rows.join(guilty, on="_n", how="left", maintain_order="left").with_columns(
        pl.col("place").fill_null(first)
    )
    return pl.concat([findings.filter(pl.col("place").is_not_null()), placed.select(findings.columns)])


def _at_anchors(findings: pl.DataFrame, merged: Sequence[str]) -> pl.DataFrame:
    """`row, place` inside a merged range moved to its first cell, the only one that can be seen."""
    anchors = [(row, place, *cells[0]) for text in merged for cells in [merged_cells(text)] for row, place in cells[1:]]
    names = ("row", "place", "_row", "_place")
    table = pl.DataFrame(anchors, schema=dict.fromkeys(names, pl.Int64), orient="row").unique(["row", "place"])
    moved = findings.join(table, on=["row", "place"], how="left", maintain_order="left")
    return moved.with_columns(row=pl.coalesce("_row", "row"), place=pl.coalesce("_place", "place"))


def _marks(findings: pl.DataFrame, language: Language) -> Iterator[Mark]:
    """One mark per cell with all that is wrong with it, the gravest first."""
    told = findings.filter(pl.col("row").is_not_null(), ~pl.col("rule").str.starts_with("sheet."))
    told = told.sort(gravest_first(), maintain_order=True)
    advice = "suggestion: " if language == "en" else "建议："
    for (row, place), cell in told.group_by("row", "place", maintain_order=True):
        lines = []
        for severity, message, suggestion, rule in cell.select("severity", "message", "suggestion", "rule").iter_rows():
            wish = f"\n{advice}{visible(suggestion)}" if suggestion else ""
            word = WORDS[severity].en if language == "en" else WORDS[severity].zh
            lines.append(f"{word}｜{message} [{rule}]{wish}")
        choices = cell["choices"].drop_nulls().explode().unique(maintain_order=True).drop_nulls().to_list()
        yield Mark(int(str(row)), int(str(place)), cell["severity"][0], "\n".join(lines)[:3000], tuple(choices))


def _finding_list(findings: pl.DataFrame, tabs: dict[str, str], language: Language) -> ListSheet:
    """Every finding, the gravest first."""
    rows = []
    for f in findings.sort(gravest_first(), maintain_order=True).iter_rows(named=True):
        at = f["cell"] or (f"A{f['row']}" if f["row"] is not None else None)
        word = WORDS[f["severity"]].en if language == "en" else WORDS[f["severity"]].zh
        texts = (
            f["cell"] or f["row"],
            f["sheet"],
            f["header"],
            word,
            f["value"],
            f["message"],
            f["suggestion"],
            f["rule"],
        )
        to = (tabs[f["file_id"]], at) if at and f["file_id"] in tabs else None
        rows.append((to, f["severity"], [_shown(text) for text in texts]))
    name = "findings" if language == "en" else "问题清单"
    return ListSheet(name, _heads(language, _FAULTS), (10, 14, 16, 8, 24, 40, 30, 26), rows)


def _repair_list(repairs: pl.DataFrame, tabs: dict[str, str], language: Language) -> ListSheet:
    """Every repair, in the order of the file."""
    rows = [
        (
            (tabs[r["file_id"]], r["cell"]),
            None,
            [_shown(r[c]) for c in ("cell", "sheet", "header", "before", "after", "words", "rules")],
        )
        for r in repairs.iter_rows(named=True)
    ]
    return ListSheet(
        "repairs" if language == "en" else "修改清单", _heads(language, _REPAIRS), (10, 14, 16, 30, 30, 36, 26), rows
    )


def _heads(language: Language, more: Sequence[Text]) -> list[str]:
    return [*LIST_HEADS[language], *(head.en if language == "en" else head.zh for head in more)]


def _shown(text: object) -> str:
    return "" if text is None else visible(str(text))
