"""A number per value, the larger the better: plates of electric cars have eight signs, and were often cut to seven."""

import polars as pl

STRATEGIES = {"longest_plate": pl.col("value").str.len_chars().cast(pl.Float64)}
