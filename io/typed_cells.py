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
_MOST_GRID = 60_000_000  # cells of the rectangle around all cells, blank ones included
_MOST_TEXT = 1 << 30


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
    """Cells with `text` and `lost`, blank ones dropped; and the notes about single cells."""
    is_number = pl.col("type") == "n"
    numbers = cells.filter(is_number)
    if numbers.is_empty():
        cells = cells.with_columns(text="raw", lost=pl.lit(False))
    else:
        others = cells.filter(~is_number).with_columns(text="raw", lost=pl.lit(False))
        cells = pl.concat([_numbers_as_text(numbers, epoch_1904), others])
    return cells.filter(pl.col("text").is_not_null() & (pl.col("text") != "")), _cell_notes(cells)


def _numbers_as_text(numbers: pl.DataFrame, epoch_1904: bool) -> pl.DataFrame:
    """Short integers stand as they are; each other distinct number is written once."""
    plain = pl.col("format").is_null() & pl.col("raw").str.contains(r"^-?[1-9]\d{0,14}$|^0$")
    odd = numbers.filter(~plain & pl.col("raw").is_not_null()).select("raw", "format").unique(maintain_order=True)
    told = [number_text(raw.strip(), kind or "number", epoch_1904) for raw, kind in odd.iter_rows()]
    odd = odd.with_columns(
        pl.Series("text", [text for text, _ in told], pl.String),
        pl.Series("lost", [lost for _, lost in told], pl.Boolean),
    )
    joined = numbers.join(odd, on=["raw", "format"], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.coalesce("text", "raw"), pl.col("lost").fill_null(False))


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
            notes(pl.col("lost"), "cell.digits_lost", "text"),
        ]
    ).sort(ROW, "column", maintain_order=True)


def _wide(cells: pl.DataFrame) -> tuple[pl.DataFrame, tuple[int, ...]]:
    """Rows with `row_number` and one column per sheet column in use; a cell given twice counts once, the last."""
    rows = cells[ROW].unique().sort()
    positions = tuple(cells["column"].unique().sort().to_list())
    if len(rows) * len(positions) > _MOST_GRID or cells["text"].str.len_bytes().sum() > _MOST_TEXT:
        refuse("limit.size")
    placed = cells.with_columns(place=_places(cells[ROW], rows))
    parts = placed.partition_by("column", as_dict=True, include_key=False)
    columns = []
    for i, position in enumerate(positions):
        part = parts[(position,)]
        columns.append(_scattered(part, len(rows)).alias(f"c{i}"))
    return pl.DataFrame([rows.alias(ROW), *columns]), positions


def _places(numbers: pl.Series, rows: pl.Series) -> pl.Series:
    """The index of each row number among the sorted rows."""
    first = int(rows[0]) if len(rows) else 0
    if len(rows) and rows[-1] - first + 1 == len(rows):
        return (numbers - first).cast(pl.UInt32)
    return rows.search_sorted(numbers).cast(pl.UInt32)


def _scattered(part: pl.DataFrame, height: int) -> pl.Series:
    """The column's texts at their rows, null elsewhere."""
    places = part["place"]
    if (
        len(places) == height
        and places.is_sorted()
        and places[0] == 0
        and places[-1] == height - 1
        and not places.is_duplicated().any()
    ):
        return part["text"]
    source = pl.zeros(height, pl.UInt32, eager=True).replace({0: None})
    source = source.scatter(places, pl.int_range(part.height, dtype=pl.UInt32, eager=True))
    return part["text"].gather(source)


def _sheet_notes(sheet: Sheet) -> list[Note]:
    """Findings that concern the whole sheet; ranges are given in the sheet's own addresses."""
    notes: list[Note] = []
    if sheet.hidden:
        notes.append((None, None, "sheet.hidden", sheet.name, None))
    for first, last in _ranges(sheet.hidden_rows):
        notes.append((first, None, "sheet.hidden_rows", _range(str(first), str(last)), None))
    for first, last in _ranges(sheet.hidden_columns):
        text = _range(column_letters(first), column_letters(last))
        notes.append((None, first, "sheet.hidden_columns", text, None))
    for m in sheet.merged:
        text = f"{column_letters(m.first_column)}{m.first_row}:{column_letters(m.last_column)}{m.last_row}"
        notes.append((m.first_row, m.first_column, "sheet.merged", text, None))
    return notes


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}:{last}"


def _ranges(numbers: tuple[int, ...]) -> list[tuple[int, int]]:
    """Runs of neighbouring numbers, both ends included."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
