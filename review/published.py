"""The last published run, read once into frames sorted by group, so that a page is a slice and never a query."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..custom_columns import cells_of
from ..errors import StoreError
from ..fields import FIELDS
from ..i18n import Text
from ..io.store.store import Store, open_store
from ..reports.masking import masked
from ..reports.quality.measure import evidence_off
from .risk import with_risk

_GROUPS = """
SELECT g.level, g.group_id, g.entity_id, g.size, g.band, g.action, g.score_min,
       CAST(g.weakest_link AS VARCHAR) AS weakest_link, p.survivor_record_key AS survivor, a.merged
FROM main.duplicate_group g LEFT JOIN main.merge_plan p USING (group_id) LEFT JOIN (
  SELECT level, entity_id, list(group_id ORDER BY group_id) AS merged FROM (
    SELECT m.level, m.entity_id, c.group_id FROM main.entity_member m JOIN history.crosswalk c USING (level, record_key)
    GROUP BY ALL HAVING count(*) > 1
  ) GROUP BY ALL
) a USING (level, entity_id)
"""
_APPLIED = "SELECT string_agg(group_id, ',' ORDER BY group_id) AS groups FROM history.applied_merge"
_MEMBERS = """
SELECT m.level, m.entity_id, r.* REPLACE (CAST(r.extra AS VARCHAR) AS extra)
FROM main.duplicate_group g JOIN main.entity_member m USING (level, entity_id) JOIN main.record r USING (record_key)
"""
_PAIRS = """
SELECT p.level, p.record_key_l, p.record_key_r, p.score, CAST(p.reasons AS VARCHAR) AS reasons,
       p.phone_agree, p.name_similarity, p.code_link,
       l.entity_id AS entity_l, r.entity_id AS entity_r
FROM main.pair p
JOIN main.entity_member l ON l.level = p.level AND l.record_key = p.record_key_l
JOIN main.entity_member r ON r.level = p.level AND r.record_key = p.record_key_r
"""
_GOLDEN = """
SELECT v.entity_id, v.field, v.value, v.record_key, v.rule
FROM main.golden_value v JOIN main.duplicate_group g USING (entity_id) WHERE g.action = 'merge'
"""
_UNDECIDED = """
SELECT DISTINCT m.entity_id FROM main.finding f JOIN main.entity_member m USING (record_key)
JOIN main.duplicate_group g USING (level, entity_id)
WHERE f.rule = 'survivorship.undecided' AND g.action = 'merge'
"""
_SEARCHED = (*(f.name for f in FIELDS if f.searched), "record_key")
_CONTRADICTED = "SELECT decision_id FROM main.decision_status WHERE status = 'contradicted'"
KEY = ["level", "entity_id"]


class Sliced:
    """Rows sorted by `place`; those of one group are a slice, found without a search."""

    def __init__(self, frame: pl.DataFrame, groups: int) -> None:
        self.frame = frame.sort("place", maintain_order=True)
        bounds = np.searchsorted(self.frame["place"].to_numpy(), np.arange(groups + 1))
        self._bounds: NDArray[np.int64] = bounds.astype(np.int64)

    def of(self, place: int) -> pl.DataFrame:
        """The rows of the group at a place in the queue, in the order they were given."""
        first, end = int(self._bounds[place]), int(self._bounds[place + 1])
        return self.frame.slice(first, end - first)


@dataclass(frozen=True)
class Published:
    """One run. `groups` stand in the order of the queue: those to review first, then by falling risk; `merged`: the applied
    merges that joined records of one. state: of the run and what was applied.

    members: the groups' records, the survivor first. pairs: scored links inside a group. cut: links that reach the
    threshold but lead out of the group (`record_key` inside, `other` outside, `other_entity`). golden: values of merged groups.
    prior: of each level, the log2 odds of two records taken at random. contradicted: decisions that the run kept against evidence.
    off: what it had switched off as evidence.
    """

    run_id: str
    state: str
    published_at: Any
    groups: pl.DataFrame
    members: Sliced
    pairs: Sliced
    cut: Sliced
    golden: Sliced
    prior: dict[str, float]
    sources: list[str]
    owners: list[str]
    contradicted: frozenset[str]
    off: frozenset[str]

    def place_of(self, group_id: str) -> int | None:
        """Where in the queue a group stands; None for one that this run does not have."""
        found = self.groups.filter(pl.col("group_id") == group_id)["place"]
        return int(found[0]) if len(found) else None

    def records_of(self, place: int) -> list[dict[str, Any]]:
        """The records of a group, the survivor first: the columns of `record`, and `extra:<header>` where it holds something."""
        return [{**row, **cells_of(row["extra"])} for row in self.members.of(place).to_dicts()]

    def places_of(self, level: str, keys: list[str]) -> list[int]:
        """The groups of a level that hold any of these records."""
        held = self.members.frame.lazy().filter((pl.col("level") == level) & pl.col("record_key").is_in(keys))
        return held.select(pl.col("place").unique().sort()).collect()["place"].to_list()


def load(path: Path) -> Published:
    """Read the live run and let go of the store. Raises StoreError where there is none."""
    with open_store(path) as store:
        run = _live(store, path)
        groups, members, pairs, golden = (store.query(q) for q in (_GROUPS, _MEMBERS, _PAIRS, _GOLDEN))
        undecided = store.query(_UNDECIDED)["entity_id"].to_list()
        run |= {"state": _state(store, run), "contradicted": store.query(_CONTRADICTED)["decision_id"].to_list()}
        run |= {"off": evidence_off(store.query)}
    return _arranged(run, groups, members, pairs, golden, undecided)


def live_state(path: Path) -> str:
    """The run that is live now and the merges that are applied: with either, what the page shows is another."""
    with open_store(path) as store:
        return _state(store, _live(store, path))


def _state(store: Store, run: dict[str, object]) -> str:
    applied = str(store.query(_APPLIED)["groups"][0])
    return f"{run['run_id']}/{hashlib.blake2b(applied.encode(), digest_size=8).hexdigest()}"


def _live(store: Store, path: Path) -> dict[str, object]:
    run = store.last_run()
    if run is None:
        raise StoreError(
            Text("{p} 中还没有发布过运行结果。", "{p} holds no published run yet.").format(p=path),
            Text("请先用 guiyi run 运行一次。", "Run guiyi run first."),
            reason="store.empty",
        )
    return run


def _arranged(
    run: dict[str, object],
    groups: pl.DataFrame,
    members: pl.DataFrame,
    pairs: pl.DataFrame,
    golden: pl.DataFrame,
    undecided: list[str],
) -> Published:
    ordered = (
        with_risk(groups, members, undecided)
        .sort("band", "risk", "score_min", "level", "group_id", descending=[True, True, False, True, False])
        .with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    members = members.with_columns(masked(members.select("source", "owner")))  # filtered by, and shown, on every page
    count, where = ordered.height, ordered.select("level", "entity_id", "place", "survivor")
    placed = members.join(where, on=KEY, how="inner").sort(
        "place", pl.col("record_key") == pl.col("survivor"), "updated_at", "record_key",
        descending=[False, True, True, False], nulls_last=True,
    ).drop("survivor")  # fmt: skip
    inside = pairs.filter(pl.col("entity_l") == pl.col("entity_r")).rename({"entity_l": "entity_id"})
    inside = inside.join(where, on=KEY, how="inner").sort(
        "place", "score", "record_key_l", "record_key_r", descending=[False, True, False, False]
    )
    values = golden.join(where.select("entity_id", "place"), on="entity_id", how="inner").sort("place", "field")
    return Published(
        run_id=str(run["run_id"]),
        state=str(run["state"]),
        published_at=run["finished_at"],
        groups=_described(ordered, placed),
        members=Sliced(placed, count),
        pairs=Sliced(inside.drop("entity_r", "survivor"), count),
        cut=Sliced(_outgoing(pairs, where), count),
        golden=Sliced(values, count),
        prior=_priors(pairs),
        sources=members["source"].unique().sort().to_list(),
        owners=members["owner"].drop_nulls().unique().sort().to_list(),
        contradicted=frozenset(run["contradicted"]),  # type: ignore[call-overload]
        off=frozenset(run["off"]),  # type: ignore[call-overload]
    )


def _outgoing(pairs: pl.DataFrame, where: pl.DataFrame) -> pl.DataFrame:
    """Links between different entities, once for the group at each end; the strongest first."""
    out = pairs.filter(pl.col("entity_l") != pl.col("entity_r"))
    ends = [
        out.select("level", "score", "reasons", entity_id=f"entity_{a}", record_key=f"record_key_{a}",
                   other=f"record_key_{b}", other_entity=f"entity_{b}")
        for a, b in (("l", "r"), ("r", "l"))
    ]  # fmt: skip
    return (
        pl.concat(ends)
        .join(where.drop("survivor"), on=KEY, how="inner")
        .sort("place", "score", "record_key", "other", descending=[False, True, False, False])
    )


def _described(groups: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """One name, company and phone for each group, what is searched, and whose records they are."""
    first = [pl.col(f).drop_nulls().first() for f in ("person_name", "company_name", "phone", "province")]
    text = pl.concat_str(*_SEARCHED, separator="\n", ignore_nulls=True).str.join("\n").str.to_lowercase()
    about = members.group_by("place").agg(
        *first, text.alias("searched"), sources=pl.col("source").unique().sort(),
        owners=pl.col("owner").drop_nulls().unique().sort(),
    )  # fmt: skip
    ids = pl.concat_str("group_id", pl.col("entity_id").str.to_lowercase(), "searched", separator="\n")
    return groups.join(about, on="place", how="left", maintain_order="left").with_columns(searched=ids)


def _priors(pairs: pl.DataFrame) -> dict[str, float]:
    """The starting odds, from the pair that is least sure: score and weights are stored, the prior follows."""
    priors = {}
    for (level,), some in pairs.group_by("level", maintain_order=True):
        row = some.sort("score", "record_key_l", "record_key_r").row(0, named=True)
        weights = sum(float(why["weight"]) for why in json.loads(row["reasons"]).values())
        priors[str(level)] = log_odds(row["score"]) - weights
    return priors


def log_odds(score: float) -> float:
    """A probability as log2 odds; certainty is cut at ±50."""
    if 0 < score < 1:
        return float(np.clip(np.log2(score / (1 - score)), -50, 50))
    return 50.0 if score >= 1 else -50.0
