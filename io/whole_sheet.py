"""Every cell of a file at its own place: what a table leaves out, such as title, header and sums, included."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .readers import read_tables
from .source_table import ROW, ReadOptions, SourceTable

_NO_HEADER = 1 << 40  # a header row that no file has: then every row is data


@dataclass(frozen=True)
class WholeSheet:
    """rows: row number (1-based) → column (0-based) → text as read."""

    name: str | None
    rows: dict[int, dict[int, str]]


def read_whole(path: Path, options: ReadOptions) -> list[WholeSheet]:
    """The sheets that `read_tables` reads, or the one table of a text file. Raises InputError."""
    tables = read_tables(path, replace(options, header_row=_NO_HEADER))
    return [WholeSheet(table.sheet, dict(sorted(_rows(table)))) for table in tables]


def _rows(table: SourceTable) -> Iterator[tuple[int, dict[int, str]]]:
    places = table.positions or tuple(range(len(table.headers)))
    for number, *cells in table.rows.select(ROW, *table.columns).iter_rows():
        yield number, {place: text for place, text in zip(places, cells, strict=True) if text}
    for number, cells in table.set_aside.select(ROW, "cells").iter_rows():
        # A text file's cells count from its first column; a sheet's only the columns that hold something.
        direct = table.sheet is None or len(cells) > len(places)
        yield number, {i if direct else places[i]: text for i, text in enumerate(cells) if text}
