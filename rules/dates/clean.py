"""Dates and times in every form that CRM exports hold; local time of Asia/Shanghai, without a zone.

Columns out, one row per distinct raw: `value` ("2025-06-05T19:33:00") and `at` (Datetime, microseconds). A date
without a time is midnight. Null: not a whole date, with a finding that says why; nothing is guessed: a missing year,
or 03/04/2025 in a column whose order is not known, stays unread.
Offsets (Z, +08:00) are converted; China has had one zone without summer time since 1992.
"""

from datetime import date, datetime

import polars as pl

from ..base.trail import Cleaned, Trail
from .program_forms import read
from .written_forms import in_order, incomplete, moment, month_first

# Customers older than any CRM and later than any plan: kept, but said.
EARLIEST = datetime(1980, 1, 1)
LATEST = datetime(2050, 1, 1)
# Zero dates of databases and spreadsheets: empty fields that were written as a date.
_ZEROS = ("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "9999-12-31")
_NOUGHT = r"^(?:0{0,4}[-/.年]?0{0,2}[-/.月]?0{0,2}日?(?:[ t]?[0:]+)?|1900[-/.年]0?1[-/.月]0{1,2}日?)$"
_REASONS = ("dates.placeholder", "dates.ambiguous", "dates.incomplete", "dates.invalid")


def clean_dates(raw: pl.Series, *, latest: datetime = LATEST, day_first: bool | None = None) -> Cleaned:
    """Clean a column of dates; see the module for the columns. `latest`: what lies at or after it is implausible.

    day_first: how the column writes day and month; None: not known.
    """
    trail = Trail(raw)
    trail.frame = trail.frame.join(_judged(trail.frame["raw"], day_first), on="raw", how="left", maintain_order="left")
    at, reason = pl.col("at"), pl.col("reason")
    for rule in ("dates.ambiguous", "dates.incomplete", "dates.invalid"):
        trail.find(rule, reason == rule, pl.col("suggestion"))
    trail.find("dates.implausible", (at < EARLIEST) | (at >= latest))
    value = at.dt.to_string("%Y-%m-%dT%H:%M:%S")
    trail.change("dates.format", pl.when(at.is_null()).then("value").otherwise(value))
    for rule in _REASONS:
        trail.change(rule, pl.when(reason.ne_missing(rule)).then("value"))
    return trail.cleaned(("at",))


def _judged(texts: pl.Series, day_first: bool | None) -> pl.DataFrame:
    """`raw, at`, and for what is no date the `reason` (a rule) and a `suggestion`."""
    dates, text = read(texts), pl.col("tidy")
    if day_first is not None:
        dates = dates.with_columns(at=pl.coalesce("at", moment(in_order(text, day_first))))
    zero = pl.col("at").dt.date().is_in([date.fromisoformat(day) for day in _ZEROS])
    zero = zero.fill_null(False) | (pl.col("at").is_null() & text.str.contains(_NOUGHT))
    whole = dates.filter(~zero & pl.col("at").is_not_null())
    nothing = pl.lit(None, pl.String)
    whole = whole.with_columns(reason=nothing, suggestion=nothing).drop("tidy")
    lost = dates.filter(zero | pl.col("at").is_null())
    return pl.concat([whole, _explained(lost, zero)]) if lost.height else whole


def _explained(lost: pl.DataFrame, zero: pl.Expr) -> pl.DataFrame:
    """Why each of these is no date."""
    text = pl.col("tidy")
    reason = (
        pl.when(zero).then(pl.lit(_REASONS[0]))
        .when(month_first(text).is_not_null()).then(pl.lit(_REASONS[1]))
        .when(incomplete(text)).then(pl.lit(_REASONS[2]))
        .otherwise(pl.lit(_REASONS[3]))
    )  # fmt: skip
    lost = lost.with_columns(reason=reason, suggestion=month_first(text))
    return lost.with_columns(at=pl.lit(None, pl.Datetime("us"))).drop("tidy")
