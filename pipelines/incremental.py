"""Only what today's rows touch: their pairs with known records, and the groups that these pairs, or rows that left, reach.

The outcome is that of comparing everything, but for scores of untouched pairs that would move in the second decimal as
values become more common; a run over everything (`whole_above`, `--whole`) brings those up to date.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..config import Config
from ..dedup.blocking import TooManyPairsError, candidate_pairs
from ..dedup.decisions import Said, in_force, said, spoken_of
from ..dedup.judge import judge
from ..dedup.pairs import Pairs
from ..dedup.policy import Policy
from ..dedup.rarity import size_bits
from ..dedup.regroup import regroup
from ..dedup.scoring import reasons, score_pairs
from ..i18n import Language
from ..io.publish import Change
from ..io.store import Store
from ..schemas import DECISION_STATUS, ENTITY_MEMBER, FEATURE, PAIR, RECORD
from .known import Known
from .neighbours import Counts, count_names, neighbours, with_counts
from .plan import plan_merges
from .resolution import Resolution, Today, applied_in, level_frames
from .resolve import (
    Found,
    Level,
    Past,
    contradictions,
    cut_links,
    level_tables,
    only_companies,
    policies,
    told,
    too_many_pairs,
)

_ADJACENT = """
SELECT record_key_r AS record_key FROM main.pair WHERE level = $1 AND score >= $2 AND record_key_l IN (SELECT record_key FROM edge)
UNION SELECT record_key_l FROM main.pair WHERE level = $1 AND score >= $2 AND record_key_r IN (SELECT record_key FROM edge)
UNION SELECT m.record_key FROM main.entity_member m JOIN main.entity_member e USING (level, entity_id)
  WHERE level = $1 AND e.record_key IN (SELECT record_key FROM edge)
"""
_PAIRS = """
SELECT * FROM main.pair WHERE level = ?
AND (record_key_l IN (SELECT record_key FROM ends) {both} record_key_r IN (SELECT record_key FROM ends))
"""
_HELD = "SELECT {c} FROM main.{t} WHERE record_key IN (SELECT record_key FROM ends)"
_PERSONS = """
SELECT m.record_key, m.entity_id AS person FROM main.entity_member m
JOIN main.duplicate_group g USING (level, entity_id) WHERE level = 'contact'
"""
_TAKEN = """
SELECT DISTINCT entity_id FROM main.entity_member
WHERE entity_id IN (SELECT ? || record_key FROM ends) AND record_key NOT IN (SELECT record_key FROM ends)
"""
_NOBODY = pl.DataFrame(schema={"record_key": pl.String, "was": pl.String, "now": pl.String})
Persons = Callable[[pl.DataFrame], pl.DataFrame]


class Scene(NamedTuple):
    """What both levels are judged by. spoken: record keys whose decisions must be heard; ids: numbers of today's rows."""

    store: Store
    config: Config
    run: int
    decisions: pl.DataFrame
    spoken: frozenset[str]
    ids: pl.DataFrame


class Asked(NamedTuple):
    """What one level compares anew. fresh: features of today's rows; moved: keys of which the store's word is over; near:
    features of known records that today's can meet; regrouped: `record_key, was, now`, known records whose person changed."""

    fresh: pl.DataFrame
    moved: pl.Series
    near: pl.DataFrame
    counts: Counts
    regrouped: pl.DataFrame
    persons: Persons


class Reached(NamedTuple):
    """One level where it was touched. pairs: today's; replaced: stored pairs that no longer hold; keys: judged anew."""

    name: str
    level: Level
    pairs: pl.DataFrame
    replaced: pl.DataFrame
    keys: pl.Series
    before: pl.DataFrame
    cut: pl.DataFrame

    def entities(self) -> pl.DataFrame:
        """`level, entity_id` of all entities that were or are in the touched part."""
        ids = pl.concat([self.before.select("entity_id"), self.level.members.select("entity_id")]).unique()
        return ids.select(pl.lit(self.name).alias("level"), "entity_id")

    def region(self) -> pl.DataFrame:
        """`level, record_key` of the touched part."""
        return self.keys.alias("record_key").to_frame().select(pl.lit(self.name).alias("level"), "record_key")


def settle_touched(
    contact: Reached, account: Reached, today: Today, store: Store, known: Known, config: Config, language: Language
) -> Resolution:
    """What was reached → merge plans, and what changes in the tables of groups."""
    members = pl.concat([contact.level.members, account.level.members])
    with store.given(members.select("record_key").unique(), "ends"):
        stored = _held(store, "record", RECORD.names).join(today.record, on="record_key", how="anti")
        features = _held(store, "feature", FEATURE.names).join(today.features, on="record_key", how="anti")
    record = pl.concat([RECORD.conform(stored), today.record])
    features = pl.concat([FEATURE.conform(features), today.features])
    people = _with_stored_contacts(contact.level, account.level, store)
    force, applied = in_force(known.decisions), applied_in(store)
    plan = plan_merges(record, features, people, account.level, config, force, applied)
    frames = level_frames(contact.level, account.level, plan)
    entities = pl.concat([contact.entities(), account.entities()])
    groups = store.query("SELECT level, entity_id, group_id FROM main.duplicate_group")
    groups = groups.join(entities, on=["level", "entity_id"], how="semi")
    region = pl.concat([contact.region(), account.region()])
    pairs = pl.concat([contact.pairs, account.pairs])
    scopes = {
        "duplicate_group": entities,
        "entity_member": region,
        "merge_plan": pl.concat([groups.select("group_id"), frames["merge_plan"].select("group_id")]),
        "golden_value": entities.select("entity_id").unique(),
        "decision_status": pl.concat([frames["decision_status"].select("decision_id"), _idle(store, known)]),
    }
    changes = {name: Change(frame, scopes.get(name)) for name, frame in frames.items()}
    replaced = pl.concat([contact.replaced, account.replaced, pairs])
    changes["pair"] = Change(pairs, replaced.select("level", "record_key_l", "record_key_r"))
    return Resolution(changes, told(pl.concat([contact.cut, account.cut, plan.finding]), language), region)


def _with_stored_contacts(contact: Level, account: Level, store: Store) -> Level:
    """The contact level with the entities of all records that the touched companies hold."""
    with store.given(account.members.join(contact.members, on="record_key", how="anti").select("record_key"), "ends"):
        stored = _held(store, "entity_member", ENTITY_MEMBER.names).filter(pl.col("level") == "contact")
    return replace(contact, members=pl.concat([contact.members, ENTITY_MEMBER.conform(stored)]))


def reach(today: Today, store: Store, known: Known, config: Config) -> tuple[Reached, Reached]:
    """Both levels where today's rows touch them; contact groups first, which are evidence at account level."""
    people, companies = policies(config)
    if not has_people(store, today):
        people = replace(people, blocks=())  # a table of companies only: nobody is compared as a person
    action = "link" if people.blocks else "merge"
    force = in_force(known.decisions)
    moved = pl.concat([today.delta.fresh, today.delta.gone])
    scene = Scene(
        store,
        config,
        known.number,
        force,
        frozenset(_spoken(store, known, force, moved)),
        today.record.select("record_key", "source_record_id"),
    )
    with store.given(moved.alias("record_key").to_frame(), "moved"):
        near = neighbours(store, today.features)
        counts = count_names(store, today.features)
    asked = Asked(today.features, moved, near, counts, _NOBODY, lambda frame: frame)
    contact = _reach(scene, people, asked, "merge")
    regrouped = _regrouped(contact, moved)
    again = regrouped["record_key"].filter(~regrouped["record_key"].is_in(near["record_key"].implode()))
    with store.given(again.to_frame(), "ends"):
        near = pl.concat([near, FEATURE.conform(_held(store, "feature", FEATURE.names))])
    counts = counts._replace(tables={})
    asked = Asked(today.features, moved, near, counts, regrouped, _persons(store, contact))
    return contact, _reach(scene, companies, asked, action)


def has_people(store: Store, today: Today) -> bool:
    """Whether any record, known or of today, names a person."""
    if today.record["person_name"].null_count() < today.record.height:
        return True
    return bool(store.query("SELECT count(person_name) > 0 AS some FROM main.record")["some"][0])


def merges_people(store: Store) -> bool:
    """Whether the last run merged persons (or, with companies only, companies)."""
    links = store.query(
        "SELECT count(*) > 0 AS some FROM main.duplicate_group WHERE level = 'account' AND action = 'merge'"
    )
    return not bool(links["some"][0])


def _reach(scene: Scene, policy: Policy, asked: Asked, action: str) -> Reached:
    """One level."""
    store, limits = scene.store, scene.config.thresholds
    fresh, moved, counts, persons = asked.fresh, asked.moved, asked.counts, asked.persons
    frame = persons(with_counts(pl.concat([asked.near, fresh]).sort("record_key"), counts))
    pairs = _compared(policy, frame, asked, size_bits(counts.rows), scene.config)
    replaced = pl.concat([_pairs_of(store, policy.level, moved, "OR"), _of_one_person(store, policy.level, asked)])
    links = pairs.filter(pl.col("score") >= limits.duplicate)
    keys = _region(
        store,
        policy.level,
        {*moved, *fresh["record_key"], *asked.regrouped["record_key"], *links["record_key_l"], *links["record_key_r"],
         *scene.spoken},
        limits.duplicate,
    )  # fmt: skip
    still = keys.filter(~keys.is_in(moved.implode()))
    ends = ["record_key_l", "record_key_r"]
    stored = _pairs_of(store, policy.level, still, "AND").join(pl.concat([replaced, pairs]), on=ends, how="anti")
    with store.given(still.to_frame(), "ends"):
        held = FEATURE.conform(_held(store, "feature", FEATURE.names))
        ids = pl.concat(
            [
                _held(store, "record", ("record_key", "source_record_id")),
                scene.ids.filter(pl.col("record_key").is_in(fresh["record_key"].implode())),
            ]
        )
    again = fresh.filter(~pl.col("record_key").is_in(held["record_key"].implode()))
    held = persons(with_counts(pl.concat([held, again]).sort("record_key"), counts))
    ids = held.select("record_key").join(ids.unique("record_key"), on="record_key", how="left", maintain_order="left")
    found, word = _grouped(scene, policy, held, pl.concat([stored, pairs]), size_bits(counts.rows))
    labels = found.clusters.labels if policy.level == "contact" else only_companies(found.clusters.labels, held)
    past = _past(scene, policy.level, pl.concat([keys, moved]).unique())
    level = level_tables(found, policy, labels, ids, action, scene.config, past, word)
    keys = pl.concat([keys, moved]).unique().sort()
    cut = pl.concat([cut_links(found.clusters, policy.level, ids), contradictions(level, word, ids)])
    return Reached(policy.level, level, pairs, replaced, keys, past.before(policy.level), cut)


def _compared(policy: Policy, frame: pl.DataFrame, asked: Asked, bits: float, config: Config) -> pl.DataFrame:
    """Table `pair` of the pairs that a fresh row is part of, and of those inside a person who changed."""
    prepared = policy.prepare(frame.with_row_index("row"), bits)
    new = frame["record_key"].is_in(asked.fresh["record_key"].implode()).to_numpy()
    was, now = _person_numbers(frame, asked.regrouped)
    meant_rows = new | (was >= 0) | (now >= 0)
    try:
        pairs = candidate_pairs(
            prepared, policy.blocks, config.max_pairs, pl.Series(meant_rows.nonzero()[0], dtype=pl.UInt32)
        ).pairs
    except TooManyPairsError as fault:
        raise too_many_pairs(fault) from None
    left, right = pairs.left, pairs.right
    one_person = ((was[left] == was[right]) & (was[left] >= 0)) | ((now[left] == now[right]) & (now[left] >= 0))
    meant = new[left] | new[right] | one_person
    scored = score_pairs(prepared, Pairs(pairs.left[meant], pairs.right[meant]), policy, config.thresholds.floor)
    keys = frame["record_key"]
    one, other = keys[scored["left"].to_numpy()], keys[scored["right"].to_numpy()]
    return PAIR.conform(
        scored.with_columns(
            level=pl.lit(policy.level), record_key_l=pl.min_horizontal(one, other), record_key_r=pl.max_horizontal(one, other),
            reasons=reasons(policy.comparisons),
        )
    ).sort("record_key_l", "record_key_r")  # fmt: skip


def _grouped(scene: Scene, policy: Policy, held: pl.DataFrame, pairs: pl.DataFrame, bits: float) -> tuple[Found, Said]:
    """The records held, with their pairs → groups."""
    prepared = policy.prepare(held.with_row_index("row"), bits)
    place = held.select("record_key").with_row_index("row")
    rows = pairs.join(place.rename({"record_key": "record_key_l", "row": "left"}), on="record_key_l")
    rows = rows.join(place.rename({"record_key": "record_key_r", "row": "right"}), on="record_key_r")
    word = said(scene.decisions, policy.level, held["record_key"])
    links = rows.filter(pl.col("score") >= scene.config.thresholds.duplicate).select("left", "right", "score")
    clusters = regroup(prepared, links, policy, word)
    judged = judge(prepared, policy, word)
    return Found(clusters, rows.select("left", "right", "score", "reasons"), judged, pl.DataFrame()), word


def _person_numbers(frame: pl.DataFrame, regrouped: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each row the person it was and the one it is, as numbers; -1 where its person has not changed."""
    rows = frame.select("record_key").join(regrouped, on="record_key", how="left", maintain_order="left")
    was, now = (rows[name].rank("dense").cast(pl.Int64).fill_null(-1).to_numpy() for name in ("was", "now"))
    return was, now


def _of_one_person(store: Store, level: str, asked: Asked) -> pl.DataFrame:
    """Stored pairs inside a person that is no longer the same: its oneness was part of their score."""
    if asked.regrouped.is_empty():
        return PAIR.empty()
    stored, person = (
        _pairs_of(store, level, asked.regrouped["record_key"], "AND"),
        asked.regrouped.select("record_key", "was"),
    )
    for end in ("l", "r"):
        stored = stored.join(
            person.rename({"record_key": f"record_key_{end}", "was": f"was_{end}"}), on=f"record_key_{end}"
        )
    return PAIR.conform(stored.filter(pl.col("was_l") == pl.col("was_r")))


def _region(store: Store, level: str, start: set[str], threshold: float) -> pl.Series:
    """All record keys that links or entities of the store connect with the start."""
    region: set[str] = set()
    edge = start
    while edge:
        region |= edge
        with store.given(pl.DataFrame({"record_key": sorted(edge)}, schema={"record_key": pl.String}), "edge"):
            edge = set(store.query(_ADJACENT, [level, threshold])["record_key"]) - region
    return pl.Series("record_key", sorted(region), dtype=pl.String)


def _pairs_of(store: Store, level: str, keys: pl.Series, both: str) -> pl.DataFrame:
    """Stored pairs of a level with one end (OR) or both (AND) among the keys."""
    with store.given(keys.alias("record_key").to_frame(), "ends"):
        return PAIR.conform(store.query(_PAIRS.format(both=both), [level]))


def _held(store: Store, table: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """The rows of a table whose key is among `ends`."""
    return store.query(_HELD.format(c=", ".join(f'"{c}"' for c in columns), t=table))


def _past(scene: Scene, level: str, keys: pl.Series) -> Past:
    store = scene.store
    with store.given(keys.to_frame(), "ends"):
        members = store.query(_HELD.format(c="*", t="entity_member")).filter(pl.col("level") == level)
        taken = frozenset(store.query(_TAKEN, [{"contact": "C", "account": "A"}[level]])["entity_id"])
    return Past(
        scene.decisions,
        ENTITY_MEMBER.conform(members),
        DECISION_STATUS.conform(store.table("decision_status")),
        scene.run,
        taken,
    )


def _regrouped(contact: Reached, moved: pl.Series) -> pl.DataFrame:
    """`record_key, was, now` (entities) of known records whose contact group has other members than in the last run."""
    both = contact.level.members.select("record_key", now="entity_id").join(
        contact.before.rename({"entity_id": "was"}), on="record_key", how="full", coalesce=True
    )
    same = (pl.len().over("was", "now") == pl.len().over("was")) & (pl.len().over("was", "now") == pl.len().over("now"))
    changed = both.filter(pl.col("now").is_not_null(), ~same | pl.col("was").is_null())
    return changed.filter(~pl.col("record_key").is_in(moved.implode())).select("record_key", "was", "now")


def _persons(store: Store, contact: Reached) -> Persons:
    """Adds `person`: the contact entity of each record, as of this run, null where it stands alone."""
    members = contact.level.members.select("record_key", person="entity_id")
    now = members.filter(pl.len().over("person") > 1)

    def add(frame: pl.DataFrame) -> pl.DataFrame:
        with store.given(frame.select("record_key").join(members, on="record_key", how="anti"), "ends"):
            stored = store.query(_PERSONS + " AND m.record_key IN (SELECT record_key FROM ends)")
        return frame.join(pl.concat([now, stored]), on="record_key", how="left", maintain_order="left")

    return add


def _spoken(store: Store, known: Known, force: pl.DataFrame, moved: pl.Series) -> set[str]:
    """Records whose decisions must be heard: new ones, ones taken back, and all that speak of a row of today."""
    kept = store.query("SELECT decision_id FROM main.decision_status")
    back = known.decisions.join(force, on="decision_id", how="anti").join(kept, on="decision_id", how="semi")
    fresh = known.new_decisions.filter(pl.col("kind") != "retract")
    today = set(moved)
    each = [spoken_of(row) for row in force.iter_slices(1)]
    return spoken_of(back) | spoken_of(fresh) | {key for keys in each if not today.isdisjoint(keys) for key in keys}


def _idle(store: Store, known: Known) -> pl.DataFrame:
    """Decisions that stand no more: their status ends."""
    kept = store.query("SELECT decision_id FROM main.decision_status")
    return kept.join(in_force(known.decisions), on="decision_id", how="anti")
