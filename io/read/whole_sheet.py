"""Every cell of a file at its own place: what a table leaves out, such as title, header and sums, included."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..table.source_table import ROW, ReadOptions, SourceTable
from .readers import read_tables

_NO_HEADER = 1 << 40  # a header row that no file has: then every row is data


@dataclass(frozen=True)
class WholeSheet:
    """rows: row number (1-based) → column (0-based) → text as read. merged: `A1:N1`; hidden_parts: `5:7`, `C`."""

    name: str | None
    rows: dict[int, dict[int, str]]
    hidden: bool = False
    merged: tuple[str, ...] = ()
    hidden_parts: tuple[str, ...] = ()


def read_whole(path: Path, options: ReadOptions) -> list[WholeSheet]:
    """Every sheet with a text, hidden ones too (or the one asked for), or the table of a text file. Raises InputError."""
    return [_whole(table) for table in read_tables(path, replace(options, header_row=_NO_HEADER, hidden=True))]


def _whole(table: SourceTable) -> WholeSheet:
    said: dict[str, list[str]] = {}
    for rule, value in table.notes.select("rule", "value").iter_rows():
        said.setdefault(rule, []).append(value)
    hidden = table.sheet in said.get("sheet.hidden", [])
    parts = (*said.get("sheet.hidden_rows", []), *said.get("sheet.hidden_columns", []))
    return WholeSheet(table.sheet, dict(sorted(_rows(table))), hidden, tuple(said.get("sheet.merged", [])), parts)


def _rows(table: SourceTable) -> Iterator[tuple[int, dict[int, str]]]:
    places = table.positions or tuple(range(len(table.headers)))
    for number, *cells in table.rows.select(ROW, *table.columns).iter_rows():
        yield number, {place: text for place, text in zip(places, cells, strict=True) if text}
    for number, cells in table.set_aside.select(ROW, "cells").iter_rows():
        # A text file's cells count from its first column; a sheet's only the columns that hold something.
        direct = table.sheet is None or len(cells) > len(places)
        yield number, {i if direct else places[i]: text for i, text in enumerate(cells) if text}
