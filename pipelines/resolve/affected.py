"""One level where a night touches it: today's pairs, and the groups that they, or rows that left, reach."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...config import Config
from ...decisions import keys_of
from ...dedup.blocking import TooManyPairsError, candidate_pairs
from ...dedup.cluster_links import cluster_links
from ...dedup.constraints import NO_CONSTRAINTS, Constraints, constraints_of
from ...dedup.decision_evidence import DECISION_EVIDENCE, weigh_decisions
from ...dedup.dimensions import measure_dimensions
from ...dedup.pairs import Pairs
from ...dedup.policy.base import Policy
from ...dedup.policy.term_frequency import size_bits
from ...dedup.scoring import reasons, score_pairs
from ...evidence import DIMENSIONS
from ...io.store.store import Store
from ...schemas import DECISION_STATUS, FEATURE, PAIR, RECORD
from .candidates import Counts, candidate_records, count_companies, count_people, with_counts
from .component import connected, held, ids_beyond, members_of, pairs_of
from .levels import (
    Found,
    Level,
    LevelRules,
    Past,
    contradictions,
    cut_links,
    level_tables,
    only_companies,
    too_many_pairs,
)

Persons = Callable[[pl.DataFrame], pl.DataFrame]
NOBODY = pl.DataFrame(schema={"record_key": pl.String, "was": pl.String, "now": pl.String})


class ResolveContext(NamedTuple):
    """What both levels are judged by. spoken: record keys whose decisions must be heard; ids: numbers of today's rows."""

    store: Store
    config: Config
    run: int
    decisions: pl.DataFrame
    spoken: frozenset[str]
    ids: pl.DataFrame


class ResolveRequest(NamedTuple):
    """What one level compares anew. fresh: features of today's rows; superseded: keys of known records of which the store's
    word is over; near: features of known records that today's can meet; regrouped: `record_key, was, now`, known records
    whose person changed."""

    fresh: pl.DataFrame
    superseded: pl.Series
    near: pl.DataFrame
    counts: Counts
    regrouped: pl.DataFrame
    persons: Persons


class ResolveResult(NamedTuple):
    """One level where it was touched. pairs: today's; replaced: stored pairs that no longer hold; keys: judged anew, of
    which `rows` are the features."""

    name: str
    action: str
    level: Level
    pairs: pl.DataFrame
    replaced: pl.DataFrame
    keys: pl.Series
    rows: pl.DataFrame
    before: pl.DataFrame
    cut: pl.DataFrame

    def entities(self) -> pl.DataFrame:
        """`level, entity_id` of all entities that were or are in the touched part."""
        ids = pl.concat([self.before.select("entity_id"), self.level.members.select("entity_id")]).unique()
        return ids.select(pl.lit(self.name).alias("level"), "entity_id")

    def region(self) -> pl.DataFrame:
        """`level, record_key` of the touched part."""
        return self.keys.alias("record_key").to_frame().select(pl.lit(self.name).alias("level"), "record_key")


def resolve_level(context: ResolveContext, policy: Policy, request: ResolveRequest, action: str) -> ResolveResult:
    """Compare what is request, and group anew whatever hangs together with it in the store."""
    store, limits = context.store, context.config.thresholds
    fresh, superseded, counts, persons = request.fresh, request.superseded, request.counts, request.persons
    frame = persons(with_counts(pl.concat([request.near, fresh]).sort("record_key"), counts))
    pairs = _compared(policy, frame, request, size_bits(counts.rows), context.config)
    replaced = pl.concat(
        [pairs_of(store, policy.level, superseded, "OR"), _of_one_person(store, policy.level, request)]
    )
    links = pairs.filter(pl.col("score") >= limits.duplicate)
    start = [
        superseded,
        fresh["record_key"],
        request.regrouped["record_key"],
        links["record_key_l"],
        links["record_key_r"],
    ]
    keys = _affected_keys(context, policy.level, {*context.spoken, *pl.concat(start)})
    still = keys.filter(~keys.is_in(superseded.implode()))
    stored = pairs_of(store, policy.level, still, "AND")
    stored = stored.join(pl.concat([replaced, pairs]), on=["record_key_l", "record_key_r"], how="anti")
    rows = pl.concat([held(store, FEATURE, still), fresh]).sort("record_key")
    rows = persons(with_counts(rows, counts))
    numbers = pl.concat([held(store, RECORD, still, ("record_key", "source_record_id")), context.ids])
    ids = rows.select("record_key").join(numbers, on="record_key", how="left", maintain_order="left")
    found, word = _grouped(context, policy, rows, pl.concat([stored, pairs]))
    found = found._replace(judged=_judged(context, policy, request, rows, word))
    labels = found.clusters.labels if policy.level == "contact" else only_companies(found.clusters.labels, rows)
    past = _past(context, policy.level, keys)
    level = level_tables(found, LevelRules(policy, action, context.config, past, word), labels, ids)
    cut = pl.concat([cut_links(found.clusters, policy.level, ids), contradictions(level, word, ids)])
    return ResolveResult(
        name=policy.level, action=action, level=level, pairs=pairs, replaced=replaced, keys=keys,
        rows=rows.select(FEATURE.names), before=past.before(policy.level), cut=cut,
    )  # fmt: skip


def _affected_keys(context: ResolveContext, level: str, start: set[str]) -> pl.Series:
    """All record keys that links, entities or decisions connect with the start: a decision stands or falls as a whole."""
    decisions = context.decisions.filter(pl.col("level") == level)
    told = [set(keys_of(keys)) for keys in decisions["record_keys"].to_list()]
    while True:
        keys = connected(context.store, level, start, context.config.thresholds.duplicate)
        here = set(keys)
        further = {key for said in told if not here.isdisjoint(said) for key in said} - here
        if not further:
            return keys
        start = start | further


def _compared(
    policy: Policy, frame: pl.DataFrame, request: ResolveRequest, bits: float, config: Config
) -> pl.DataFrame:
    """Table `pair` of the pairs that a fresh row is part of, and of those inside a person who changed."""
    prepared = policy.prepare(frame.with_row_index("row"), bits)
    new = frame["record_key"].is_in(request.fresh["record_key"].implode()).to_numpy()
    was, now = _person_numbers(frame, request.regrouped)
    meant_rows = new | (was >= 0) | (now >= 0)
    try:
        pairs = candidate_pairs(
            prepared, policy.keys, config.max_pairs, pl.Series(meant_rows.nonzero()[0], dtype=pl.UInt32)
        ).pairs
    except TooManyPairsError as fault:
        raise too_many_pairs(fault) from None
    left, right = pairs.left, pairs.right
    one_person = ((was[left] == was[right]) & (was[left] >= 0)) | ((now[left] == now[right]) & (now[left] >= 0))
    meant = new[left] | new[right] | one_person
    scored = score_pairs(prepared, Pairs(pairs.left[meant], pairs.right[meant]), policy, config.thresholds.floor)
    scored = scored.hstack(measure_dimensions(prepared, scored, policy.level, policy.off))
    keys = frame["record_key"]
    one, other = keys[scored["left"].to_numpy()], keys[scored["right"].to_numpy()]
    return PAIR.conform(
        scored.with_columns(
            level=pl.lit(policy.level), record_key_l=pl.min_horizontal(one, other), record_key_r=pl.max_horizontal(one, other),
            reasons=reasons(policy.comparisons),
        )
    ).sort("record_key_l", "record_key_r")  # fmt: skip


def _person_numbers(frame: pl.DataFrame, regrouped: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each row the person it was and the one it is, as numbers; -1 where its person has not changed."""
    rows = frame.select("record_key").join(regrouped, on="record_key", how="left", maintain_order="left")
    was, now = (rows[name].rank("dense").cast(pl.Int64).fill_null(-1).to_numpy() for name in ("was", "now"))
    return was, now


def _of_one_person(store: Store, level: str, request: ResolveRequest) -> pl.DataFrame:
    """Stored pairs inside a person that is no longer the same: its oneness was part of their score."""
    if request.regrouped.is_empty():
        return PAIR.empty()
    stored = pairs_of(store, level, request.regrouped["record_key"], "AND")
    person = request.regrouped.select("record_key", "was")
    for end in ("l", "r"):
        stored = stored.join(
            person.rename({"record_key": f"record_key_{end}", "was": f"was_{end}"}), on=f"record_key_{end}"
        )
    return PAIR.conform(stored.filter(pl.col("was_l") == pl.col("was_r")))


def _grouped(
    context: ResolveContext, policy: Policy, rows: pl.DataFrame, pairs: pl.DataFrame
) -> tuple[Found, Constraints]:
    """Features of the part, with its pairs → groups."""
    prepared = policy.prepare(rows.with_row_index("row"), None)
    place = rows.select("record_key").with_row_index("row")
    placed = pairs.join(place.rename({"record_key": "record_key_l", "row": "left"}), on="record_key_l")
    placed = placed.join(place.rename({"record_key": "record_key_r", "row": "right"}), on="record_key_r")
    word = constraints_of(context.decisions, policy.level, rows["record_key"]) if policy.keys else NO_CONSTRAINTS
    links = placed.filter(pl.col("score") >= context.config.thresholds.duplicate).select("left", "right", "score")
    clusters = cluster_links(prepared, links, policy, word)
    pairs = placed.select("left", "right", "score", "reasons", *DIMENSIONS)
    return Found(clusters, pairs, DECISION_EVIDENCE.to_frame(), pl.DataFrame()), word


def _judged(
    context: ResolveContext, policy: Policy, request: ResolveRequest, rows: pl.DataFrame, word: Constraints
) -> pl.DataFrame:
    """DECISION_EVIDENCE of the part's decisions, as over the whole file: what their records share is as rare as it is among all."""
    spoken = sorted({row for pair in (*word.must_link, *word.cannot_link) for row in pair})
    if not spoken:
        return DECISION_EVIDENCE.to_frame()
    told = rows[spoken].select(FEATURE.names)
    store, fresh, superseded, counts = context.store, request.fresh, request.superseded, request.counts
    contact = policy.level == "contact"
    near = candidate_records(store, told, superseded, counts.rows, persons=contact)
    frame = pl.concat([told, fresh, near]).unique("record_key").sort("record_key")
    counts = (
        count_people(store, fresh, superseded, told)
        if contact
        else count_companies(store, fresh, superseded, told, counts.rows)
    )
    frame = request.persons(with_counts(frame, counts))
    prepared = policy.prepare(frame.with_row_index("row"), size_bits(counts.rows))
    return weigh_decisions(prepared, policy, constraints_of(context.decisions, policy.level, frame["record_key"]))


def _past(context: ResolveContext, level: str, keys: pl.Series) -> Past:
    """What the nights before said of these records."""
    store = context.store
    before = members_of(store, level, keys)
    status = DECISION_STATUS.conform(store.table("decision_status"))
    here = set(keys)
    speaks = [not here.isdisjoint(keys_of(told)) for told in context.decisions["record_keys"].to_list()]
    decisions = context.decisions.filter(pl.Series(speaks, dtype=pl.Boolean))
    taken = ids_beyond(store, level, keys)
    return Past(decisions=decisions, members=before, status=status, run=context.run, taken=taken)
