"""Provinces, cities, area codes and division codes: one table, read once (rules/data/regions.csv)."""

from functools import cache

import polars as pl

from ..data import read_bytes


@cache
def regions() -> pl.DataFrame:
    """`province, province_full, city, city_full, area_code, adcode`, most important city of an area code first.

    Of Hong Kong, Macao and Taiwan, whose numbers follow plans of their own, the area code is that of the country: +852. Cities of
    Taiwan have no adcode.
    """
    return pl.read_csv(read_bytes("regions.csv"), comment_prefix="#", infer_schema=False)


@cache
def cities() -> pl.DataFrame:
    """The rows of `regions` that are a city, prefecture or county of its own on the mainland."""
    return regions().filter(pl.col("city").is_not_null() & pl.col("area_code").str.starts_with("0"))


@cache
def area_codes() -> pl.DataFrame:
    """`area_code` (unique, "025"), `region` ("江苏省南京市"): the first city where several share a code."""
    place = (
        pl.when(pl.col("province_full") == pl.col("city_full"))
        .then("city_full")
        .otherwise(pl.concat_str("province_full", "city_full"))
    )
    return cities().unique("area_code", keep="first", maintain_order=True).select("area_code", region=place)
