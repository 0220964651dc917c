"""The merge plan as a file: what would be merged into what, field by field, sealed with a hash.

A plan is made from the last published run and the decisions since: a group that a steward approved is in it, one that
anything else was said of waits for the next run. `apply` makes it again and refuses a file that no longer says the same.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from ...custom_columns import cells_of
from ...decisions import DecisionLog, changes_group, keys_of, pending_decisions
from ...fields import text_of
from ...io.store.store import Store

FORMAT = "guiyi-merge-plan/1"
# level, record key → kind and records of a decision
_Pending = Mapping[tuple[str, str], list[tuple[str, frozenset[str]]]]
Under = Mapping[tuple[str, str], str]  # level, record key → the record that an applied merge put it under
_GROUPS = """
SELECT p.plan_id, p.group_id, p.survivor_record_key, p.status, g.level, g.entity_id, g.band, g.score_min
FROM main.merge_plan p JOIN main.duplicate_group g USING (group_id)
WHERE p.status <> 'applied' ORDER BY p.group_id
"""
_MEMBERS = """
SELECT m.level, m.entity_id, r.* FROM main.entity_member m JOIN main.record r USING (record_key)
JOIN main.duplicate_group g USING (level, entity_id) WHERE g.action = 'merge' ORDER BY m.record_key
"""
# In the order in which they were applied: earlier versions left rows that a later merge had made untrue.
_CROSSWALK = """
SELECT c.level, c.record_key, c.survivor_record_key FROM history.crosswalk c JOIN history.applied_merge a USING (group_id)
ORDER BY a."at"
"""
# What applied merges wrote into the record that stays.
_WRITTEN = """
SELECT a.level, a.survivor_record_key, w.field, w.before, w.value
FROM history.golden_record w JOIN history.applied_merge a USING (group_id)
"""
_GOLDEN = "SELECT entity_id, field, value, record_key, rule FROM main.golden_value ORDER BY entity_id, field"
# Persons of a company that is merged: what the CRM hangs under another parent.
_CHILDREN = """
SELECT g.entity_id, c.entity_id AS child, min(c.record_key) AS record_key
FROM main.duplicate_group g JOIN main.entity_member a ON a.level = 'account' AND a.entity_id = g.entity_id
JOIN main.entity_member c ON c.level = 'contact' AND c.record_key = a.record_key
JOIN main.record r ON r.record_key = c.record_key
WHERE g.level = 'account' AND g.action = 'merge' AND r.person_name IS NOT NULL GROUP BY ALL ORDER BY ALL
"""


def make_plan(store: Store, decisions: pl.DataFrame) -> dict[str, Any]:
    """The plan of the last run, as the JSON document that `guiyi plan` writes. `decisions`: the journal and the store's."""
    run = store.last_run() or {}
    log = DecisionLog.of(decisions, store.table("decision_status"))
    pending = _by_record(pending_decisions(decisions, store.table("decision")))
    members = store.query(_MEMBERS)
    records = _by_entity(members)
    golden = {e[0]: rows.to_dicts() for e, rows in store.query(_GOLDEN).group_by("entity_id", maintain_order=True)}
    children = {
        e[0]: rows["child"].to_list() for e, rows in store.query(_CHILDREN).group_by("entity_id", maintain_order=True)
    }
    under = {(level, key): survivor for level, key, survivor in store.query(_CROSSWALK).rows()}
    written = set(store.query(_WRITTEN).rows())
    merges, waiting = [], []
    for group in store.query(_GROUPS).to_dicts():
        rows = records[(group["level"], group["entity_id"])]
        verdict = _verdict(group, set(rows), log, pending)
        if verdict == "merge":
            entity = group["entity_id"]
            merge = _merge(group, rows, golden.get(entity, []), children.get(entity, []), under)
            if _is_done(merge, under, written):
                continue
            if merge["survivor"]["record_key"] in merge["merged_before"]:  # the CRM holds none of them
                waiting.append({"group_id": group["group_id"], "reason": "merged_before"})
            else:
                merges.append(merge)
        else:
            waiting.append({"group_id": group["group_id"], "reason": verdict})
    plan = {"format": FORMAT, "run_id": run.get("run_id"), "merges": merges, "waiting": waiting}
    return {**plan, "hash": seal(plan)}


def seal(plan: Mapping[str, Any]) -> str:
    """The hash of a plan: of everything in it but the hash."""
    body = {k: v for k, v in plan.items() if k != "hash"}
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _by_entity(members: pl.DataFrame) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    records: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in members.to_dicts():
        records.setdefault((row["level"], row["entity_id"]), {})[row["record_key"]] = row
    return records


def _by_record(decisions: pl.DataFrame) -> _Pending:
    """level and record key → kind and records of each decision that speaks of it, in the order in which they were said."""
    told: dict[tuple[str, str], list[tuple[str, frozenset[str]]]] = {}
    for level, kind, keys in decisions.select("level", "kind", "record_keys").iter_rows():
        spoken = frozenset(keys_of(keys))
        for key in spoken:
            told.setdefault((level, key), []).append((kind, spoken))
    return told


def _verdict(group: Mapping[str, Any], members: set[str], log: DecisionLog, pending: _Pending) -> str:
    """`merge`, or why the group waits: `decided` (against it), `next_run` (a decision that the run did not know changes it), or
    `review`."""
    status, level = log.status(group["level"], members), group["level"]
    told = {word for key in members for word in pending.get((level, key), ())}
    approved = status.name == "approved" and any(kind == "must_link" for kind, _ in told)
    if status.name in ("rejected", "split", "set_aside"):
        return "decided"
    if group["status"] != "ready" and not approved:  # what the run knew did not make it ready
        return "review"
    return "next_run" if any(changes_group(kind, keys, members) for kind, keys in told) else "merge"


def _merge(
    group: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]], golden: list[dict[str, Any]], children: list[str],
    under: Under,
) -> dict[str, Any]:  # fmt: skip
    """One merge of the plan; `merged_before` is what earlier merges took out of the CRM already."""
    survivor = rows[group["survivor_record_key"]]
    held = {**survivor, **cells_of(survivor["extra"])}
    losers = [_place(row) for key, row in rows.items() if key != survivor["record_key"]]
    writes = [
        {"field": v["field"], "before": before, "after": v["value"], "from": v["record_key"], "rule": v["rule"]}
        for v in golden
        if (before := text_of(held.get(v["field"]))) != v["value"]
    ]
    told = {k: group[k] for k in ("group_id", "level", "entity_id", "plan_id", "score_min")}
    values = {v["field"]: v["value"] for v in golden}
    return {
        **told,
        "survivor": _place(survivor),
        "losers": losers,
        "merged_before": [key for key in rows if under.get((group["level"], key), key) != key],
        "values": values,
        "writes": writes,
        "children": children,
    }


def _is_done(merge: Mapping[str, Any], under: Under, written: set[tuple[str | None, ...]]) -> bool:
    """Whether applied merges did all of it: what a group that has shrunk since still holds together, they joined.

    written: `level, survivor, field, before, value` of their golden records.
    """
    level, stays = merge["level"], merge["survivor"]["record_key"]
    joined = {under.get((level, place["record_key"])) for place in (merge["survivor"], *merge["losers"])}
    if len(joined) > 1 or None in joined:
        return False
    return all((level, stays, w["field"], w["before"], w["after"]) in written for w in merge["writes"])


def _place(record: Mapping[str, Any]) -> dict[str, str | None]:
    return {k: record[k] for k in ("record_key", "source", "source_record_id")}
