"""Tables as workbooks of texts: what is no xlsx yet, before it is marked (marked.py), and rows to import.

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

from ...errors import UsageError
from ...i18n import Text
from ..table.addresses import column_position

_ROWS, _COLUMNS, _CHARACTERS = 1_048_576, 16_384, 32_767
_PLAIN = {"num_format": "@", "valign": "top"}
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_RANGE = re.compile(r"([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)")


@dataclass(frozen=True)
class PlainSheet:
    """rows: 1-based row → 0-based column → text. name: as `unique_name` makes it.

    merged: `A1:N1`. hidden: `5`, `5:7`, `C`, `C:D`. unseen: no tab is shown.
    """

    name: str
    rows: Mapping[int, Mapping[int, str]]
    header_row: int = 0
    merged: Sequence[str] = ()
    hidden: Sequence[str] = ()
    unseen: bool = False


def plain_workbook(sheets: Sequence[PlainSheet]) -> bytes:
    """Sheets of texts as a workbook. Raises UsageError where a text file has more rows or columns than a sheet can hold."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    plain, shown = book.add_format(_PLAIN), []
    for sheet in sheets:
        _refuse_too_large(sheet)
        target = book.add_worksheet(sheet.name)
        _write_sheet(target, sheet, plain)
        if sheet.unseen:
            target.hide()
        else:
            shown.append(target)
    for target in shown[:1]:
        target.activate()  # else the first one is, which would show it
        target.set_first_sheet()
    book.close()
    return buffer.getvalue()


def text_workbook(frame: pl.DataFrame) -> bytes:
    """A table of texts as a workbook with one sheet, every cell as text. Raises UsageError where it does not fit."""
    texts = ([*frame.columns], *(["" if cell is None else cell for cell in row] for row in frame.iter_rows()))
    rows = {line: {i: text for i, text in enumerate(row) if text} for line, row in enumerate(texts, start=1)}
    return plain_workbook([PlainSheet("Sheet1", rows, header_row=1)])


def _write_sheet(target: Any, sheet: PlainSheet, plain: Any) -> None:
    target.ignore_errors({"number_stored_as_text": f"A1:XFD{_ROWS}"})
    _dress(target, sheet, plain)
    for row, cells in sheet.rows.items():
        for column, text in cells.items():
            target.write_string(row - 1, column, text[:_CHARACTERS], plain)
    if sheet.header_row:
        target.freeze_panes(sheet.header_row, 0)


def _dress(target: Any, sheet: PlainSheet, plain: Any) -> None:
    """Widths by content, merged ranges and hidden rows and columns as in the file."""
    widths: dict[int, int] = {}
    for row in list(sheet.rows)[:200]:
        for column, text in sheet.rows[row].items():
            widths[column] = max(widths.get(column, 0), sum(2 if ord(c) > 0x2E7F else 1 for c in text[:60]))
    hidden = {part for text in sheet.hidden for part in _span(text)}
    for column, width in widths.items():
        target.set_column(column, column, min(max(width + 2, 8), 40), plain, {"hidden": column in hidden})
    for row in sorted(-part for part in hidden if part < 0):
        target.set_row(row - 1, None, None, {"hidden": True})
    for text in sheet.merged:
        found = _RANGE.fullmatch(text)
        if found is None or int(found[4]) > _ROWS:
            continue
        try:
            first, last = column_position(found[1]), column_position(found[3])
            target.merge_range(int(found[2]) - 1, first, int(found[4]) - 1, last, "", plain)
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


def _refuse_too_large(sheet: PlainSheet) -> None:
    if (
        max(sheet.rows, default=0) > _ROWS
        or max((max(c, default=0) for c in sheet.rows.values()), default=0) >= _COLUMNS
    ):
        what = Text(
            "文件的行数或列数超过一张工作表的上限，无法标注。",
            "The file has more rows or columns than a sheet can hold.",
        )
        raise UsageError(what, Text("请用 --accepted 和 --rejected。", "Use --accepted and --rejected."))
