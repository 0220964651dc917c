"""The gate without understanding any field: what the text rules say about every cell, beside the reader's notes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import polars as pl

from ...custom_columns import EXTRA
from ...fields import BY_NAME, MAPPED_FIELDS
from ...i18n import Language
from ...rules.base.text import Width, clean_text
from ...rules.catalog import described
from ...rules.types import GATHERED
from ...schemas import CELL_CHANGE, FINDING
from ..read.intake import Intake

_THREADS = 2


class Read(NamedTuple):
    """The part of `Clean` that can be told without cleaning: see there."""

    changes: pl.DataFrame
    findings: pl.DataFrame
    quarantine: pl.DataFrame


class _Column(NamedTuple):
    """A column of one table; field: its name in findings; placeholders: whose list of fillers applies."""

    rows: pl.DataFrame
    name: str
    field: str
    placeholders: str | None
    width: Width


def read_cells(intake: Intake, language: Language) -> Read:
    """Changes of the text rules in every column, the reader's findings, and rows that are no records."""
    with ThreadPoolExecutor(_THREADS) as pool:
        changes = list(pool.map(_changes, _columns(intake.rows)))
    keys = [t.select("record_key", "source_record_id", "file_id", "row_number") for t in intake.rows]
    reported = intake.notes.join(pl.concat(keys), on=["file_id", "row_number"], how="left", maintain_order="left")
    aside = intake.set_aside.select("record_key", pl.lit(None, pl.String).alias("source_record_id"), "rule")
    return Read(pl.concat([CELL_CHANGE.empty(), *changes]), FINDING.conform(described(reported, language)), aside)


def _columns(tables: list[pl.DataFrame]) -> Iterator[_Column]:
    for table in tables:
        for name in table.columns:
            if name.startswith(EXTRA):
                yield _Column(table, name, name.removeprefix(EXTRA), None, "free")
            elif name in MAPPED_FIELDS and name not in GATHERED and table[name].null_count() < table.height:
                yield _Column(table, name, name, name, BY_NAME[name].width)


def _changes(column: _Column) -> pl.DataFrame:
    """CELL_CHANGE of one column."""
    changes = clean_text(column.rows[column.name], column.placeholders, column.width).changes
    keys = column.rows.select("record_key", "source_record_id", raw=column.name)
    told = keys.join(changes, on="raw", how="inner")
    return CELL_CHANGE.conform(
        told.drop("raw").with_columns(field=pl.lit(column.field), step=pl.col("step").cast(pl.Int64))
    )
