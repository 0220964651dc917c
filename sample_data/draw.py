"""Random draws that depend on a row's key, the seed and the purpose, on nothing else.

So a row looks the same whatever batch or night it is written in, and whatever numpy or platform writes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]


def _mix(x: Keys) -> Keys:
    """splitmix64's finisher; unsigned arithmetic wraps on purpose."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@dataclass(frozen=True)
class Draw:
    """One independent draw per key and purpose."""

    seed: int
    keys: Keys

    @classmethod
    def of_range(cls, seed: int, count: int) -> "Draw":
        return cls(seed, np.arange(count, dtype=np.uint64))

    def __len__(self) -> int:
        return len(self.keys)

    def bits(self, purpose: str) -> Keys:
        """64 random bits per key."""
        salt = np.array([(self.seed * 2654435761 + crc32(purpose.encode())) % 2**64], dtype=np.uint64)
        return _mix(_mix(self.keys * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)) + _mix(salt))

    def uniform(self, purpose: str) -> NDArray[np.float64]:
        """In [0, 1)."""
        shares: NDArray[np.float64] = (self.bits(purpose) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return shares

    def chance(self, purpose: str, share: float) -> NDArray[np.bool_]:
        return self.uniform(purpose) < share

    def number(self, purpose: str, first: int, end: int) -> Ints:
        """Whole numbers in [first, end)."""
        steps: Ints = (self.uniform(purpose) * (end - first)).astype(np.int64)
        steps += first
        return steps

    def index(self, purpose: str, weights: Sequence[float] | NDArray[np.float64]) -> Ints:
        """Positions drawn by weight."""
        steps = np.cumsum(np.asarray(weights, dtype=np.float64))
        found: Ints = np.searchsorted(steps, self.uniform(purpose) * steps[-1], side="right").astype(np.int64)
        return np.minimum(found, len(steps) - 1)

    def pick(self, purpose: str, options: Sequence[str], weights: Sequence[float] | None = None) -> pl.Series:
        """One option per key, all equally likely without weights."""
        found = self.number(purpose, 0, len(options)) if weights is None else self.index(purpose, weights)
        return take(options, found)


def take(options: Sequence[str], positions: Ints) -> pl.Series:
    """The options at these positions, as text."""
    return pl.Series(options, dtype=pl.String).gather(pl.Series(positions, dtype=pl.UInt32))


def by_rank(count: int, flatness: float) -> NDArray[np.float64]:
    """Weights for a list that stands commonest first: 1 / (rank + flatness)."""
    return 1.0 / (np.arange(count, dtype=np.float64) + flatness)


def digits(numbers: Ints, width: int) -> pl.Series:
    """Whole numbers as text of fixed width."""
    return pl.Series(numbers, dtype=pl.Int64).cast(pl.String).str.zfill(width)
