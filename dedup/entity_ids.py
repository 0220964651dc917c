"""Entities through the nights: each group of today takes the id of the entity it continues.

A group continues the entity that most of its records belonged to; an entity is continued by the group that holds most
of its records (ties: the older id, then the group with the smallest record key). What nobody continues gets the level's
letter and the smallest record key of the group: the id that a first run would give it.
"""

import hashlib
import json
from collections.abc import Iterable

import polars as pl

LETTERS = {"contact": "C", "account": "A"}
EVENTS = pl.Schema({"entity_id": pl.String, "kind": pl.String, "detail": pl.String})


def entity_ids(
    level: str, groups: pl.DataFrame, before: pl.DataFrame, run: int, taken: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """`record_key, group` of today and `record_key, entity_id` of the last run → `group, entity_id`, one row per group.

    taken: ids that live outside the frames at hand, and must not be given again.
    """
    first = groups.group_by("group").agg(first=pl.col("record_key").min())
    overlap = groups.join(before, on="record_key").group_by("group", "entity_id").agg(shared=pl.len())
    overlap = overlap.join(first, on="group").sort("shared", "entity_id", "first", descending=[True, False, False])
    alone = (pl.len().over("group") == 1) & (pl.len().over("entity_id") == 1)
    simple = overlap.filter(alone).select("group", "entity_id")
    contested = _claims(overlap.filter(~alone))
    known = pl.concat([simple, contested])
    fresh = first.join(known, on="group", how="anti").sort("first")
    used = (
        set(known["entity_id"])
        | taken
        | set(before["entity_id"].filter(before["entity_id"].is_in(_plain(level, fresh).implode())))
    )
    used -= _given_up(before, known) - taken
    ids = [_new_id(level, key, used, run) for key in fresh["first"].to_list()]
    return pl.concat([known, fresh.select("group").with_columns(entity_id=pl.Series(ids, dtype=pl.String))])


def _plain(level: str, fresh: pl.DataFrame) -> pl.Series:
    return fresh.select(pl.lit(LETTERS[level]) + pl.col("first")).to_series()


def _given_up(before: pl.DataFrame, known: pl.DataFrame) -> set[str]:
    """Ids of entities that no group continues: they may come back with their own first record."""
    return set(before["entity_id"].unique()) - set(known["entity_id"])


def _claims(overlap: pl.DataFrame) -> pl.DataFrame:
    """The strongest overlaps first, each group and each entity once: the few that split or merged."""
    groups: set[object] = set()
    entities: set[object] = set()
    kept = []
    for group, entity in overlap.select("group", "entity_id").iter_rows():
        if group not in groups and entity not in entities:
            groups.add(group)
            entities.add(entity)
            kept.append((group, entity))
    return pl.DataFrame(kept, schema={"group": overlap.schema["group"], "entity_id": pl.String}, orient="row")


def _new_id(level: str, key: str, used: set[str], run: int) -> str:
    plain = LETTERS[level] + key
    if plain not in used:
        return plain
    return LETTERS[level] + hashlib.blake2b(f"{key}/{run}".encode(), digest_size=10).hexdigest()


def entity_events(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """`record_key, entity_id` of today and of the last run → EVENTS of the entities that did not simply go on.

    new: none of its records was known. grew, shrank: records came or left (both: changed). split: some of its records
    stand for another entity now. merged: all of its records now stand for one other entity. gone: its records are no more.
    """
    both = before.rename({"entity_id": "was"}).join(now, on="record_key", how="full", coalesce=True)
    moves = both.group_by("was", "entity_id").agg(records=pl.len()).sort("was", "entity_id", nulls_last=True)
    moved = moves.filter(
        pl.col("was").is_null() | pl.col("entity_id").is_null() | (pl.col("was") != pl.col("entity_id"))
    )
    alone = pl.len().over("entity_id") == 1
    born = moved.filter(
        pl.col("was").is_null() & alone & ~pl.col("entity_id").is_in(both["was"].drop_nulls().implode())
    )
    moved = moved.join(born, on="entity_id", how="anti", maintain_order="left")
    out: dict[str, dict[str, int]] = {}
    into: dict[str, dict[str, int]] = {}
    for was, is_now, records in moved.iter_rows():
        out.setdefault(was or "", {})[is_now or ""] = records
        into.setdefault(is_now or "", {})[was or ""] = records
    stays = set(moves.filter(pl.col("was") == pl.col("entity_id"))["was"])
    rows = []
    for entity in sorted((set(out) | set(into)) - {""}):
        lost, won = out.get(entity, {}), into.get(entity, {})
        rows.append((entity, _kind(entity in stays, lost, won), json.dumps({"to": lost, "from": won}, sort_keys=True)))
    # Most of a night's entities are simply new: of them nothing need be looked at one by one.
    detail = pl.concat_str(pl.lit('{"from": {"": '), "records", pl.lit('}, "to": {}}'))
    new = born.select("entity_id", kind=pl.lit("new"), detail=detail)
    return pl.concat([pl.DataFrame(rows, schema=EVENTS, orient="row"), new]).sort("entity_id")


def _kind(stays: bool, lost: dict[str, int], won: dict[str, int]) -> str:
    elsewhere, known = [e for e in lost if e], [e for e in won if e]
    if not stays and not won:
        return "merged" if len(elsewhere) == 1 else "split" if elsewhere else "gone"
    if elsewhere:
        return "split"
    if not stays and not known:
        return "new"
    if not stays:
        return "split_off"
    return "changed" if lost and won else "grew" if won else "shrank"


def group_id(level: str, record_keys: Iterable[str]) -> str:
    """The id of a duplicate group: the same for the same records (sorted keys)."""
    return hashlib.blake2b(f"{level}/{','.join(record_keys)}".encode(), digest_size=8).hexdigest()
