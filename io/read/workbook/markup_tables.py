"""Tables in markup that names itself .xls: HTML as web systems export it, and the XML of Excel 2003."""

import re
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

import polars as pl

from ...table.grid import Merge
from ...table.reasons import refuse
from ..text.encoding import decode
from .typed_cells import CELLS, OpenWorkbook, Sheet, Wanted
from .xml_text import local, parse_part

_CHARSET = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9_-]+)""", re.IGNORECASE)
_MOST_BYTES = 200 << 20
_MOST_CELLS = 20_000_000
_SILENT = ("script", "style", "head", "title")
Cells = list[tuple[int, int, str, str | None, str | None, str | None]]


def read_html(data: bytes, encoding: str | None) -> OpenWorkbook:
    """Each table of a page as a sheet; refuses a page without one."""
    declared = _CHARSET.search(data[:4096])
    decoded = decode(data, encoding)
    if encoding is None and declared and decoded.confidence < 1:
        decoded = decode(data, declared.group(1).decode())
    page = _Page()
    page.feed(decoded.utf8.decode("utf-8"))
    page.close()
    page.end_all()
    if not page.tables:
        refuse("file.not_a_table")
    several = len(page.tables) > 1
    return OpenWorkbook(
        [
            Sheet(
                f"table{i}" if several else "table",
                False,
                pl.DataFrame(cells, schema=CELLS, orient="row"),
                tuple(merged),
            )
            for i, (cells, merged) in enumerate(page.tables, 1)
        ]
    )


class _Page(HTMLParser):
    """Collects tables that hold no further table; a table around others is the page's layout."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[Cells, list[Merge]]] = []
        self.open: list[_Table] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "table":
            self.open.append(_Table())
        elif self.open and tag == "tr":
            self.open[-1].start_row()
        elif self.open and tag in ("td", "th"):
            self.open[-1].start_cell(dict(attrs))
        elif self.open and tag in ("br", "p", "div"):
            self.open[-1].break_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "table" and self.open:
            self._close_table()
        elif self.open and tag in ("td", "th", "tr"):
            self.open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self.open and not self.silent and self.open[-1].text is not None:
            self.open[-1].text.append(data)

    def end_all(self) -> None:
        while self.open:
            self._close_table()

    def _close_table(self) -> None:
        table = self.open.pop()
        table.end_cell()
        if table.cells and not table.nested:
            self.tables.append((table.cells, table.merged))
        if self.open:
            self.open[-1].nested = True


class _Table:
    """One table while it is read; cells that span rows keep their place free in the rows below."""

    def __init__(self) -> None:
        self.cells: Cells = []
        self.merged: list[Merge] = []
        self.taken: dict[int, int] = {}  # column → last row that a cell from above covers
        self.row, self.column = 0, 0
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.nested = False

    def start_row(self) -> None:
        self.end_cell()
        self.row, self.column = self.row + 1, 0

    def start_cell(self, attributes: dict[str, str | None]) -> None:
        self.end_cell()
        self.row = max(self.row, 1)
        while self.taken.get(self.column, 0) >= self.row:
            self.column += 1
        self.text = []
        self.span = (_span(attributes.get("colspan"), 1000), _span(attributes.get("rowspan"), 65_535))

    def break_line(self) -> None:
        if self.text:
            self.text.append("\n")

    def end_cell(self) -> None:
        if self.text is None:
            return
        text = re.sub(r"[ \t\r\f\v]*\n\s*", "\n", "".join(self.text)).strip(" \t\r\n\xa0")
        self.text = None
        across, down = self.span
        if text:
            self.cells.append((self.row, self.column, "s", text, None, None))
            if len(self.cells) > _MOST_CELLS:
                refuse("limit.size")
        if across > 1 or down > 1:
            self.merged.append(Merge(self.row, self.column, self.row + down - 1, self.column + across - 1))
        for column in range(self.column, self.column + across):
            self.taken[column] = self.row + down - 1
        self.column += across


def _span(text: str | None, most: int) -> int:
    digits = (text or "").strip()
    return min(max(1, int(digits)), most) if digits.isdigit() and len(digits) < 7 else 1


def read_spreadsheet_xml(data: bytes, wanted: Wanted) -> OpenWorkbook:
    """The sheets of an Excel 2003 XML workbook."""
    if len(data) > _MOST_BYTES:
        refuse("limit.size")
    root = parse_part(data)
    if local(root.tag) != "Workbook":
        refuse("file.not_a_table")
    sheets: list[Sheet] = []
    for worksheet in root.iter("Worksheet"):
        name = worksheet.get("Name", f"Sheet{len(sheets) + 1}")
        hidden = any(v.text in ("SheetHidden", "SheetVeryHidden") for v in worksheet.iter("Visible"))
        cells: Cells = []
        merged: list[Merge] = []
        if wanted(name, hidden):
            _read_worksheet(worksheet, cells, merged)
        sheets.append(Sheet(name, hidden, pl.DataFrame(cells, schema=CELLS, orient="row"), tuple(merged)))
    return OpenWorkbook(sheets)


def _read_worksheet(worksheet: Element, cells: Cells, merged: list[Merge]) -> None:
    row = 0
    for element in worksheet.iter("Row"):
        row = _index(element, row + 1)
        column = -1
        for cell in element.iter("Cell"):
            column = _index(cell, column + 2) - 1
            data = cell.find("Data")
            formula = cell.get("Formula")
            if data is not None and (text := "".join(data.itertext())):
                kind, raw = _typed(data.get("Type", "String"), text)
                cells.append((row, column, kind, raw, None, formula))
            elif data is None and formula is not None:  # nothing has computed it
                cells.append((row, column, "n", None, None, formula))
            across, down = int(cell.get("MergeAcross", "0")), int(cell.get("MergeDown", "0"))
            if across or down:
                merged.append(Merge(row, column, row + down, column + across))
            column += across


def _index(element: Element, usual: int) -> int:
    text = element.get("Index", "")
    return int(text) if text.isdigit() else usual


def _typed(kind: str, text: str) -> tuple[str, str]:
    if kind == "DateTime":
        return "s", text.removesuffix(".000").replace("T", " ").removesuffix(" 00:00:00")
    if kind == "Boolean":
        return "b", "TRUE" if text == "1" else "FALSE"
    return {"Number": "n", "Error": "e"}.get(kind, "s"), text
