"""Chinese surnames: their readings in front of a given name, and how common they are.

The table (rules/data/surnames.csv) holds surnames with the reading they have as a surname (单 Shàn, 解 Xiè, 仇 Qiú, 曾 Zēng,
尉迟 Yùchí) and a rough share of the population in percent, after published census rankings (public facts).
"""

from functools import cache

import polars as pl

from ..data import read_bytes


@cache
def surnames() -> pl.DataFrame:
    """`surname, pinyin, percent`, most common first."""
    return pl.read_csv(
        read_bytes("surnames.csv"), schema={"surname": pl.String, "pinyin": pl.String, "percent": pl.Float64}
    )


@cache
def compound() -> list[str]:
    """Surnames of two characters (欧阳, 司马 …)."""
    return surnames().filter(pl.col("surname").str.len_chars() == 2)["surname"].to_list()


@cache
def by_pinyin() -> dict[str, float]:
    """Reading → share in percent of the surnames read so."""
    shares = surnames().group_by(pl.col("pinyin").str.replace_all("([ln])v", "${1}u")).agg(pl.col("percent").sum())
    return dict(shares.iter_rows())
