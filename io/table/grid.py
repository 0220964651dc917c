"""What a format's reader hands to the layout: a sheet of text cells that nobody has interpreted yet."""

from dataclasses import dataclass, field

import polars as pl

from .source_table import NOTES, ROW

FIELDS = "fields"  # how many cells the line really had; only delimited text has it
Note = tuple[int | None, int | None, str, str | None, str | None]  # the columns of NOTES


@dataclass(frozen=True)
class Merge:
    """A merged range; rows 1-based, columns 0-based, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True)
class Grid:
    """cells: `row_number` (Int64), `c0 … cn` (String, null: blank) and, for delimited text, `fields` (Int64).

    positions: sheet column (0-based) of each `c`; columns blank from top to bottom may be missing.
    surplus: rows far wider than the rest, kept out of `cells`: row number → cells.
    notes: findings so far; their column is the sheet column, turned into the header's place by the layout.
    """

    cells: pl.DataFrame
    positions: tuple[int, ...]
    notes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NOTES))
    merged: tuple[Merge, ...] = ()
    surplus: dict[int, list[str]] = field(default_factory=dict)


def cell_columns(frame: pl.DataFrame) -> list[str]:
    """Names of the cell columns of a grid, in order."""
    return [name for name in frame.columns if name not in (ROW, FIELDS)]


def note_frame(notes: list[Note]) -> pl.DataFrame:
    """Notes as rows of NOTES."""
    return pl.DataFrame(notes, schema=NOTES, orient="row")


def is_blank(column: str) -> pl.Expr:
    """Null, empty or nothing but white space (any script's) and control characters, as old systems end files with."""
    return pl.col(column).is_null() | ~pl.col(column).str.contains(r"[^\s\x00-\x1f\x7f]")


def blank_rows(frame: pl.DataFrame, columns: list[str]) -> pl.Series:
    """Row numbers of the rows without any text. Columns are tried in turn, so that few rows are looked at twice."""
    left = frame
    for column in columns:
        if left.is_empty():
            break
        left = left.filter(is_blank(column))
    return left[ROW]
