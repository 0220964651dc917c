"""Runs of rows: cells in the order of a workbook's file become text, one row wide, piece by piece.

A sheet of half a million rows is never held cell by cell; only its text is.
"""

from dataclasses import dataclass

import polars as pl

from ...table.reasons import refuse
from ...table.source_table import NOTES, ROW
from .number_text import number_text

# type: n number, s text, b boolean, e error. format: kind of the number format, null for plain numbers.
# A formula that nothing has computed yet is a number without `raw`; one that gives no text is an empty text.
CELLS = pl.Schema(
    {ROW: pl.Int64, "column": pl.Int64, "type": pl.String, "raw": pl.String, "format": pl.String, "formula": pl.String}
)
_MOST_GRID = 60_000_000  # cells of the rectangle around all cells, blank ones included
_MOST_TEXT = 1 << 30


@dataclass(frozen=True)
class Run:
    """wide: `row_number`, ascending, and a column of text per sheet column in use, named by its number.

    notes: NOTES of single cells; text: how many bytes the texts have.
    """

    wide: pl.DataFrame
    notes: pl.DataFrame
    text: int


def as_run(cells: pl.DataFrame, epoch_1904: bool = False) -> Run:
    """CELLS, in any order, as a run. A cell that is given twice counts once, the last."""
    cells, notes = _with_text(cells, epoch_1904)
    rows = cells[ROW].unique().sort()
    size = int(cells["text"].str.len_bytes().cast(pl.UInt64).sum() or 0)
    parts = cells.with_columns(place=_places(cells[ROW], rows)).partition_by("column", as_dict=True, include_key=False)
    _check_size(len(rows) * len(parts), size)
    every = pl.int_range(len(rows), dtype=pl.UInt32, eager=True)
    columns = [_scattered(part, every).alias(str(key[0])) for key, part in parts.items()]
    return Run(pl.DataFrame([rows.alias(ROW), *columns]), notes, size)


def joined_runs(runs: list[Run]) -> tuple[pl.DataFrame, tuple[int, ...], pl.DataFrame]:
    """(`row_number`, `c0 … cn`; the sheet column of each; all notes) of the runs of one sheet."""
    used = {name for run in runs for name in run.wide.columns} - {ROW}
    positions = sorted(int(name) for name in used)
    _check_size(sum(run.wide.height for run in runs) * len(positions), sum(run.text for run in runs))
    names = {str(position): f"c{i}" for i, position in enumerate(positions)}
    empty = pl.DataFrame(schema={ROW: pl.Int64, **dict.fromkeys(names, pl.String)})
    wide = pl.concat([empty, *(run.wide for run in runs)], how="diagonal").rename(names)
    if not _ascends(wide[ROW]):  # rows out of order, or in two places
        wide = wide.group_by(ROW).agg(pl.all().drop_nulls().last()).sort(ROW)
    notes = pl.concat([pl.DataFrame(schema=NOTES), *(run.notes for run in runs)])
    return wide, tuple(positions), notes.sort(ROW, "column", maintain_order=True)


def _ascends(rows: pl.Series) -> bool:
    return bool((rows.diff().drop_nulls() > 0).all())


def _check_size(cells: int, text: int) -> None:
    if cells > _MOST_GRID or text > _MOST_TEXT:
        refuse("limit.size")


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
    def notes(found: pl.DataFrame, rule: str, value: str) -> pl.DataFrame:
        return found.select(
            pl.col(ROW),
            pl.col("column"),
            rule=pl.lit(rule),
            value=pl.col(value),
            suggestion=pl.lit(None, pl.String),
        )

    formulas = cells.filter(pl.col("formula").is_not_null())
    never = (pl.col("type") == "n") & (pl.col("raw").is_null() | (pl.col("raw") == ""))
    return pl.concat(
        [
            notes(cells.filter(pl.col("type") == "e"), "cell.error", "text"),
            notes(formulas.filter(~never), "cell.formula", "formula"),
            notes(formulas.filter(never), "cell.formula_empty", "formula"),
            notes(cells.filter("lost"), "cell.digits_lost", "text"),
        ]
    )


def _places(numbers: pl.Series, rows: pl.Series) -> pl.Series:
    """The index of each row number among the sorted rows."""
    first = int(rows[0]) if len(rows) else 0
    if len(rows) and rows[-1] - first + 1 == len(rows):
        return (numbers - first).cast(pl.UInt32)
    return rows.search_sorted(numbers).cast(pl.UInt32)


def _scattered(part: pl.DataFrame, every: pl.Series) -> pl.Series:
    """The column's texts at their rows, null elsewhere; every: the places of all rows."""
    places = part["place"]
    if places.equals(every):
        return part["text"]
    source = pl.zeros(len(every), pl.UInt32, eager=True).replace({0: None})
    source = source.scatter(places, pl.int_range(part.height, dtype=pl.UInt32, eager=True))
    return part["text"].gather(source)
