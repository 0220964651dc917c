"""Which applied merge a record stands under: the last one that it went into, of which table `crosswalk` has its one row."""

import polars as pl

from ...schemas import CROSSWALK

_RECORD = ["level", "record_key"]


def records_of(applied: pl.DataFrame) -> pl.DataFrame:
    """Table `applied_merge` → `level, record_key, group_id, entity_id, survivor_record_key`, a row per record of each merge, in
    the order in which they were applied."""
    losers = pl.col("loser_record_keys").str.json_decode(pl.List(pl.String))
    merged = applied.sort("at", "group_id").with_columns(record_key=pl.concat_list("survivor_record_key", losers))
    return merged.explode("record_key").select(*_RECORD, "group_id", "entity_id", "survivor_record_key")


def standing(applied: pl.DataFrame) -> pl.DataFrame:
    """The rows of `records_of` that hold: each record once, under the last merge that it went into."""
    return records_of(applied).unique(_RECORD, keep="last", maintain_order=True)


def left_after(undone: pl.DataFrame, applied: pl.DataFrame, crosswalk: pl.DataFrame) -> pl.DataFrame:
    """The rows of `crosswalk` that the records of undone merges have by those they went into before. crosswalk: as it was."""
    still = standing(applied.join(undone, on="group_id", how="anti"))
    stands = still.join(records_of(undone), on=_RECORD, how="semi", maintain_order="left")
    numbers = crosswalk.select("record_key", "source", "source_record_id", "identifiers").unique("record_key")
    kept = numbers.select(survivor_record_key="record_key", survivor_source_record_id="source_record_id")
    return CROSSWALK.conform(stands.join(numbers, on="record_key").join(kept, on="survivor_record_key"))
