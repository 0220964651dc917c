"""A stored number as the text that a person would have typed: dates in ISO form, no invented digits."""

import datetime as dt
import math
from functools import lru_cache

_DAY = 86_400_000  # milliseconds
_EXACT = 10**15  # Excel keeps 15 digits; a longer number has lost its tail


def number_text(raw: str, kind: str, epoch_1904: bool) -> tuple[str, bool]:
    """(text, whether digits were lost). Raw text that is no number is returned as it stands.

    A number beyond 15 digits keeps its raw form: writing it out would invent digits that look real.
    """
    try:
        value = float(raw)
    except ValueError:
        return raw, False
    if not math.isfinite(value):
        return raw, False
    if kind in ("date", "datetime", "time", "elapsed"):
        return _moment(value, kind, epoch_1904) or _plain(raw, value), False
    lost = abs(value) >= _EXACT
    if kind.startswith("zeros:") and value >= 0 and value.is_integer() and not lost:
        return str(int(value)).zfill(int(kind[6:])), False
    return (raw.removesuffix(".0") if lost else _plain(raw, value)), lost


def _plain(raw: str, value: float) -> str:
    """Integers without point or exponent; fractions with at most 15 significant digits, as Excel shows them."""
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    if sum(char.isdigit() for char in text.lstrip("-0.")) > 15 or "e" in text:
        text = f"{value:.15g}"
        if "e" in text:
            text = f"{value:.20f}".rstrip("0").rstrip(".") if abs(value) > 1e-15 else raw
    return text


@lru_cache(maxsize=100_000)
def _moment(value: float, kind: str, epoch_1904: bool) -> str | None:
    """A serial date, time of day or span; None where the serial is outside of the calendar."""
    total = round(value * _DAY)
    days, rest = divmod(total, _DAY)
    if kind == "elapsed":
        return _span(total)
    if kind == "time" and 0 <= value < 1:
        return _clock(rest)
    date = _day(days, epoch_1904)
    if date is None:
        return None
    return f"{date} {_clock(rest)}" if rest or kind == "time" else date


def _day(days: int, epoch_1904: bool) -> str | None:
    if days < 0 or days > 2_958_465:
        return None
    if epoch_1904:
        return (dt.date(1904, 1, 1) + dt.timedelta(days)).isoformat()
    if days == 60:
        return "1900-02-29"  # the day that Lotus invented and Excel keeps
    first = dt.date(1899, 12, 31) if days < 60 else dt.date(1899, 12, 30)
    return (first + dt.timedelta(days)).isoformat()


def _clock(milliseconds: int) -> str:
    seconds, part = divmod(milliseconds, 1000)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{part:03d}" if part else text


def _span(milliseconds: int) -> str:
    sign = "-" if milliseconds < 0 else ""
    return sign + _clock(abs(milliseconds))
