"""Cells as every workbook format stores them, and the one way from there to a grid of text."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from .addresses import column_letters
from .grid import Grid, Merge, Note, note_frame
from .number_text import number_text
from .reasons import refuse
from .source_table import ROW

# type: n number, s text, b boolean, e error. format: kind of the number format, null for plain numbers.
CELLS = pl.Schema(
    {ROW: pl.Int64, "column": pl.Int64, "type": pl.String, "raw": pl.String, "format": pl.String, "formula": pl.String}
)
_MOST_GRID = 120_000_000  # cells of the rectangle around all cells, blank ones included
_MOST_TEXT = 2 << 30


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook. cells: CELLS, in any order; hidden rows 1-based, hidden columns 0-based."""

    name: str
    hidden: bool
    cells: pl.DataFrame
    merged: tuple[Merge, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


Wanted = Callable[[str, bool], bool]  # (name of a sheet, whether it is hidden) → whether to read it


@dataclass(frozen=True)
class OpenWorkbook:
    """Sheets are read one by one, in the order of the tabs; a sheet that is not wanted comes without cells."""

    sheets: Iterable[Sheet]
    epoch_1904: bool = False
    notes: tuple[Note, ...] = ()


def sheet_grid(sheet: Sheet, epoch_1904: bool = False) -> Grid:
    """The sheet's text, with a note for each formula, error and number that has lost digits, and for what is hidden."""
    cells, notes = _with_text(sheet.cells, epoch_1904)
    wide, positions = _wide(cells)
    return Grid(wide, positions, pl.concat([note_frame(_sheet_notes(sheet)), notes]), sheet.merged)


def _with_text(cells: pl.DataFrame, epoch_1904: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`text` and `lost` for each cell, null cells dropped; the notes about single cells."""
    plain = pl.col("format").is_null() & pl.col("raw").str.contains(r"^-?[1-9]\d{0,14}$|^0$")
    odd = cells.filter((pl.col("type") == "n") & ~plain.fill_null(False)).select("raw", "format").unique()
    if odd.height:
        told = [number_text(raw, kind or "number", epoch_1904) for raw, kind in odd.iter_rows() if raw is not None]
        odd = odd.filter(pl.col("raw").is_not_null()).with_columns(
            pl.Series("text", [text for text, _ in told], pl.String), pl.Series("lost", [lost for _, lost in told], pl.Boolean)
        )
        numbers = cells.filter(pl.col("type") == "n")
        rest = cells.filter(pl.col("type") != "n")
        joined = numbers.join(odd, on=["raw", "format"], how="left", nulls_equal=True)
        cells = pl.concat([joined, rest], how="diagonal")
    else:
        cells = cells.with_columns(text=pl.lit(None, pl.String), lost=pl.lit(None, pl.Boolean))
    cells = cells.with_columns(text=pl.coalesce("text", "raw"))
    return cells.filter(pl.col("text").is_not_null() & (pl.col("text") != "")), _cell_notes(cells)


def _cell_notes(cells: pl.DataFrame) -> pl.DataFrame:
    def notes(wanted: pl.Expr, rule: str, value: str) -> pl.DataFrame:
        found = cells.filter(wanted)
        return found.select(
            pl.col(ROW),
            pl.col("column"),
            rule=pl.lit(rule),
            value=pl.col(value),
            suggestion=pl.lit(None, pl.String),
        )

    return pl.concat(
        [
            notes(pl.col("type") == "e", "cell.error", "text"),
            notes(pl.col("formula").is_not_null(), "cell.formula", "formula"),
            notes(pl.col("lost").fill_null(False), "cell.digits_lost", "text"),
        ]
    ).sort(ROW, "column", maintain_order=True)


def _wide(cells: pl.DataFrame) -> tuple[pl.DataFrame, tuple[int, ...]]:
    """Rows with `row_number` and one column per sheet column in use; a cell given twice counts once, the last."""
    rows = cells[ROW].unique().sort()
    positions = tuple(cells["column"].unique().sort().to_list())
    if len(rows) * len(positions) > _MOST_GRID or cells["text"].str.len_bytes().sum() > _MOST_TEXT:
        refuse("limit.size")
    index = pl.DataFrame({ROW: rows, "place": range(len(rows))}, schema={ROW: pl.Int64, "place": pl.UInt32})
    placed = cells.join(index, on=ROW, how="left", maintain_order="left")
    parts = placed.partition_by("column", as_dict=True, include_key=False)
    columns = []
    for i, position in enumerate(positions):
        part = parts[(position,)]
        columns.append(_scattered(part, len(rows)).alias(f"c{i}"))
    return pl.DataFrame([rows.alias(ROW), *columns]), positions


def _scattered(part: pl.DataFrame, height: int) -> pl.Series:
    """The column's texts at their rows, null elsewhere."""
    places = part["place"]
    if len(places) == height and places.is_sorted() and places[0] == 0 and places[-1] == height - 1 and not places.is_duplicated().any():
        return part["text"]
    source = pl.zeros(height, pl.UInt32, eager=True).replace({0: None})
    source = source.scatter(places, pl.int_range(part.height, dtype=pl.UInt32, eager=True))
    return part["text"].gather(source)


def _sheet_notes(sheet: Sheet) -> list[Note]:
    """Findings that concern the whole sheet; ranges are given in the sheet's own addresses."""
    notes: list[Note] = []
    if sheet.hidden:
        notes.append((None, None, "sheet.hidden", sheet.name, None))
    if sheet.hidden_rows:
        notes += [(row, None, "sheet.hidden_rows", str(row), None) for row in sheet.hidden_rows]
    notes += [(None, column, "sheet.hidden_columns", column_letters(column), None) for column in sheet.hidden_columns]
    for m in sheet.merged:
        text = f"{column_letters(m.first_column)}{m.first_row}:{column_letters(m.last_column)}{m.last_row}"
        notes.append((m.first_row, m.first_column, "sheet.merged", text, None))
    return notes
