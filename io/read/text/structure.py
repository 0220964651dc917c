"""Where the rows of a delimited text begin, and how many cells each has, in one vectorised pass over the bytes.

Parsers pad short rows and cut long ones without a word; this count is what makes ragged rows visible.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CHUNK = 1 << 20  # what a processor's cache holds
_NEWLINE, _RETURN = 10, 13

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Structure:
    """starts: byte offset of each row; cells: how many it has; lines: 1-based line of its beginning."""

    starts: Positions
    cells: Positions
    lines: Positions


def scan(utf8: bytes, delimiter: str, quote: str) -> Structure | None:
    """The structure of a text by RFC 4180, or None where a quote stands in a place that the RFC does not know.

    delimiter "": every row has one cell. The last row may lack its line end; an empty text has no rows.
    """
    data = np.frombuffer(utf8, np.uint8)
    delimiter_byte = ord(delimiter) if delimiter else _NEWLINE
    quoted = bool(quote) and quote.encode() in utf8
    scanner = _Scanner(delimiter_byte, ord(quote) if quoted else None)
    for start in range(0, len(data), _CHUNK):
        if not scanner.feed(data, start, min(start + _CHUNK, len(data))):
            return None
    return scanner.finish(data)


class _Scanner:
    """Carries over a chunk's border: whether a quote is open, and how many cells the row has so far."""

    def __init__(self, delimiter: int, quote: int | None) -> None:
        self.delimiter, self.quote = delimiter, quote
        self.open = False
        self.cells_so_far = 0
        self.ends: list[Positions] = []
        self.cells: list[Positions] = []
        self.inner_newlines: list[Positions] = []

    def feed(self, data: Bytes, start: int, end: int) -> bool:
        chunk = data[start:end]
        newline = chunk == _NEWLINE
        marks = newline | (chunk == self.delimiter)
        if self.quote is not None:
            inside = self._inside_quotes(data, start, end, marks)
            if inside is None:
                return False
            inner = newline & inside
            if inner.any():
                self.inner_newlines.append(np.flatnonzero(inner) + start)
            marks &= ~inside
        positions = np.flatnonzero(marks)
        row_ends = np.flatnonzero(newline[positions])
        self.ends.append(positions[row_ends] + start)
        delimiters = np.diff(row_ends, prepend=-1) - 1
        if len(row_ends):
            delimiters[0] += self.cells_so_far
            self.cells_so_far = len(positions) - row_ends[-1] - 1
        else:
            self.cells_so_far += len(positions)
        self.cells.append(delimiters + 1)
        return True

    def _inside_quotes(self, data: Bytes, start: int, end: int, ends_cell: Mask) -> Mask | None:
        """Bytes behind an odd and before an even quote. None where a quote neither borders a cell nor doubles another."""
        chunk = data[start:end]
        is_quote = chunk == self.quote
        inside = np.bitwise_xor.accumulate(is_quote)
        if self.open:
            np.logical_not(inside, out=inside)
        border = ends_cell | is_quote
        opening, closing = is_quote & inside, is_quote & ~inside
        before = data[start - 1] if start else _NEWLINE
        if (opening[1:] & ~border[:-1]).any() or (opening[0] and not self._is_border(before)):
            return None
        border |= chunk == _RETURN
        after = data[end] if end < len(data) else _NEWLINE
        if (closing[:-1] & ~border[1:]).any() or (closing[-1] and not (after == _RETURN or self._is_border(after))):
            return None
        self.open = bool(inside[-1])
        return inside

    def _is_border(self, value: np.uint8 | int) -> bool:
        return int(value) in (self.delimiter, _NEWLINE, self.quote)

    def finish(self, data: Bytes) -> Structure | None:
        if self.open:
            return None
        ends, cells = np.concatenate([*self.ends, _NONE]), np.concatenate([*self.cells, _NONE])
        last = int(ends[-1]) + 1 if len(ends) else 0
        if last < len(data):
            ends, cells = np.append(ends, len(data)), np.append(cells, self.cells_so_far + 1)
        starts = np.concatenate([np.zeros(min(1, len(ends)), np.int64), ends[:-1] + 1])
        inner = np.concatenate([*self.inner_newlines, _NONE])
        lines = np.arange(1, len(starts) + 1) + np.searchsorted(inner, starts)
        return Structure(starts, cells, lines)


_NONE: Positions = np.empty(0, np.int64)
