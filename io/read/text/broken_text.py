"""The row-by-row parser for delimited text that breaks the rules: stray and unclosed quotes, mixed line ends.

What other parsers do with an opening quote that is never closed is to swallow the rest of the file. Here a
quote that finds no end within `_LOOK_AHEAD` lines with quotes is an ordinary character, its line is one row, and says so.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache

import polars as pl

from ...table.grid import FIELDS, Grid, Note, note_frame
from ...table.source_table import ROW
from .dialect import Dialect
from .stray_quotes import is_clean, mended, usual_cells

_LOOK_AHEAD = 100  # lines with a quote
_LONGEST = 2_000  # lines of one cell
_BATCH = 50_000
_WIDEST = 16_384
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
csv.field_size_limit(1 << 28)

Row = tuple[int, list[str]]


def parse_rows(utf8: bytes, dialect: Dialect) -> Grid:
    """The text as a grid; notes `row.unclosed_quote` with the line on which the row begins."""
    notes: list[Note] = []
    lines = physical_lines(utf8.decode("utf-8", "replace"))
    frames: list[pl.DataFrame] = []
    batch: list[Row] = []
    surplus: dict[int, list[str]] = {}
    for row in logical_rows(lines, dialect, notes, usual_cells(lines, dialect)):
        if len(row[1]) > _WIDEST:
            surplus[row[0]] = row[1]
            continue
        batch.append(row)
        if len(batch) >= _BATCH:
            frames.append(_frame(batch))
            batch = []
    frames.append(_frame(batch))
    cells = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
    return Grid(cells, tuple(range(cells.width - 2)), note_frame(notes), surplus=surplus)


def physical_lines(text: str) -> list[str]:
    """Lines with their ends (CRLF, LF or CR); unlike `splitlines`, no other sign ends a line."""
    return _LINE.findall(text)


def logical_rows(lines: list[str], dialect: Dialect, notes: list[Note], width: int | None = None) -> Iterator[Row]:
    """(line number, cells) of each row; a blank line is a row of one empty cell.

    width: cells that a row should have; a line whose quotes are odd is read so that it has as many, where it can.
    """
    special = tuple(sign for sign in (dialect.quote, dialect.escape, " " if dialect.skip_space else "") if sign)
    delimiter = str(dialect.reader_options()["delimiter"])
    index = 0
    while index < len(lines):
        line, first = lines[index], index
        if not any(sign in line for sign in special):
            yield index + 1, line.rstrip("\r\n").split(delimiter)
            index += 1
            continue
        cells, last, odd = _row_with_quotes(lines, first, dialect, width)
        if odd:
            notes.append((first + 1, None, "row.unclosed_quote", None, None))
        yield first + 1, cells
        index = last + 1


def _row_with_quotes(lines: list[str], first: int, dialect: Dialect, width: int | None) -> tuple[list[str], int, bool]:
    """Cells of the row that begins at `first`, the index of its last line, and whether a quote was out of place."""
    options = dialect.reader_options()
    last = _last_line(lines, first, dialect)
    odd = last is None
    if odd:
        options |= {"quoting": csv.QUOTE_NONE, "quotechar": None, "escapechar": None, "doublequote": True}
    end = first if last is None else last
    text = "".join(lines[first : end + 1])
    cells = split_cells(text, options)
    if width is not None and (odd or not is_clean(text, dialect)):
        better = mended(lines, first, dialect, width, must=odd or len(cells) != width)
        if better is not None and better[0] != cells:
            return *better, True
    return cells, end, odd


def split_cells(text: str, options: dict[str, object]) -> list[str]:
    """Cells of one row as `csv.reader` splits it, without the line end."""
    body = text.removesuffix("\n").removesuffix("\r")
    try:
        return next(csv.reader([body], **options), None) or [""]  # type: ignore[arg-type]
    except csv.Error:  # a lone return inside: the module takes it for a line end
        return body.split(str(options["delimiter"]))


def _last_line(lines: list[str], first: int, dialect: Dialect) -> int | None:
    """Index of the line on which the row that begins at `first` ends; None: its quote is never closed."""
    if not dialect.quote or dialect.quote not in lines[first]:
        return first
    if not _leaves_open(lines[first], 0, dialect):
        return first
    closed, rest = _patterns(dialect)[1:]
    seen = 0
    for index in range(first + 1, min(first + _LONGEST, len(lines))):
        if dialect.quote not in lines[index]:
            continue
        seen += 1
        if seen > _LOOK_AHEAD:
            return None
        end = closed.match(lines[index])
        if end is None and rest.fullmatch(lines[index]) is None:
            return None  # a quote in the middle: the next cell's opening one, so ours was never closed
        if end is not None and not _leaves_open(lines[index], end.end(), dialect):
            return index
    return None


def _leaves_open(line: str, place: int, dialect: Dialect) -> bool:
    """Whether a quoted cell is still open at the end of the line, read from `place` on, where a cell begins."""
    cell = _patterns(dialect)[0]
    while place < len(line):
        match = cell.match(line, place)
        if match is None or match.group("open") is not None:
            return True
        place = match.end()
    return False


@cache
def _patterns(dialect: Dialect) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """One cell with the delimiter behind it; the end of a quoted cell with the delimiter; no end at all.

    Within one line the text behind a closing quote is forgiven; over several lines only a clean end counts.
    """
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter or "\x1f")
    if dialect.escape:
        inner = rf"(?:[^{quote}{re.escape(dialect.escape)}]|{re.escape(dialect.escape)}.)*+"
    else:
        inner = rf"(?:[^{quote}]|{quote}{quote})*+"
    space = " *+" if dialect.skip_space else ""
    plain = rf"[^{delimiter}]*+(?:{delimiter}|\Z)"
    cell = rf"{space}(?:{quote}{inner}(?:{quote}{plain}|(?P<open>\Z))|{plain})"
    end = rf"{inner}{quote}(?:{delimiter}|[\r\n]*\Z)"
    return re.compile(cell, re.DOTALL), re.compile(end, re.DOTALL), re.compile(inner, re.DOTALL)


def _frame(batch: list[Row]) -> pl.DataFrame:
    """Rows of unequal length as columns; missing and empty cells are null."""
    width = max((len(cells) for _, cells in batch), default=1)
    columns = {f"c{i}": [cells[i] or None if i < len(cells) else None for _, cells in batch] for i in range(width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_columns(
        pl.Series(ROW, [number for number, _ in batch], pl.Int64),
        pl.Series(FIELDS, [len(cells) for _, cells in batch], pl.Int64),
    ).select(ROW, FIELDS, pl.exclude(ROW, FIELDS))
