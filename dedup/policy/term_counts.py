"""What is counted over the whole file: how often a name is met, and which forms of address stand for anybody.

A frame that is only part of the file (the rows that today's touch) brings these columns along; otherwise they are
counted here.
"""

import polars as pl

COLUMNS = ("name_seen", "names", "pinyin_seen", "pinyins", "bare_seen", "bares")


def counted(features: pl.DataFrame) -> pl.DataFrame:
    """Table `feature` → with COLUMNS: rows with this name and rows with a name, the same for readings and bare surnames."""
    if COLUMNS[0] in features.columns:
        return features
    bare = pl.when(pl.col("name_kind") == "surname").then("surname")
    return features.with_columns(
        name_seen=pl.len().over("name").cast(pl.Int64), names=pl.col("name").count().cast(pl.Int64),
        pinyin_seen=pl.len().over("pinyin").cast(pl.Int64), pinyins=pl.col("pinyin").count().cast(pl.Int64),
        bare_seen=pl.len().over(bare).cast(pl.Int64), bares=bare.count().cast(pl.Int64),
    )  # fmt: skip
