"""Apply a plan and undo it: golden records and crosswalk in one transaction, and back again byte for byte."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from ...config import read_text
from ...decisions import LEVELS, Decision, active_decisions
from ...dedup.constraints import constraints_of
from ...errors import InputError, UsageError
from ...i18n import Text
from ...io.store.journal import decisions_of, open_journal
from ...io.store.lock import run_lock
from ...io.store.store import Store, open_store
from ...io.user import current_user
from ...schemas import APPLIED_MERGE, CROSSWALK, DECISION, GOLDEN_RECORD
from .crosswalk import left_after, records_of
from .plan_file import FORMAT, make_plan, seal

_LEAST = 4  # characters by which a group or a plan can be named


def known_decisions(store: Store, path: Path) -> pl.DataFrame:
    """The decisions of the store and of its journal, each once."""
    taken = store.table("decision")
    return pl.concat([taken, decisions_of(path).join(taken, on="decision_id", how="anti").select(DECISION.names)])


def plan_of(path: Path) -> dict[str, Any]:
    """The plan as of now. Raises StoreError."""
    with open_store(path) as store:
        return make_plan(store, known_decisions(store, path))


def read_plan(file: Path) -> dict[str, Any]:
    """A plan file. Raises InputError for one that is none, or was edited."""
    try:
        plan = json.loads(read_text(file))
        whole = plan["format"] == FORMAT and seal(plan) == plan["hash"]
    except OSError:
        raise InputError(
            Text("读不到方案文件 {p}。", "Cannot read the plan {p}.").format(p=file), reason="plan.missing"
        ) from None
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise InputError(
            Text("{p} 不是合并方案，或被改动过。", "{p} is no merge plan, or was edited.").format(p=file),
            Text("请用 guiyi plan 重新生成。", "Make it again with guiyi plan."),
            reason="plan.damaged",
        )
    return dict(plan)


def apply_plan(path: Path, plan: Mapping[str, Any]) -> int:
    """Write golden records, crosswalk and status of every merge in one transaction → how many.

    Raises UsageError for a stale plan, naming what has changed: nothing is written. A plan that was applied before is 0,
    also where some of its merges were undone since (`what_stands`).
    """
    with run_lock(path), open_store(path, write=True) as store:
        done = set(
            store.query("SELECT group_id FROM history.applied_merge WHERE plan_hash = ?", [plan["hash"]])["group_id"]
        )
        if done:  # a plan is applied whole: what is missing was undone
            return 0
        now = make_plan(store, known_decisions(store, path))
        _refuse_stale(plan, now)
        at, by = datetime.now(UTC).replace(tzinfo=None), current_user()
        with store.transaction():
            _write(store, plan, at, by)
            store.audit("apply", {"plan": plan["hash"][:16], "run_id": plan["run_id"], "merges": len(plan["merges"])})
    return len(plan["merges"])


def what_stands(path: Path, plan: Mapping[str, Any]) -> dict[str, Any]:
    """An applied plan with those of its merges that nobody has undone: what sheets for the CRM are made of."""
    with open_store(path) as store:
        applied = set(store.table("applied_merge").filter(plan_hash=plan["hash"])["group_id"])
    return {**plan, "merges": [merge for merge in plan["merges"] if merge["group_id"] in applied]}


def _refuse_stale(plan: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Every merge of the plan must still be what would be planned now; what is planned besides does not matter."""
    present = {merge["group_id"]: merge for merge in now["merges"]}
    stale = [merge["group_id"] for merge in plan["merges"] if present.get(merge["group_id"]) != merge]
    if plan["run_id"] == now["run_id"] and not stale:
        return
    what = Text(
        "方案已过期：{n} 个组与当前状态不符（{g}），没有执行。",
        "The plan is stale: {n} groups are not what they were ({g}); nothing was applied.",
    )
    if plan["run_id"] != now["run_id"] and not stale:
        what = Text(
            "方案来自运行 {r}，之后又有新的运行发布，没有执行。",
            "The plan is of run {r}, and another was published since; nothing was applied.",
        ).format(r=plan["run_id"])
    raise UsageError(
        what.format(n=len(stale), g=", ".join(stale[:3])),
        Text("请用 guiyi plan 重新生成。", "Make it again with guiyi plan."),
        reason="plan.stale",
    )


def _write(store: Store, plan: Mapping[str, Any], at: datetime, by: str) -> None:
    status = dict(store.query("SELECT group_id, status FROM main.merge_plan").iter_rows())
    head = {"run_id": plan["run_id"], "plan_hash": plan["hash"], "at": at, "by": by}
    applied = [row for merge in plan["merges"] for row in [_applied(merge, status[merge["group_id"]]) | head]]
    golden = [row for merge in plan["merges"] for row in _golden(merge)]
    for table, rows in ((APPLIED_MERGE, applied), (GOLDEN_RECORD, golden)):
        store.append(table.name, pl.DataFrame(rows, schema=table.polars, orient="row"))
    rows = [row for merge in plan["merges"] for row in _crosswalk(merge)]
    crosswalk = pl.DataFrame(rows, schema=CROSSWALK.polars, orient="row").drop("identifiers")
    known = store.query("SELECT record_key, identifiers FROM main.record WHERE identifiers IS NOT NULL")
    told = crosswalk.join(known, on="record_key", how="left", maintain_order="left")
    store.replace("crosswalk", CROSSWALK.conform(told))
    store.set_plan_status({merge["group_id"]: "applied" for merge in plan["merges"]})


def _common(merge: Mapping[str, Any]) -> dict[str, Any]:
    return {k: merge[k] for k in ("group_id", "level", "entity_id")}


def _applied(merge: Mapping[str, Any], status: str) -> dict[str, Any]:
    losers = json.dumps([loser["record_key"] for loser in merge["losers"]])
    survivor = merge["survivor"]["record_key"]
    return {**_common(merge), "survivor_record_key": survivor, "loser_record_keys": losers, "status_before": status}


def _golden(merge: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The golden record, with what the survivor held before where that was something else."""
    written = {write["field"]: write for write in merge["writes"]}
    for field, value in merge["values"].items():
        own = {"before": value, "from": merge["survivor"]["record_key"], "rule": "survivorship.survivor"}
        write = written.get(field, own)
        told = {
            "field": field,
            "value": value,
            "before": write["before"],
            "record_key": write["from"],
            "rule": write["rule"],
        }
        yield {"group_id": merge["group_id"], "entity_id": merge["entity_id"], **told}


def _crosswalk(merge: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    survivor = merge["survivor"]
    stays = {"survivor_record_key": survivor["record_key"], "survivor_source_record_id": survivor["source_record_id"]}
    for place in (survivor, *merge["losers"]):
        yield {**place, **_common(merge), **stays}


def undo(path: Path, what: str, note: str | None, by: str | None) -> list[str]:
    """Take applied merges back: of a group, an entity, a run or a plan → the groups. Raises UsageError where there are none.

    What each of them joined is kept apart from now on (a decision in the journal), so that no later night joins it again.
    """
    with run_lock(path):
        with open_store(path) as store:
            applied = store.table("applied_merge").sort("group_id")
            decisions = active_decisions(known_decisions(store, path))
            crosswalk = store.table("crosswalk")
        meant = _meant(applied, what)
        merges = meant.to_dicts()
        _refuse_inner(merges, applied)
        _keep_apart(path, list(_taken_apart(merges, applied)), decisions, note, by)
        groups = [merge["group_id"] for merge in merges]
        with open_store(path, write=True) as store, store.transaction():
            for table in ("applied_merge", "golden_record", "crosswalk"):
                store.delete(table, "group_id", groups)
            store.replace("crosswalk", left_after(meant, applied, crosswalk))
            store.set_plan_status({merge["group_id"]: merge["status_before"] for merge in merges})
            entities = sorted({str(merge["entity_id"]) for merge in merges})
            store.audit("undo", {"groups": groups, "entities": entities, "count": len(groups)})
    return groups


def _meant(applied: pl.DataFrame, what: str) -> pl.DataFrame:
    """The applied merges of one group, entity, run or plan. Raises UsageError where the id names none, or several things."""
    for column in ("group_id", "entity_id", "run_id", "plan_hash"):
        exact = applied.filter(pl.col(column) == what)
        if exact.height:
            return exact
    found = {
        (column, name)
        for column in ("group_id", "plan_hash")
        for name in applied[column].to_list()
        if len(what) >= _LEAST and name.startswith(what)
    }
    if len(found) == 1:
        [(column, name)] = found
        return applied.filter(pl.col(column) == name)
    what_is = Text("没有以 {w} 为编号的已执行合并。", "No applied merge has the id {w}.")
    if found:
        what_is = Text("{w} 不止指一个组或方案：{n}。", "{w} names more than one group or plan: {n}.")
    names = ", ".join(sorted(name[:16] for _, name in found)[:4])
    raise UsageError(
        what_is.format(w=what, n=names),
        Text("用 guiyi export applied_merge 查看，编号至少写 4 位。", "guiyi export applied_merge lists them; give 4 characters or more."),
    )  # fmt: skip


def _keys(merge: Mapping[str, Any]) -> list[str]:
    return [merge["survivor_record_key"], *json.loads(merge["loser_record_keys"])]


def _refuse_inner(merges: list[dict[str, Any]], applied: pl.DataFrame) -> None:
    """A merge that a later one has grown out of can only be taken back behind it."""
    meant = {merge["group_id"] for merge in merges}
    for merge in merges:
        own = set(_keys(merge))
        for later in applied.filter(pl.col("level") == merge["level"], pl.col("at") > merge["at"]).to_dicts():
            if later["group_id"] not in meant and not own.isdisjoint(_keys(later)):
                raise UsageError(
                    Text("组 {g} 之后又并入了 {l}，请先撤销 {l}。", "Group {g} has since grown into {l}: undo {l} first.").format(
                        g=merge["group_id"], l=later["group_id"]
                    )
                )  # fmt: skip


def _taken_apart(merges: Sequence[Mapping[str, Any]], applied: pl.DataFrame) -> Iterator[Decision]:
    """What undone merges joined, of each the parts that it found: whom an earlier merge had joined stays so. One that found all
    of them joined, and only wrote values, says nothing."""
    # level, record → the merges that it went into, with their survivors
    under: dict[tuple[str, str], dict[str, str]] = {}
    for level, key, group, _, survivor in records_of(applied).iter_rows():
        under.setdefault((level, key), {})[group] = survivor
    for merge in sorted(merges, key=lambda m: (m["at"], m["group_id"]), reverse=True):
        parts: dict[str, list[str]] = {}
        for key in _keys(merge):
            before = under[merge["level"], key]
            del before[merge["group_id"]]
            parts.setdefault(next(reversed(before.values()), key), []).append(key)
        detail = {"undo": merge["group_id"], "run_id": merge["run_id"]}
        if len(parts) == len(_keys(merge)):
            yield Decision(merge["level"], "cannot_link", [_keys(merge)], detail=detail)
        elif len(parts) > 1:
            yield Decision(merge["level"], "split", list(parts.values()), detail=detail)


def _keep_apart(
    path: Path, sayings: Sequence[Decision], decisions: pl.DataFrame, note: str | None, by: str | None
) -> None:
    """First the word, then the deed: an undo that is cut off between them is simply said again."""
    new = [saying for level in LEVELS for saying in _unsaid([s for s in sayings if s.level == level], decisions, level)]
    with open_journal(path) as journal:
        journal.append([replace(saying, note=note, by=by) for saying in new])


def _unsaid(sayings: Sequence[Decision], decisions: pl.DataFrame, level: str) -> list[Decision]:
    """The words of a level without which some of their records would not stand apart; one that a later word overruled is said
    again."""
    keys = pl.Series(sorted({key for saying in sayings for key in saying.keys}), dtype=pl.String)
    rows = [(str(n), level, s.kind, s.record_keys) for n, s in enumerate(sayings)]
    schema = dict.fromkeys(("decision_id", "level", "kind", "record_keys"), pl.String)
    meant = constraints_of(pl.DataFrame(rows, schema=schema, orient="row"), level, keys).cannot_link
    standing = constraints_of(decisions, level, keys).cannot_link
    needed = {int(name) for pair, name in meant.items() if pair not in standing}
    return [saying for n, saying in enumerate(sayings) if n in needed]
