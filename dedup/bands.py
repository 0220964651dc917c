"""Which groups hold so surely that nobody needs to look: the band `auto`; the others are for review.

Two records of a group are as surely one as the weakest link on the strongest way between them. A group whose weakest
link reaches `auto` is sure. One with weaker links is sure as well where only few of its pairs hang on them: one doubtful
row in seventy leaves the group what it is, one in two does not. Such a group may be wrong in half of what `auto` allows.
"""

from collections import defaultdict

import numpy as np
import polars as pl

from .clustering import Clusters

DOUBT = 0.1  # that a row with a refused link is in the wrong group; measured: hardly ever


def sure_groups(clusters: Clusters, auto: float) -> pl.Series:
    """The groups (labels, ascending) that are `auto`.

    A link at or above `auto` that a contradiction refused leaves doubt about a row on each side (DOUBT), and the group is
    no longer sure by its weakest link alone. A group in which something tells two records apart is never sure.
    """
    doubted = _doubted(clusters, clusters.refused_links.filter(pl.col("score") >= auto))
    weakest = clusters.tree_edges.group_by("group").agg(pl.col("score").min())
    plain = (pl.col("score") >= auto) & ~pl.col("group").is_in(list(doubted))
    calm = weakest.filter(plain)["group"]
    others = clusters.tree_edges.join(weakest.filter(~plain).select("group"), on="group", how="semi")
    doubt = _expected_doubt(others, doubted)
    sure = [group for group, share in doubt.items() if share <= (1 - auto) / 2]
    told_apart = pl.Series("group", clusters.labels[clusters.doubted], dtype=calm.dtype)
    found = pl.concat([calm, pl.Series("group", sure, dtype=calm.dtype)]).sort()
    return found.filter(~found.is_in(told_apart.implode()))


def _doubted(clusters: Clusters, refused: pl.DataFrame) -> dict[int, int]:
    """group → rows in doubt: between two groups as many on either side as the fewer rows that refused links hold."""
    left, right = refused["left"].to_numpy(), refused["right"].to_numpy()
    one, other = clusters.labels[left], clusters.labels[right]
    turned = one > other
    ends = pl.DataFrame({
        "low": np.where(turned, other, one), "high": np.where(turned, one, other),
        "row_low": np.where(turned, right, left), "row_high": np.where(turned, left, right),
    })  # fmt: skip
    fewer = ends.group_by("low", "high").agg(rows=pl.min_horizontal(pl.col("row_low", "row_high").n_unique()))
    both = pl.concat([fewer.select("rows", group="low"), fewer.select("rows", group="high")])
    return dict(both.group_by("group").agg(pl.col("rows").sum()).iter_rows())


def _expected_doubt(tree_edges: pl.DataFrame, doubted: dict[int, int]) -> dict[int, float]:
    """group → the expected share of its pairs that are wrong. tree_edges: those of these groups; doubted: group → rows."""
    root: dict[int, int] = {}
    size: dict[int, int] = {}
    wrong: dict[int, float] = defaultdict(float)
    ordered = tree_edges.sort(["score", "left", "right"], descending=[True, False, False])
    for group, left, right, score in ordered.select("group", "left", "right", "score").iter_rows():
        one, other = _find(root, left), _find(root, right)
        held, joined = size.get(one, 1), size.get(other, 1)
        # Strongest links first: for every pair that this one brings together, it is the weakest on the way.
        wrong[group] += (1 - score) * held * joined
        large, small = (one, other) if held >= joined else (other, one)
        root[small], size[large] = large, held + joined
    rows = dict(tree_edges.group_by("group").agg(pl.len() + 1).iter_rows())
    return {
        group: (wrong[group] + DOUBT * doubted.get(group, 0) * (rows[group] - 1))
        / (rows[group] * (rows[group] - 1) / 2)
        for group in sorted(wrong)
    }


def _find(root: dict[int, int], row: int) -> int:
    while row in root:
        row = root[row]
    return row
