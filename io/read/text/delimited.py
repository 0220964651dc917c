"""CSV and its relatives as a grid: polars parses, after every row's cells were counted.

Texts whose quotes break the RFC go through the row-by-row parser of `broken_text`.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from ...table.grid import FIELDS, Grid, cell_columns
from ...table.source_table import NOTES, ROW
from .broken_text import parse_rows, split_cells
from .dialect import Dialect
from .structure import Structure, scan

_WIDEST = 16_384  # as many columns as a workbook can have


def read_delimited(utf8: bytes, dialect: Dialect) -> Grid:
    """The text as a grid. `row_number` is the line on which a row begins; cells are as in the file."""
    if len(dialect.delimiter) > 1:
        return _with_one_sign(utf8, dialect)
    text = _one_kind_of_line_end(utf8)
    grid = None
    if text is not None and _fits_polars(dialect):
        structure = scan(text, dialect.delimiter, dialect.quote)
        grid = _parse(text, structure, dialect) if structure is not None else None
    grid = grid or parse_rows(utf8, dialect)
    return replace(grid, notes=pl.concat([grid.notes, *_cell_notes(grid.cells, utf8)]))


def _with_one_sign(utf8: bytes, dialect: Dialect) -> Grid:
    """Parsers split at one sign: one that the text does not hold stands in for a delimiter of several."""
    long, sign = dialect.delimiter, _unused_sign(utf8)
    grid = read_delimited(utf8.replace(long.encode(), sign.encode()), replace(dialect, delimiter=sign))
    texts = pl.col(cell_columns(grid.cells)).str.replace_all(sign, long, literal=True)
    surplus = {row: [cell.replace(sign, long) for cell in cells] for row, cells in grid.surplus.items()}
    return replace(grid, cells=grid.cells.with_columns(texts), surplus=surplus)


def _fits_polars(dialect: Dialect) -> bool:
    return len(dialect.delimiter.encode()) <= 1 and dialect.escape is None and not dialect.skip_space


def _one_kind_of_line_end(utf8: bytes) -> bytes | None:
    """Text that ends its lines with LF or CRLF; old Mac line ends are turned; None where kinds are mixed."""
    if b"\r" not in utf8:
        return utf8
    returns, pairs = utf8.count(b"\r"), utf8.count(b"\r\n")
    if returns == pairs:
        return utf8
    if b"\n" not in utf8 and b'"' not in utf8 and b"'" not in utf8:
        return utf8.replace(b"\r", b"\n")
    return None


def _parse(text: bytes, structure: Structure, dialect: Dialect) -> Grid | None:
    """polars' reading of the text with line numbers and cell counts; None where it disagrees with our count."""
    blank = np.diff(structure.starts, append=len(text)) <= len(b"\r\n")
    width = usual_width(structure.cells if blank.all() else structure.cells[~blank])
    wide = np.flatnonzero(structure.cells > width)
    surplus = {int(structure.lines[i]): _one_row(text, structure, int(i), dialect) for i in wide}
    body = _without_rows(text, structure, wide) if len(wide) else text
    kept = np.delete(np.arange(len(structure.cells)), wide)
    if not len(kept):
        return None
    try:
        cells = _polars_cells(body, width, int(structure.cells[kept[0]]), dialect)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):  # a panic is no Exception
        return None
    if cells.height != len(kept):
        return None
    cells = cells.with_columns(
        pl.Series(FIELDS, structure.cells[kept], pl.Int64), pl.Series(ROW, structure.lines[kept], pl.Int64)
    ).select(ROW, FIELDS, pl.exclude(ROW, FIELDS))
    return Grid(cells, tuple(range(width)), surplus=surplus)


def usual_width(cells: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """Cells of the widest row that is not an outlier: rows far wider than most are kept aside, not padded to."""
    if not len(cells):
        return 1
    counts = np.bincount(np.minimum(cells, _WIDEST))
    usual = int(counts[1:].argmax()) + 1 if len(counts) > 1 else 1
    common = np.flatnonzero(counts >= max(1, 0.005 * len(cells)))
    near = common[common <= max(2 * usual + 16, 64)]
    return max(usual, int(near.max()) if len(near) else 1)


def _polars_cells(body: bytes, width: int, first_width: int, dialect: Dialect) -> pl.DataFrame:
    """polars takes the number of columns from the first line; where that is narrower, we put one of ours on top."""
    separator = dialect.delimiter or _unused_sign(body)
    names = [f"c{i}" for i in range(width)]
    quote = dialect.quote if dialect.quote and dialect.quote.encode() in body else None
    own_header = first_width != width
    if own_header:
        body = b"".join(((separator.join(names) + "\n").encode(), body))
    frame = pl.read_csv(
        body,
        has_header=own_header,
        new_columns=names,
        separator=separator,
        quote_char=quote,
        infer_schema=False,
        raise_if_empty=False,
    )
    if quote is None:
        return frame
    return frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in names)


def _unused_sign(body: bytes) -> str:
    return next(sign for sign in ("\x1f", "\x1e", "\x1d", "\x01", "\x02", "\x03", "\x7f") if sign.encode() not in body)


def _one_row(text: bytes, structure: Structure, index: int, dialect: Dialect) -> list[str]:
    line = text[structure.starts[index] : _end(text, structure, index)].decode("utf-8")
    return split_cells(line, dialect.reader_options())


def _without_rows(text: bytes, structure: Structure, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bytes:
    pieces, start = [], 0
    for index in rows:
        pieces.append(text[start : structure.starts[index]])
        start = _end(text, structure, int(index))
    pieces.append(text[start:])
    return b"".join(pieces)


def _end(text: bytes, structure: Structure, index: int) -> int:
    return int(structure.starts[index + 1]) if index + 1 < len(structure.starts) else len(text)


def _cell_notes(cells: pl.DataFrame, utf8: bytes) -> list[pl.DataFrame]:
    """NUL bytes (half-written files, fields of fixed length), and numbers that a spreadsheet has cut to 1.38E+10."""
    found = []
    if b"\0" in utf8:
        found.append(_noted(cells, r"\x00", "cell.nul", with_value=False))
    if b"+" in utf8 and (b"E+" in utf8 or b"e+" in utf8):  # one byte is found ten times faster than two
        found.append(_noted(cells, r"^\s*[-+]?\d(?:\.\d+)?[Ee]\+\d+\s*$", "cell.digits_lost", with_value=True))
    return found


def _noted(cells: pl.DataFrame, pattern: str, rule: str, *, with_value: bool) -> pl.DataFrame:
    """A note for each cell that matches."""
    found = [pl.DataFrame(schema=NOTES)]
    seen = cells.select(pl.col(cell_columns(cells)).str.contains(pattern)).get_columns()
    rows, columns = cells[ROW], cells.select(cell_columns(cells)).get_columns()
    for position, (texts, hit) in enumerate(zip(columns, seen, strict=True)):
        if hit.any():
            value = pl.col("value") if with_value else pl.lit(None, pl.String).alias("value")
            noted = pl.DataFrame([rows, texts.alias("value")]).filter(hit)
            found.append(
                noted.select(ROW, pl.lit(position, pl.Int64).alias("column"), pl.lit(rule).alias("rule"), value)
            )
    return pl.concat(found, how="diagonal").sort(ROW, "column")
