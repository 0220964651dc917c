"""The user's own sheets once more, with the faults marked: coloured cells, comments, drop-downs, a list of findings.

Every cell is written as text, so that nothing in it runs and no phone loses a digit; addresses are those of the file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import OverlappingRange

from ..errors import UsageError
from ..i18n import Text
from .addresses import column_position

_ROWS, _COLUMNS, _CHARACTERS, _LINKS = 1_048_576, 16_384, 32_767, 60_000
_COLOURS = {"error": "#FFC7CE", "warning": "#FFEB9C", "info": "#DDEBF7"}
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_WIDTHS = (10, 14, 16, 8, 24, 40, 30, 26)  # of the list of findings
_RANGE = re.compile(r"([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)")


@dataclass(frozen=True)
class Mark:
    """One marked cell: 1-based row, 0-based column. comment: every reason. choices: values a drop-down offers."""

    row: int
    column: int
    severity: str
    comment: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnnotatedSheet:
    """rows: 1-based row → 0-based column → text. merged: `A1:N1`. hidden: `5`, `5:7`, `C`, `C:D`. unseen: no tab is shown."""

    name: str
    rows: Mapping[int, Mapping[int, str]]
    marks: Sequence[Mark]
    header_row: int = 0
    merged: Sequence[str] = ()
    hidden: Sequence[str] = ()
    unseen: bool = False


@dataclass(frozen=True)
class FindingList:
    """The sheet of findings: its name, its heads, and per finding the sheet and cell to jump to and the texts."""

    name: str
    heads: Sequence[str]
    rows: Sequence[tuple[int, str | None, Sequence[str]]]


def annotated_workbook(sheets: Sequence[AnnotatedSheet], findings: FindingList) -> bytes:
    """The workbook as bytes. Raises UsageError where a text file has more rows or columns than a sheet can hold."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    taken: set[str] = set()
    names = [_sheet_name(sheet.name, taken) for sheet in sheets]
    listed = _sheet_name(findings.name, taken)
    offers = _Offers(_sheet_name("选项", taken))
    formats = _formats(book)
    shown = []
    for sheet, name in zip(sheets, names, strict=True):
        _refuse_too_large(sheet)
        target = book.add_worksheet(name)
        _write_sheet(target, sheet, formats, offers)
        if sheet.unseen:
            target.hide()
        else:
            shown.append(target)
    shown.append(book.add_worksheet(listed))
    _write_findings(shown[-1], findings, names, formats)
    shown[0].activate()  # else the first one is, which would show it
    shown[0].set_first_sheet()
    offers.write(book)
    book.close()
    return buffer.getvalue()


def text_workbook(frame: pl.DataFrame) -> bytes:
    """A table of texts as a workbook with one sheet, every cell as text. Raises UsageError where it does not fit."""
    texts = ([*frame.columns], *(["" if cell is None else cell for cell in row] for row in frame.iter_rows()))
    rows = {line: {i: text for i, text in enumerate(row) if text} for line, row in enumerate(texts, start=1)}
    sheet = AnnotatedSheet("Sheet1", rows, (), header_row=1)
    _refuse_too_large(sheet)
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    _write_sheet(book.add_worksheet(sheet.name), sheet, _formats(book), _Offers("-"))
    book.close()
    return buffer.getvalue()


class _Offers:
    """Lists of choices on a hidden sheet: a list inside a validation may hold 255 characters and no comma."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lists: dict[tuple[str, ...], int] = {}

    def source(self, choices: tuple[str, ...]) -> str:
        row = self.lists.setdefault(choices, len(self.lists)) + 1
        last = xlsxwriter.utility.xl_col_to_name(len(choices) - 1)
        return f"='{self.name}'!$A${row}:${last}${row}"

    def write(self, book: Any) -> None:
        if not self.lists:
            return
        sheet = book.add_worksheet(self.name)
        sheet.hide()
        for choices, row in self.lists.items():
            for column, choice in enumerate(choices):
                sheet.write_string(row, column, choice[:_CHARACTERS])


def _formats(book: Any) -> dict[str, Any]:
    plain = {"num_format": "@", "valign": "top"}
    marked = {severity: book.add_format(plain | {"bg_color": colour}) for severity, colour in _COLOURS.items()}
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bottom": 1})
    return {"plain": book.add_format(plain), "wrapped": wrapped, "head": head, **marked}


def _write_sheet(target: Any, sheet: AnnotatedSheet, formats: Mapping[str, Any], offers: _Offers) -> None:
    marks = {(mark.row, mark.column): mark for mark in sheet.marks}
    target.ignore_errors({"number_stored_as_text": f"A1:XFD{_ROWS}"})
    _dress(target, sheet, formats)
    for row, cells in sheet.rows.items():
        for column, text in cells.items():
            mark = marks.get((row, column))
            target.write_string(row - 1, column, text[:_CHARACTERS], formats[mark.severity if mark else "plain"])
    for (row, column), mark in marks.items():
        if column not in sheet.rows.get(row, {}):
            target.write_blank(row - 1, column, None, formats[mark.severity])
        target.write_comment(row - 1, column, mark.comment, {"author": "guiyi", "x_scale": 2})
        if mark.choices:
            rule = {"validate": "list", "source": offers.source(mark.choices), "show_error": False}
            target.data_validation(row - 1, column, row - 1, column, rule)
    if sheet.header_row:
        target.freeze_panes(sheet.header_row, 0)


def _dress(target: Any, sheet: AnnotatedSheet, formats: Mapping[str, Any]) -> None:
    """Widths by content, merged ranges and hidden rows and columns as in the file."""
    widths: dict[int, int] = {}
    for row in list(sheet.rows)[:200]:
        for column, text in sheet.rows[row].items():
            widths[column] = max(widths.get(column, 0), sum(2 if ord(c) > 0x2E7F else 1 for c in text[:60]))
    hidden = {part for text in sheet.hidden for part in _span(text)}
    for column, width in widths.items():
        target.set_column(column, column, min(max(width + 2, 8), 40), formats["plain"], {"hidden": column in hidden})
    for row in sorted(-part for part in hidden if part < 0):
        target.set_row(row - 1, None, None, {"hidden": True})
    for text in sheet.merged:
        found = _RANGE.fullmatch(text)
        if found is None or int(found[4]) > _ROWS:
            continue
        try:
            first, last = column_position(found[1]), column_position(found[3])
            target.merge_range(int(found[2]) - 1, first, int(found[4]) - 1, last, "", formats["plain"])
        except OverlappingRange:  # a damaged workbook: the cells are there all the same
            continue


def merged_cells(text: str, most: int = 10_000) -> list[tuple[int, int]]:
    """`B2:C2` → (2, 1), (2, 2): row 1-based, column 0-based, the first cell first, at most so many; nothing for no range."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return []
    columns = range(column_position(found[1]), column_position(found[3]) + 1)
    rows = range(int(found[2]), int(found[4]) + 1)
    return list(islice(((row, column) for row in rows for column in columns), most))


def _span(text: str) -> list[int]:
    """`C:D` → 2, 3; rows are negative: `5:7` → -5, -6, -7."""
    first, _, last = text.partition(":")
    last = last or first
    if first.isdigit():
        return [-row for row in range(int(first), min(int(last), _ROWS) + 1)]
    return list(range(column_position(first), column_position(last) + 1))


def _write_findings(target: Any, findings: FindingList, names: Sequence[str], formats: Mapping[str, Any]) -> None:
    """One row per finding; its place is a link to the cell."""
    target.freeze_panes(1, 0)
    for column, (head, width) in enumerate(zip(findings.heads, _WIDTHS, strict=False)):
        target.set_column(column, column, width)
        target.write_string(0, column, head, formats["head"])
    for line, (sheet, cell, texts) in enumerate(findings.rows[: _ROWS - 1], start=1):
        if cell and line < _LINKS:
            quoted = names[sheet].replace("'", "''")
            target.write_url(line, 0, f"internal:'{quoted}'!{cell}", string=texts[0])
        else:
            target.write_string(line, 0, texts[0])
        for column, text in enumerate(texts[1:], start=1):
            target.write_string(line, column, text[:_CHARACTERS], formats["wrapped"])
    target.autofilter(0, 0, max(len(findings.rows), 1), len(findings.heads) - 1)


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that a workbook takes: at most 31 characters, none of []:*?/\\, no apostrophe at an end, unique."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", name).strip("'")[:31] or "Sheet"
    candidate, number = plain, 1
    while candidate.casefold() in taken or candidate.casefold() == "history":
        number += 1
        candidate = f"{plain[:27]} {number}"
    taken.add(candidate.casefold())
    return candidate


def _refuse_too_large(sheet: AnnotatedSheet) -> None:
    if (
        max(sheet.rows, default=0) > _ROWS
        or max((max(c, default=0) for c in sheet.rows.values()), default=0) >= _COLUMNS
    ):
        what = Text(
            "文件的行数或列数超过一张工作表的上限，无法标注。",
            "The file has more rows or columns than a sheet can hold.",
        )
        raise UsageError(what, Text("请用 --accepted 和 --rejected。", "Use --accepted and --rejected."))
