"""Identifiers of a row (微信号, OpenID, 身份证号 …) as evidence: who holds one is somebody, and who shares it the same, unless many do."""

import polars as pl

from .term_frequency import listed_rarity, owners

HELD = pl.col("identifiers").str.split(",")  # what rows are found by
NATIONAL_ID = pl.col("identifiers").str.extract(r"\b(national_id:[^,]+)")
# A number counts within one shop: elsewhere another holds 000123, so that it is weighed by itself.
MEMBER = pl.col("identifiers").str.extract(r"\b(member:[^,]+)")
# A mobile number that is given as WeChat account.
WECHAT_MOBILE = pl.col("identifiers").str.extract(r"\bwechat:(1[3-9]\d{9})\b")
_PERSONAL = pl.col("identifiers").str.replace_all(r"\bmember:[^,]+,?", "").str.strip_suffix(",")


def with_identifiers(frame: pl.DataFrame, bits: float | None, penalty: float, *people: str) -> pl.DataFrame:
    """Add `ids`, the identifiers of a row but for member numbers, and `id_rarity`, the least of theirs (term_frequency.py).

    people: columns of who holds one. What so many share that it has lost half its bits is left out, so that the QQ of a shop does
    not lessen the OpenID beside it.
    """
    held = frame.select("row", *people, ids=pl.when(_PERSONAL != "").then(_PERSONAL.str.split(",")))
    if bits is None or frame["identifiers"].null_count() == frame.height:
        return frame.with_columns(held["ids"], id_rarity=pl.lit(None, pl.Float64))
    each = listed_rarity(held, "ids", bits, penalty, owners, *people)
    telling = each.filter(pl.col("worth") >= bits / 2)
    told = telling.group_by("row").agg("ids", id_rarity=pl.col("worth").min())
    return frame.with_columns(held.select("row").join(told, on="row", how="left", maintain_order="left").drop("row"))


def shared() -> pl.Expr:
    """Over pairs: one of the `ids` of one side is one of the other's."""
    return pl.col("ids_l").list.set_intersection("ids_r").list.len() > 0
