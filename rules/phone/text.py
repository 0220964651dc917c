"""How phone cells are written: one alphabet for all scripts, and the usual dress of a single number.

Everything here is a polars expression. What does not fit one of the four dresses goes to `phone_parse`.
"""

from functools import cache

import polars as pl

from ..base.digits import with_ascii_digits
from ..data import read_lines

_DASHES = r"[\p{Pd}\x{2212}\x{2500}\x{2501}\x{30FC}~\x{FF5E}_]+"
_STARS = r"[﹡∗✱✳●○◯■█▇◆★☆╳×✕✖]"

# Circled and bracketed numerals: digits of a number, or the bullet in front of one.
_BULLET = r"[\x{2460}-\x{2487}\x{2776}-\x{2793}\x{24F5}-\x{24FE}]"

# Labels and notes hold no digit, plus or mask; a Latin letter may not touch the digits (that is for the parser).
_BEFORE = r"^(?:[^0-9+*@]*[^0-9a-z+*@.])?"
_AFTER = r"(?:\.0+)?(?:[^0-9a-z*@.][^0-9*@]*)?$"
_COUNTRY = r"(?:[(+]*0{0,2}86[)\s-]*)?"
_EXTENSION = r"(?:\s*[(,]?\s*(?:-|转|转接|分机号?|内线|ext\.?|x|#)[\s:.-]*([0-9]{1,6})\)?)?"
_MOBILE = rf"{_BEFORE}{_COUNTRY}\(?0?(1(?:[\s-]?[0-9]){{10}})\)?{_EXTENSION}{_AFTER}"
_LANDLINE = rf"{_BEFORE}{_COUNTRY}(\(?0[0-9]{{2,3}}\)?[\s-]{{0,3}}(?:[0-9]{{7,8}}|[0-9]{{3,4}}[\s-][0-9]{{4}}))\)?{_EXTENSION}{_AFTER}"
_400 = r"400(?:[\s-]?[0-9]){7}|800(?:(?:8[0-9]|99)[0-9]{5}|[\s-][0-9]{3}[\s-]?[0-9]{4})"
_HOTLINE = rf"{_BEFORE}{_COUNTRY}({_400}){_EXTENSION}{_AFTER}"
_LOCAL = rf"^\(?([2-8][0-9]{{6,7}}|[2-8][0-9]{{2,3}}-[0-9]{{4}})\)?{_EXTENSION}(?:\.0+)?$"
_BEYOND = r"^\(?(85[23]\)?[\s-]?[0-9]{4}[\s-]?[0-9]{4})()$"  # not 852-9123 with an extension
_DRESSES = (_MOBILE, _LANDLINE, _HOTLINE, _BEYOND, _LOCAL)

_EXACT_POWER = r"^\+?([0-9])\.([0-9]{10})e\+?10$|^\+?([0-9])\.([0-9]{11})e\+?11$"
_POWER = r"^[+-]?[0-9](?:\.[0-9]+)?e\+?[0-9]{1,2}$"


def folded(text: pl.Expr) -> pl.Expr:
    """One alphabet: ASCII digits and letters (lower case), `-` for dashes, `*` for masks, `;` between lines."""
    return (
        with_ascii_digits(text.str.replace_all(rf"{_BULLET}\s*([+(]?[0-9]{{3}})", " ${1}"))
        .str.replace_all("…+|\\.{3,}|[·•]{2,}", "**")
        .str.replace_all("[·•]", "-")
        .str.normalize("NFKC")
        .str.replace_all(r"[\r\n\x{2028}\x{2029}]+", ";")
        .str.replace_all(r"[\p{Cf}\p{Cc}\p{M}]", "")
        .str.replace_all(r"\s+", " ")
        .str.to_lowercase()
        .str.replace_all(_DASHES, "-")
        .str.replace_all(_STARS, "*")
        .str.replace_all(r"\?{2,}", "**")
        .str.replace_all(r"\?", " ")
        .str.replace_all(r"[\[{<【〔「『《]", "(")
        .str.replace_all(r"[\]}>】〕」』》]", ")")
        .str.strip_chars(" '\"=;,")
        .str.replace(_EXACT_POWER, "${1}${2}${3}${4}")
    )


def is_power(text: pl.Expr) -> pl.Expr:
    """True for a folded text such as 1.38e+10, whose digits Excel has thrown away."""
    return text.str.contains(_POWER)


def undressed(texts: pl.Series) -> pl.DataFrame:
    """`digits, extension` of folded texts that are one number in usual dress; nulls where they are not."""
    text = pl.col("text")
    groups = texts.to_frame("text").select(text.str.extract_groups(p).alias(str(i)) for i, p in enumerate(_DRESSES))
    # Both from the first dress that fits: 0086-139-1111-3333 would also be a landline with the extension 3333.
    fits = pl.coalesce(pl.when(pl.col(c).struct[0].is_not_null()).then(pl.col(c)) for c in groups.columns)
    return groups.select(digits=fits.struct[0].str.replace_all(r"[^0-9]", ""), extension=fits.struct[1])


@cache
def _fillers() -> tuple[str, ...]:
    return tuple(read_lines("phone_placeholders.txt"))


def is_placeholder(digits: pl.Expr) -> pl.Expr:
    """True for national digits that nobody's phone has: equal digits, runs, and the listed fillers.

    Runs and equal digits may fill the whole number, or the last eight places of an eleven-digit one (13888888888,
    02188888888, 13812345678): technically some are in use, but in a spreadsheet they are filler.
    """
    ups = "01234567890123456789"
    runs = {ups[i : i + n] for n in range(5, 12) for i in range(10)}
    runs |= {run[::-1] for run in runs}
    equal = "|".join(f"{d}{{4,}}" for d in range(10))
    tails = "|".join(f"{d}{{8}}" for d in range(10))
    return (
        digits.is_in([*_fillers(), *sorted(runs)])
        | digits.str.contains(rf"^(?:{equal})$")
        | digits.str.contains(rf"^(?:1[3-9][0-9]|0[0-9]{{2,3}})(?:{tails}|12345678|87654321)$")
    )


def is_filler(cell: pl.Expr) -> pl.Expr:
    """True where the digits of a whole folded cell are a placeholder."""
    return is_placeholder(cell.str.replace_all(r"[^0-9]", "").str.replace(r"^(?:00)?86(1[0-9]{10})$", "${1}"))
