"""Lines whose quotes do not come out even: which of them are quotes and which are ordinary signs.

Nobody can know; but where exactly one reading gives the line as many cells as the table has, that is it.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from .dialect import Dialect

_MOST_CELLS = 40  # quoted cells of a row that are tried as unquoted ones
_SAMPLE = 2_000  # lines by which the usual number of cells is told
_MOST_LINES = 5  # of a row whose quotes are odd


def is_clean(text: str, dialect: Dialect) -> bool:
    """Whether the quotes of a row stand where RFC 4180 wants them: then its cells are what they are."""
    return bool(dialect.escape) or not dialect.quote or _clean_row(dialect).fullmatch(text.rstrip("\r\n")) is not None


class _Reading(NamedTuple):
    """cells: none where the row cannot be read so. quoted: how many began with a quote. open: one was never closed."""

    cells: list[str]
    quoted: int
    open: bool


def mended(lines: list[str], first: int, dialect: Dialect, width: int, *, must: bool) -> tuple[list[str], int] | None:
    """The `width` cells of the row that begins at line `first`, and the index of its last line; None: no reading fits.

    A quote ends a cell only in front of a delimiter or the row's end; one opening quote may be an ordinary sign.
    must: where no reading closes every quote, one in which a quote stays open will do.
    """
    fallback = None
    for last in range(first, min(first + _MOST_LINES, len(lines))):
        body = "".join(lines[first : last + 1]).rstrip("\r\n")
        for reading in _readings(body, dialect, width):
            if len(reading.cells) == width and not reading.open:
                return reading.cells, last
            if must and len(reading.cells) == width and fallback is None:
                fallback = reading.cells, last
    return fallback


def _readings(body: str, dialect: Dialect, width: int) -> Iterator[_Reading]:
    """The row with every opening quote taken for one, then with each in turn taken for an ordinary sign."""
    plain = _split(body, dialect, None, width)
    yield plain
    for place in range(min(plain.quoted, _MOST_CELLS)):
        yield _split(body, dialect, place, width)


def _split(body: str, dialect: Dialect, literal: int | None, width: int | None = None) -> _Reading:
    """The row with the quoted cell numbered `literal` taken as it stands; no more than one cell beyond `width`."""
    opening, closing = _quotes(dialect)
    ends, delimiter = [quote.start() for quote in closing.finditer(body)], dialect.delimiter or "\x1f"
    cells: list[str] = []
    place, quoted, left_open = 0, 0, False
    while True:
        match = opening.match(body, place)
        last = bisect_left(ends, match.end()) if match is not None else len(ends)
        closed = last < len(ends)
        if match is not None and closed and quoted != literal:
            end, cell = ends[last] + len(dialect.quote), body[match.end() : ends[last]]
            if _swallows(cell, dialect):
                return _Reading([], quoted, False)
            cells.append(cell.replace(dialect.quote * 2, dialect.quote))
        else:
            end = body.find(delimiter, place)
            end = len(body) if end < 0 else end
            if _several_lines(body[place:end]):  # only a quoted cell has them
                return _Reading([], quoted, False)
            left_open |= not closed and body.startswith(dialect.quote, place)
            cells.append(body[place:end])
        quoted += closed
        if end >= len(body) or len(cells) == (width or 0) + 1 > 1:
            return _Reading(cells, quoted, left_open)
        place = end + len(delimiter)


def _several_lines(text: str) -> bool:
    return "\n" in text or "\r" in text


def _swallows(cell: str, dialect: Dialect) -> bool:
    """Whether a cell of several lines holds what looks like the opening quote of another cell."""
    return _several_lines(cell) and (dialect.delimiter + dialect.quote in cell or "\n" + dialect.quote in cell)


@cache
def _quotes(dialect: Dialect) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The quote that opens a cell, with the space before it, and one that may close it."""
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter or "\x1f")
    space = " *" if dialect.skip_space else ""
    return re.compile(f"{space}{quote}"), re.compile(rf"{quote}(?={delimiter}|\Z)")


@cache
def _clean_row(dialect: Dialect) -> re.Pattern[str]:
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter or "\x1f")
    space = " *+" if dialect.skip_space else ""
    cell = rf"{space}(?:{quote}(?:[^{quote}]|{quote}{quote})*+{quote}|[^{quote}{delimiter}]*+)"
    return re.compile(rf"{cell}(?:{delimiter}{cell})*+", re.DOTALL)


def usual_cells(lines: list[str], dialect: Dialect) -> int | None:
    """How many cells the lines have whose quotes are in order, where most agree; None where there are too few to say."""
    if dialect.escape:
        return None
    delimiter = dialect.delimiter or "\x1f"
    counts: Counter[int] = Counter()
    for line in lines[:_SAMPLE]:
        if line.isspace():
            continue
        if not dialect.quote or dialect.quote not in line:
            counts[line.count(delimiter) + 1] += 1
        elif is_clean(line, dialect):
            counts[len(_split(line.rstrip("\r\n"), dialect, None).cells)] += 1
    width, rows = counts.most_common(1)[0] if counts else (0, 0)
    return width if rows >= 2 and 2 * rows > counts.total() else None
