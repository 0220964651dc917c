"""From a sheet of cells to a table: where its header is, which rows are records, and which are not.

Nothing is lost: each row with text is the header, a record, or set aside with the rule that says why.
"""

from dataclasses import dataclass

import polars as pl

from .grid import FIELDS, Grid, Merge, Note, blank_rows, cell_columns, note_frame
from .header import LOOKED_AT, Header, find_header, unique_headers
from .merged_cells import fill_merged
from .set_aside import as_set_aside, split_footers, split_headers, split_ragged, split_surplus, split_totals
from .source_table import NOTES, ROW, SET_ASIDE


@dataclass(frozen=True)
class Layout:
    """What `SourceTable` needs of a sheet; `positions` are sheet columns (0-based), one per header.

    header_row: row number of the (last) header row; 0 where the table begins with data.
    """

    header_row: int
    headers: tuple[str, ...]
    positions: tuple[int, ...]
    rows: pl.DataFrame
    set_aside: pl.DataFrame
    notes: pl.DataFrame


def lay_out(grid: Grid, header_row: int | None = None) -> Layout | None:
    """The table of a grid; None where the grid holds no text at all. `header_row` is the user's word."""
    columns = cell_columns(grid.cells)
    blank = blank_rows(grid.cells, columns)
    cells = grid.cells.filter(~pl.col(ROW).is_in(blank.implode())) if len(blank) else grid.cells
    if cells.is_empty():
        return None
    top = cells.head(LOOKED_AT + 2)
    numbers = top[ROW].to_list()
    merged = _in_places(grid)
    header = find_header(top.select(columns).rows(), numbers, merged, header_row)
    found = header.first <= header.last
    number = numbers[header.last] if found else 0
    body = cells.slice(header.last + 1) if found else cells
    aside = _above(cells.head(header.first), columns) if found and header.first else []
    if found:
        body, repeated = split_headers(body, columns, cells.slice(header.first, header.last - header.first + 1))
        aside += repeated
    return _Table(grid, columns, header, number, merged).finish(body, aside)


def _in_places(grid: Grid) -> tuple[Merge, ...]:
    """Merged ranges with columns counted in the grid instead of the sheet."""
    place = {position: i for i, position in enumerate(grid.positions)}
    last = len(grid.positions) - 1
    return tuple(
        Merge(m.first_row, place[m.first_column], m.last_row, place.get(m.last_column, last))
        for m in grid.merged
        if m.first_column in place
    )


def _above(rows: pl.DataFrame, columns: list[str]) -> list[pl.DataFrame]:
    """Rows above the header: one text alone is a title, anything else a preamble."""
    filled = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int32) for name in columns)
    rule = pl.when(filled == 1).then(pl.lit("row.title")).otherwise(pl.lit("row.preamble"))
    return [as_set_aside(rows, columns, rule)]


@dataclass(frozen=True)
class _Table:
    """A grid whose header is known."""

    grid: Grid
    columns: list[str]
    header: Header
    header_row: int
    merged: tuple[Merge, ...]

    def finish(self, body: pl.DataFrame, aside: list[pl.DataFrame]) -> Layout:
        notes: list[Note] = []
        body, totals = split_totals(body, self.columns)
        body, footers = split_footers(body, self.columns)
        aside = [*aside, *totals, *footers]
        columns = self.columns
        if FIELDS in body.columns:
            width = self._width(body)
            body, ragged = split_ragged(body, columns, width, notes)
            aside += [*ragged, *split_surplus(self.grid, self.header_row, width, notes)]
            columns = columns[:width]
        body, fills = fill_merged(body, self.grid, self.merged, self.header_row)
        kept = self._with_content(body, columns)
        positions = tuple(self.grid.positions[i] for i in kept)
        headers = self._headers(kept, positions, notes)
        return Layout(
            self.header_row,
            headers,
            positions,
            body.select(ROW, *(pl.col(columns[i]).alias(f"c{n}") for n, i in enumerate(kept))),
            pl.concat(aside).sort(ROW) if aside else pl.DataFrame(schema=SET_ASIDE),
            pl.concat([_placed(pl.concat([self.grid.notes, *fills]), positions), note_frame(notes)]),
        )

    def _width(self, body: pl.DataFrame) -> int:
        """Columns of the table: up to the last label, or more where most lines agree on more."""
        labels = self.header.labels
        labelled = max((i + 1 for i, label in enumerate(labels) if (label or "").strip()), default=0)
        counts = body[FIELDS].value_counts().sort("count", FIELDS, descending=True)
        if counts.is_empty():
            return max(labelled, 1)
        if not labelled:  # nothing says how wide the table is: no width that many lines have may be cut off
            widths = counts.filter(pl.col("count") >= 0.1 * body.height)[FIELDS]
            return min(max(widths.to_list(), default=1), len(self.columns))
        usual, rows = counts.row(0)
        return max(labelled, min(usual, len(self.columns)) if rows > 0.5 * body.height else 1)

    def _with_content(self, body: pl.DataFrame, columns: list[str]) -> list[int]:
        """Indices of the columns with a label or a value: blank from top to bottom is no column."""
        counts = body.select(pl.col(columns).count()).row(0)
        return [i for i, n in enumerate(counts) if n or (self._label(i) or "").strip()] or [0]

    def _label(self, index: int) -> str | None:
        return self.header.labels[index] if index < len(self.header.labels) else None

    def _headers(self, kept: list[int], positions: tuple[int, ...], notes: list[Note]) -> tuple[str, ...]:
        labels = tuple(self._label(i) for i in kept)
        headers, repeated, missing = unique_headers(labels, positions)
        row = self.header_row or None
        notes += [(row, i, "header.duplicate", labels[i], headers[i]) for i in repeated]
        notes += [(row, i, "header.missing", None, headers[i]) for i in missing]
        return headers


def _placed(notes: pl.DataFrame, positions: tuple[int, ...]) -> pl.DataFrame:
    """Notes whose column is the place in the headers; a note outside the table speaks of its whole row."""
    if notes.is_empty():
        return notes
    places = pl.DataFrame(
        {"column": positions, "place": range(len(positions))}, {"column": pl.Int64, "place": pl.Int64}
    )
    joined = notes.join(places, on="column", how="left", maintain_order="left")
    return joined.with_columns(column=pl.col("place")).select(NOTES.names())
