"""Why two records are, or are not, the same: every comparison with its level and weight."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from ..decisions import Decision
from ..evidence import DIMENSIONS
from .dimensions import measure_dimensions
from .pairs import Pairs
from .policy.base import Policy
from .policy.term_frequency import size_bits
from .scoring import CHUNK, gather, weigh


class Finding(NamedTuple):
    """One comparison of one pair; weight in log2 odds."""

    comparison: str
    level: str
    weight: float


class Explanation(NamedTuple):
    """prior: log2 odds that any two records of the file are the same; blocks: the keys that brought the pair together.

    together: whether the run put the two into one entity, which a contradiction in the group can prevent; None: not asked.
    off: evidence that is switched off. decision: that on the pair which the run heeded.
    """

    level: str
    prior: float
    findings: tuple[Finding, ...]
    score: float
    blocks: tuple[str, ...]
    dimensions: Mapping[str, Any]
    off: frozenset[str] = frozenset()
    together: bool | None = None
    decision: Decision | None = None


def explain(features: pl.DataFrame, one: str, other: str, policy: Policy) -> Explanation:
    """Table `feature` (for accounts with `person`) of the whole run and two record keys → the pair, weighed."""
    rows = [features["record_key"].index_of(key) for key in (one, other)]
    left, right = sorted(int(r) for r in rows if r is not None)
    weighed = weigh_pairs(features, pl.DataFrame({"left": [left], "right": [right]}), policy).to_dicts()[0]
    findings = tuple(
        Finding(c.name, weighed[f"{c.name}_level"], round(weighed[f"{c.name}_weight"], 2)) for c in policy.comparisons
    )
    told = {name: weighed[name] for name in DIMENSIONS}
    return Explanation(
        policy.level, -size_bits(features.height), findings, weighed["score"], tuple(weighed["met"]), told, policy.off
    )


def weigh_pairs(features: pl.DataFrame, pairs: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Table `feature` (for accounts with `person`) of the whole run and pairs (`left, right`: rows of it), candidates or not →
    one row per pair, in their order: `score`, `<comparison>_level` and `_weight`, `met` (names of the keys that they share) and
    DIMENSIONS."""
    prepared = policy.prepare(features.with_row_index("row"), size_bits(features.height))
    keys = prepared.select(key.value().alias(key.name) for key in policy.keys)
    left, right = (pairs[side].cast(pl.UInt32).to_numpy() for side in ("left", "right"))
    parts = []
    for start in range(0, max(pairs.height, 1), CHUNK):
        part = Pairs(left[start : start + CHUNK], right[start : start + CHUNK])
        both = gather(keys, part, tuple(keys.columns))
        shared = [pl.when(_share(k, kind)).then(pl.lit(k)) for k, kind in keys.schema.items()]
        met = both.select(met=pl.concat_list(shared).list.drop_nulls() if shared else pl.lit([], pl.List(pl.String)))
        parts.append(weigh(gather(prepared, part, policy.columns), policy).hstack(met))
    return pl.concat(parts).hstack(measure_dimensions(prepared, pairs, policy.level, policy.off))


def _share(key: str, kind: pl.DataType) -> pl.Expr:
    """Whether both sides have the key; of lists, one in common."""
    one, other = pl.col(f"{key}_l"), pl.col(f"{key}_r")
    return one.list.set_intersection(other).list.len() > 0 if kind == pl.List(pl.String) else one == other
