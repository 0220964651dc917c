"""Records with the same plate are compared; `lookup` finds those that the store holds already."""

import polars as pl
from guiyi.dedup.policy.keys import Key, Lookup

PLATE = pl.col("plate")
KEYS = (Key("plate", (PLATE,), (Lookup("plate", PLATE),), split=pl.col("who")),)
