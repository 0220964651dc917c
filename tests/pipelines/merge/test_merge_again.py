"""Merges that are planned again: of groups that shrank, grew or became one since they were applied."""

from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.journal import decisions_of
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.merge.apply import apply_plan, plan_of, undo
from guiyi.pipelines.merge.sheets import load_template, sheets
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.steward import decide
from guiyi.schemas import TABLES
from guiyi.tests.first_night import first_night

HEAD = "客户编号,联系人,手机号,公司,邮箱,最后更新时间\n"
THREE = """1,张伟强,13951880734,,zwq@163.com,2026-01-02
2,张伟强,13951880734,,,2026-03-04
3,张伟强,13951880734,,,2026-01-01
"""


def run(store: Path, rows: str) -> None:
    """A night over a file of these rows; nothing of another source is lost."""
    file = store.with_name("leads_1.csv")
    file.write_text(HEAD + rows, "utf-8")
    if store.exists():
        run_nightly([file], store, Config(), "zh", options=RunOptions(breaker=False))
    else:
        first_night([file], store, options=RunOptions(breaker=False))


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


PAIRS = """1,李娜,13811112222,,,2024-07-15
2,李娜,13811112222,,,2024-07-16
3,李娜,,,situ@yunfan-wl.com,2024-08-15
4,李娜,,,situ@yunfan-wl.com,2024-08-16
"""
BRIDGE = "5,李娜,13811112222,,situ@yunfan-wl.com,2024-09-15\n"


@pytest.fixture
def joined(tmp_path: Path) -> Path:
    """Two groups that were merged, and a record that has made one of them since."""
    store = tmp_path / "a.duckdb"
    run(store, PAIRS)
    assert set(groups(store)) == {frozenset("12"), frozenset("34")}
    apply_plan(store, plan_of(store))
    run(store, PAIRS + BRIDGE)
    assert set(groups(store)) == {frozenset("12345")}
    return store


def crosswalk(store: Path) -> dict[str, set[tuple[str, str]]]:
    """number → survivor's number and entity, of each row that it has."""
    with open_store(store) as opened:
        rows = opened.query("SELECT source_record_id, survivor_source_record_id, entity_id FROM main.crosswalk").rows()
    told: dict[str, set[tuple[str, str]]] = {}
    for number, survivor, entity in rows:
        told.setdefault(number, set()).add((survivor, entity))
    assert len(rows) == len(told), "each record once"
    return told


def test_groups_that_became_one_stand_once_in_the_crosswalk(joined: Path) -> None:
    [merge] = plan_of(joined)["merges"]
    apply_plan(joined, plan_of(joined))
    stays = (merge["survivor"]["source_record_id"], merge["entity_id"])
    assert crosswalk(joined) == {number: {stays} for number in "12345"}


def test_undoing_what_made_groups_one_leaves_each_of_them_merged(joined: Path) -> None:
    before, plan = everything(joined), plan_of(joined)
    apply_plan(joined, plan)
    assert everything(joined) != before
    undo(joined, plan["hash"][:12], None, None)
    assert everything(joined) == before
    run(joined, PAIRS + BRIDGE)
    assert set(groups(joined)) == {frozenset("12"), frozenset("34")}
    assert plan_of(joined)["merges"] == []


def test_merges_of_merges_are_taken_back_together(joined: Path) -> None:
    plan = plan_of(joined)
    apply_plan(joined, plan)
    with open_store(joined) as opened:
        entities = opened.table("applied_merge")["entity_id"].unique().to_list()
    for entity in sorted(entities, key=lambda e: e != plan["merges"][0]["entity_id"]):
        undo(joined, entity, None, None)
    assert crosswalk(joined) == {}
    run(joined, PAIRS + BRIDGE)
    assert groups(joined) == {}


def test_a_store_in_which_a_record_stands_twice_is_undone_as_well(joined: Path) -> None:
    before, plan = everything(joined), plan_of(joined)
    with open_store(joined) as opened:
        inner = opened.table("crosswalk")
    apply_plan(joined, plan)
    with open_store(joined, write=True) as opened:
        opened.append("crosswalk", inner)  # as earlier versions left it
    undo(joined, plan["hash"][:12], None, None)
    assert everything(joined) == before


def survivor(store: Path, numbers: str) -> str:
    """The number of the record that stays of a group."""
    with open_store(store) as opened:
        return str(
            opened.query(
                "SELECT r.source_record_id FROM main.merge_plan p JOIN main.record r ON r.record_key = p.survivor_record_key"
                " WHERE p.group_id = ?", [groups(store)[frozenset(numbers)]],
            ).item()
        )  # fmt: skip


def test_a_record_that_was_merged_away_does_not_become_survivor_by_word(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    run(store, TWO)
    apply_plan(store, plan_of(store))
    [group] = groups(store).values()
    decide.choose(store, group, "survivor", "1", None, None)
    run(store, THREE)
    assert survivor(store, "123") == "2", "the CRM holds 1 no longer"
    assert sheets(plan_of(store), load_template(None))["map"]["被合并编号"].to_list() == ["3"]


def test_a_survivor_that_was_merged_away_since_does_not_come_back(joined: Path) -> None:
    [merge] = plan_of(joined)["merges"]
    once = {m: s for m, [(s, _)] in crosswalk(joined).items()}
    other = next(s for s in once.values() if s != merge["survivor"]["source_record_id"])
    decide.choose(joined, groups(joined)[frozenset("12345")], "survivor", other, None, None)
    run(joined, PAIRS + BRIDGE)
    apply_plan(joined, plan_of(joined))
    more = PAIRS + BRIDGE + "6,李娜,13811112222,,situ@yunfan-wl.com,2024-09-16\n"
    run(joined, more)
    assert survivor(joined, "123456") == other


@pytest.mark.parametrize("newer", [pytest.param("2025-01-01", id="older"), pytest.param("2026-09-09", id="newer")])
def test_who_was_merged_away_and_taken_out_goes_into_a_new_record(newer: str, shrunk: Path) -> None:
    with open_store(shrunk) as opened:
        assert opened.query("SELECT count(*) AS n FROM main.crosswalk WHERE source_record_id = '3'").item() == 1
    run(shrunk, THREE.replace("3,张伟强,13951880734", "3,张伟强,13867302915") + f"4,张伟强,13867302915,,,{newer}\n")
    assert survivor(shrunk, "34") == "4"


def test_a_group_of_which_the_crm_holds_nobody_waits(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    run(store, THREE)
    apply_plan(store, plan_of(store))
    [group] = groups(store).values()
    decide.split(store, group, ["2"], None, None)
    run(store, THREE.replace("2026-01-01", "2026-02-01"))  # 3 would stay, and take the mail address of 1
    plan = plan_of(store)
    assert plan["merges"] == []
    assert plan["waiting"] == [{"group_id": groups(store)[frozenset("13")], "reason": "merged_before"}]
