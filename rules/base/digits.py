"""Digits and letters from other scripts and keyboards, as their ASCII forms.

Patterns on texts that have not come through here say [0-9]: polars' `\\d` matches the digits of every script.
"""

import unicodedata
from functools import cache

import polars as pl

from .seen import where_seen

# Cyrillic and Greek letters that cannot be told from Latin ones on a screen.
_CAPITALS = dict(zip("АВСЕНКМРТХОІЅЈΑΒΕΗΙΚΜΝΟΡΤΥΧΖ", "ABCEHKMPTXOISJABEHIKMNOPTYXZ", strict=True))
_SMALL = dict(zip("асеорхуіѕјοα", "aceopxyisjoa", strict=True))

# Whatever may have a digit value is a number that is not ASCII; Kharoshthi and others of no value come along.
_ODD_DIGIT = r"[\p{N}--0-9]"


@cache
def _digits() -> dict[str, str]:
    return {c: str(unicodedata.digit(c)) for c in map(chr, range(0x80, 0x20000)) if c.isdigit()}


def with_ascii_digits(text: pl.Expr) -> pl.Expr:
    """Every character that Unicode gives a digit value: Arabic-Indic, circled, full-width, superscript, …"""
    return where_seen(text, _ODD_DIGIT, lambda t: t.str.replace_many(list(_digits()), list(_digits().values())))


def with_latin_letters(text: pl.Expr) -> pl.Expr:
    """Look-alikes of Latin letters become Latin; for codes and addresses, which hold no others."""
    letters = _CAPITALS | _SMALL
    odd = f"[{''.join(letters)}]"
    return where_seen(text, odd, lambda t: t.str.replace_many(list(letters), list(letters.values())))
