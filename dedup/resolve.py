"""One level, from features to groups: block, compare, score, find conflicts, cluster."""

from dataclasses import dataclass

import polars as pl

from .blocking import candidate_pairs
from .clustering import Clusters, Conflicts, cluster, components
from .pairs import Pairs, blocks_of, pairs_within
from .policy import Policy
from .rarity import size_bits
from .scoring import gather, score_pairs, weigh

BUDGET = 60_000_000  # candidate pairs; at about 40 bytes each
IDENTITIES = 2_000  # identities of one component that are compared all with all (two million pairs)


@dataclass(frozen=True)
class Resolved:
    """pairs: weighed pairs with score ≥ floor; report: candidate pairs by block; prepared: features as compared."""

    pairs: pl.DataFrame
    clusters: Clusters
    report: pl.DataFrame
    prepared: pl.DataFrame


def resolve(features: pl.DataFrame, policy: Policy, threshold: float, floor: float, budget: int = BUDGET) -> Resolved:
    """features (table `feature`; for accounts also `person`) → groups of rows that are the same at this level."""
    bits = size_bits(features.height)
    prepared = policy.prepare(features.with_row_index("row"), bits)
    candidates = candidate_pairs(prepared, policy.blocks, budget)
    pairs = score_pairs(prepared, candidates.pairs, policy, floor)
    links = pairs.filter(pl.col("score") >= threshold).select("left", "right", "score")
    kept = bounded(prepared, links, policy.identity)
    identity, conflicts = find_conflicts(prepared, kept, policy)
    clusters = cluster(kept, prepared.height, identity, conflicts)
    runaway = links.join(kept, on=["left", "right"], how="anti")
    return Resolved(pairs, clusters._replace(cut=pl.concat([clusters.cut, runaway])), candidates.report, prepared)


def bounded(prepared: pl.DataFrame, links: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Links without those that hold runaway components together, the weakest first.

    A component of more than IDENTITIES different identities cannot be checked for contradictions, and is no customer:
    the guard fails closed, and the links it takes away are reported as cut.
    """
    for least in (0.99, 0.9999, 2.0):
        held = _identities(prepared, links, columns).unique(["component", *columns])
        runaway = held.group_by("component").len().filter(pl.col("len") > IDENTITIES)["component"]
        if runaway.is_empty():
            return links
        label = components(links["left"].to_numpy(), links["right"].to_numpy(), prepared.height)
        inside = pl.Series(label[links["left"].to_numpy()]).is_in(runaway.implode())
        links = links.filter(~inside | (pl.col("score") >= least))
    return links


def _identities(prepared: pl.DataFrame, links: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """`row, component` and the identity columns of linked rows that have an identity at all."""
    component = components(links["left"].to_numpy(), links["right"].to_numpy(), prepared.height)
    held = prepared.select("row", *columns).with_columns(component=pl.Series(component))
    return held.filter(pl.len().over("component") > 1, ~pl.all_horizontal(pl.col(c).is_null() for c in columns))


def find_conflicts(prepared: pl.DataFrame, links: pl.DataFrame, policy: Policy) -> tuple[pl.Series, Conflicts]:
    """Which identities inside each connected component contradict each other.

    An identity is a distinct combination of the policy's identity columns; two conflict when a comparison of the
    policy gives one of its conflict levels. Only components that hold two or more identities are looked at.
    """
    columns = list(policy.identity)
    held = _identities(prepared, links, policy.identity)
    distinct = held.unique(["component", *columns], keep="first", maintain_order=True)
    several = distinct.filter(pl.len().over("component") > 1)
    blocks = blocks_of(several.select(row=pl.col("row").cast(pl.UInt32), key="component"))
    clashing = _clashing(prepared, pairs_within(blocks), policy)
    # Equal identities of one component share a number: that of the row that stands for them.
    stands = held.join(
        distinct.select("component", *columns, stands="row"), on=["component", *columns], how="left", nulls_equal=True
    )
    identity = prepared.select("row").join(stands.select("row", "stands"), on="row", how="left", maintain_order="left")
    return identity["stands"], clashing


def _clashing(prepared: pl.DataFrame, pairs: Pairs, policy: Policy) -> Conflicts:
    if not len(pairs.left):
        return set()
    weighed = weigh(gather(prepared, pairs, policy.columns), policy)
    clash = weighed.filter(policy.conflict)
    return set(zip(clash["left"].to_list(), clash["right"].to_list(), strict=True))
