"""Cells merged downwards: what stands in the first row of the range belongs to every record beside it."""

from collections import defaultdict

import polars as pl

from .addresses import column_letters
from .grid import Grid, Merge, is_blank
from .source_table import NOTES, ROW

_RANGES = pl.Schema({"first": pl.Int64, "last": pl.Int64, "text": pl.String, "range": pl.String})


def fill_merged(
    body: pl.DataFrame, grid: Grid, merged: tuple[Merge, ...], header_row: int
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Records whose blank cells under a merged range hold its text, and a note `cell.merged_fill` for each of them.

    merged: ranges with columns counted in the grid. Only the first column of a range is filled, and no row that was
    blank otherwise: such rows are not in `body`. The note's value is the range, its row and column are the cell's.
    """
    by_column: defaultdict[int, list[Merge]] = defaultdict(list)
    for merge in merged:
        if merge.last_row > merge.first_row > header_row:
            by_column[merge.first_column].append(merge)
    notes: list[pl.DataFrame] = []
    for place, merges in sorted(by_column.items()):
        name = f"c{place}"
        found = _filled(body, name, _ranges(grid, place, merges))
        if found.is_empty():
            continue
        joined = body.select(ROW).join(found, on=ROW, how="left", maintain_order="left")
        body = body.with_columns(pl.coalesce(joined["text"], body[name]).alias(name))
        notes.append(_notes(found, grid.positions[place]))
    return body, notes


def _ranges(grid: Grid, place: int, merges: list[Merge]) -> pl.DataFrame:
    """`first, last` (rows), `text` of the first row's cell and `range` (A2:B4), by rows."""
    letters = column_letters(grid.positions[place])
    rows = [
        (m.first_row, m.last_row, f"{letters}{m.first_row}:{column_letters(grid.positions[m.last_column])}{m.last_row}")
        for m in merges
    ]
    ranges = pl.DataFrame(rows, schema=["first", "last", "range"], orient="row")
    texts = grid.cells.select(pl.col(ROW).alias("first"), pl.col(f"c{place}").alias("text")).drop_nulls()
    return ranges.join(texts, on="first").select(pl.col(name).cast(dtype) for name, dtype in _RANGES.items())


def _filled(body: pl.DataFrame, name: str, ranges: pl.DataFrame) -> pl.DataFrame:
    """`row_number, text, range` of the blank cells that lie in a range."""
    blank = body.filter(is_blank(name)).select(ROW).sort(ROW)
    near = blank.join_asof(ranges.sort("first"), left_on=ROW, right_on="first", check_sortedness=False)
    return near.filter(pl.col(ROW) <= pl.col("last")).select(ROW, "text", "range")


def _notes(found: pl.DataFrame, position: int) -> pl.DataFrame:
    return found.select(
        ROW,
        column=pl.lit(position, pl.Int64),
        rule=pl.lit("cell.merged_fill"),
        value="range",
        suggestion=pl.lit(None, pl.String),
    ).cast(NOTES)
