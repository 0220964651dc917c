"""What weights are estimated from: pairs as the levels they reach, with the rarity of what agrees as a fixed offset.

Every level of every comparison of a policy is a *slot*; a pair fills one slot per comparison. The weight of a slot can
be moved, its rarity cannot: that is taken from the file itself. `estimate_em` moves weights without labels,
`estimate_labels` with them, and both within `bounds`.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..pairs import Pairs
from ..policy.base import Policy
from ..policy.comparisons import Comparison
from ..scoring import gather, weigh

Floats = NDArray[np.float64]
CHUNK = 200_000  # pairs gathered at once
REACH = 4.0  # bits that an estimate may move a weight either way: a factor of 16
CONFLICT = -30.0  # a level this low is a rule, not an estimate: it never moves
RULES = ("contradiction",)  # comparisons that only say what tells two apart
SILENT = ("null", "else")  # levels that say nothing and weigh nothing
REVIEW_ONLY = (
    "rare",
    "phone_slip",
)  # names alone: by design they stand between the two thresholds, and no estimate lifts them


class Slots(NamedTuple):
    """One entry per level of each comparison, in the policy's order; `else` is added to each comparison that lacks it."""

    comparison: NDArray[np.intp]
    names: list[tuple[str, str]]
    weight: Floats
    least: Floats  # the weight with rarity is never below; -inf where there is no such floor
    rare: NDArray[np.bool_]  # rarity is added: how likely a chance agreement is stands in the file already
    null: NDArray[np.bool_]

    @property
    def movable(self) -> NDArray[np.bool_]:
        """Levels that weigh something and are not rules."""
        fixed = {*SILENT, *REVIEW_ONLY}
        silent = np.array([level in fixed or comparison in RULES for comparison, level in self.names])
        return ~silent & (self.weight > CONFLICT)


class Seen(NamedTuple):
    """slots, rarity: one row per pair, one column per comparison; left, right: the rows of the pair."""

    slots: NDArray[np.intp]
    rarity: Floats
    left: NDArray[np.uint32]
    right: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.left)


def slots_of(policy: Policy) -> Slots:
    """The slots of a policy."""
    rows = [
        (k, c.name, x.name, x.weight, -np.inf if x.least is None else x.least, x.rarity is not None)
        for k, c in enumerate(policy.comparisons)
        for x in c.levels
    ]
    rows += [(k, c.name, "else", 0.0, -np.inf, False) for k, c in enumerate(policy.comparisons)]
    # A comparison may declare `else` itself.
    kept = {(comparison, level): (k, w, least, rare) for k, comparison, level, w, least, rare in reversed(rows)}
    names = list(reversed(kept))
    values = [kept[name] for name in names]
    return Slots(
        np.array([v[0] for v in values]), names, np.array([v[1] for v in values], float),
        np.array([v[2] for v in values], float), np.array([v[3] for v in values], bool),
        np.array([level == "null" for _, level in names]),
    )  # fmt: skip


def observe(prepared: pl.DataFrame, pairs: Pairs, policy: Policy) -> Seen:
    """Prepared features and pairs of rows → the slot and rarity of each comparison of each pair."""
    place = {name: i for i, name in enumerate(slots_of(policy).names)}
    columns = [x for c in policy.comparisons for x in (_slot(c, place), _rarity(c))]
    parts = []
    for start in range(0, max(len(pairs.left), 1), CHUNK):
        part = Pairs(pairs.left[start : start + CHUNK], pairs.right[start : start + CHUNK])
        gathered = gather(prepared, part, policy.columns)
        levels = weigh(gathered, policy).select(pl.selectors.ends_with("_level"))
        parts.append(pl.concat([gathered, levels], how="horizontal").select(columns))
    seen = pl.concat(parts)
    slots = seen.select(pl.selectors.starts_with("slot:")).to_numpy().astype(np.intp)
    return Seen(slots, seen.select(pl.selectors.starts_with("rarity:")).to_numpy(), pairs.left, pairs.right)


def _slot(comparison: Comparison, place: dict[tuple[str, str], int]) -> pl.Expr:
    of = {level: i for (name, level), i in place.items() if name == comparison.name}
    return pl.col(f"{comparison.name}_level").replace_strict(of, return_dtype=pl.Int64).alias(f"slot:{comparison.name}")


def _rarity(comparison: Comparison) -> pl.Expr:
    level = pl.col(f"{comparison.name}_level")
    bits = [
        pl.when(level == x.name).then(pl.min_horizontal(f"{x.rarity}_l", f"{x.rarity}_r").fill_null(0.0))
        for x in comparison.levels
        if x.rarity is not None
    ]
    return pl.coalesce([*bits, pl.lit(0.0)]).alias(f"rarity:{comparison.name}")


def score(seen: Seen, slots: Slots, weight: Floats, prior: float) -> Floats:
    """Probability that each pair is the same with these weights; prior: log2 odds of any two records."""
    bits = np.maximum(weight[seen.slots] + seen.rarity, slots.least[seen.slots]).sum(axis=1) + prior
    return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -60, 60))))


def bounds(slots: Slots) -> tuple[Floats, Floats]:
    """The lowest and highest weight of each slot: REACH either way, evidence never turned into its opposite.

    Where rarity is added the sign of the weight alone means nothing, so only the reach holds.
    """
    low, high = slots.weight - REACH, slots.weight + REACH
    signed = ~slots.rare
    low = np.where(signed & (slots.weight > 0), np.maximum(low, 0.0), low)
    high = np.where(signed & (slots.weight < 0), np.minimum(high, 0.0), high)
    return np.where(slots.movable, low, slots.weight), np.where(slots.movable, high, slots.weight)
