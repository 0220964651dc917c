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

Conflicts = set[tuple[int, int]]


class Clusters(NamedTuple):
    """labels: the smallest row of each row's group. joints: `group, left, right, score`, one row per link that joined.

    cut: `left, right, score`, links at or above the threshold that a conflict refused.
    """

    labels: NDArray[np.uint32]
    joints: pl.DataFrame
    cut: pl.DataFrame


class _Forest:
    """Union-find that knows which identities each tree holds."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))
        self.held: dict[int, set[int]] = {}

    def root(self, node: int) -> int:
        parent = self.parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, one: int, other: int) -> None:
        """`one` and `other` are roots; the smaller row becomes the root of both."""
        low, high = (one, other) if one < other else (other, one)
        self.parent[high] = low
        if high in self.held:
            self.held.setdefault(low, set()).update(self.held.pop(high))


def cluster(links: pl.DataFrame, rows: int, identity: pl.Series, conflicts: Conflicts) -> Clusters:
    """`links` (`left, right, score`, at or above the threshold) → groups.

    identity: one integer per row, null where a row holds none; conflicts: pairs of identities (smaller first) that no
    group may hold both of. Equal scores are taken in order of rows, so that the outcome does not depend on input order.
    """
    ordered = links.sort(["score", "left", "right"], descending=[True, False, False])
    forest = _Forest(rows)
    forest.held = {row: {i} for row, i in enumerate(identity.to_list()) if i is not None} if conflicts else {}
    against = _neighbours(conflicts)
    joined: list[bool] = []
    refused: list[bool] = []
    for left, right in zip(ordered["left"].to_list(), ordered["right"].to_list(), strict=True):
        one, other = forest.root(left), forest.root(right)
        clash = one != other and _clash(forest.held.get(one), forest.held.get(other), against)
        joined.append(one != other and not clash)
        refused.append(clash)
        if joined[-1]:
            forest.join(one, other)
    labels = np.fromiter((forest.root(r) for r in range(rows)), np.uint32, rows)
    links_out = ordered.select("left", "right", "score")
    joints = links_out.filter(pl.Series(joined, dtype=pl.Boolean))
    group = pl.Series("group", labels[joints["left"].to_numpy()], dtype=pl.UInt32)
    return Clusters(
        labels, joints.select(group, "left", "right", "score"), links_out.filter(pl.Series(refused, dtype=pl.Boolean))
    )


def _neighbours(conflicts: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    against: dict[int, set[int]] = defaultdict(set)
    for one, other in conflicts:
        against[one].add(other)
        against[other].add(one)
    return dict(against)


def _clash(one: set[int] | None, other: set[int] | None, against: dict[int, set[int]]) -> bool:
    if not one or not other or not against:
        return False
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return any(not against[i].isdisjoint(large) for i in small if i in against)


def components(left: NDArray[np.uint32], right: NDArray[np.uint32], rows: int) -> NDArray[np.uint32]:
    """Label of each row's connected component: its smallest row (pointer jumping, whole arrays at a time)."""
    label = np.arange(rows, dtype=np.uint32)
    while True:
        low = np.minimum(label[left], label[right])
        following = label.copy()
        np.minimum.at(following, left, low)
        np.minimum.at(following, right, low)
        following = following[following]
        if np.array_equal(following, label):
            return label
        label = following
