"""What another cut would do: the published pairs, clustered anew at two cuts, and what moves between them.

Nothing is scored again: scores, features and persons are those of the last run, clustering and its guards too.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...config import Config
from ...decisions import active_decisions
from ...dedup.cluster_links import cluster_links
from ...dedup.clustering import Clusters
from ...dedup.constraints import Constraints, constraints_of
from ...dedup.entity_ids import group_id
from ...dedup.policy.base import Policy
from ...dedup.policy.term_frequency import size_bits
from ...errors import UsageError
from ...i18n import Text
from ...io.store.store import Store
from ...reports.masking import masked
from ..resolve.component import PERSONS
from ..resolve.levels import only_companies, policies

CUTS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.82, 0.85, 0.88, 0.9, 0.92, 0.95, 0.98, 0.99)
# In the order of the run: among links of equal score the earlier row goes first, there as here.
_FEATURES = f"SELECT * FROM main.feature LEFT JOIN ({PERSONS}) USING (record_key) ORDER BY record_key"
_PAIRS = "SELECT record_key_l, record_key_r, score FROM main.pair WHERE level = ? ORDER BY record_key_l, record_key_r"
_WHO = "SELECT record_key, source_record_id, person_name, company_name, phone FROM main.record"


@dataclass(frozen=True)
class Cut:
    """The groups at one cut: `row, label`, records of groups of two and more; `tree_edges`: the links that made them."""

    score: float
    members: pl.DataFrame
    tree_edges: pl.DataFrame
    links: int
    refused: int


@dataclass(frozen=True)
class Movement:
    """Between the cuts `low` and `high`: pairs that fall out, groups kept, split and lost, the groups that change.

    changes: `group_id, change, size, left, score_min, record_l, record_r, person_name, company_name, phone`;
    table: one row per cut of CUTS that the run's pairs reach down to.
    """

    level: str
    low: float
    high: float
    pairs: int
    kept: int
    split: int
    lost: int
    changes: pl.DataFrame
    table: pl.DataFrame


@dataclass(frozen=True)
class _Published:
    policy: Policy
    features: pl.DataFrame
    prepared: pl.DataFrame
    links: pl.DataFrame
    word: Constraints


def movement(store: Store, level: str, low: float, high: float, config: Config) -> Movement:
    """Compare two cuts. Raises UsageError where they are in the wrong order or below what the run kept."""
    floor = config.thresholds.floor
    if not floor <= low < high <= 1:
        what = Text("--from 应小于 --to，且不低于 {f}。", "--from is below --to and not below {f}.")
        advice = Text(
            "低于 thresholds.floor 的记录对没有保存。", "Pairs below thresholds.floor were not kept by the run."
        )
        raise UsageError(what.format(f=floor), advice)
    published = _published(store, level, config)
    below, above = _cut(published, low), _cut(published, high)
    changes = changes_between(below, above)
    counts = dict(changes.group_by("change").len().iter_rows())
    cuts = sorted({c for c in (*CUTS, low, high, config.thresholds.duplicate) if c >= floor})
    table = pl.DataFrame([_facts(below if c == low else above if c == high else _cut(published, c)) for c in cuts])
    shown = _shown(changes, published, below, store.query(_WHO))
    return Movement(
        level, low, high, below.links - above.links, counts.get("kept", 0), counts.get("split", 0),
        counts.get("lost", 0), shown, table,
    )  # fmt: skip


def _published(store: Store, level: str, config: Config) -> _Published:
    """What the last run compared, in its order: that of the record keys; and the decisions that it heard."""
    policy = policies(config)[level == "account"]
    features = store.query(_FEATURES)
    prepared = policy.prepare(features.with_row_index("row"), size_bits(features.height))
    word = constraints_of(active_decisions(store.table("decision")), level, prepared["record_key"])
    row = prepared.select("record_key", "row")
    pairs = store.query(_PAIRS, [level])
    for side in ("l", "r"):
        pairs = pairs.join(row.rename({"record_key": f"record_key_{side}", "row": side}), on=f"record_key_{side}")
    ends = (pl.min_horizontal("l", "r").alias("left"), pl.max_horizontal("l", "r").alias("right"))
    return _Published(policy, features, prepared, pairs.select(*ends, "score"), word)


def _cut(published: _Published, score: float) -> Cut:
    """Cluster the links at or above a score, as the run does."""
    links = published.links.filter(pl.col("score") >= score)
    clusters = cluster_links(published.prepared, links, published.policy, published.word)
    members = pl.DataFrame({"label": _labels(clusters, published)}).with_row_index("row")
    several = members.filter(pl.len().over("label") > 1)
    return Cut(score, several, clusters.tree_edges, links.height, clusters.refused_links.height)


def _labels(clusters: Clusters, published: _Published) -> NDArray[np.uint32]:
    if published.policy.level == "contact":
        return clusters.labels
    return only_companies(clusters.labels, published.features)


def _facts(cut: Cut) -> dict[str, object]:
    sizes = cut.members.group_by("label").len()["len"]
    largest = int(sizes.max() or 0)  # type: ignore[arg-type]
    return {
        "cut": cut.score, "pairs": cut.links, "groups": sizes.len(), "records": cut.members.height,
        "largest": largest, "refused": cut.refused,
    }  # fmt: skip


def changes_between(below: Cut, above: Cut) -> pl.DataFrame:
    """One row per group at the lower cut: `label, size, left` (sizes of what is left of it, e.g. 3+1), `change`."""
    both = below.members.join(above.members, on="row", how="left", suffix="_above")
    # Records that stand alone at the higher cut are parts of one.
    part = pl.coalesce(pl.col("label_above").cast(pl.Int64), -1 - pl.col("row").cast(pl.Int64))
    parts = (
        both.group_by("label", part=part).agg(n=pl.len()).sort("label", "n", "part", descending=[False, True, False])
    )
    of = parts.group_by("label", maintain_order=True).agg(
        size=pl.col("n").sum(), largest=pl.col("n").max(), left=pl.col("n").cast(pl.String).str.join("+")
    )
    kind = pl.when(pl.col("largest") == pl.col("size")).then(pl.lit("kept"))
    return of.with_columns(change=kind.when(pl.col("largest") == 1).then(pl.lit("lost")).otherwise(pl.lit("split")))


def _shown(changes: pl.DataFrame, published: _Published, below: Cut, who: pl.DataFrame) -> pl.DataFrame:
    """The groups that change, the least certain first, each with its weakest link and one masked name."""
    moved = changes.filter(pl.col("change") != "kept")
    weakest = below.tree_edges.sort("score", "left", "right").unique("group", keep="first", maintain_order=True)
    moved = moved.join(
        weakest.select(label="group", score_min="score", link_l="left", link_r="right"), on="label", how="left"
    )
    records = published.prepared.select("row", "record_key").join(
        who, on="record_key", how="left", maintain_order="left"
    )
    number = records.select("row", number=pl.coalesce("source_record_id", "record_key"))
    for side in ("l", "r"):
        moved = moved.join(
            number.rename({"row": f"link_{side}", "number": f"record_{side}"}), on=f"link_{side}", how="left"
        )
    members = below.members.join(moved.select("label"), on="label", how="semi").join(records, on="row", how="left")
    told = members.group_by("label").agg(
        pl.col("record_key").sort(), pl.col("person_name", "company_name", "phone").min()
    )
    told = told.with_columns(
        group_id=pl.Series([group_id(published.policy.level, k) for k in told["record_key"].to_list()], dtype=pl.String)
    )
    out = moved.join(told, on="label", how="left").sort("score_min", "group_id")
    return masked(out.select(
        "group_id", "change", "size", "left", "score_min", "record_l", "record_r", "person_name", "company_name", "phone"
    ))  # fmt: skip
