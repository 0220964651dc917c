"""Groups anew from links that were scored before: another cut, the same constrained clustering as in a run."""

import polars as pl

from .clustering import Clusters, cluster
from .policy import Policy
from .resolve import bounded, find_conflicts


def regroup(prepared: pl.DataFrame, links: pl.DataFrame, policy: Policy) -> Clusters:
    """prepared: features as the policy compares them, with `row`; links: `left, right, score` (rows) → groups."""
    kept = bounded(prepared, links, policy.identity)
    identity, conflicts = find_conflicts(prepared, kept, policy)
    clusters = cluster(kept, prepared.height, identity, conflicts)
    runaway = links.join(kept, on=["left", "right"], how="anti").select("left", "right", "score")
    return clusters._replace(cut=pl.concat([clusters.cut, runaway]))
