"""Which values of known rows changed between two nights, and how: the trail of the data itself."""

from collections.abc import Sequence

import polars as pl

from ..schemas import FIELD_EVENT, Table

# What a row is, not what it says; and what is made from other cells of the row.
_NO_VALUES = ("record_key", "source", "file_id", "row_number", "entity_id", "account_id", "values", "extra")


def field_events(
    table: Table, number: str, known: pl.DataFrame, today: pl.DataFrame, made: Sequence[str] = ()
) -> pl.DataFrame:
    """FIELD_EVENT without `run_id`: a row per value that is another today. known, today: rows of the table, joined by `record_key`.

    number: the column with the row's own number. made: columns that come out of others. A value that appears or goes counts; times
    are written 2026-01-25 02:00:00.
    """
    fields = [c.name for c in table.columns if c.name not in (*_NO_VALUES, *made, number)]
    texts = [
        pl.col(f).dt.to_string("%Y-%m-%d %H:%M:%S") if table.polars[f] == pl.Datetime else pl.col(f).cast(pl.String)
        for f in fields
    ]
    # Only rows of both nights are taken apart: of a million new ones nothing is asked.
    today = today.join(known, on="record_key", how="semi")
    known = known.join(today, on="record_key", how="semi")
    was = known.select("record_key", *texts).unpivot(index="record_key", variable_name="field", value_name="before")
    now = today.select("record_key", "source", pl.col(number).alias("source_record_id"), *texts)
    now = now.unpivot(
        fields, index=["record_key", "source", "source_record_id"], variable_name="field", value_name="after"
    )
    both = now.join(was, on=["record_key", "field"]).filter(pl.col("before").ne_missing(pl.col("after")))
    events = both.with_columns(table_name=pl.lit(table.name), run_id=pl.lit(""))
    return FIELD_EVENT.conform(events).sort("record_key", "field")
