"""OpenDocument spreadsheets (.ods): one XML part, in which blank rows and columns are written as repetitions."""

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

import polars as pl

from ...buffers import BytesIO
from ...table.grid import Merge
from ...table.reasons import refuse
from .typed_cells import CELLS, OpenWorkbook, Sheet, Wanted
from .zip_guard import Package

_CONTENT = "content.xml"
_MOST_CELLS = 20_000_000
_CLOCK = re.compile(r"^-?P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:([\d.,]+)S)?$")
_NUMBERS = ("float", "percentage", "currency")
_SILENT = ("annotation", "ruby-text", "shapes", "tracked-changes", "forms")


def read_ods(data: bytes, wanted: Wanted) -> OpenWorkbook:
    """The sheets of a document. Raises InputError where it is encrypted, damaged or beyond the limits."""
    package = Package(BytesIO(data))
    if _CONTENT not in package:
        refuse("file.not_a_table")
    manifest = "meta-inf/manifest.xml"
    if manifest in package and b"encryption-data" in package.part(manifest):
        refuse("workbook.encrypted")
    return OpenWorkbook(read_flat(package.stream(_CONTENT), wanted))


def read_flat(pieces: Iterator[bytes], wanted: Wanted) -> list[Sheet]:
    """The sheets of content.xml, or of a document in one XML file."""
    document = _Document(wanted)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = document.start
    parser.EndElementHandler = document.end
    parser.CharacterDataHandler = document.characters
    parser.StartDoctypeDeclHandler = lambda *_: refuse("workbook.damaged")  # entities are how XML bombs are made
    parser.buffer_text = True
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        refuse("workbook.damaged")
    return document.sheets


class _Document:
    """Handlers for the parser; the state is where in a table the reading stands."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.sheets: list[Sheet] = []
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.silent = 0
        self.depth = 0
        self.total = 0
        self.cell: dict[str, str] | None = None
        self.texts: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name in _SILENT:
            self.silent += 1
        handler: Any = getattr(self, f"_start_{name.replace('-', '_')}", None)
        if handler is not None and not self.silent:
            handler({key.rpartition(" ")[2]: value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name in _SILENT:
            self.silent -= 1
        handler: Any = getattr(self, f"_end_{name.replace('-', '_')}", None)
        if handler is not None and not self.silent:
            handler()

    def characters(self, text: str) -> None:
        if self.cell is not None and self.texts and not self.silent:
            self.texts[-1] += text

    def _start_style(self, attributes: dict[str, str]) -> None:
        self.style = attributes.get("name", "")

    def _start_table_properties(self, attributes: dict[str, str]) -> None:
        if attributes.get("display") == "false":
            self.hidden_styles.add(self.style)

    def _start_table(self, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1:
            self.name = attributes.get("name", f"Sheet{len(self.sheets) + 1}")
            self.hidden = attributes.get("style-name", "") in self.hidden_styles
            self.reading = self.wanted(self.name, self.hidden)
            self.cells: list[tuple[int, int, str, str | None, str | None, str | None]] = []
            self.merged: list[Merge] = []
            self.hidden_rows: list[int] = []
            self.hidden_columns: list[int] = []
            self.row, self.repeat, self.column, self.columns_told = (
                0,
                1,
                0,
                0,
            )  # the first row adds one repetition: row 1

    def _end_table(self) -> None:
        self.depth -= 1
        if self.depth == 0:
            frame = pl.DataFrame(self.cells, schema=CELLS, orient="row")
            self.sheets.append(
                Sheet(
                    self.name,
                    self.hidden,
                    frame,
                    tuple(self.merged),
                    tuple(self.hidden_rows),
                    tuple(self.hidden_columns),
                )
            )

    def _start_table_column(self, attributes: dict[str, str]) -> None:
        count = _count(attributes, "number-columns-repeated")
        if attributes.get("visibility", "visible") != "visible" and self.depth == 1:
            self.hidden_columns += range(self.columns_told, min(self.columns_told + count, 16_384))
        self.columns_told += count

    def _start_table_row(self, attributes: dict[str, str]) -> None:
        if self.depth == 1:
            self.row += self.repeat
            self.repeat = _count(attributes, "number-rows-repeated")
            self.column, self.row_cells = 0, len(self.cells)
            self.row_hidden = attributes.get("visibility", "visible") != "visible"

    def _end_table_row(self) -> None:
        if self.depth != 1:
            return
        new = self.cells[self.row_cells :]
        if self.row_hidden and new:
            self.hidden_rows += range(self.row, self.row + self.repeat)
        self._count_cells(len(new) * (self.repeat - 1))
        for later in range(1, self.repeat if new else 1):
            self.cells += [(row + later, *rest) for row, *rest in new]  # type: ignore[misc]

    def _start_table_cell(self, attributes: dict[str, str]) -> None:
        if self.depth == 1:
            self.cell, self.texts = attributes, []

    _start_covered_table_cell = _start_table_cell

    def _end_table_cell(self) -> None:
        if self.depth != 1 or self.cell is None:
            return
        attributes, self.cell = self.cell, None
        repeat = _count(attributes, "number-columns-repeated")
        value: tuple[str, str | None] | None = _value(attributes, "\n".join(self.texts))
        formula = attributes.get("formula")
        if value is None and formula is not None and "value-type" not in attributes:
            value = ("n", None)  # nothing has computed it
        if self.reading and value is not None:
            self._count_cells(repeat)
            self.cells += [(self.row, self.column + i, *value, None, formula) for i in range(repeat)]
            self._merge(attributes)
        self.column += repeat

    _end_covered_table_cell = _end_table_cell

    def _merge(self, attributes: dict[str, str]) -> None:
        across, down = _count(attributes, "number-columns-spanned"), _count(attributes, "number-rows-spanned")
        if across > 1 or down > 1:
            self.merged.append(Merge(self.row, self.column, self.row + down - 1, self.column + across - 1))

    def _count_cells(self, more: int) -> None:
        self.total += more
        if self.total > _MOST_CELLS:
            refuse("limit.size")

    def _start_p(self, _: dict[str, str]) -> None:
        if self.cell is not None:
            self.texts.append("")

    def _start_s(self, attributes: dict[str, str]) -> None:
        self.characters(" " * min(_count(attributes, "c"), 10_000))

    def _start_tab(self, _: dict[str, str]) -> None:
        self.characters("\t")

    def _start_line_break(self, _: dict[str, str]) -> None:
        self.characters("\n")


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return max(1, int(text)) if text.isdigit() else 1


def _value(attributes: dict[str, str], shown: str) -> tuple[str, str] | None:
    """(type, raw) of a cell; None where it is blank. Leading zeros that a format adds are taken as shown."""
    kind = attributes.get("value-type", "")
    if kind in _NUMBERS and "value" in attributes:
        value = attributes["value"]
        if re.fullmatch(r"0\d+", shown) and value.isdigit() and int(shown) == int(value):
            return "s", shown
        return "n", value
    if kind == "date" and "date-value" in attributes:
        return "s", attributes["date-value"].replace("T", " ").removesuffix(" 00:00:00")
    if kind == "time" and "time-value" in attributes:
        return "s", _clock(attributes["time-value"])
    if kind == "boolean":
        return "b", attributes.get("boolean-value", shown).upper()
    if shown.startswith("#") and re.fullmatch(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)", shown):
        return "e", shown
    text = shown or attributes.get("string-value", "")
    return ("s", text) if text else None


def _clock(text: str) -> str:
    """PT10H30M00S → 10:30:00; anything else as it stands."""
    found = _CLOCK.match(text)
    if found is None:
        return text
    days, hours, minutes, seconds = (found.group(i) or "0" for i in range(1, 5))
    whole = int(float(seconds.replace(",", ".")))
    return f"{int(days) * 24 + int(hours):02d}:{int(minutes):02d}:{whole:02d}"
