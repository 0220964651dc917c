"""Workbooks (step 1: through python-calamine)."""

import datetime as dt
import hashlib
from pathlib import Path

import polars as pl
import python_calamine as pc

from .grid import Grid, Merge
from .layout import lay_out
from .reasons import refuse
from .source_table import ROW, ReadOptions, SourceTable


def read_workbook(path: Path, data: bytes, options: ReadOptions) -> list[SourceTable]:
    try:
        book = pc.CalamineWorkbook.from_path(str(path))
    except pc.PasswordError:
        refuse("workbook.encrypted")
    except Exception:
        refuse("workbook.damaged")
    tables = []
    for meta in book.sheets_metadata:
        if meta.visible != pc.SheetVisibleEnum.Visible and not options.hidden:
            continue
        if options.sheet is not None and meta.name != options.sheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        rows = sheet.to_python(skip_empty_area=False)
        if not rows or sheet.start is None:
            continue
        first_row, first_column = 0, 0
        grid = _grid(rows, first_row)
        merged = tuple(Merge(a[0] + 1, a[1], b[0] + 1, b[1]) for a, b in (sheet.merged_cell_ranges or []))
        layout = lay_out(Grid(grid, tuple(range(grid.width - 1)), merged=merged), options.header_row)
        if layout is None:
            continue
        tables.append(SourceTable(
            name=Path(path).name, sheet=meta.name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), format="xlsx",
            encoding=None, header_row=layout.header_row, headers=layout.headers, rows=layout.rows,
            set_aside=layout.set_aside, notes=layout.notes, positions=layout.positions))
    if not tables:
        refuse("workbook.no_table")
    return tables


def _grid(rows: list[list[object]], first: int) -> pl.DataFrame:
    columns = {f"c{i}": [_text(v) for v in column] for i, column in enumerate(zip(*rows))}
    return pl.DataFrame({ROW: range(first + 1, first + len(rows) + 1), **columns}, schema={ROW: pl.Int64, **{c: pl.String for c in columns}})


def _text(value: object) -> str | None:
    if type(value) is str:
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)
