"""Binary workbooks of the new kind (.xlsb): zip parts made of records."""

import struct
from collections.abc import Iterator

import polars as pl

from ...buffers import BytesIO
from ...table.grid import Merge
from ...table.reasons import refuse
from .biff_records import ERRORS, raw_number, rk_number
from .number_formats import format_kind
from .typed_cells import CELLS, OpenWorkbook, Sheet, Wanted
from .xlsx_package import relations
from .zip_guard import Package

_MOST_PART = 400 << 20
_BUNDLE, _PROPERTIES, _SST_ITEM, _FORMAT, _BEGIN_XFS, _END_XFS, _XF = 156, 153, 19, 44, 617, 618, 47
_ROW, _COLUMN, _MERGE = 0, 60, 176
_HIDDEN = 0x10


def read_xlsb(data: bytes, wanted: Wanted) -> OpenWorkbook:
    """The sheets of a workbook. Raises InputError where its parts are missing, damaged or beyond the limits."""
    package = Package(BytesIO(data))
    main = next(iter(package.find(r"(.*/)?workbook\.bin")), None)
    if main is None:
        refuse("file.not_a_table")
    related = relations(package, main)
    by_kind = {kind: target for kind, target in related.values() if target in package}
    book = list(_records(package, main))
    epoch_1904 = any(code == _PROPERTIES and body[:1] and body[0] & 1 for code, body in book)
    listed = [_bundle(body) for code, body in book if code == _BUNDLE]
    texts = _texts(package, by_kind.get("sharedStrings"))
    kinds = _kinds(package, by_kind.get("styles"))
    sheets = []
    for name, relation, hidden in listed:
        kind, target = related.get(relation, ("", ""))
        if kind.lower() in ("worksheet", "xlmacrosheet") and target in package:
            reader = _SheetReader(texts, kinds)
            if wanted(name, hidden):
                reader.read(_records(package, target))
            sheets.append(reader.sheet(name, hidden))
    return OpenWorkbook(sheets, epoch_1904)


def _records(package: Package, part: str) -> Iterator[tuple[int, bytes]]:
    """(code, body) of each record; both numbers in front are of variable length."""
    data, place = package.part(part, _MOST_PART), 0
    while place < len(data):
        code, place = _variable(data, place, 2)
        size, place = _variable(data, place, 4)
        if place + size > len(data):
            return
        yield code, data[place : place + size]
        place += size


def _variable(data: bytes, place: int, most: int) -> tuple[int, int]:
    value = 0
    for i in range(most):
        if place >= len(data):
            return value, place
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << (7 * i)
        if not byte & 0x80:
            break
    return value, place


def _wide(body: bytes, place: int) -> tuple[str, int]:
    """A text with its length in front, and the place behind it."""
    length = int.from_bytes(body[place : place + 4], "little")
    if length == 0xFFFFFFFF:
        return "", place + 4
    end = place + 4 + 2 * length
    return body[place + 4 : end].decode("utf-16-le", "replace"), end


def _bundle(body: bytes) -> tuple[str, str, bool]:
    """(name, relation, hidden) of a sheet."""
    relation, place = _wide(body, 8)
    name, _ = _wide(body, place)
    return name, relation, int.from_bytes(body[:4], "little") != 0


def _texts(package: Package, part: str | None) -> list[str]:
    if part is None:
        return []
    return [_wide(body, 1)[0] for code, body in _records(package, part) if code == _SST_ITEM]


def _kinds(package: Package, part: str | None) -> list[str | None]:
    """Format kind per cell style; None for plain numbers."""
    if part is None:
        return []
    codes: dict[int, str] = {}
    kinds: list[str | None] = []
    inside = False
    for code, body in _records(package, part):
        if code == _FORMAT:
            codes[int.from_bytes(body[:2], "little")] = _wide(body, 2)[0]
        elif code in (_BEGIN_XFS, _END_XFS):
            inside = code == _BEGIN_XFS
        elif code == _XF and inside:
            number = int.from_bytes(body[2:4], "little")
            kind = format_kind(number, codes.get(number))
            kinds.append(kind if kind != "number" else None)
    return kinds


class _SheetReader:
    def __init__(self, texts: list[str], kinds: list[str | None]) -> None:
        self.texts, self.kinds = texts, kinds
        self.row = 0
        self.cells: list[tuple[int, int, str, str, str | None, str | None]] = []
        self.merged: list[Merge] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[int] = []

    def read(self, found: Iterator[tuple[int, bytes]]) -> None:
        for code, body in found:
            try:
                self._take(code, body)
            except (struct.error, IndexError):
                continue

    def _take(self, code: int, body: bytes) -> None:
        if code == _ROW:
            self.row = int.from_bytes(body[:4], "little") + 1
            if len(body) > 11 and body[11] & _HIDDEN:
                self.hidden_rows.append(self.row)
        elif 2 <= code <= 11 or code == 62:
            self._cell(code, body)
        elif code == _COLUMN and body[16] & 1:
            first, last = struct.unpack_from("<II", body)
            self.hidden_columns += range(first, min(last, 16_383) + 1)
        elif code == _MERGE:
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            self.merged.append(Merge(top + 1, left, bottom + 1, right))

    def _cell(self, code: int, body: bytes) -> None:
        column, style = struct.unpack_from("<II", body)
        kind, raw = self._value(code, body)
        format_ = self.kinds[style & 0xFFFFFF] if kind == "n" and style & 0xFFFFFF < len(self.kinds) else None
        self.cells.append((self.row, column, kind, raw, format_, "" if 8 <= code <= 11 else None))

    def _value(self, code: int, body: bytes) -> tuple[str, str]:
        if code == 2:
            return "n", raw_number(rk_number(struct.unpack_from("<I", body, 8)[0]))
        if code in (3, 11):
            return "e", ERRORS.get(body[8], "#N/A")
        if code in (4, 10):
            return "b", "TRUE" if body[8] else "FALSE"
        if code in (5, 9):
            return "n", raw_number(struct.unpack_from("<d", body, 8)[0])
        if code == 7:
            return "s", self.texts[struct.unpack_from("<I", body, 8)[0]]
        return "s", _wide(body, 9 if code == 62 else 8)[0]

    def sheet(self, name: str, hidden: bool) -> Sheet:
        cells = pl.DataFrame(self.cells, schema=CELLS, orient="row")
        return Sheet(name, hidden, cells, tuple(self.merged), tuple(self.hidden_rows), tuple(self.hidden_columns))
