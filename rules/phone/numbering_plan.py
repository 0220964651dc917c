"""The Chinese numbering plan as patterns, compiled from libphonenumber's own metadata.

A national number is written without its trunk 0 ("13912345678", "2158881234"). The same pattern judges a whole
column in polars and a single text in Python, so the vectorised path and the parser cannot disagree; that both agree
with `phonenumbers.is_valid_number` is tested.
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
import polars as pl

# Numbers dialled in front of another number for a cheaper line: 17951 (China Mobile), 17911 and 10193 (Unicom),
# 17909 (Telecom), 12593, 12520 and 12583x (Mobile's second numbers). Obsolete, but alive in old address books.
IP_PREFIX = r"(?:179\d\d|125(?:93|20|83[123])|1019[0-3]|11808)"


class Plan(NamedTuple):
    """Unanchored, non-capturing patterns of national numbers, lengths included."""

    mobile: str
    landline: str
    hotline: str


@cache
def plan() -> Plan:
    """Mobile, landline and hotline (400, 800 and the like) numbers that libphonenumber calls valid."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    names = ("mobile", "fixed_line", "toll_free", "shared_cost")
    patterns = (getattr(metadata, name).national_number_pattern for name in names)
    mobile, landline, toll_free, shared = (pattern.replace(r"\d", "[0-9]") for pattern in patterns)
    return Plan(f"(?:{mobile})", f"(?:{landline})", f"(?:{toll_free}|{shared})")


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    kinds = plan()
    return (
        ("hotline", re.compile(kinds.hotline)),
        ("landline", re.compile(kinds.landline)),
        ("mobile", re.compile(kinds.mobile)),
    )


def kind_of(national: str) -> str | None:
    """`mobile`, `landline`, `hotline`, or null where no Chinese number reads like this."""
    return next((kind for kind, pattern in _compiled() if pattern.fullmatch(national)), None)


def is_mobile(number: pl.Expr) -> pl.Expr:
    """True for a valid Chinese mobile in E.164."""
    return number.str.contains(rf"^\+86{plan().mobile}$")


def is_landline(number: pl.Expr) -> pl.Expr:
    """True for a valid Chinese landline in E.164; numbers such as +8610-96xxx that are both count as hotlines."""
    return number.str.contains(rf"^\+86{plan().landline}$") & ~is_hotline(number)


def is_hotline(number: pl.Expr) -> pl.Expr:
    """True for 400, 800 and other numbers that one company answers for everybody, in E.164."""
    return number.str.contains(rf"^\+86{plan().hotline}$")


def is_chinese(number: pl.Expr) -> pl.Expr:
    """True for any valid number of mainland China in E.164."""
    kinds = plan()
    return number.str.contains(rf"^\+86(?:{kinds.mobile}|{kinds.landline}|{kinds.hotline})$")


def national(number: pl.Expr) -> pl.Expr:
    """What is dialled inside the country: mobile and hotline as they are, landline with its 0. Foreign: unchanged."""
    digits = number.str.strip_prefix("+86")
    return (
        pl.when(~number.str.starts_with("+86")).then(number)
        .when(digits.str.contains(rf"^(?:{plan().mobile}|[48]00[0-9]{{7}})$")).then(digits)
        .otherwise(pl.lit("0") + digits)
    )  # fmt: skip
