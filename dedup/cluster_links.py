"""Groups from scored links: what a run does with them, and what another cut would.

Links are bounded, the identities they bring together are asked for contradictions, and the rest is clustered.
"""

import polars as pl

from .clustering import STEWARD_SCORE, Clusters, cluster
from .constraints import NO_CONSTRAINTS, Constraints
from .pairs import Pairs, blocks_of, components, pairs_within
from .policy.base import Policy
from .scoring import CHUNK, gather, weigh

IDENTITIES = 2_000  # identities of one component that are compared all with all (two million pairs)


def cluster_links(
    prepared: pl.DataFrame, links: pl.DataFrame, policy: Policy, said: Constraints = NO_CONSTRAINTS
) -> Clusters:
    """prepared: features as the policy compares them, with `row`; links: `left, right, score` (rows) → groups.

    said: what stewards decided; where their pairs connect what links do not, identities are asked across them too.
    """
    links = _with_word(links.select("left", "right", "score"), said)
    kept, held = _bounded(prepared, links, policy.identity)
    identity, weighed = _weigh_identities(prepared, held, policy)
    clash = weighed.filter(policy.conflict)
    conflicts = set(zip(clash["left"].to_list(), clash["right"].to_list(), strict=True))
    clusters = cluster(kept, prepared.height, identity, conflicts, said)
    runaway = links.join(kept, on=["left", "right"], how="anti")
    linked = kept.filter(pl.col("score") < STEWARD_SCORE)
    doubted = pl.concat([weighed.filter(policy.doubt).select("left", "right"), _doubtful(prepared, linked, policy)])
    one, other = (clusters.labels[doubted[side].to_numpy()] for side in ("left", "right"))
    return clusters._replace(
        refused_links=pl.concat([clusters.refused_links, runaway]), doubted=doubted["left"].to_numpy()[one == other]
    )


def _doubtful(prepared: pl.DataFrame, links: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`left, right` of the links between which something tells apart, whatever their score."""
    found = []
    for part in links.iter_slices(CHUNK):
        pairs = gather(prepared, Pairs(part["left"].to_numpy(), part["right"].to_numpy()), policy.doubt_columns)
        place = policy.contradiction.place()
        found.append(pairs.select("left", "right", place).drop_nulls().select("left", "right"))
    return pl.concat(found) if found else links.select("left", "right").clear()


def _with_word(links: pl.DataFrame, said: Constraints) -> pl.DataFrame:
    """The links without those of rows set aside, and with the pairs that stewards joined."""
    if said.excluded:
        out = pl.Series(sorted(said.excluded), dtype=pl.UInt32).implode()
        links = links.filter(~pl.col("left").is_in(out), ~pl.col("right").is_in(out))
    if not said.must_link:
        return links
    pairs = [(one, other, STEWARD_SCORE) for one, other in sorted(said.must_link)]
    word = pl.DataFrame(pairs, schema=links.schema, orient="row")
    return pl.concat([links.join(word, on=["left", "right"], how="anti"), word])


def _bounded(
    prepared: pl.DataFrame, links: pl.DataFrame, columns: tuple[str, ...]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Links without those that hold runaway components together, the weakest first, and the identities they link.

    A component of more than IDENTITIES different identities cannot be checked for contradictions, and is no customer:
    the guard fails closed, and the links it takes away are reported as cut.
    """
    component, held = _linked(prepared, links, columns)
    for least in (0.99, 0.9999, STEWARD_SCORE):
        distinct = held.unique(["component", *columns])
        runaway = distinct.group_by("component").len().filter(pl.col("len") > IDENTITIES)["component"]
        if runaway.is_empty():
            break
        inside = component.gather(links["left"]).is_in(runaway.implode())
        links = links.filter(~inside | (pl.col("score") >= least))
        component, held = _linked(prepared, links, columns)
    return links, held


def _linked(prepared: pl.DataFrame, links: pl.DataFrame, columns: tuple[str, ...]) -> tuple[pl.Series, pl.DataFrame]:
    """The component of every row; and `row, component` with the identity columns of linked rows that have one at all."""
    component = pl.Series("component", components(links["left"].to_numpy(), links["right"].to_numpy(), prepared.height))
    held = prepared.select("row", *columns).with_columns(component)
    known = ~pl.all_horizontal(pl.col(c).is_null() for c in columns)
    return component, held.filter(pl.len().over("component") > 1, known)


def _weigh_identities(prepared: pl.DataFrame, held: pl.DataFrame, policy: Policy) -> tuple[pl.Series, pl.DataFrame]:
    """The identities inside each connected component, compared with each other: who contradicts whom, who is told apart.

    An identity is a distinct combination of the policy's identity columns. Only components that hold two or more
    identities are looked at.
    """
    columns = list(policy.identity)
    distinct = held.unique(["component", *columns], keep="first", maintain_order=True)
    several = distinct.filter(pl.len().over("component") > 1)
    blocks = blocks_of(several.select(row=pl.col("row").cast(pl.UInt32), key="component"))
    pairs = pairs_within(blocks)
    weighed = weigh(gather(prepared, pairs, policy.columns), policy)
    # Equal identities of one component share a number: that of the row that stands for them.
    stands = held.join(
        distinct.select("component", *columns, stands="row"), on=["component", *columns], how="left", nulls_equal=True
    )
    identity = prepared.select("row").join(stands.select("row", "stands"), on="row", how="left", maintain_order="left")
    return identity["stands"], weighed
