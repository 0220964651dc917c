"""Unified social credit codes (GB 32100-2015) with the inner organisation code (GB 11714-1997), vectorised."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# I, O, S, V, Z are never used: they look like digits or like each other.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_CREDIT_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
_PLAIN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # GB 11714 counts letters without gaps: A = 10 … Z = 35


def _values(texts: Sequence[str] | NDArray[np.str_], alphabet: str) -> NDArray[np.int64]:
    """One row of character values per text; all texts have the same length."""
    lookup = np.full(128, -1, dtype=np.int64)
    lookup[np.frombuffer(alphabet.encode(), dtype=np.uint8)] = np.arange(len(alphabet))
    array = np.asarray(texts, dtype=np.bytes_)
    return lookup[array.view(np.uint8).reshape(len(array), -1)]


def organisation_checks(bodies: Sequence[str] | NDArray[np.str_]) -> NDArray[np.str_]:
    """The ninth character of the organisation code for bodies of eight: 11 - sum mod 11, 10 is X, 11 is 0."""
    rest = 11 - (_values(bodies, _PLAIN) * _ORGANISATION_WEIGHTS).sum(axis=1) % 11
    checks: NDArray[np.str_] = np.array(list("0123456789X0"))[rest]
    return checks


def complete_codes(
    prefixes: Sequence[str] | NDArray[np.str_], bodies: Sequence[str] | NDArray[np.str_]
) -> NDArray[np.str_]:
    """The 18 characters from prefixes of eight (registrar, kind, region) and organisation bodies of eight."""
    first = np.strings.add(np.asarray(prefixes, dtype=np.str_), np.asarray(bodies, dtype=np.str_))
    stems = np.strings.add(first, organisation_checks(bodies))
    rest = (31 - (_values(stems, ALPHABET) * _CREDIT_WEIGHTS).sum(axis=1) % 31) % 31
    return np.strings.add(stems, np.array(list(ALPHABET))[rest])
