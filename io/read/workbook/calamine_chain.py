"""The second opinion: workbooks that our own readers refuse, read by calamine. It loses formulas and error cells."""

import datetime as dt

import polars as pl
import python_calamine as calamine

from ...buffers import BytesIO
from ...table.grid import Merge
from ...table.reasons import refuse
from .biff_records import raw_number
from .typed_cells import CELLS, OpenWorkbook, Sheet, Wanted

_MOST_CELLS = 20_000_000


def read_with_calamine(data: bytes, wanted: Wanted) -> OpenWorkbook:
    """The sheets of any workbook that calamine knows."""
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        metadata = [
            m
            for m in book.sheets_metadata
            if m.typ in (calamine.SheetTypeEnum.WorkSheet, calamine.SheetTypeEnum.MacroSheet)
        ]
        sheets = [_sheet(book, m.name, m.visible != calamine.SheetVisibleEnum.Visible, wanted) for m in metadata]
    except calamine.PasswordError:
        refuse("workbook.encrypted")
    except (calamine.CalamineError, OSError, ValueError):
        refuse("workbook.damaged")
    return OpenWorkbook(sheets)


def _sheet(book: calamine.CalamineWorkbook, name: str, hidden: bool, wanted: Wanted) -> Sheet:
    if not wanted(name, hidden):
        return Sheet(name, hidden, pl.DataFrame(schema=CELLS))
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return Sheet(name, hidden, pl.DataFrame(schema=CELLS))
    if sheet.width * sheet.height > _MOST_CELLS:
        refuse("limit.size")
    top, left = sheet.start
    found = [
        (top + y + 1, left + x, *_typed(value), None, None)
        for y, row in enumerate(sheet.to_python(skip_empty_area=True))
        for x, value in enumerate(row)
        if value != ""
    ]
    merged = tuple(Merge(a[0] + 1, a[1], b[0] + 1, b[1]) for a, b in sheet.merged_cell_ranges or ())
    return Sheet(name, hidden, pl.DataFrame(found, schema=CELLS, orient="row"), merged)


def _typed(value: object) -> tuple[str, str]:
    if isinstance(value, bool):
        return "b", "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return "n", raw_number(float(value))
    if isinstance(value, dt.datetime):
        return "s", value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return "s", str(value)
