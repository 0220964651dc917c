"""One level, from features to groups: block, compare, score, group (dedup/cluster_links.py)."""

from dataclasses import dataclass

import polars as pl

from .blocking import candidate_pairs
from .cluster_links import cluster_links
from .clustering import Clusters
from .constraints import NO_CONSTRAINTS, Constraints
from .decision_evidence import weigh_decisions
from .policy.base import Policy
from .policy.term_frequency import size_bits
from .scoring import score_pairs

BUDGET = 60_000_000  # candidate pairs; at about 40 bytes each


@dataclass(frozen=True)
class Resolved:
    """pairs: weighed pairs with score ≥ floor; report: candidate pairs by block; prepared: features as compared;
    judged: how the stewards' decisions stand (decision_evidence.py)."""

    pairs: pl.DataFrame
    clusters: Clusters
    report: pl.DataFrame
    prepared: pl.DataFrame
    judged: pl.DataFrame


def resolve(
    features: pl.DataFrame,
    policy: Policy,
    threshold: float,
    floor: float,
    budget: int = BUDGET,
    said: Constraints = NO_CONSTRAINTS,
) -> Resolved:
    """features (table `feature`; for accounts also `person`) → groups of rows that are the same at this level."""
    bits = size_bits(features.height)
    prepared = policy.prepare(features.with_row_index("row"), bits)
    candidates = candidate_pairs(prepared, policy.keys, budget)
    pairs = score_pairs(prepared, candidates.pairs, policy, floor)
    links = pairs.filter(pl.col("score") >= threshold).select("left", "right", "score")
    return Resolved(
        pairs,
        cluster_links(prepared, links, policy, said),
        candidates.report,
        prepared,
        weigh_decisions(prepared, policy, said),
    )
