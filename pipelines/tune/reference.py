"""The file for which the shipped weights hold: invented customers, made and cleaned on the spot.

Nothing is kept that could grow stale: when rules or comparisons change, the reference changes with them.
"""

import tempfile
from pathlib import Path

import polars as pl

from ...config import Config
from ...sample_data.table import write_table
from ..clean.features import features_of
from ..clean.rows import clean_rows
from ..read.intake import read_all
from ..resolve.levels import resolve_levels

ROWS, SEED = 12_000, 4


def reference_features(rows: int = ROWS, seed: int = SEED) -> pl.DataFrame:
    """Table `feature` of the reference with `source_record_id` and `person`, as a run would find them."""
    with tempfile.TemporaryDirectory(prefix="guiyi-") as folder:
        write_table(rows, seed, Path(folder))
        clean = clean_rows(read_all([Path(folder) / "records.csv"], Config()), "zh")
    features = features_of(clean)
    contact, _ = resolve_levels(features, clean.record, Config(), "zh")
    person = contact.members.filter(pl.len().over("entity_id") > 1).select("record_key", person="entity_id")
    joined = features.join(person, on="record_key", how="left", maintain_order="left")
    return joined.join(clean.record.select("record_key", "source_record_id"), on="record_key", maintain_order="left")
