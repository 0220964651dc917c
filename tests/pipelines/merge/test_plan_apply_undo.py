"""Plan, apply, undo: what is written is what was planned, and what is undone never was."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from guiyi.cli.app import app
from guiyi.config import Config
from guiyi.decisions import Decision, active_decisions
from guiyi.errors import InputError, StoreError, UsageError
from guiyi.fields import GOLDEN_FIELDS
from guiyi.io.store.journal import decisions_of, journal_path, open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.merge.apply import apply_plan, known_decisions, plan_of, read_plan, undo
from guiyi.pipelines.merge.lineage import compact, history_of_entity, prune
from guiyi.pipelines.merge.sheets import load_template, sheets, write_sheets
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.steward import decide
from guiyi.reports.history import WHAT
from guiyi.schemas import TABLES
from guiyi.tests.conftest import Command
from guiyi.tests.first_night import first_night
from openpyxl import load_workbook
from rich.cells import cell_len

CALM = RunOptions(breaker=False)
ROWS = """客户编号,联系人,手机号,公司,邮箱,最后更新时间
1,张伟强,13951880734,,zwq@163.com,2026-01-02
2,张伟强,13951880734,,,2026-03-04
3,李娜,13867302915,,,2026-01-01
4,李娜,13867302915,,lina@qq.com,2025-01-01
5,王芳,13740826193,,,2026-01-01
"""


def run(source: Path, store: Path) -> None:
    run_nightly([source], store, Config(), "zh", options=CALM)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "leads_1.csv").write_text(ROWS, "utf-8")
    first_night([tmp_path / "leads_1.csv"], tmp_path / "a.duckdb", options=CALM)
    return tmp_path / "a.duckdb"


def everything(store: Path) -> dict[str, bytes]:
    """Every table as exported, but the audit, which only ever grows."""
    with open_store(store) as opened:
        return {t.name: opened.table(t.name).write_csv().encode() for t in TABLES if t.name != "audit_event"}


def groups(store: Path) -> list[str]:
    with open_store(store) as opened:
        return opened.query("SELECT group_id FROM main.duplicate_group WHERE action = 'merge' ORDER BY 1")[
            "group_id"
        ].to_list()


def test_a_plan_names_survivor_losers_and_every_write(store: Path) -> None:
    plan = plan_of(store)
    told = {m["survivor"]["source_record_id"]: m for m in plan["merges"]}
    assert set(told) == {"2", "3"}, "the last update stays"
    assert [loser["source_record_id"] for loser in told["2"]["losers"]] == ["1"]
    writes = {w["field"]: (w["before"], w["after"]) for w in told["2"]["writes"]}
    assert writes["email"] == (None, "zwq@163.com")


def test_a_plan_is_the_same_as_long_as_nothing_happens(store: Path) -> None:
    assert plan_of(store) == plan_of(store)


def test_applying_writes_crosswalk_golden_records_and_status(store: Path) -> None:
    plan = plan_of(store)
    assert apply_plan(store, plan) == 2
    with open_store(store) as opened:
        crosswalk = opened.table("crosswalk").sort("source_record_id")
        assert crosswalk.select("source_record_id", "survivor_source_record_id").rows() == [
            ("1", "2"),
            ("2", "2"),
            ("3", "3"),
            ("4", "3"),
        ]
        golden = opened.query("SELECT value, before FROM main.golden_record WHERE field = 'email' ORDER BY 1").rows()
        assert golden == [("lina@qq.com", None), ("zwq@163.com", None)]
        assert opened.table("merge_plan")["status"].to_list() == ["applied"] * 2
        assert "apply" in opened.table("audit_event")["action"].to_list()


def test_applying_twice_changes_nothing(store: Path) -> None:
    plan = plan_of(store)
    apply_plan(store, plan)
    before = everything(store)
    assert apply_plan(store, plan) == 0
    assert everything(store) == before


def test_apply_then_undo_leaves_every_table_as_it_was(store: Path) -> None:
    before = everything(store)
    plan = plan_of(store)
    apply_plan(store, plan)
    assert everything(store) != before
    assert len(undo(store, plan["run_id"], None, None)) == 2
    assert everything(store) == before


def test_one_group_is_undone_and_the_other_stays_merged(store: Path) -> None:
    apply_plan(store, plan_of(store))
    first, second = groups(store)
    assert undo(store, first[:8], "不是同一人", "王芳") == [first]
    with open_store(store) as opened:
        assert opened.table("applied_merge")["group_id"].to_list() == [second]
        status = dict(opened.query("SELECT group_id, status FROM main.merge_plan").iter_rows())
    assert status == {first: "ready", second: "applied"}


def test_what_was_undone_does_not_come_back_the_next_night(store: Path, tmp_path: Path) -> None:
    apply_plan(store, plan_of(store))
    first, second = groups(store)
    undo(store, first, None, None)
    for night in range(2):
        run(tmp_path / "leads_1.csv", store)
        assert groups(store) == [second], night
        assert plan_of(store)["merges"] == []


def test_an_applied_merge_is_not_planned_again(store: Path, tmp_path: Path) -> None:
    apply_plan(store, plan_of(store))
    run(tmp_path / "leads_1.csv", store)
    with open_store(store) as opened:
        assert opened.table("merge_plan")["status"].to_list() == ["applied"] * 2
    assert plan_of(store)["merges"] == []


def test_an_applied_merge_is_not_planned_again_by_a_run_over_everything(store: Path, tmp_path: Path) -> None:
    apply_plan(store, plan_of(store))
    run_nightly([tmp_path / "leads_1.csv"], store, Config(), "zh", options=RunOptions(breaker=False, whole=True))
    assert plan_of(store)["merges"] == []


def test_the_survivor_of_an_applied_merge_stays_the_survivor_when_the_group_grows(store: Path, tmp_path: Path) -> None:
    apply_plan(store, plan_of(store))
    newer = "9,张伟强,13951880734,,,2026-09-09\n"
    (tmp_path / "leads_2.csv").write_text(ROWS + newer, "utf-8")
    run(tmp_path / "leads_2.csv", store)
    plan = plan_of(store)
    [merge] = plan["merges"]
    assert merge["survivor"]["source_record_id"] == "2", "the record that the CRM kept"
    before = everything(store)
    apply_plan(store, plan)
    with open_store(store) as opened:
        crosswalk = opened.table("crosswalk").sort("source_record_id")
        assert crosswalk["source_record_id"].to_list() == ["1", "2", "3", "4", "9"], "each record once"
    undo(store, plan["hash"][:12], None, None)
    assert everything(store) == before


def test_undoing_what_a_group_grew_by_leaves_what_was_merged_before(store: Path, tmp_path: Path) -> None:
    apply_plan(store, plan_of(store))
    before = groups(store)
    (tmp_path / "leads_2.csv").write_text(ROWS + "9,张伟强,13951880734,,,2026-09-09\n", "utf-8")
    run(tmp_path / "leads_2.csv", store)
    plan = plan_of(store)
    assert sheets(plan, load_template(None))["map"]["被合并编号"].to_list() == ["9"]
    apply_plan(store, plan)
    undo(store, plan["hash"][:12], None, None)
    for night in range(2):
        run(tmp_path / "leads_2.csv", store)
        assert groups(store) == before, night
        assert plan_of(store)["merges"] == []


def test_a_merge_that_has_grown_is_taken_back_from_the_outside_in(store: Path, tmp_path: Path) -> None:
    apply_plan(store, plan_of(store))
    inner = groups(store)
    (tmp_path / "leads_2.csv").write_text(ROWS + "9,张伟强,13951880734,,,2026-09-09\n", "utf-8")
    run(tmp_path / "leads_2.csv", store)
    apply_plan(store, plan_of(store))
    grown = next(g for g in inner if g not in groups(store))
    before = everything(store)
    with pytest.raises(UsageError):
        undo(store, grown, None, None)
    assert everything(store) == before


def test_an_undo_names_one_thing_by_four_characters_or_more(store: Path) -> None:
    plan = plan_of(store)
    apply_plan(store, plan)
    before = everything(store)
    for what in (plan["hash"][0], "", groups(store)[0][:3]):
        with pytest.raises(UsageError):
            undo(store, what, None, None)
    assert everything(store) == before
    assert len(undo(store, plan["hash"][:12], None, None)) == 2


def test_a_stale_plan_is_refused_and_nothing_is_written(store: Path, tmp_path: Path) -> None:
    plan = plan_of(store)
    (tmp_path / "leads_2.csv").write_text(ROWS.replace("lina@qq.com", "li.na@qq.com"), "utf-8")
    run(tmp_path / "leads_2.csv", store)
    before = everything(store)
    with pytest.raises(UsageError) as fault:
        apply_plan(store, plan)
    assert fault.value.reason == "plan.stale"
    assert everything(store) == before


def test_a_decision_since_the_run_keeps_a_group_out_of_the_plan(store: Path) -> None:
    first, second = groups(store)
    plan = plan_of(store)
    decide.reject(store, [first], None, "王芳")
    now = plan_of(store)
    assert [m["group_id"] for m in now["merges"]] == [second]
    assert now["waiting"] == [{"group_id": first, "reason": "decided"}]
    with pytest.raises(UsageError):
        apply_plan(store, plan)


def reject(store: Path, group: str) -> None:
    decide.reject(store, [group], None, None)


def choose(store: Path, group: str) -> None:
    decide.choose(store, group, "email", "1", None, None)


def set_aside(store: Path, group: str) -> None:
    decide.set_aside(store, ["1"], "contact", None, None)


def approve(store: Path, group: str) -> None:
    decide.approve(store, [group], None, None)


@pytest.mark.parametrize(
    ("say", "now"),
    [pytest.param(f, n, id=f.__name__) for f, n in ((reject, 1), (choose, 1), (set_aside, 1), (approve, 2))],
)
def test_a_group_waits_for_the_next_run_and_no_longer(
    say: Callable[[Path, str], None], now: int, store: Path, tmp_path: Path
) -> None:
    group = next(m["group_id"] for m in plan_of(store)["merges"] if m["survivor"]["source_record_id"] == "2")
    say(store, group)
    assert len(plan_of(store)["merges"]) == now
    run(tmp_path / "leads_1.csv", store)
    assert plan_of(store)["waiting"] == []


def test_a_group_waits_where_a_decision_that_was_heeded_is_taken_back(store: Path, tmp_path: Path) -> None:
    first, second = groups(store)
    [said] = decide.approve(store, [first], None, None)
    decide.retract(store, said, None, None)
    assert plan_of(store)["waiting"] == [], "the run had not heard of it"
    [said] = decide.approve(store, [first], None, None)
    run(tmp_path / "leads_1.csv", store)
    decide.retract(store, said, None, None)
    assert plan_of(store)["waiting"] == [{"group_id": first, "reason": "next_run"}]
    run(tmp_path / "leads_1.csv", store)
    assert {m["group_id"] for m in plan_of(store)["merges"]} == {first, second}


def test_each_kind_of_decision_says_when_it_takes_effect(store: Path, guiyi: Command) -> None:
    second, first = (
        m["group_id"] for m in sorted(plan_of(store)["merges"], key=lambda m: m["survivor"]["source_record_id"] == "2")
    )
    for arguments, words in (
        (["approve", first], "guiyi plan 现在就会照办"),
        (["reject", second], "涉及的组不进 guiyi plan 的方案"),
        (["split", first, "--out", "1"], "涉及的组不进 guiyi plan 的方案"),
        (["decide", "--set-aside", "5"], "涉及的组不进 guiyi plan 的方案"),
    ):
        done = guiyi(*arguments, "--db", store)
        assert words in done.stdout, done.stderr
        assert ("现在就会照办" in done.stdout) == (arguments[0] == "approve")
    said = re.findall("d[0-9a-f]{16}", done.stdout)[0]
    assert "不再照办该决定" in guiyi("decide", "--retract", said, "--db", store).stdout


@pytest.mark.parametrize("field", ["source_record_id", "record_key", "phone_kind", "shoe_size"])
def test_only_a_field_of_the_golden_record_has_a_value_to_choose(field: str, store: Path) -> None:
    with pytest.raises(UsageError) as fault:
        decide.choose(store, group_of(store, "2"), field, "1", None, None)
    assert fault.value.advice is not None
    assert all(name in fault.value.advice.en for name in GOLDEN_FIELDS)
    assert decisions_of(store).is_empty()


def group_of(store: Path, survivor: str) -> str:
    return str(next(m["group_id"] for m in plan_of(store)["merges"] if m["survivor"]["source_record_id"] == survivor))


def test_a_time_that_is_chosen_is_written_as_every_other(store: Path, tmp_path: Path) -> None:
    decide.choose(store, group_of(store, "2"), "updated_at", "1", None, None)
    run(tmp_path / "leads_1.csv", store)
    with open_store(store) as opened:
        golden = opened.table("golden_value").filter(field="updated_at", rule="survivorship.steward")
    assert golden["value"].to_list() == ["2026-01-02T00:00:00"]


def test_an_edited_plan_is_refused(store: Path, tmp_path: Path) -> None:
    plan = plan_of(store)
    plan["merges"][0]["values"]["phone"] = "+8613900000000"
    (tmp_path / "plan.json").write_text(json.dumps(plan), "utf-8")
    with pytest.raises(InputError) as fault:
        read_plan(tmp_path / "plan.json")
    assert fault.value.reason == "plan.damaged"


def test_an_approved_group_of_the_review_band_is_planned(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    (tmp_path / "leads_1.csv").write_text(ROWS, "utf-8")
    config = Config.model_validate({"thresholds": {"auto": 1.0}})
    run_nightly([tmp_path / "leads_1.csv"], store, config, "zh", options=CALM)
    assert plan_of(store)["merges"] == []
    first, _ = groups(store)
    decide.approve(store, [first], None, None)
    assert [m["group_id"] for m in plan_of(store)["merges"]] == [first]


def test_the_sheets_for_the_crm_hold_text_only_and_no_live_formula(store: Path, tmp_path: Path) -> None:
    written = write_sheets(plan_of(store), tmp_path / "out", load_template(None))
    assert [path.name for path in written] == ["survivors.csv", "map.csv", "merge.xlsx"]
    book = load_workbook(tmp_path / "out" / "merge.xlsx")
    head = [cell.value for cell in book["survivors"][1]]
    phones = [row[head.index("手机号")] for row in book["survivors"].iter_rows(min_row=2)]
    assert {(cell.value, cell.data_type) for cell in phones} == {("+8613951880734", "s"), ("+8613867302915", "s")}
    gone = pl.read_csv(tmp_path / "out" / "map.csv", infer_schema=False)
    assert gone.select("被合并编号", "保留编号").rows() == [("1", "2"), ("4", "3")] or gone.height == 2


def test_the_sheets_name_the_surviving_record_by_its_own_number(store: Path) -> None:
    plan = plan_of(store)
    for merge in plan["merges"]:
        merge["values"] |= {"source_record_id": "1", "source": "elsewhere", "entity_id": "C0"}
    rows = sheets(plan, load_template(None))["survivors"].select("来源", "编号").rows()
    assert sorted(rows) == [("leads", "2"), ("leads", "3")]


def test_a_template_names_the_columns(store: Path, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(
        '[survivors]\nsource_record_id = "Id"\nphone = "Mobile"\n[map]\nloser_id = "Loser"\n', "utf-8"
    )
    made = sheets(plan_of(store), load_template(tmp_path / "t.toml"))
    assert made["survivors"].columns == ["Id", "Mobile"]
    assert made["map"].columns == ["Loser"]


def test_a_template_with_an_unknown_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('[survivors]\nshoe_size = "X"\n', "utf-8")
    with pytest.raises(UsageError):
        load_template(tmp_path / "t.toml")


@pytest.mark.parametrize(
    "template",
    [
        pytest.param('[survivors]\nsource_record_id = "ID"\nperson_name = "ID"\n', id="one name twice"),
        pytest.param("[survivors]\nphone = 7\n", id="a number"),
        pytest.param('[map]\nloser_id = " "\n', id="nothing"),
        pytest.param('map = "Loser"\n', id="no table"),
    ],
)
def test_a_template_whose_columns_cannot_stand_is_refused_before_anything_is_merged(
    template: str, store: Path, tmp_path: Path
) -> None:
    (tmp_path / "t.toml").write_text(template, "utf-8")
    with pytest.raises(UsageError):
        apply_as_told(store, tmp_path / "out", "--template", tmp_path / "t.toml")
    assert applied(store) == 0


def test_a_template_may_leave_a_sheet_out(store: Path, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text('[survivors]\nphone = "Mobile"\n', "utf-8")
    apply_as_told(store, tmp_path / "out", "--template", tmp_path / "t.toml")
    assert load_workbook(tmp_path / "out" / "merge.xlsx")["survivors"]["A1"].value == "Mobile"


def apply_as_told(store: Path, out: Path, *more: object) -> int:
    """`guiyi plan` and `guiyi apply --out`, in this process → exit code."""
    plan = store.with_name("plan.json")
    if not plan.exists():
        app(["plan", "--db", str(store), "-o", str(plan)], standalone_mode=False)
    told = ["apply", str(plan), "--db", str(store), "--out", str(out), *map(str, more)]
    return int(app(told, standalone_mode=False))


def applied(store: Path) -> int:
    with open_store(store) as opened:
        return opened.table("applied_merge").height


@pytest.mark.parametrize("place", [pytest.param("taken", id="a file"), pytest.param("taken/out", id="below a file")])
def test_a_folder_that_cannot_be_is_refused_before_anything_is_merged(place: str, store: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x", "utf-8")
    with pytest.raises(StoreError):
        apply_as_told(store, tmp_path / place)
    assert applied(store) == 0


def test_sheets_that_fail_after_the_merge_say_that_it_stands_and_are_written_the_next_time(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out" / "map.csv").mkdir(parents=True)
    assert apply_as_told(store, tmp_path / "out") == 1, "no code that asks for the merge again"
    assert "合并已生效，但导入表没有写完" in capsys.readouterr().err
    assert applied(store) == 2
    (tmp_path / "out" / "map.csv").rmdir()
    apply_as_told(store, tmp_path / "out")
    assert applied(store) == 2
    assert pl.read_csv(tmp_path / "out" / "map.csv", infer_schema=False).height == 2


def test_the_life_of_an_entity_is_told_in_order(store: Path) -> None:
    apply_plan(store, plan_of(store))
    with open_store(store) as opened:
        entity = opened.table("applied_merge")["entity_id"][0]
    undo(store, entity, "错了", "王芳")
    assert history_of_entity(store, entity)["what"].to_list() == ["born", "cannot_link", "undone"]


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        pytest.param(
            "zh",
            ["时间", "运行", "事件", "何人", "说明", "产生", "2 条记录", "认定为不同", "已撤销", "1 个组"],
            id="zh",
        ),
        pytest.param("en", ["at", "run", "what", "by", "detail", "born", "2 records", "different", "undone"], id="en"),
    ],
)
def test_a_life_is_told_in_words(language: str, wanted: list[str], store: Path, tmp_path: Path, guiyi: Command) -> None:
    apply_plan(store, plan_of(store))
    with open_store(store) as opened:
        entity = opened.table("applied_merge")["entity_id"][0]
    undo(store, entity, "核实过了，确实是住在同一小区的两位不同客户，请不要再合并", "王芳")
    run(tmp_path / "leads_1.csv", store)
    told = guiyi("--lang", language, "history", entity, "--db", store, env={"COLUMNS": "80"}).stdout
    assert [word for word in wanted if word not in told] == []
    assert "{" not in told
    assert re.search(r"│ d[0-9a-f]{16} ", told), "the id to take back stands on one line"
    assert max(cell_len(line) for line in told.splitlines()) <= 80


def test_every_event_and_decision_has_words() -> None:
    kinds = next(c.choices for t in TABLES if t.name == "entity_event" for c in t.columns if c.name == "kind")
    assert {*kinds} <= set(WHAT)


def test_an_entity_that_never_was_is_a_usage_error(store: Path) -> None:
    with pytest.raises(UsageError):
        history_of_entity(store, "C0")


def test_pruned_runs_go_and_the_live_state_stays(store: Path, tmp_path: Path) -> None:
    for night in range(2, 6):
        (tmp_path / f"leads_{night}.csv").write_text(ROWS.replace("lina@", f"lina{night}@"), "utf-8")
        run(tmp_path / f"leads_{night}.csv", store)
    before = everything(store)
    with open_store(store) as opened:
        kept = opened.query("SELECT * FROM history.record WHERE run_id >= 'r000004' ORDER BY ALL")
    runs, rows = prune(store, 2)
    assert runs == 3
    assert rows > 0
    assert everything(store) == before
    with open_store(store) as opened:
        assert opened.query("SELECT count(*) AS n FROM history.run").item() == 2
        assert opened.query("SELECT * FROM history.record ORDER BY ALL").equals(kept)


def test_a_compacted_store_holds_the_same_and_its_views_work(store: Path, tmp_path: Path) -> None:
    before = everything(store)
    compact(store)
    assert everything(store) == before
    run(tmp_path / "leads_1.csv", store)
    assert store.stat().st_mode & 0o077 == 0


def test_decisions_travel_as_a_plain_file(store: Path, tmp_path: Path) -> None:
    first, second = groups(store)
    decide.approve(store, [first], "看过了", "王芳")
    with open_store(store) as opened:
        out = opened.query(
            "SELECT source_record_id FROM main.entity_member m JOIN main.duplicate_group g USING (level, entity_id)"
            " WHERE g.group_id = ? ORDER BY 1", [second],
        )["source_record_id"][0]  # fmt: skip
    decide.split(store, second, [out], None, "王芳")
    assert decide.export_file(store, tmp_path / "decisions.csv") == 2
    other = tmp_path / "b.duckdb"
    run(tmp_path / "leads_1.csv", other)
    assert decide.take_file(other, tmp_path / "decisions.csv") == (2, 2, (), ())
    assert decide.take_file(other, tmp_path / "decisions.csv") == (0, 2, (), ())
    assert decisions_of(other).equals(decisions_of(store))


@pytest.mark.parametrize(
    "moved", [pytest.param(True, id="the journal stayed behind"), pytest.param(False, id="it is there")]
)
def test_the_later_word_wins_also_in_a_store_that_was_moved(moved: bool, store: Path, tmp_path: Path) -> None:
    first, second = groups(store)
    decide.approve(store, [second], None, None)
    [kept] = decide.approve(store, [first], None, None)
    run(tmp_path / "leads_1.csv", store)
    if moved:
        journal_path(store).unlink()
    decide.reject(store, [first], None, None)
    run(tmp_path / "leads_1.csv", store)
    assert groups(store) == [second]
    decide.retract(store, kept, None, None)
    assert active_decisions(decisions_of(store))["kind"].to_list() == ["must_link", "cannot_link"]


def test_a_published_decision_is_taken_back_where_the_journal_was_begun_anew(store: Path, tmp_path: Path) -> None:
    first, _ = groups(store)
    [said] = decide.approve(store, [first], None, None)
    run(tmp_path / "leads_1.csv", store)
    journal_path(store).unlink()
    with open_store(tmp_path / "b.duckdb", create=True):
        pass
    with open_journal(tmp_path / "b.duckdb") as journal:
        journal.append([Decision("contact", "set_aside", [["c"]])])
    journal_path(tmp_path / "b.duckdb").rename(journal_path(store))
    decide.retract(store, said[:6], None, None)
    with pytest.raises(UsageError):
        decide.retract(store, "d0000", None, None)
    assert said not in active_decisions(known(store))["decision_id"].to_list()


def known(store: Path) -> pl.DataFrame:
    with open_store(store) as opened:
        return known_decisions(opened, store)


def test_a_file_of_nonsense_is_refused_whole(store: Path, tmp_path: Path) -> None:
    lines = ['{"decision_id":"d1","level":"contact","kind":"must_link","record_keys":"[\\"a\\",\\"b\\"]"}']
    lines.append('{"decision_id":"d2","level":"contact","kind":"marry","record_keys":"[]"}')
    (tmp_path / "d.jsonl").write_text("\n".join(lines), "utf-8")
    with pytest.raises(InputError):
        decide.take_file(store, tmp_path / "d.jsonl")
    assert decisions_of(store).is_empty()


def told(**given: object) -> dict[str, object]:
    """A line of a file of decisions: that 1 and 2 are one, but for what is given."""
    line = {"decision_id": "x1", "level": "contact", "kind": "must_link", "record_keys": ["1", "2"], "detail": {}}
    line |= given
    return line | {name: json.dumps(line[name]) for name in ("record_keys", "detail")}


def write_decisions(file: Path, *lines: dict[str, object]) -> Path:
    pl.DataFrame(lines).write_csv(file)
    return file


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(told(decision_id="x0"), "第 2 行相同", id="an id twice"),
        pytest.param(told(decision_id=""), "没有 decision_id", id="no id"),
        pytest.param(told(record_keys=["1", "77"]), "没有编号为 77 的记录", id="an unknown record"),
        pytest.param(told(record_keys=["1", "13951880734"]), "139****0734", id="an unknown record, a phone"),
        pytest.param(told(record_keys=["1", "1"]), "不成立", id="a record twice"),
        pytest.param(told(record_keys={"1": "2"}), "record_keys", id="no list"),
        pytest.param(told(record_keys=["1", 2]), "record_keys", id="a number"),
        pytest.param(told(kind="split"), "record_keys", id="a split without parts"),
        pytest.param(told(kind="marry"), "不成立", id="no such kind"),
        pytest.param(told(detail=[1]), "detail", id="a detail that is no object"),
        pytest.param(told(kind="choose_survivor"), "record_key", id="a survivor without a record"),
        pytest.param(told(kind="choose_survivor", detail={"record_key": "5"}), "record_key", id="a strange survivor"),
        pytest.param(told(kind="choose_value", detail={"record_key": "1"}), "field", id="a value without a field"),
        pytest.param(
            told(kind="choose_value", detail={"record_key": "1", "field": "record_key", "value": "1"}),
            "field", id="no golden field",
        ),
        pytest.param(
            told(kind="choose_value", detail={"record_key": "1", "field": "phone", "value": 1}),
            "value", id="a value that is no text",
        ),
        pytest.param(
            told(kind="choose_value", detail={"record_key": "1", "field": "updated_at", "value": "昨天"}),
            "时间", id="a time that is none",
        ),
        pytest.param(told(kind="retract", detail={"decision_id": "d0"}), "decision_id", id="nothing to take back"),
        pytest.param(told(at="昨天"), "时间", id="said at no time"),
    ],
)  # fmt: skip
def test_a_line_of_decisions_that_would_never_hold_is_refused_with_its_file(
    line: dict[str, object], why: str, store: Path, tmp_path: Path
) -> None:
    good = told(decision_id="x0", at="2026-01-01 10:00:00")
    file = write_decisions(tmp_path / "d.csv", good, {"at": None, **line})
    with pytest.raises(InputError) as fault:
        decide.take_file(store, file)
    assert "第 3 行：" in fault.value.what.zh
    assert why in fault.value.what.zh.partition("第 3 行：")[2]
    assert decisions_of(store).is_empty()


def test_a_file_of_decisions_by_hand_calls_records_as_people_do(store: Path, tmp_path: Path) -> None:
    value = {"record_key": "1", "field": "updated_at", "value": "2026-01-02 08:00:00+08:00"}
    lines = [
        told(record_keys=["3", "4"]),
        told(decision_id="x2", kind="choose_value", detail=value),
        told(decision_id="x3", kind="split", record_keys=[["1"], ["0123456789abcdef0123"]]),
        told(decision_id="x4", kind="retract", record_keys=[], detail={"decision_id": "x1"}),
    ]
    assert decide.take_file(store, write_decisions(tmp_path / "d.csv", *lines)) == (4, 4, (4,), ())
    with open_store(store) as opened:
        keys = dict(opened.query("SELECT source_record_id, record_key FROM main.record").iter_rows())
    said = decisions_of(store)
    assert json.loads(said["record_keys"][0]) == sorted([keys["3"], keys["4"]])
    assert json.loads(said["detail"][1]) == {**value, "record_key": keys["1"], "value": "2026-01-02T00:00:00"}
    run(tmp_path / "leads_1.csv", store)
    with open_store(store) as opened:
        golden = opened.table("golden_value").filter(rule="survivorship.steward")
    assert golden.select("field", "record_key").rows() == [("updated_at", keys["1"])]


def test_decisions_without_numbers_hold_in_the_order_of_the_file(store: Path, tmp_path: Path) -> None:
    lines = [
        told(decision_id=f"x{n}", sequence=None, kind=kind) for n, kind in enumerate(["must_link", "cannot_link"] * 20)
    ]
    decide.take_file(store, write_decisions(tmp_path / "d.csv", *lines))
    assert decisions_of(store)["decision_id"].to_list() == [f"x{n}" for n in range(40)]


_WORK = {
    "apply": "from guiyi.pipelines.merge.apply import *; apply_plan(p, plan_of(p))",
    "undo": "from guiyi.pipelines.merge.apply import *; undo(p, 'r0', None, None) if 0 else undo(p, sys.argv[2], None, None)",
    "prune": "from guiyi.pipelines.merge.lineage import *; prune(p, 1)",
    "compact": "from guiyi.pipelines.merge.lineage import *; compact(p)",
}


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("work", _WORK)
def test_a_kill_leaves_the_old_state_or_the_new(work: str, store: Path, tmp_path: Path) -> None:
    chance = random.Random(work)
    (tmp_path / "leads_2.csv").write_text(ROWS.replace("lina@", "lina2@"), "utf-8")
    run(tmp_path / "leads_2.csv", store)
    if work == "undo":
        apply_plan(store, plan_of(store))
    with open_store(store) as opened:
        run_id = str((opened.last_run() or {})["run_id"])
    script = f"import sys, pathlib; p = pathlib.Path(sys.argv[1]); {_WORK[work]}; print('done')"
    for _ in range(5):
        before = _state(store)
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(store), run_id],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        time.sleep(chance.uniform(0.5, 1.3))
        process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        after = _state(store)
        assert after == before or _whole(work, before, after), f"{work} left something in between"
        if "done" in out or after != before:
            break


def _state(store: Path) -> dict[str, object]:
    state: dict[str, object] = dict(everything(store))
    with open_store(store) as opened:
        state["runs"] = opened.query("SELECT count(*) AS n FROM history.run").item()
        state["versions"] = opened.query("SELECT count(*) AS n FROM versions.record").item()
    return state


def _whole(work: str, before: dict[str, object], after: dict[str, object]) -> bool:
    """Everything that the work changes has changed, and nothing else."""
    changes = {
        "apply": {"applied_merge", "golden_record", "crosswalk", "merge_plan"},
        "undo": {"applied_merge", "golden_record", "crosswalk", "merge_plan"},
        "prune": {"runs", "versions"},
        "compact": set(),
    }[work]
    return {name for name in before if before[name] != after[name]} == changes


def test_the_next_undo_completes_one_that_was_cut_off_after_its_word(store: Path) -> None:
    apply_plan(store, plan_of(store))
    first, _ = groups(store)
    with open_store(store) as opened:
        merge = opened.query("SELECT * FROM history.applied_merge WHERE group_id = ?", [first]).row(0, named=True)
    keys = [merge["survivor_record_key"], *json.loads(merge["loser_record_keys"])]
    with open_journal(store) as journal:
        journal.append([Decision("contact", "cannot_link", [keys])])
    undo(store, first, None, None)
    assert decisions_of(store).height == 1
