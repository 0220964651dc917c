"""Weights without labels: expectation-maximisation over candidate pairs (Fellegi–Sunter).

A weight is log2(m/u): m is the share of the true pairs on a level (how well this file is kept), u the share of chance
pairs. Only ratios to a *reference* file count, for which the shipped weights hold: a level that true pairs of this file
reach twice as often weighs one bit more, one that chance pairs reach twice as often one bit less. So a file like the
reference changes nothing, and rarity, which stands for u wherever a value is shared, is counted once.

Which pairs are candidates depends on the records alone, so their posterior needs no correction for blocking.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .vectors import Floats, Seen, Slots, bounds, score

CALM = 50.0  # pairs as expected that are added to every count: a handful of pairs moves nothing
TOLERANCE = 0.01  # bits: what a weight is written with
ROUNDS = 60


class Counts(NamedTuple):
    """Per slot: `on`, pairs on the level; `of`, pairs whose comparison says anything."""

    on: Floats
    of: Floats

    @property
    def share(self) -> Floats:
        return self.on / np.maximum(self.of, 1e-9)


class Estimate(NamedTuple):
    """weight and true pairs per slot; change: the largest move of a weight in the last round, bits."""

    weight: Floats
    counts: Counts
    rounds: int
    change: float

    @property
    def converged(self) -> bool:
        return self.change < TOLERANCE


def count(seen: Seen, slots: Slots, mass: Floats | None = None) -> Counts:
    """How many pairs stand on each level; mass: how far each pair counts (its probability of being true)."""
    each = np.ones(len(seen)) if mass is None else mass
    size = len(slots.weight)
    on = np.zeros(size)
    for column in seen.slots.T:
        on += np.bincount(column, weights=each, minlength=size)
    on[slots.null] = 0.0
    of = np.bincount(slots.comparison, weights=on).astype(float)
    return Counts(on, of[slots.comparison])


def true_counts(seen: Seen, slots: Slots, weight: Floats, prior: float) -> Counts:
    """Expected true pairs on each level; the many pairs of one customer count as one per record, not as one each."""
    mass = score(seen, slots, weight, prior)
    rows = int(max(seen.left.max(initial=0), seen.right.max(initial=0))) + 1
    degree = np.bincount(seen.left, mass, rows) + np.bincount(seen.right, mass, rows)
    crowd = np.sqrt(np.maximum(degree[seen.left], 1.0) * np.maximum(degree[seen.right], 1.0))
    return count(seen, slots, mass / crowd)


def _trust(found: Counts, reference: Floats) -> Floats:
    """How far the chance shares of a level are believed, 0..1: without true pairs on it they are not set against any."""
    known = np.maximum(found.on, found.of * reference)
    return np.asarray(known / (known + CALM))


def shift(found: Counts, reference: Floats) -> Floats:
    """log2 of found to expected share of each level, drawn to 0 where few pairs would be expected."""
    return np.asarray(np.log2((found.on + CALM) / (found.of * reference + CALM)))


def estimate(seen: Seen, slots: Slots, prior: float, true: Floats, chance: Floats) -> Estimate:
    """true: the reference's share m of each slot; chance: log2 of u against the reference's u (0: unchanged)."""
    low, high = bounds(slots)
    weight, change, rounds = slots.weight, np.inf, 0
    counts = true_counts(seen, slots, weight, prior)
    while change >= TOLERANCE and rounds < ROUNDS:
        moved = np.clip(slots.weight + shift(counts, true) - chance * _trust(counts, true), low, high)
        change, weight, rounds = float(np.abs(moved - weight).max()), moved, rounds + 1
        counts = true_counts(seen, slots, weight, prior)
    return Estimate(weight, counts, rounds, change)


def chance_counts(random: Seen, slots: Slots, prior: float) -> Counts:
    """Random pairs on each level; a pair that is the same after all does not count (a small file has many of them)."""
    return count(random, slots, 1 - score(random, slots, slots.weight, prior))


def chance_shift(found: Counts, reference: Floats, slots: Slots) -> Floats:
    """log2 of u against the reference's, from random pairs; 0 where rarity speaks for u."""
    free: NDArray[np.bool_] = slots.movable & ~slots.rare
    return np.where(free, shift(found, reference), 0.0)
