"""Why two records are, or are not, the same: every comparison with its level and weight."""

from typing import NamedTuple

import numpy as np
import polars as pl

from ..decisions import Decision
from .pairs import Pairs
from .policy import Policy
from .rarity import size_bits
from .scoring import gather, weigh


class Finding(NamedTuple):
    """One comparison of one pair; weight in log2 odds."""

    comparison: str
    level: str
    weight: float


class Explanation(NamedTuple):
    """prior: log2 odds that any two records of the file are the same; blocks: the keys that brought the pair together.

    together: whether the run put the two into one entity, which a contradiction in the group can prevent; None: not asked.
    decision: that on the pair which the run heeded.
    """

    level: str
    prior: float
    findings: tuple[Finding, ...]
    score: float
    blocks: tuple[str, ...]
    together: bool | None = None
    decision: Decision | None = None


def explain(features: pl.DataFrame, one: str, other: str, policy: Policy) -> Explanation:
    """Table `feature` (for accounts with `person`) of the whole run and two record keys → the pair, weighed."""
    bits = size_bits(features.height)
    prepared = policy.prepare(features.with_row_index("row"), bits)
    rows = [prepared["record_key"].index_of(key) for key in (one, other)]
    left, right = sorted(int(r) for r in rows if r is not None)
    pair = Pairs(np.array([left], np.uint32), np.array([right], np.uint32))
    weighed = weigh(gather(prepared, pair, policy.columns), policy).to_dicts()[0]
    findings = tuple(
        Finding(c.name, weighed[f"{c.name}_level"], round(weighed[f"{c.name}_weight"], 2)) for c in policy.comparisons
    )
    keys = prepared[[left, right]].select(key.value().alias(key.name) for key in policy.keys)
    met = tuple(name for name in keys.columns if keys[name].null_count() == 0 and keys[name].n_unique() == 1)
    return Explanation(policy.level, -bits, findings, weighed["score"], met)
