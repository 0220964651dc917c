"""Sheets as every workbook format stores them, and the one way from there to a grid of text."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from ...table.addresses import column_letters
from ...table.grid import Grid, Merge, Note, note_frame
from .cell_runs import CELLS, Run, as_run, joined_runs

__all__ = ["CELLS", "OpenWorkbook", "Sheet", "Wanted", "sheet_grid"]


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook; hidden rows 1-based, hidden columns 0-based.

    cells: CELLS, in any order; or, for large sheets, `runs` that were made from them already.
    """

    name: str
    hidden: bool
    cells: pl.DataFrame
    merged: tuple[Merge, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def is_blank(self) -> bool:
        return not self.cells.height and not any(run.wide.height for run in self.runs)


Wanted = Callable[[str, bool], bool]  # (name of a sheet, whether it is hidden) → whether to read it


@dataclass(frozen=True)
class OpenWorkbook:
    """Sheets are read one by one, in the order of the tabs; a sheet that is not wanted comes without cells."""

    sheets: Iterable[Sheet]
    epoch_1904: bool = False
    notes: tuple[Note, ...] = ()


def sheet_grid(sheet: Sheet, epoch_1904: bool = False) -> Grid:
    """The sheet's text, with a note for each formula, error and number that has lost digits, and for what is hidden."""
    runs = list(sheet.runs) or [as_run(sheet.cells, epoch_1904)]
    wide, positions, notes = joined_runs(runs)
    return Grid(wide, positions, pl.concat([note_frame(_sheet_notes(sheet)), notes]), sheet.merged)


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
