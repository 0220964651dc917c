"""Dates as programs write them: each dress needs one pattern and no tidying. What wears none is for `date_forms`."""

from collections.abc import Callable

import polars as pl

from .written_forms import canonical, moment, serial, tidy, two

_DAY = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_DASHED = rf"^{_DAY}(?:[ T]{_CLOCK})?$"
_ISO = rf"^{_DAY}[ T]{_CLOCK}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?$"
_USUAL = r"^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]([01]?[0-9]|2[0-3]):([0-9]{2})(?::([0-9]{2}))?)?$"
_SPOKEN_CLOCK = (
    r"^([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日 ?([01]?[0-9]|2[0-3])[时点]([0-5][0-9])分?(?:([0-5][0-9])秒)?$"
)
_COMPACT = r"^(?:19|20)[0-9]{6}(?:(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9])?$"
_SERIAL = r"^[2-7][0-9]{4}(?:\.[0-9]+)?$"
_PLAIN = "%Y%m%d%H%M%S"

_TIDY = (_DASHED, _USUAL)


def read(texts: pl.Series) -> pl.DataFrame:
    """`raw`, `tidy` (half width, numerals and month names read) and `at`, in any order; null: no whole date."""
    frame, done = pl.DataFrame({"raw": texts}), []
    for pattern, moments in _DRESSES:
        fits = frame["raw"].str.contains(pattern)
        if fits.any():
            raw = frame.filter(fits)["raw"]
            dated = pl.DataFrame({"raw": raw, "tidy": raw, "at": moments(raw)})
            # No such day: the long way tidies the text, from which the reason is read; the usual dress is tidy.
            if pattern not in _TIDY:
                dated = dated.filter(pl.col("at").is_not_null())
                fits = fits & frame["raw"].is_in(dated["raw"].implode())
            done.append(dated)
            frame = frame.filter(~fits)
    # Each step on its own: an expression that names another one twice computes it twice.
    rest = frame.with_columns(tidy=tidy(pl.col("raw"))) if frame.height else frame.with_columns(tidy="raw")
    form = rest.select(form=canonical(pl.col("tidy"))) if rest.height else rest.select(form="tidy")
    return pl.concat([*done, rest.with_columns(form.select(at=moment(pl.col("form")))["at"])])


def _dashed(texts: pl.Series) -> pl.Series:
    """2025-06-05 19:33:00 and 2025-06-05."""
    text = pl.col("raw")
    clock = pl.when(text.str.len_bytes() == 10).then(pl.lit("00:00:00")).otherwise(text.str.slice(11))
    form = pl.concat_str(text.str.head(10), pl.lit("T"), clock)
    return _parsed(texts.to_frame("raw").select(form.alias("raw"))["raw"], "%Y-%m-%dT%H:%M:%S")


def _iso(texts: pl.Series) -> pl.Series:
    """2025-06-05T11:33:00.000Z: fractions of a second are dropped."""
    text = pl.col("raw")
    zone = text.str.slice(19).str.replace(r"^\.[0-9]+", "").str.to_lowercase()
    form = pl.concat_str(text.str.head(10), pl.lit("T"), text.str.slice(11, 8), zone)
    return texts.to_frame("raw").select(raw=form).select(at=moment(pl.col("raw")))["at"]


def _grouped(pattern: str) -> Callable[[pl.Series], pl.Series]:
    """A reader of dates whose parts are the six groups of a pattern, year first."""

    def moments(texts: pl.Series) -> pl.Series:
        groups = texts.str.extract_groups(pattern).struct.unnest()
        year, *parts = groups.columns
        form = groups.select(pl.concat_str(year, *(two(pl.col(part)) for part in parts)).alias("raw"))
        return _parsed(form["raw"], _PLAIN)

    return moments


def _compact(texts: pl.Series) -> pl.Series:
    """20250605193300 and 20250605."""
    return _parsed(texts.str.pad_end(14, "0"), _PLAIN)


def _numbered(texts: pl.Series) -> pl.Series:
    """Excel's day numbers."""
    forms = texts.to_frame("raw").select(form=serial(pl.col("raw")))
    return forms.select(at=moment(pl.col("form")))["at"]


def _parsed(texts: pl.Series, style: str) -> pl.Series:
    return texts.str.to_datetime(style, time_unit="us", strict=False)


_DRESSES: tuple[tuple[str, Callable[[pl.Series], pl.Series]], ...] = (
    (_DASHED, _dashed),
    (_USUAL, _grouped(_USUAL)),
    (_ISO, _iso),
    (_SPOKEN_CLOCK, _grouped(_SPOKEN_CLOCK)),
    (_COMPACT, _compact),
    (_SERIAL, _numbered),
)
