"""Questions to a published run: which groups there are, what is in one, why two records are (not) the same."""

import re
from dataclasses import dataclass

import polars as pl

from ...config import Config
from ...custom_columns import unpacked
from ...decisions import Decision, DecisionLog
from ...dedup.explain import Explanation, explain
from ...errors import UsageError
from ...i18n import Text
from ...io.store.store import Store
from ...reports.masking import mask_name, masked, with_persons
from ...reports.quality.measure import evidence_off
from ...rules.catalog import catalog
from ..audit import because
from ..resolve.component import PERSONS
from ..resolve.levels import policies

_LIST = """
SELECT g.group_id, g.band, g.action, g.size, g.score_min, g.entity_id,
       min(r.person_name) AS person_name, min(r.company_name) AS company_name, min(r.phone) AS phone
FROM main.duplicate_group g
JOIN main.entity_member m ON m.level = g.level AND m.entity_id = g.entity_id
JOIN main.record r USING (record_key)
WHERE g.level = ? AND (? IS NULL OR g.band = ?)
GROUP BY ALL ORDER BY g.score_min, g.size DESC, g.group_id LIMIT ?
"""
_MEMBERS = """
SELECT r.* FROM main.entity_member m JOIN main.record r USING (record_key)
WHERE m.level = ? AND m.entity_id = ? ORDER BY r.updated_at DESC NULLS LAST, r.record_key
"""
_ENTITIES = """
SELECT level, count(DISTINCT entity_id) AS entities FROM main.entity_member WHERE list_contains(?, record_key) GROUP BY level
"""
_NAMED = """
SELECT record_key, source FROM main.record WHERE record_key = $1 OR source_record_id = $1 ORDER BY source, record_key
"""
_BEGUN = "SELECT record_key, source FROM main.record WHERE starts_with(record_key, $1) ORDER BY source, record_key"
_SET_ASIDE = """
SELECT rule FROM main.quarantine WHERE record_key = $1 OR source_record_id = $1 OR ($2 AND starts_with(record_key, $1))
"""
# As much of a key as `guiyi show` prints; what is shorter is rather a CRM number with a slip in it.
_BEGINNING = re.compile(r"[0-9a-f]{8,}")
_NAMED_AT_ONCE = 5


@dataclass(frozen=True)
class GroupView:
    """A group with its records, pairs, and (for groups to merge) the plan and the golden record. off: evidence switched off."""

    group: dict[str, object]
    records: pl.DataFrame
    pairs: pl.DataFrame
    golden: pl.DataFrame
    survivor: str | None
    off: frozenset[str]


def list_groups(
    store: Store, level: str, band: str | None, limit: int, unmask: bool, reason: str | None = None
) -> pl.DataFrame:
    """Groups of a level, the least certain first, each with one name, company and phone of its records."""
    _audit_unmask(store, unmask, "groups", reason)
    return masked(store.query(_LIST, [level, band, band, limit]), unmask)


def first_group(store: Store) -> str:
    """The group to look at first: the largest that is merged unseen."""
    found = store.query(
        "SELECT group_id FROM main.duplicate_group ORDER BY action DESC, band, size DESC, group_id LIMIT 1"
    )
    return str(found["group_id"][0]) if found.height else ""


def group_view(store: Store, group: str, unmask: bool, reason: str | None = None) -> GroupView:
    """The group whose id begins so. Raises UsageError where there is none, or more than one."""
    row = find_group(store, group)
    _audit_unmask(store, unmask, f"show {row['group_id']}", reason)
    records = unpacked(store.query(_MEMBERS, [row["level"], row["entity_id"]]))
    keys = records["record_key"].to_list()
    pairs = store.query(
        "SELECT * FROM main.pair WHERE level = ? AND list_contains(?, record_key_l) AND list_contains(?, record_key_r)"
        " ORDER BY score DESC, record_key_l, record_key_r", [row["level"], keys, keys],
    )  # fmt: skip
    golden = store.query("SELECT * FROM main.golden_value WHERE entity_id = ? ORDER BY field", [row["entity_id"]])
    plan = store.query("SELECT survivor_record_key FROM main.merge_plan WHERE group_id = ?", [row["group_id"]])
    survivor = str(plan["survivor_record_key"][0]) if plan.height else None
    values = masked(with_persons(store.query, golden.drop("alternatives")), unmask)
    return GroupView(row, masked(records, unmask), pairs, values, survivor, evidence_off(store.query))


def find_group(store: Store, group: str) -> dict[str, object]:
    """The row of the group whose id begins so, or whose entity it is. Raises UsageError where there is none, or several."""
    found = store.query(
        "SELECT * FROM main.duplicate_group WHERE starts_with(group_id, ?) OR entity_id = ? ORDER BY group_id LIMIT 2",
        [group, group],
    ).to_dicts()
    if len(found) != 1 or not group:
        what = (
            Text("没有编号以 {g} 开头的组。", "No group's id begins with {g}.")
            if not found
            else Text("不止一个组的编号以 {g} 开头。", "More than one group's id begins with {g}.")
        )
        raise UsageError(what.format(g=group), Text("用 guiyi groups 查看编号。", "guiyi groups lists the ids."))
    return found[0]


def explain_pair(store: Store, one: str, other: str, config: Config) -> tuple[Explanation, Explanation]:
    """Both levels' explanation for two records, named by record number or key."""
    left, right = key_of(store, one), key_of(store, other)
    if left == right:
        raise UsageError(Text("两个编号指的是同一条记录。", "Both name the same record."))
    features = store.table("feature")
    contact, account = policies(config)
    with_person = features.join(store.query(PERSONS), on="record_key", how="left", maintain_order="left")
    both = {
        level: count == 1
        for level, count in store.query(_ENTITIES, [[left, right]]).select("level", "entities").iter_rows()
    }
    heard = DecisionLog.of(store.table("decision"))
    told = (explain(features, left, right, contact), explain(with_person, left, right, account))
    one_of, other_of = (
        e._replace(together=both.get(e.level), decision=_heeded(heard, e.level, (left, right), both.get(e.level)))
        for e in told
    )
    return one_of, other_of


def _heeded(heard: DecisionLog, level: str, pair: tuple[str, str], together: bool | None) -> Decision | None:
    """The decision on a pair that the run heeded. heard: what it knew."""
    status = heard.status(level, pair)
    return status.decision if bool(together) == (status.name == "approved") else None


def key_of(store: Store, name: str) -> str:
    """The key of the record with this number, key or beginning of a key. Raises UsageError where there is none, or several."""
    begins = _BEGINNING.fullmatch(name) is not None
    found = store.query(_NAMED, [name])
    if begins and not found.height:
        found = store.query(_BEGUN, [name])
    if found.height == 1:
        return str(found["record_key"][0])
    known = store.query(_SET_ASIDE, [name, begins])
    if known.height and not found.height:
        why = catalog()[known["rule"][0]].text
        what = Text(f"记录 {{n}} 已被隔离：{why.zh}。", f"Record {{n}} is quarantined: {why.en}.")
        raise UsageError(what.format(n=name))
    if not found.height:
        raise UsageError(
            Text("没有编号为 {n} 的记录。", "There is no record {n}.").format(n=name),
            Text("记录键至少要写开头 8 位。", "Of a record key, give at least the first 8 characters."),
        )
    raise UsageError(
        Text("{n} 对应 {c:,} 条记录。", "{c:,} records are called {n}.").format(n=name, c=found.height), _which(found)
    )


def _which(found: pl.DataFrame) -> Text:
    """The keys (`record_key, source`) to choose from, each with its source."""
    rows = found.head(_NAMED_AT_ONCE).rows()
    more = "…" if found.height > _NAMED_AT_ONCE else ""
    zh = "、".join(f"{key}（{mask_name(source)}）" for key, source in rows)
    en = ", ".join(f"{key} ({mask_name(source)})" for key, source in rows)
    return Text(f"请改用记录键：{zh}{more}", f"Use a record key: {en}{more}")


def _audit_unmask(store: Store, unmask: bool, what: str, reason: str | None) -> None:
    if unmask:
        store.audit("unmask", {"command": what, **because(reason)})
