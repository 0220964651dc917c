"""The words and severities of its rules, and a check over all clean records: a car with several owners."""

import polars as pl
from guiyi.i18n import Text
from guiyi.rules.catalog import RuleEntry


def find_several_owners(record: pl.DataFrame) -> pl.DataFrame:
    several = record.filter(pl.col("person_name").n_unique().over("plate") > 1, pl.col("plate").is_not_null())
    return several.select("record_key", field=pl.lit("plate"), value="plate")


RULES = (
    RuleEntry("plate.form", "clean", "info", Text("车牌号统一了写法", "the plate was written another way"), "0.1"),
    RuleEntry("plate.invalid", "clean", "warning", Text("不像车牌号", "this is no number plate"), "0.1"),
    RuleEntry("plate.several_owners", "rows", "warning", Text("一车多主", "one car, several owners"), "0.1",
              find=find_several_owners),
)  # fmt: skip
