"""The cells of one sheet of an old binary workbook."""

import struct

import polars as pl

from ...table.grid import Merge
from ...table.reasons import refuse
from .biff_records import CONTINUE, ERRORS, Record, raw_number, rk_number, unicode_text
from .typed_cells import CELLS, Sheet

_FORMULAS = (0x06, 0x206, 0x406)
_STRINGS = (0x07, 0x207)


class SheetRecords:
    """Collects cells as (row, column, type, raw, xf, formula), all 0-based as the format has them."""

    def __init__(self, version: int, codec: str, texts: list[str]) -> None:
        self.version, self.codec, self.texts = version, codec, texts
        self.cells: list[tuple[int, int, str, str | None, int, str | None]] = []
        self.merged: list[Merge] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[int] = []
        self._awaits_text: tuple[int, int, int] | None = None

    def read(self, body: list[Record]) -> None:
        """Takes in all records of a sheet; a record that is too short for what it says is skipped."""
        for i, record in enumerate(body):
            if record.code == 0x2F:
                refuse("workbook.encrypted")
            data = record.data
            if record.code in (0x204, *_STRINGS) and i + 1 < len(body) and body[i + 1].code == CONTINUE:
                data = data + body[i + 1].data[1:]
            try:
                self._take(record.code, data)
            except (struct.error, IndexError):
                continue

    def _take(self, code: int, data: bytes) -> None:
        if code in _STRINGS and self._awaits_text:
            row, column, xf = self._awaits_text
            self._awaits_text = None
            self.cells.append((row, column, "s", self._text(data, 0, 1 if code == 0x07 else 2), xf, ""))
        elif code in _FORMULAS:
            self._formula(data)
        elif code == 0xBD:
            self._numbers(data)
        elif self.version == 2 and 2 <= code <= 5:
            self._old_cell(code, data)
        elif code in (0x203, 0x204, 0x205, 0xD6, 0xFD, 0x27E):
            self._cell(code, data)
        else:
            self._sheet_fact(code, data)

    def _cell(self, code: int, data: bytes) -> None:
        row, column, xf = struct.unpack_from("<HHH", data)
        if code == 0xFD:
            index = int.from_bytes(data[6:10], "little")
            self._add(row, column, "s", self.texts[index], xf)
        elif code == 0x27E:
            self._add(row, column, "n", raw_number(rk_number(struct.unpack_from("<I", data, 6)[0])), xf)
        elif code == 0x203:
            self._add(row, column, "n", raw_number(struct.unpack_from("<d", data, 6)[0]), xf)
        elif code == 0x205:
            self._add(row, column, *_truth_or_error(data[6], data[7]), xf)
        else:
            self._add(row, column, "s", self._text(data, 6, 2), xf)

    def _old_cell(self, code: int, data: bytes) -> None:
        """BIFF 2: three bytes of attributes in place of the format's number."""
        row, column, xf = struct.unpack_from("<HHB", data)
        if code == 2:
            self._add(row, column, "n", str(struct.unpack_from("<H", data, 7)[0]), xf & 0x3F)
        elif code == 3:
            self._add(row, column, "n", raw_number(struct.unpack_from("<d", data, 7)[0]), xf & 0x3F)
        elif code == 4:
            self._add(row, column, "s", data[8 : 8 + data[7]].decode(self.codec, "replace"), xf & 0x3F)
        else:
            self._add(row, column, *_truth_or_error(data[7], data[8]), xf & 0x3F)

    def _numbers(self, data: bytes) -> None:
        row, first = struct.unpack_from("<HH", data)
        for i in range((len(data) - 6) // 6):
            xf, value = struct.unpack_from("<HI", data, 4 + 6 * i)
            self._add(row, first + i, "n", raw_number(rk_number(value)), xf)

    def _formula(self, data: bytes) -> None:
        """The value that was computed last; a text follows in a record of its own. The formula itself is not told."""
        place = 7 if self.version == 2 else 6
        row, column, xf = struct.unpack_from("<HHH", data)
        xf = xf & 0x3F if self.version == 2 else xf
        result = data[place : place + 8]
        if len(result) == 8 and result[6:] == b"\xff\xff" and result[0] <= 3:
            if result[0] == 0:
                self._awaits_text = (row, column, xf)
            elif result[0] in (1, 2):
                kind, raw = _truth_or_error(result[2], result[0] - 1)
                self.cells.append((row, column, kind, raw, xf, ""))
            return
        self.cells.append((row, column, "n", raw_number(struct.unpack("<d", result)[0]), xf, ""))

    def _sheet_fact(self, code: int, data: bytes) -> None:
        if code == 0x208 and data[12] & 0x20:
            self.hidden_rows.append(int.from_bytes(data[:2], "little") + 1)
        elif code == 0x7D and data[8] & 1:
            first, last = struct.unpack_from("<HH", data)
            self.hidden_columns += range(first, min(last, 255) + 1)
        elif code == 0xE5:
            for i in range(int.from_bytes(data[:2], "little")):
                top, bottom, left, right = struct.unpack_from("<HHHH", data, 2 + 8 * i)
                self.merged.append(Merge(top + 1, left, bottom + 1, right))

    def _text(self, data: bytes, place: int, length_bytes: int) -> str:
        if self.version == 8:
            return unicode_text(data, place, 2)
        length = int.from_bytes(data[place : place + length_bytes], "little")
        return data[place + length_bytes : place + length_bytes + length].decode(self.codec, "replace")

    def _add(self, row: int, column: int, kind: str, raw: str, xf: int) -> None:
        self.cells.append((row, column, kind, raw, xf, None))

    def sheet(self, name: str, hidden: bool, kinds: list[str]) -> Sheet:
        """The collected cells with 1-based rows; `kinds`: format kind per xf."""
        known = [kind if kind != "number" else None for kind in kinds]
        rows = [
            (row + 1, column, kind, raw, known[xf] if kind == "n" and xf < len(known) else None, formula)
            for row, column, kind, raw, xf, formula in self.cells
        ]
        return Sheet(
            name,
            hidden,
            pl.DataFrame(rows, schema=CELLS, orient="row"),
            tuple(self.merged),
            tuple(self.hidden_rows),
            tuple(self.hidden_columns),
        )


def _truth_or_error(value: int, is_error: int) -> tuple[str, str]:
    return ("e", ERRORS.get(value, "#N/A")) if is_error else ("b", "TRUE" if value else "FALSE")
