"""What every reader hands over: a table of text with true addresses, and what was noticed on the way."""

from dataclasses import dataclass, field

import polars as pl

ROW = "row_number"
LIST_HEADS = {
    "zh": ("位置", "工作表", "列"),
    "en": ("place", "sheet", "column"),
}  # of every list that `check` puts behind a user's sheets

NOTES = pl.Schema(
    {
        "row_number": pl.Int64,  # row in the sheet or line in the file, 1-based; null: the whole file
        "column": pl.Int64,  # position in `headers`, 0-based; null: the whole row
        "rule": pl.String,
        "value": pl.String,
        "suggestion": pl.String,
    }
)
SET_ASIDE = pl.Schema({"row_number": pl.Int64(), "rule": pl.String(), "cells": pl.List(pl.String)})


@dataclass(frozen=True)
class SourceTable:
    """One sheet or CSV as read: no value is interpreted, no row is lost.

    rows: `row_number` (Int64, true row or line, 1-based) and `c0 … cn` (String; null: blank cell), one per header.
    headers: unique text per column, in order: a repeated header gets `_2`, a missing one is `列A` / `列B` …
    set_aside: rows that are no records (title, total, footer, ragged beyond use), with the rule that says so.
    notes: findings of the reader: `row_number, column, rule, value, suggestion`.
    positions: column of the sheet (0-based) for each header; columns blank from top to bottom are left out.
    """

    name: str
    sheet: str | None
    sha256: str
    bytes: int
    format: str
    encoding: str | None
    header_row: int
    headers: tuple[str, ...]
    rows: pl.DataFrame
    set_aside: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SET_ASIDE))
    notes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NOTES))
    positions: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the cell columns of `rows`."""
        return tuple(f"c{i}" for i in range(len(self.headers)))


@dataclass(frozen=True)
class ReadOptions:
    """What a user may say about a file; whatever is None is found out."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    hidden: bool = False
    password: str | None = None
