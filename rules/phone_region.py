"""归属地: where a number was issued, in Chinese, from libphonenumber's offline tables."""

from functools import cache

import phonenumbers
import polars as pl

from .phone_plan import is_hotline, is_landline, is_mobile
from .regions import area_codes


@cache
def _mobile_prefixes() -> pl.DataFrame:
    """`prefix` (first seven digits of a mobile), `region` ("江苏省南京市")."""
    from phonenumbers.geodata import GEOCODE_DATA  # 110 MB while it is read: not before it is needed

    places = {code[2:]: names["zh"] for code, names in GEOCODE_DATA.items() if code.startswith("861") and "zh" in names}
    table = pl.DataFrame({"prefix": list(places), "region": list(places.values())}, schema=dict.fromkeys(
        ("prefix", "region"), pl.String
    ))  # fmt: skip
    # Short prefixes stand for all their sevens; a longer one of the same start is closer and wins.
    missing = table.filter(pl.col("prefix").str.len_chars() == 6).join(
        pl.DataFrame({"digit": list("0123456789")}), how="cross"
    )
    widened = missing.select(pl.concat_str("prefix", "digit").alias("prefix"), "region")
    seven = table.filter(pl.col("prefix").str.len_chars() == 7)
    return pl.concat([seven, widened]).unique("prefix", keep="first", maintain_order=True)


def regions_of(numbers: pl.Series) -> pl.DataFrame:
    """`number` (distinct), `region`: province and city, or the country of a foreign number; null where unknown."""
    frame = pl.DataFrame({"number": numbers.drop_nulls().unique(maintain_order=True)})
    number = pl.col("number")
    landline = is_landline(number)
    frame = frame.with_columns(
        prefix=pl.when(is_mobile(number)).then(number.str.slice(3, 7)),
        two=pl.when(landline).then(pl.lit("0") + number.str.slice(3, 2)),
        three=pl.when(landline).then(pl.lit("0") + number.str.slice(3, 3)),
        country=pl.when(~number.str.starts_with("+86") | number.str.starts_with("+886")).then(number),
    )
    areas = area_codes()
    known = (
        frame.join(_mobile_prefixes().rename({"region": "_mobile"}), on="prefix", how="left", maintain_order="left")
        .join(areas.rename({"region": "_two"}), left_on="two", right_on="area_code", how="left", maintain_order="left")
        .join(
            areas.rename({"region": "_three"}), left_on="three", right_on="area_code", how="left", maintain_order="left"
        )
    )
    abroad = _countries(frame["country"])
    return known.join(abroad, on="number", how="left", maintain_order="left").select(
        "number", region=pl.coalesce("_mobile", "_two", "_three", "_country")
    )


def _countries(numbers: pl.Series) -> pl.DataFrame:
    """`number`, `_country`: Chinese name of the country or region, for the few numbers from outside the mainland."""
    distinct = numbers.drop_nulls().to_list()
    return pl.DataFrame({"number": distinct, "_country": [_country(n) for n in distinct]}, schema=dict.fromkeys(
        ("number", "_country"), pl.String
    ))  # fmt: skip


def _country(number: str) -> str | None:
    from phonenumbers.geocoder import country_name_for_number

    return country_name_for_number(phonenumbers.parse(number, None), "zh") or None


def kind(number: pl.Expr) -> pl.Expr:
    """`mobile, landline, toll_free, service, hk_mo_tw, foreign` of a valid E.164 number; null stays null."""
    national = number.str.strip_prefix("+86")
    return (
        pl.when(number.is_null()).then(pl.lit(None, pl.String))
        .when(number.str.contains(r"^\+(?:852|853|886)")).then(pl.lit("hk_mo_tw"))
        .when(~number.str.starts_with("+86")).then(pl.lit("foreign"))
        .when(is_mobile(number)).then(pl.lit("mobile"))
        .when(national.str.contains(r"^[48]00\d{7}$")).then(pl.lit("toll_free"))
        .when(is_hotline(number) | national.str.contains(r"^(?:10|2\d|\d{3})(?:95\d{3,4}|1(?:00|23)\d{2,3})$"))
        .then(pl.lit("service"))
        .otherwise(pl.lit("landline"))
    )  # fmt: skip
