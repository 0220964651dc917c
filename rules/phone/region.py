"""归属地: where a number was issued, in Chinese, from libphonenumber's offline tables."""

from functools import cache
from threading import Lock, Thread

import phonenumbers
import polars as pl

from ..base.regions import area_codes
from .numbering_plan import is_hotline, is_mobile

_READING = Lock()


def preload() -> None:
    """Read libphonenumber's tables ahead of time, in a thread of its own: nearly a second that a run has while it waits."""
    Thread(target=_mobile_prefixes, daemon=True).start()


def _mobile_prefixes() -> pl.DataFrame:
    """`prefix` (first seven digits of a mobile), `region` ("江苏省南京市"). Read once, whoever asks first."""
    with _READING:
        return _read_mobile_prefixes()


@cache
def _read_mobile_prefixes() -> pl.DataFrame:
    from phonenumbers.geodata import GEOCODE_DATA  # 110 MB while it is read: not before it is needed

    zh = {code[2:]: names["zh"] for code, names in GEOCODE_DATA.items() if code.startswith("861") and "zh" in names}
    sevens = {int(code): place for code, place in zh.items() if len(code) == 7}
    # A shorter prefix stands for all its sevens that have no entry of their own.
    sixes = {int(f"{code}{digit}"): place for code, place in zh.items() if len(code) == 6 for digit in range(10)}
    table = sixes | sevens
    return pl.DataFrame(
        {"prefix": list(table), "region": list(table.values())}, schema={"prefix": pl.UInt32, "region": pl.String}
    )


def with_region(numbers: pl.DataFrame) -> pl.DataFrame:
    """Add `region` to a frame with `value` (E.164) and `kind`: province and city, or the country; null if unknown."""
    value, kinds = pl.col("value"), pl.col("kind")
    prefix = pl.when(kinds == "mobile").then(value.str.slice(3, 7)).cast(pl.UInt32)
    codes = dict(area_codes().iter_rows())
    area = pl.when(kinds == "landline").then(
        pl.coalesce(
            (pl.lit("0") + value.str.slice(3, length)).replace_strict(codes, default=None, return_dtype=pl.String)
            for length in (2, 3)
        )
    )
    abroad = _countries(numbers.filter(kinds.is_in(["foreign", "hk_mo_tw"]))["value"])
    country = value.replace_strict(abroad, default=None, return_dtype=pl.String) if abroad else pl.lit(None, pl.String)
    frame = numbers.with_columns(_prefix=prefix)
    frame = frame.join(_mobile_prefixes(), left_on="_prefix", right_on="prefix", how="left", maintain_order="left")
    return frame.with_columns(region=pl.coalesce("region", area, country)).drop("_prefix")


def _countries(numbers: pl.Series) -> dict[str, str]:
    """Number → Chinese name of its country or region, for the few numbers from outside the mainland."""
    if numbers.is_empty():
        return {}
    from phonenumbers.geocoder import country_name_for_number

    named = ((n, country_name_for_number(phonenumbers.parse(n, None), "zh")) for n in numbers.unique())
    return {number: name for number, name in named if name}


def kind(number: pl.Expr) -> pl.Expr:
    """`mobile, landline, toll_free, service, hk_mo_tw, foreign` of a valid E.164 number; null stays null."""
    national = number.str.strip_prefix("+86")
    return (
        pl.when(number.is_null()).then(pl.lit(None, pl.String))
        .when(number.str.contains(r"^\+(?:852|853|886)")).then(pl.lit("hk_mo_tw"))
        .when(~number.str.starts_with("+86")).then(pl.lit("foreign"))
        .when(is_mobile(number)).then(pl.lit("mobile"))
        .when(national.str.contains(r"^[48]00[0-9]{7}$")).then(pl.lit("toll_free"))
        .when(is_hotline(number) | national.str.contains(r"^(?:10|2[0-9]|[0-9]{3})(?:95[0-9]{3,4}|1(?:00|23)[0-9]{2,3})$"))
        .then(pl.lit("service"))
        .otherwise(pl.lit("landline"))
    )  # fmt: skip
