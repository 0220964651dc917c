"""Merges that are planned again: of groups that shrank, grew or became one since they were applied."""

from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.journal import decisions_of
from guiyi.io.store import open_store
from guiyi.pipelines import decide
from guiyi.pipelines.merge_apply import apply_plan, plan_of, undo
from guiyi.pipelines.nightly import Wishes, run_nightly
from guiyi.schemas import TABLES

HEAD = "客户编号,联系人,手机号,公司,邮箱,最后更新时间\n"
THREE = """1,张伟强,13951880734,,zwq@163.com,2026-01-02
2,张伟强,13951880734,,,2026-03-04
3,张伟强,13951880734,,,2026-01-01
"""


def run(store: Path, rows: str) -> None:
    """A night over a file of these rows; nothing of another source is lost."""
    file = store.with_name("leads_1.csv")
    file.write_text(HEAD + rows, "utf-8")
    run_nightly([file], store, Config(), "zh", wishes=Wishes(breaker=False))


def everything(store: Path) -> dict[str, bytes]:
    """Every table as exported, but the audit, which only ever grows."""
    with open_store(store) as opened:
        return {t.name: opened.table(t.name).write_csv().encode() for t in TABLES if t.name != "audit_event"}


def groups(store: Path) -> dict[frozenset[str], str]:
    """numbers of its records → id of each group of persons."""
    with open_store(store) as opened:
        rows = opened.query(
            "SELECT g.group_id, list(m.source_record_id) AS n FROM main.duplicate_group g JOIN main.entity_member m"
            " USING (level, entity_id) WHERE g.level = 'contact' GROUP BY ALL"
        )
    return {frozenset(n): g for g, n in rows.iter_rows()}


@pytest.fixture
def shrunk(tmp_path: Path) -> Path:
    """Three that were merged, of which a steward has taken one out since."""
    store = tmp_path / "a.duckdb"
    run(store, THREE)
    apply_plan(store, plan_of(store))
    [group] = groups(store).values()
    decide.split(store, group, ["3"], None, None)
    run(store, THREE)
    return store


def test_a_group_that_has_shrunk_since_it_was_applied_is_not_merged_again(shrunk: Path) -> None:
    assert set(groups(shrunk)) == {frozenset("12")}
    plan = plan_of(shrunk)
    assert plan["merges"] == plan["waiting"] == []


def test_what_a_group_that_has_shrunk_has_to_write_is_planned(shrunk: Path) -> None:
    run(shrunk, THREE.replace("zwq@163.com", "zwq2@163.com"))
    [merge] = plan_of(shrunk)["merges"]
    assert [(w["field"], w["after"]) for w in merge["writes"]] == [("email", "zwq2@163.com")]


def test_undoing_what_has_shrunk_keeps_all_apart(shrunk: Path) -> None:
    with open_store(shrunk) as opened:
        group = opened.table("applied_merge")["group_id"].item()
    undo(shrunk, group, None, None)
    run(shrunk, THREE)
    assert groups(shrunk) == {}


def test_undoing_what_only_wrote_values_says_nothing(shrunk: Path) -> None:
    run(shrunk, THREE.replace("zwq@163.com", "zwq2@163.com"))
    before, said = everything(shrunk), decisions_of(shrunk)
    plan = plan_of(shrunk)
    apply_plan(shrunk, plan)
    undo(shrunk, plan["hash"][:12], None, None)
    assert everything(shrunk) == before
    assert decisions_of(shrunk).equals(said)


TWO = "".join(THREE.splitlines(keepends=True)[:2])


def overruled(store: Path, group: str) -> None:
    decide.reject(store, [group], None, None)
    decide.approve(store, [group], None, None)


def retracted(store: Path, group: str) -> None:
    for said in decide.reject(store, [group], None, None):
        decide.retract(store, said, None, None)


@pytest.mark.parametrize("say", [pytest.param(f, id=f.__name__) for f in (overruled, retracted)])
def test_an_undo_is_heeded_where_the_same_was_said_before_and_holds_no_longer(
    say: Callable[[Path, str], None], tmp_path: Path
) -> None:
    store = tmp_path / "a.duckdb"
    run(store, TWO)
    [group] = groups(store).values()
    say(store, group)
    run(store, TWO)
    apply_plan(store, plan_of(store))
    undo(store, group, None, None)
    assert plan_of(store)["waiting"] == [{"group_id": group, "reason": "decided"}]
    run(store, TWO)
    assert groups(store) == {}
