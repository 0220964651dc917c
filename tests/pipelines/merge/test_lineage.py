"""The life of an entity as `guiyi history` tells it, and runs that go."""

from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.errors import UsageError
from guiyi.io.store.journal import open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.merge.apply import apply_plan, plan_of, undo
from guiyi.pipelines.merge.lineage import history_of_entity, prune
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.steward.decide import approve, reject, retract
from guiyi.tests.first_night import first_night

HEAD = "客户编号,联系人,手机号\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two nights: a group of two that a third record joined."""
    rows = [f"{number},张伟强,13951880734\n" for number in (1, 2, 3)]
    (tmp_path / "leads_1.csv").write_text(HEAD + "".join(rows[:2]), "utf-8")
    (tmp_path / "leads_2.csv").write_text(HEAD + "".join(rows), "utf-8")
    first_night([tmp_path / "leads_1.csv"], tmp_path / "a.duckdb")
    run_nightly([tmp_path / "leads_2.csv"], tmp_path / "a.duckdb", Config(), "zh")
    return tmp_path / "a.duckdb"


def the_group(store: Path) -> dict[str, str]:
    with open_store(store) as opened:
        return opened.query("SELECT entity_id, group_id FROM main.duplicate_group WHERE level = 'contact'").to_dicts()[
            0
        ]


def test_an_entity_is_born_grows_is_decided_on_merged_and_undone(store: Path) -> None:
    group = the_group(store)
    approve(store, [group["group_id"]], None, "王芳")
    apply_plan(store, plan_of(store))
    told = history_of_entity(store, group["entity_id"])
    assert told["what"].to_list() == ["born", "grew", "must_link", "applied"]
    assert told["detail"][0] == "2 records"
    assert told["by"].to_list()[:3] == [None, None, "王芳"]
    undo(store, group["group_id"], "客户要求分开", "李娜")
    assert sorted(history_of_entity(store, group["entity_id"])["what"].to_list()) == sorted(
        ["born", "grew", "must_link", "cannot_link", "undone"]
    )


def test_an_entity_that_never_was_is_a_usage_error(store: Path) -> None:
    with pytest.raises(UsageError):
        history_of_entity(store, "C0")


def test_runs_that_go_leave_the_live_state(store: Path) -> None:
    with open_store(store) as opened:
        before = {name: opened.table(name) for name in ("record", "entity_member", "golden_value", "source_file")}
    assert prune(store, 1)[0] == 1
    with open_store(store) as opened:
        assert all(opened.table(name).equals(frame) for name, frame in before.items())
        assert opened.query("SELECT number FROM history.run")["number"].to_list() == [2]
        assert opened.query("SELECT DISTINCT run_id FROM history.record").height == 1


def test_links_that_a_decision_refuses_are_findings(store: Path, tmp_path: Path) -> None:
    reject(store, [the_group(store)["group_id"]], None, None)
    run_nightly([tmp_path / "leads_2.csv"], store, Config(), "zh")
    with open_store(store) as opened:
        cut = opened.query("SELECT source_record_id, suggestion FROM main.finding WHERE rule = 'dedup.link_cut'")
        assert opened.query("SELECT count(*) FROM main.duplicate_group").item() == 0
    assert cut.height == 3


def test_a_life_is_told_though_its_runs_are_gone(store: Path, tmp_path: Path) -> None:
    entity = the_group(store)["entity_id"]
    before = history_of_entity(store, entity)
    (tmp_path / "leads_3.csv").write_text(HEAD + "9,李娜,13867302915\n", "utf-8")
    run_nightly([tmp_path / "leads_3.csv"], store, Config(), "zh")
    assert prune(store, 1)[0] == 2
    after = history_of_entity(store, entity)
    assert after.rows() == before.rows()
    assert after["what"].to_list() == ["born", "grew"]


def test_a_life_tells_of_decisions_taken_back_and_not_of_those_at_another_level(store: Path) -> None:
    group = the_group(store)
    (decision,) = reject(store, [group["group_id"]], None, "王芳")
    with open_store(store) as opened:
        keys = opened.table("record")["record_key"].to_list()
    with open_journal(store) as journal:
        journal.append([Decision("account", "cannot_link", [keys[:2]])])
    retract(store, decision, None, "李娜")
    told = history_of_entity(store, group["entity_id"])
    assert told["what"].to_list() == ["born", "grew", "cannot_link", "retract"]
    assert told["by"].to_list()[2:] == ["王芳", "李娜"]
