"""Phone cells of customers in Hong Kong, Macau and Taiwan, where a number is written without its country code."""

import phonenumbers
import polars as pl
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher

from .parse import Found, parse
from .text import folded

_PLANS = {"+852": "HK", "+853": "MO", "+886": "TW"}
_COLUMNS = {"key": pl.UInt32, "position": pl.UInt32, "fax": pl.Boolean, "number": pl.String, "extension": pl.String}


def parse_beyond(cells: pl.DataFrame) -> pl.DataFrame:
    """`key, raw, area` (+852, +853, +886) → one row per number with `folded, position, fax, number` (E.164), `extension`; one row of nulls
    where there is none."""
    texts = cells.with_columns(folded=folded(pl.col("raw")))
    rows = [
        (key, place, one.fax, one.number, one.extension)
        for key, text, area in texts.select("key", "folded", "area").iter_rows()
        for place, one in enumerate(_numbers(text, area))
    ]
    found = pl.DataFrame(rows, schema=_COLUMNS, orient="row")
    read = texts.join(found, on="key", how="left", maintain_order="left_right")
    return read.select("key", "raw", "area", "folded", "number", "extension", "position", "fax")


def _numbers(text: str, area: str) -> list[Found]:
    """Numbers of the mainland and those with a country code first: a plan of eight digits reads a piece of them too."""
    whole = [one for one in parse(text) if one.number.startswith("+")]
    if whole:
        return whole
    level = Leniency.VALID if area == "+886" else Leniency.POSSIBLE
    matches = (match.number for match in PhoneNumberMatcher(text, _PLANS[area], leniency=level))
    local = [number for number in matches if area == "+886" or len(str(number.national_number)) == 8]
    return [Found(phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension) for number in local]
