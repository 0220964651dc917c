"""Which decisions of the journal stand: those that no later word has taken back."""

import json

import polars as pl


def standing(said: pl.DataFrame) -> pl.DataFrame:
    """Table `decision` without retracts and what they take back, in the order it was said."""
    gone = [
        json.loads(detail)["decision_id"] for detail in said.filter(pl.col("kind") == "retract")["detail"].to_list()
    ]
    return said.filter(pl.col("kind") != "retract", ~pl.col("decision_id").is_in(gone)).sort("sequence")


def spoken_of(record_keys: str) -> list[str]:
    """The records of a decision (column `record_keys`), whether it has parts or not."""
    return [key for part in json.loads(record_keys) for key in (part if isinstance(part, list) else [part])]
