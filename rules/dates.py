"""Dates and times in every form that CRM exports hold; local time of Asia/Shanghai, without a zone.

Columns out, one row per distinct raw: `value` ("2025-06-05T19:33:00") and `at` (Datetime, microseconds). A date
without a time is midnight. Null: not a whole date, with a finding that says why; nothing is guessed: a missing year,
or 03/04/2025, stays unread. Offsets (Z, +08:00) are converted; China has had one zone without summer time since 1992.
"""

from datetime import datetime

import polars as pl

from .date_forms import canonical, incomplete, moment, month_first, tidy
from .trail import Cleaned, Trail

# Customers older than any CRM and later than any plan: kept, but said.
EARLIEST = datetime(1980, 1, 1)
LATEST = datetime(2050, 1, 1)
# Zero dates of databases and spreadsheets: empty fields that were written as a date.
_ZEROS = (
    "0001-01-01",
    "1753-01-01",
    "1899-12-30",
    "1899-12-31",
    "1900-01-00",
    "1900-01-01",
    "1970-01-01",
    "9999-12-31",
)


def clean_dates(raw: pl.Series, *, latest: datetime = LATEST) -> Cleaned:
    """Clean a column of dates; see the module for the columns. `latest`: what lies at or after it is implausible."""
    trail = Trail(raw)
    tidied = tidy(pl.col("raw"))
    trail.frame = trail.frame.with_columns(tidied=tidied).with_columns(form=canonical(pl.col("tidied")))
    form, text = pl.col("form"), pl.col("tidied")
    zero = (
        form.str.slice(0, 10).is_in(_ZEROS) | text.str.contains(r"^0*[-/.]?0*[-/.]?0*(?:[ t]?0+[:0]*)?$")
    ).fill_null(False)
    trail.frame = trail.frame.with_columns(zero=zero, at=pl.when(~zero).then(moment(form)))
    ambiguous = form.is_null() & month_first(text).is_not_null() & ~pl.col("zero")
    lost = pl.col("at").is_null() & ~pl.col("zero") & (text != "")
    trail.find("dates.ambiguous", lost & ambiguous, month_first(text))
    trail.find("dates.incomplete", lost & ~ambiguous & incomplete(text))
    trail.find("dates.invalid", lost & ~ambiguous & ~incomplete(text))
    trail.find("dates.implausible", (pl.col("at") < EARLIEST) | (pl.col("at") >= latest))
    value = pl.col("at").dt.to_string("%Y-%m-%dT%H:%M:%S")
    trail.change("dates.placeholder", pl.when(~pl.col("zero")).then("value"))
    trail.change("dates.format", pl.when(pl.col("at").is_null()).then("value").otherwise(value))
    for rule, when in (
        ("dates.ambiguous", ambiguous), ("dates.incomplete", incomplete(text)), ("dates.invalid", pl.lit(True)),
    ):  # fmt: skip
        trail.change(rule, pl.when(~(pl.col("at").is_null() & when).fill_null(False)).then("value"))
    return trail.cleaned(("at",))


def normalize(text: str | None) -> str | None:
    """The date in one text, ISO 8601 without zone; null where there is none."""
    value: str | None = clean_dates(pl.Series([text], dtype=pl.String)).values.item(0, "value") if text else None
    return value


def is_valid(value: str) -> bool:
    """True for ISO text in canonical form that names a real moment."""
    return normalize(value) == value


def format(value: str) -> str:
    """For people: 2025-06-05 19:33, or the day alone at midnight. What is no date stays as it is."""
    if not is_valid(value):
        return value
    return value[:10] if value.endswith("T00:00:00") else value[:16].replace("T", " ")
