"""Provinces, cities, area codes and division codes: one table, read once (rules/data/regions.csv)."""

from functools import cache
from importlib.resources import files

import polars as pl


@cache
def regions() -> pl.DataFrame:
    """`province, province_full, city, city_full, area_code, adcode`, most important city of an area code first.

    Of Hong Kong, Macao and Taiwan, whose numbers follow plans of their own, the area code is that of the country: +852. Cities of
    Taiwan have no adcode.
    """
    text = (files(__package__) / "data" / "regions.csv").read_bytes()
    return pl.read_csv(text, comment_prefix="#", infer_schema=False)


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


def read_lines(name: str) -> list[str]:
    """Lines of a text file in rules/data, without blank lines and `#` comments."""
    lines = (files(__package__) / "data" / name).read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
