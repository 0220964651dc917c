"""Single-character repairs of credit codes: proposed to a person, never applied.

Every position of an 18-character code has exactly one character that mends its check (GB 32100, mod 31), so the check
alone proposes 18 repairs. The check of the inner organisation code (GB 11714), the numeric place code and the
authority leave few of them; only a single survivor is proposed, among look-alike characters first.
"""

import numpy as np
import polars as pl

from .check_digits import ALPHABET, CREDIT_WEIGHTS, characters, credit_values, organisation_holds
from .tables import places, registrars

_WEIGHTS = np.array([*CREDIT_WEIGHTS, 1])
_INVERSE = np.array([pow(int(weight), -1, 31) for weight in _WEIGHTS])
_POINTS = np.array([ord(c) for c in ALPHABET])
# Characters that people and scanners take for each other.
_LOOKALIKES = frozenset(
    a + b for group in ("0QDU", "8B3", "17LJT", "27", "56", "6G", "CG", "UVY", "MN", "XY", "KX", "EF", "PR", "49A")
    for a in group for b in group
)  # fmt: skip


def propose_repairs(codes: pl.Series, holds: pl.Series) -> pl.Series:
    """The unique repair of each failing 18-character code with at most one foreign character; else null."""
    failing = codes.str.contains(r"^[0-9A-Z]{18}$").fill_null(False) & ~holds
    repairs: list[str | None] = [None] * len(codes)
    if failing.any():
        texts = codes.filter(failing)
        for row, repair in zip(failing.arg_true(), _repairs(texts), strict=True):
            repairs[row] = repair
    return pl.Series("repair", repairs, dtype=pl.String)


def _repairs(texts: pl.Series) -> list[str | None]:
    points = characters(texts, 18)
    values = credit_values(points)
    foreign = values < 0
    total = np.where(foreign, 0, values) @ _WEIGHTS
    # What position p must hold so that the whole sums to zero mod 31.
    wanted = (values - total[:, None] * _INVERSE) % 31
    wanted = np.where(foreign, (-total[:, None] * _INVERSE) % 31, wanted)
    allowed = (foreign.sum(axis=1) == 0)[:, None] | ((foreign.sum(axis=1) == 1)[:, None] & foreign)
    proposals: list[list[str]] = [[] for _ in range(len(texts))]
    for place in range(18):
        mended = points.copy()
        mended[:, place] = _POINTS[wanted[:, place]]
        digits = (mended[:, 2:8] <= ord("9")).all(axis=1) & (mended[:, 0] > ord("0"))
        sound = allowed[:, place] & digits & organisation_holds(mended[:, 8:17])
        for row in np.flatnonzero(sound):
            proposals[row].append(bytes(mended[row].astype(np.uint8)).decode("ascii"))
    return [_only(text, found) for text, found in zip(texts, proposals, strict=True)]


def _only(text: str, found: list[str]) -> str | None:
    """The single proposal, or the single one that swaps look-alikes."""
    found = [code for code in found if code[:2] in registrars() and code[2:4] in places()]
    near = [code for code in found if any(a + b in _LOOKALIKES for a, b in zip(text, code, strict=True) if a != b)]
    if len(found) == 1:
        return found[0]
    return near[0] if len(near) == 1 else None
