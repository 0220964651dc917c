"""Constrained clustering: the strongest links first, and none that would join what must stay apart.

Links are taken in order of score (Kruskal): the link that last joined a group is its weakest, and no stronger way
around it exists. Two groups are not joined when their members hold identities that conflict (two people's full
names, two valid codes, a branch and its parent) or when a steward said so: this is what stops a row without a
name from chaining two customers together.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .constraints import NO_CONSTRAINTS, Constraints

STEWARD_SCORE = 3.0  # the score of a link that no evidence outranks
Conflicts = set[tuple[int, int]]
_IDLE, _JOINED, _REFUSED = 0, 1, 2  # what becomes of a link: within a group already, joins two, would contradict


class Clusters(NamedTuple):
    """labels: the smallest row of each row's group. tree_edges: `group, left, right, score`, one row per link that joined.

    refused_links: `left, right, score`, links at or above the threshold that a conflict refused. doubted: rows of groups in which
    something tells two records apart.
    """

    labels: NDArray[np.uint32]
    tree_edges: pl.DataFrame
    refused_links: pl.DataFrame
    doubted: NDArray[np.uint32] = np.array([], np.uint32)


def cluster(
    links: pl.DataFrame, rows: int, identity: pl.Series, conflicts: Conflicts, said: Constraints = NO_CONSTRAINTS
) -> Clusters:
    """`links` (`left, right, score`, at or above the threshold) → groups.

    identity: one integer per row, null where a row holds none; conflicts: pairs of identities (smaller first) that no
    group may hold both of. Equal scores are taken in order of rows, so that the outcome does not depend on input order.
    Links of score STEWARD_SCORE, which stewards said, are joined first, whatever the identities; two rows that stewards said to
    be apart are a conflict of their own.
    """
    ordered = links.select("left", "right", "score").sort(["score", "left", "right"], descending=[True, False, False])
    against = _neighbours({*conflicts, *((one + rows, other + rows) for one, other in said.cannot_link)})
    held = _holders(identity, against)
    for row in {row for pair in said.cannot_link for row in pair}:
        held.setdefault(row, set()).add(row + rows)  # beyond all identities, which are rows
    parent = list(range(rows))
    outcome = _join_all(
        ordered["left"].to_list(),
        ordered["right"].to_list(),
        parent,
        held,
        against,
        int((ordered["score"] >= STEWARD_SCORE).sum()),
    )
    fate = pl.Series(outcome, dtype=pl.Int8)
    labels = _roots(np.array(parent, np.uint32))
    links_out = ordered.with_columns(pl.col("score").clip(upper_bound=1.0))
    tree_edges = links_out.filter(fate == _JOINED)
    group = pl.Series("group", labels[tree_edges["left"].to_numpy()], dtype=pl.UInt32)
    return Clusters(labels, tree_edges.select(group, "left", "right", "score"), links_out.filter(fate == _REFUSED))


def _holders(identity: pl.Series, against: dict[int, set[int]]) -> dict[int, set[int]]:
    """row → its identity, for the rows whose identity conflicts with any: the others can join whatever they like."""
    if not against:
        return {}
    held = identity.alias("identity").to_frame().with_row_index("row")
    matters = held.filter(pl.col("identity").is_in(sorted(against)))
    return {row: {i} for row, i in zip(matters["row"].to_list(), matters["identity"].to_list(), strict=True)}


def _join_all(
    left: list[int],
    right: list[int],
    parent: list[int],
    held: dict[int, set[int]],
    against: dict[int, set[int]],
    certain: int,
) -> list[int]:
    """Union-find over the links in order; `parent` and `held` (identities of each tree) are updated in place.

    The first `certain` links are joined without asking. The smaller row becomes the root. One flat loop with path
    halving, because it runs once per link of the file.
    """
    outcome = []
    for turn, (one, other) in enumerate(zip(left, right, strict=True)):
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        while parent[other] != other:
            parent[other] = other = parent[parent[other]]
        if one == other:
            outcome.append(_IDLE)
            continue
        if turn >= certain and one in held and other in held and _clash(held[one], held[other], against):
            outcome.append(_REFUSED)
            continue
        low, high = (one, other) if one < other else (other, one)
        parent[high] = low
        if high in held:
            held.setdefault(low, set()).update(held.pop(high))
        outcome.append(_JOINED)
    return outcome


def _roots(parent: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The root of every row, by pointer jumping."""
    while True:
        further = parent[parent]
        if np.array_equal(further, parent):
            return parent
        parent = further


def _neighbours(conflicts: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    against: dict[int, set[int]] = defaultdict(set)
    for one, other in conflicts:
        against[one].add(other)
        against[other].add(one)
    return dict(against)


def _clash(one: set[int], other: set[int], against: dict[int, set[int]]) -> bool:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return any(not against[i].isdisjoint(large) for i in small if i in against)
