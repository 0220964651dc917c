"""Numbers that several rows of a source have: found anew for every number that today's rows, or rows that left, speak of.

A row that nobody touched may become one of two, or be alone again: its finding comes and goes with the other row.
"""

from typing import NamedTuple

import polars as pl

from ...i18n import Language
from ...io.store.store import Store
from ...rules.catalog import described
from ...schemas import FINDING
from ..clean.rows import Clean, repeated_numbers
from .change_detection import Changes

_RULE = {"field": pl.lit("source_record_id"), "rule": pl.lit("row.duplicate_id")}
_NUMBER = "coalesce(r.source_record_id, q.source_record_id)"
_KNOWN = "main.raw_record w LEFT JOIN main.record r USING (record_key) LEFT JOIN main.quarantine q USING (record_key)"
_OVER = "w.record_key IN (SELECT record_key FROM superseded)"
_LEFT = f"SELECT {_NUMBER} AS source_record_id FROM {_KNOWN} WHERE {_OVER}"
_ROWS = f"""
SELECT w.record_key, f.source, {_NUMBER} AS source_record_id, w.file_id, w.row_number, {_OVER} AS over,
       w.record_key IN (SELECT record_key FROM main.finding WHERE rule = 'row.duplicate_id') AS stood
FROM {_KNOWN} JOIN main.source_file f ON f.file_id = w.file_id
WHERE {_NUMBER} IN (SELECT source_record_id FROM asked)
"""


class Repeated(NamedTuple):
    """findings: `row.duplicate_id` of table `finding`, but for those that stood and still do. places: `record_key, file_id, field,
    rule` of those that stand no more."""

    findings: pl.DataFrame
    places: pl.DataFrame


def find_repeated(night: Changes, clean: Clean, before: Store, language: Language) -> Repeated:
    """Rows of one source with one number, of the numbers that today's rows have or rows that left had. before: the store as it
    was, of which more lives than today's rows."""
    rows, known = _today(night, clean), _known(before, clean, night.delta.superseded())
    live = pl.concat([rows, known.filter(~pl.col("over")).select(rows.columns)])
    found = repeated_numbers(live).sort("record_key")
    stood = known.filter(pl.col("stood") & ~pl.col("over"))
    ended = stood.join(found, on="record_key", how="anti")
    new = described(found.join(stood, on="record_key", how="anti", maintain_order="left"), language)
    return Repeated(FINDING.conform(new), ended.select("record_key", "file_id", **_RULE))


def _numbers(clean: Clean) -> pl.DataFrame:
    """`record_key, source_record_id` of the rows that were cleaned."""
    told = pl.concat(t.select("record_key", "source_record_id") for t in (clean.record, clean.quarantine))
    return told.drop_nulls()


def _today(night: Changes, clean: Clean) -> pl.DataFrame:
    """`record_key, source, source_record_id, file_id, row_number` of the rows that were cleaned."""
    rows = night.rows.raw.join(_numbers(clean), on="record_key", maintain_order="left")
    rows = rows.join(night.rows.files.select("file_id", "source"), on="file_id", maintain_order="left")
    return rows.select("record_key", "source", "source_record_id", "file_id", "row_number")


def _known(store: Store, clean: Clean, superseded: pl.Series) -> pl.DataFrame:
    """The same of the store's rows with one of today's numbers, or with one that a superseded row had; `over`: superseded;
    `stood`: it was said of them."""
    with store.given(superseded.to_frame(), "superseded"):
        asked = pl.concat([_numbers(clean).select("source_record_id"), store.query(_LEFT).drop_nulls()]).unique()
        with store.given(asked, "asked"):
            return store.query(_ROWS).with_columns(pl.col("row_number").cast(pl.Int64))
