"""The import that crashes: a clean table where a known number of rows carries what no eye sees, or formula residue."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import xlsxwriter

from .draw import Draw
from .forms import INVISIBLE
from .records import clean_rows
from .samples_sheet import CREATED
from .table import HEADER
from .world import World, make_world

ROWS, SOILED = 32_756, 1_842
_FILLED = {"name": 1.0, "code": 0.7, "phone": 1.0, "line_number": 0.5, "email": 0.8, "owner": 0.9, "remark": 0.6}
_SOILABLE = ("联系人", "客户名称", "统一社会信用代码", "手机号", "邮箱", "地址", "备注")
_HIDDEN = (*INVISIBLE, "\ufe0e", "\U000e0020", "\U000e0101", "\u2028", "\u2067", "\u202e", "\u115f", "\x1b", "\x85")
_FORMULAS: tuple[Callable[[str], str], ...] = (
    lambda text: f'="{text}"',
    lambda text: f"'{text}",
    lambda text: f"{text}_x000D_",
    lambda text: f'=HYPERLINK("http://crm.example.com","{text}")',
    lambda _: "=VLOOKUP(A2,客户!A:F,3,0)",
    lambda _: '=IFERROR(VLOOKUP(B2,Sheet2!$A:$C,2,FALSE),"")',
    lambda _: "#N/A",
    lambda _: "#REF!",
    lambda _: "#VALUE!",
    lambda _: "#NAME?",
    lambda _: "#DIV/0!",
)


class Soil(NamedTuple):
    """One soiled cell; `kind` is `invisible` or `formula`."""

    row: int
    column: str
    kind: str
    cell: str
    clean: str


def write_crash(path: Path, seed: int = 1) -> list[str]:
    """Write the table as .csv or .xlsx, `<name>.truth.csv` beside it; the ids of the soiled rows, in row order."""
    table, soils = make_crash(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".xlsx":
        _write_workbook(path, table)
    else:
        table.write_csv(path)
    ids = table["客户编号"]
    truth = pl.DataFrame(soils, schema=list(Soil._fields), orient="row").with_columns(
        record_id=ids.gather([soil.row for soil in soils])
    )
    truth.select("record_id", "column", "kind", "cell", "clean").write_csv(path.with_suffix(".truth.csv"))
    return [ids[row] for row in sorted({soil.row for soil in soils})]


def make_crash(seed: int = 1) -> tuple[pl.DataFrame, list[Soil]]:
    """The table, all text, and its soiled cells."""
    world = make_world(ROWS, seed)
    clean = _clean_table(world)
    rows = np.sort(np.argsort(Draw(seed, world.keys).bits("crash"), kind="stable")[:SOILED])
    soils = [soil for number, row in enumerate(rows) for soil in _soil_row(clean, int(row), number)]
    columns = {name: clean[name].to_list() for name in _SOILABLE}
    for soil in soils:
        columns[soil.column][soil.row] = soil.cell
    return clean.with_columns(pl.Series(name, cells, dtype=pl.String) for name, cells in columns.items()), soils


def _clean_table(world: World) -> pl.DataFrame:
    frame = clean_rows(world, np.arange(ROWS, dtype=np.int64), {}, filled=_FILLED)
    times = pl.col("created", "updated").dt.to_string("%Y-%m-%d %H:%M:%S")
    return frame.with_columns(times).select(pl.col(column).alias(title) for title, column in HEADER.items())


def _soil_row(clean: pl.DataFrame, row: int, number: int) -> list[Soil]:
    """One cell of the row, in every fifth row two; kinds, columns and places take turns, so that all occur."""
    filled = [(name, clean[name][row]) for name in _SOILABLE if clean[name][row]]
    chosen = {(number + step * 3) % len(filled) for step in range(2 if number % 5 == 0 else 1)}
    return [_soil_cell(row, *filled[at], number * 7 + at) for at in sorted(chosen)]


def _soil_cell(row: int, column: str, text: str, turn: int) -> Soil:
    if turn % 3 == 0:
        return Soil(row, column, "formula", _FORMULAS[turn // 3 % len(_FORMULAS)](text), text)
    hidden = _HIDDEN[turn % len(_HIDDEN)]
    at = (0, len(text) // 2, len(text))[turn // len(_HIDDEN) % 3]
    return Soil(row, column, "invisible", text[:at] + hidden + text[at:], text)


def _write_workbook(path: Path, table: pl.DataFrame) -> None:
    """All cells as text, or Excel would take the residue for formulas and the phones for numbers."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("导入")
    for column, title in enumerate(table.columns):
        sheet.write_string(0, column, title)
    for line, row in enumerate(table.iter_rows(), start=1):
        for column, cell in enumerate(row):
            if cell is not None:
                sheet.write_string(line, column, cell)
    book.close()
