"""What an estimate looks at: a sample of a file's candidate pairs, and random pairs of its rows."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ...dedup.blocking import candidate_pairs
from ...dedup.estimate.vectors import Seen, observe
from ...dedup.pairs import Pairs
from ...dedup.policy.base import Policy
from ...dedup.policy.term_frequency import size_bits

SAMPLE = 400_000  # candidate pairs that an estimate looks at
RANDOM = 300_000  # random pairs, for how often a level is reached by chance
EACH = 50  # … and at most so many per row: pairs of a few rows repeat each other
_SEED = 20_260_101  # the same file gives the same sample


@dataclass(frozen=True)
class Data:
    """One file at one level: features as compared, sampled candidate pairs, how many there are in all, the prior."""

    prepared: pl.DataFrame
    sample: Pairs
    candidates: int
    prior: float


def data_of(features: pl.DataFrame, policy: Policy, budget: int) -> Data:
    """Table `feature` (with `person`) → what an estimate looks at."""
    bits = size_bits(features.height)
    prepared = policy.prepare(features.with_row_index("row"), bits)
    pairs = candidate_pairs(prepared, policy.keys, budget).pairs
    return Data(prepared, sampled(pairs), len(pairs.left), -bits)


def sampled(pairs: Pairs) -> Pairs:
    """At most SAMPLE of the pairs, chosen by a fixed seed, in their order."""
    if len(pairs.left) <= SAMPLE:
        return pairs
    chosen = np.sort(np.random.default_rng(_SEED).choice(len(pairs.left), SAMPLE, replace=False))
    return Pairs(pairs.left[chosen], pairs.right[chosen])


def random_pairs(data: Data, policy: Policy) -> Seen:
    """Pairs of any two rows, as seen: nearly all of them are chance meetings."""
    rows, draw = data.prepared.height, np.random.default_rng(_SEED)
    ends = draw.integers(0, max(rows, 1), (2, min(RANDOM, rows * EACH)), dtype=np.uint32)
    left, right = ends.min(axis=0), ends.max(axis=0)
    apart = left != right
    return observe(data.prepared, Pairs(left[apart], right[apart]), policy)
