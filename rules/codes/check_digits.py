"""Check digits of Chinese organisation codes, in bulk.

GB 32100-2015: 18 characters, weights 3^i mod 31, alphabet without I, O, S, V, Z. GB 11714-1997: 8 characters and
one check character, mod 11, X for ten. GS 15-2006: 15 digits, ISO 7064 MOD 11,10.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDIT_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])

_CREDIT_VALUES = np.full(128, -1)
_CREDIT_VALUES[[ord(c) for c in ALPHABET]] = range(31)
_ORGANISATION_VALUES = np.full(128, -1)
_ORGANISATION_VALUES[[ord(c) for c in _ALPHANUMERIC]] = range(36)

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Holds = Callable[[Numbers], Flags]


def characters(texts: pl.Series, width: int) -> Numbers:
    """ASCII texts of one width as a matrix of code points, one row per text."""
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(-1, width).astype(np.int64)


def credit_values(points: Numbers) -> Numbers:
    """Values 0..30 of characters in GB 32100; -1 for one that the standard never uses."""
    return _CREDIT_VALUES[points]


def credit_holds(points: Numbers) -> Flags:
    """Whether the 18th character of each row is the check character of the 17 before it."""
    values = credit_values(points)
    sums = (values[:, :17] @ CREDIT_WEIGHTS + values[:, 17]) % 31
    return np.equal(np.where(values.min(axis=1) >= 0, sums, 1), 0)


def organisation_holds(points: Numbers) -> Flags:
    """Whether the 9th character of each row is the check character (GB 11714) of the 8 before it."""
    values = _ORGANISATION_VALUES[points]
    check = (11 - values[:, :8] @ ORGANISATION_WEIGHTS % 11) % 11
    return np.equal(points[:, 8], np.where(check == 10, ord("X"), check + ord("0")))


def registration_holds(points: Numbers) -> Flags:
    """Whether the 15th digit of each row is the check digit (ISO 7064 MOD 11,10) of the 14 before it."""
    digits = points - ord("0")
    product = np.full(len(digits), 10)
    for place in range(14):
        total = (product + digits[:, place]) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    return np.equal((product + digits[:, 14]) % 10, 1)


def flags(texts: pl.Series, pattern: str, width: int, holds: Holds) -> pl.Series:
    """Apply a bulk check to the texts that have the pattern's form; false for the others, null for null."""
    formed = texts.str.contains(pattern)
    result = np.zeros(len(texts), np.bool_)
    rows = formed.fill_null(False).to_numpy()
    if rows.any():
        result[rows] = holds(characters(texts.filter(formed), width))
    return pl.Series("flag", result)
