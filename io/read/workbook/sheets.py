"""Workbooks of every kind as laid-out sheets. Runs inside the worker process: see `sandbox`.

The reader of a format is loaded when a file has that format: the user waits for every module.
"""

from dataclasses import dataclass, replace

import polars as pl

from ...buffers import BytesIO
from ...table.grid import Grid, note_frame
from ...table.kind import kind_of
from ...table.layout import Layout, lay_out
from ...table.reasons import refusal, refuse
from ...table.source_table import LIST_HEADS, ReadOptions
from .biff_records import ole_streams, records, workbook_stream
from .typed_cells import OpenWorkbook, Sheet, Wanted, sheet_grid
from .zip_guard import Package


@dataclass(frozen=True)
class ReadSheet:
    """A sheet and its table; `format` is what the file really is."""

    name: str
    format: str
    layout: Layout


def read_workbook(data: bytes, options: ReadOptions, second_opinion: bool = False) -> list[ReadSheet]:
    """Every wanted sheet with a table. Raises InputError. `second_opinion`: read with calamine instead."""

    def wanted(name: str, hidden: bool) -> bool:
        return name == options.sheet if options.sheet is not None else options.hidden or not hidden

    data = _opened(data, options.password)
    if kind_of(data[:8192]) == "parquet":
        from ..typed_tables import read_parquet

        return [ReadSheet("table", "parquet", read_parquet(data))]
    found = _format(data)
    book = _second_opinion(data, wanted) if second_opinion else _read(found, data, wanted, options)
    return _tables(book, found, wanted, options)


def _opened(data: bytes, password: str | None) -> bytes:
    """The file itself, or what an encrypted container holds."""
    if kind_of(data[:8192]) != "ole":
        return data
    streams = ole_streams(data)
    whole = {"encryptedpackage", "encryptioninfo"} & streams
    if whole or (streams & {"workbook", "book"} and _has_filepass(data)):
        from .crypto import decrypted

        return decrypted(data, password)
    return data


def _has_filepass(data: bytes) -> bool:
    for number, record in enumerate(records(workbook_stream(data))):
        if record.code == 0x2F:
            return True
        if record.code == 0x0A or number > 40:
            return False
    return False


def _format(data: bytes) -> str:
    """xlsx, xlsb, ods, xls, html or xml; refuses a container that is no workbook."""
    kind = kind_of(data[:8192])
    if kind in ("ole", "biff"):
        return "xls"
    if kind in ("html", "xml"):
        return kind
    if kind != "zip":
        refuse("file.not_a_table")
    package = Package(BytesIO(data))
    if package.find(r"(.*/)?workbook\.bin"):
        return "xlsb"
    if "content.xml" in package:
        return "ods"
    if "[content_types].xml" in package or package.find(r"(.*/)?workbook\d*\.xml"):
        return "xlsx"
    raise refusal("file.compressed")


def _read(found: str, data: bytes, wanted: Wanted, options: ReadOptions) -> OpenWorkbook:
    if found == "xlsx":
        from .xlsx import read_xlsx

        return read_xlsx(data, wanted)
    if found == "xlsb":
        from .xlsb import read_xlsb

        return read_xlsb(data, wanted)
    if found in ("html", "xml"):
        return _read_markup(found, data, wanted, options)
    if found == "ods":
        from .ods import read_ods

        return read_ods(data, wanted)
    from .xls import read_xls

    return read_xls(data, wanted)


def _read_markup(found: str, data: bytes, wanted: Wanted, options: ReadOptions) -> OpenWorkbook:
    from .markup_tables import read_html, read_spreadsheet_xml
    from .ods import read_flat

    if found == "html":
        return read_html(data, options.encoding)
    if b"urn:oasis:names:tc:opendocument" in data[:8192]:
        return OpenWorkbook(read_flat(iter([data]), wanted))
    return read_spreadsheet_xml(data, wanted)


def _second_opinion(data: bytes, wanted: Wanted) -> OpenWorkbook:
    from .calamine_chain import read_with_calamine

    return read_with_calamine(data, wanted)


def _tables(book: OpenWorkbook, found: str, wanted: Wanted, options: ReadOptions) -> list[ReadSheet]:
    tables: list[ReadSheet] = []
    skipped: list[Sheet] = []
    for sheet in book.sheets:
        if not wanted(sheet.name, sheet.hidden):
            skipped.append(sheet)
        elif (
            not sheet.is_blank
            and not _is_own_list(grid := sheet_grid(sheet, book.epoch_1904))
            and (layout := lay_out(grid, options.header_row)) is not None
        ):
            tables.append(ReadSheet(sheet.name, found, layout))
    if not tables:
        refuse("workbook.no_table")
    hidden = [(None, None, "sheet.hidden", sheet.name, None) for sheet in skipped if sheet.hidden]
    first = tables[0]
    notes = pl.concat([note_frame([*book.notes, *hidden]), first.layout.notes])
    return [ReadSheet(first.name, first.format, _with_notes(first.layout, notes)), *tables[1:]]


def _is_own_list(grid: Grid) -> bool:
    """Whether `check` put the sheet behind the user's own."""
    return grid.cells.width > 3 and grid.cells.height > 0 and grid.cells.row(0)[1:4] in LIST_HEADS.values()


def _with_notes(layout: Layout, notes: pl.DataFrame) -> Layout:
    return replace(layout, notes=notes)
