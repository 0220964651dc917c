"""Weights from labelled pairs: logistic regression on the levels, drawn towards the shipped weights.

The shipped score is the offset, and what is fitted are moves in bits with a normal prior around 0: a level that a
handful of labels speaks of stays where it is. Newton's method with the bounds held at every step; the problem is
convex, so there is one answer.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .vectors import Floats, Seen, Slots, bounds, score

LOOSENESS = 1.0  # bits: standard deviation of a weight around the shipped one before any label is seen
WORTH = 2_000.0  # labelled pairs count as at most so many: pairs of one customer repeat each other
ROUNDS = 50
TOLERANCE = 1e-3  # bits
FOLDS = 5
_LN2 = float(np.log(2.0))
Flags = NDArray[np.bool_]


class Fit(NamedTuple):
    """weight per slot; change: the largest move of a weight in the last step, bits."""

    weight: Floats
    rounds: int
    change: float

    @property
    def converged(self) -> bool:
        return self.change <= TOLERANCE


class Rates(NamedTuple):
    """Pairwise figures over labelled pairs at a cut, 0..1; a rate of nothing is 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def fit(seen: Seen, same: Flags, slots: Slots, prior: float) -> Fit:
    """Labelled pairs → weights. `same`: what the label says of each pair."""
    low, high = bounds(slots)
    free = np.flatnonzero(low < high)
    design = np.zeros((len(seen), len(slots.weight)), np.float32)
    np.put_along_axis(design, seen.slots, np.float32(1.0), axis=1)
    design = design[:, free]
    weight, change, rounds = slots.weight.copy(), np.inf, 0
    while change > TOLERANCE and rounds < ROUNDS:
        step = _newton(seen, same, slots, prior, weight, design, free, (low, high))
        moved = _descend(seen, same, slots, prior, weight, step, (low, high))
        change, weight, rounds = float(np.abs(moved - weight).max()), moved, rounds + 1
    return Fit(weight, rounds, change)


def _newton(
    seen: Seen, same: Flags, slots: Slots, prior: float, weight: Floats, design: NDArray[np.float32],
    free: NDArray[np.intp], limits: tuple[Floats, Floats],
) -> Floats:  # fmt: skip
    """The step of every slot in bits; a weight that its bound holds back stays out of the equations."""
    p = score(seen, slots, weight, prior)
    worth = _worth(seen)
    gradient = design.T @ (p - same) * (worth * _LN2) + (weight - slots.weight)[free] / LOOSENESS**2
    curvature = (design.T * (p * (1 - p)).astype(np.float32)) @ design * (worth * _LN2**2)
    curvature = curvature.astype(float) + np.eye(len(free)) / LOOSENESS**2
    here, (low, high) = weight[free], (limits[0][free], limits[1][free])
    open_ = ~((here <= low) & (gradient > 0) | (here >= high) & (gradient < 0))
    step = np.zeros(len(weight))
    if open_.any():
        step[free[open_]] = -np.linalg.solve(curvature[np.ix_(open_, open_)], gradient[open_])
    return step


def _descend(
    seen: Seen, same: Flags, slots: Slots, prior: float, weight: Floats, step: Floats, limits: tuple[Floats, Floats]
) -> Floats:
    """The weights after the longest of step, step/2, step/4 … that does not raise the loss."""
    before = _loss(seen, same, slots, prior, weight)
    for halving in range(12):
        moved = np.clip(weight + step / 2**halving, *limits)
        if _loss(seen, same, slots, prior, moved) <= before:
            return np.asarray(moved)
    return weight


def _loss(seen: Seen, same: Flags, slots: Slots, prior: float, weight: Floats) -> float:
    p = np.clip(score(seen, slots, weight, prior), 1e-12, 1 - 1e-12)
    off = ((weight - slots.weight) ** 2).sum() / (2 * LOOSENESS**2)
    return float(-np.log(np.where(same, p, 1 - p)).sum() * _worth(seen) + off)


def _worth(seen: Seen) -> float:
    """How far each labelled pair counts."""
    return min(1.0, WORTH / max(len(seen), 1))


def rates(found: Flags, same: Flags) -> Rates:
    """Precision and recall of the pairs found."""
    right = float((found & same).sum())
    return Rates(right / found.sum() if found.any() else 1.0, right / same.sum() if same.any() else 1.0)


def held_out_scores(seen: Seen, same: Flags, groups: NDArray[np.intp], slots: Slots, prior: float) -> Floats:
    """Each pair's score with weights fitted without its fold; pairs of one group share a fold."""
    scores = np.zeros(len(seen))
    for fold in range(FOLDS):
        out = groups % FOLDS == fold
        if out.any():
            kept = fit(_chosen(seen, ~out), same[~out], slots, prior).weight
            scores[out] = score(_chosen(seen, out), slots, kept, prior)
    return scores


def _chosen(seen: Seen, which: Flags) -> Seen:
    return Seen(seen.slots[which], seen.rarity[which], seen.left[which], seen.right[which])
