"""The nightly job without file names: what it reads, in which order, what it skips, keeps and reports."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.io.store.store import open_store

Command = Callable[..., "subprocess.CompletedProcess[str]"]
HEAD = "客户编号,联系人,手机号\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder of inputs, and a configuration that names it."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "guiyi.toml").write_text('inputs = ["inbox"]\n', "utf-8")
    return tmp_path / "inbox"


def put(inbox: Path, name: str, *rows: str) -> None:
    (inbox / name).write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")


def phones(store: Path) -> dict[str, str]:
    with open_store(store) as opened:
        return dict(opened.table("record").select("source_record_id", "phone").iter_rows())


def runs(store: Path) -> int:
    with open_store(store) as opened:
        return int(opened.query("SELECT count(*) FROM history.run").item())


def test_files_of_inputs_are_read_oldest_first_and_a_later_row_replaces_an_earlier(
    guiyi: Command, inbox: Path, tmp_path: Path
) -> None:
    put(inbox, "leads_10.csv", "1,张伟强,13951880735")
    put(inbox, "leads_9.csv", "1,张伟强,13951880734", "2,李娜,13867302915")
    put(inbox, "visits.csv", "7,王芳,13740826193")
    done = guiyi("run", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line[:7] for line in done.stdout.splitlines()] == ["r000001", "r000002"], "visits.csv is no later leads"
    assert phones(tmp_path / "guiyi.duckdb") == {"1": "+8613951880735", "2": "+8613867302915", "7": "+8613740826193"}


def test_what_was_read_is_skipped_by_content_and_says_so_in_one_line(
    guiyi: Command, inbox: Path, tmp_path: Path
) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734")
    guiyi("run", "--quiet")
    put(inbox, "leads_2.csv", "1,张伟强,13951880734")  # another name, the same bytes
    done = guiyi("run")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "没有新文件：2 个文件都已读过。\n"
    assert runs(tmp_path / "guiyi.duckdb") == 1


def test_a_decision_is_heard_though_no_file_is_new(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734", "2,张伟强,13951880734", "3,李娜,13867302915")
    guiyi("run", "--quiet")
    store = tmp_path / "guiyi.duckdb"
    with open_store(store) as opened:
        group = opened.table("duplicate_group")["group_id"][0]
    assert guiyi("reject", group).returncode == 0
    done = guiyi("run", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == [
        "没有新文件：1 个文件都已读过。",
        "有 1 个决定尚未生效：按库中的记录重新判断。",
    ]
    with open_store(store) as opened:
        assert opened.table("duplicate_group").is_empty()
        assert opened.table("record").height == 3
        assert opened.last_run()["rows_today"] == 0
    assert guiyi("run").stdout == "没有新文件：1 个文件都已读过。\n", "and once only"


def test_whole_compares_everything_though_no_file_is_new(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734", "2,张伟强,13951880734")
    guiyi("run", "--quiet")
    assert guiyi("run", "--quiet", "--whole").returncode == 0
    with open_store(tmp_path / "guiyi.duckdb") as opened:
        assert (opened.last_run()["mode"], opened.table("duplicate_group").height) == ("whole", 1)


def test_a_file_that_is_named_is_read_again(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734")
    guiyi("run", "--quiet")
    assert guiyi("run", "inbox/leads_1.csv", "--quiet").returncode == 0
    assert runs(tmp_path / "guiyi.duckdb") == 2


def test_a_file_of_a_refused_run_is_read_when_it_is_asked_for(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "leads_1.csv", *(f"{i},无,无" for i in range(60)), "99,张伟强,13951880734")
    assert guiyi("run", "--quiet").returncode == 1
    done = guiyi("run", "--quiet", "--accept-change", "--retry", "leads_1.csv")
    assert (done.returncode, done.stdout[:7]) == (0, "r000001")


def test_superseded_files_stay_taken_when_everything_is_cleaned_again(
    guiyi: Command, inbox: Path, tmp_path: Path
) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734")
    put(inbox, "leads_2.csv", "1,张伟强,13951880735")
    guiyi("run", "--quiet")
    (tmp_path / "guiyi.toml").write_text('inputs = ["inbox"]\n[sources."leads*"]\nheaders = {"备注" = ""}\n', "utf-8")
    put(inbox, "leads_3.csv", "2,李娜,13867302915")
    guiyi("run", "--quiet")
    assert guiyi("run").stdout == "没有新文件：3 个文件都已读过。\n"
    assert phones(tmp_path / "guiyi.duckdb")["1"] == "+8613951880735", "the old file did not come back"


def test_unfinished_files_and_what_is_no_table_are_left_alone(guiyi: Command, inbox: Path) -> None:
    for name in (".leads.csv", "~$leads.xlsx", "leads.csv.part", "README.md"):
        put(inbox, name, "1,张伟强,13951880734")
    assert guiyi("run").stdout == "没有新文件：inputs 没有匹配任何文件。\n"


@pytest.mark.parametrize(
    ("inputs", "code", "says"),
    [
        pytest.param('["gone"]', 3, "gone", id="folder-not-mounted"),
        pytest.param('["gone/*.csv"]', 3, "gone", id="folder-of-a-pattern"),
        pytest.param('["inbox/*.csv"]', 0, "", id="pattern-without-files"),
        pytest.param("[]", 2, "inputs", id="none"),
    ],
)
def test_a_lost_folder_is_no_night_without_news(
    inputs: str, code: int, says: str, guiyi: Command, inbox: Path, tmp_path: Path
) -> None:
    (tmp_path / "guiyi.toml").write_text(f"inputs = {inputs}\n", "utf-8")
    done = guiyi("run")
    assert (done.returncode, says in done.stderr) == (code, True)
    assert not (tmp_path / "guiyi.duckdb").exists()


def test_patterns_are_found_from_the_configuration_wherever_the_job_starts(
    guiyi: Command, inbox: Path, tmp_path: Path
) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734")
    put(inbox, "other.csv", "1,李娜,13867302915")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "own.toml").write_text('inputs = ["../inbox/leads*.csv", "../inbox/leads_1.csv"]\n', "utf-8")
    report = tmp_path / "report.json"
    assert guiyi("run", "--config", "etc/own.toml", "--quiet", "--report", report).returncode == 0
    assert [f["name"] for f in json.loads(report.read_text("utf-8"))["runs"][0]["files"]] == ["leads_1.csv"]


def test_only_as_many_runs_are_kept_as_configured(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "guiyi.toml").write_text('inputs = ["inbox"]\nkeep_runs = 2\n', "utf-8")
    for night in range(1, 4):
        put(inbox, f"leads_{night}.csv", f"1,张伟强,1395188073{night}", f"{night},张伟强,13951880734")
    guiyi("run", "--quiet", "--report", "report.json")
    assert runs(tmp_path / "guiyi.duckdb") == 2
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["pruned"]["runs"] == 1
    assert guiyi("run").stdout == "没有新文件：3 个文件都已读过。\n", "files of runs that went stay known"


def test_the_report_tells_run_figures_stages_and_files(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734")
    guiyi("run", "--quiet")
    put(inbox, "leads_2.csv", "1,张伟强,13951880735", "2,李娜,139")
    done = guiyi("run", "--quiet", "--fail-on", "error", "--report", "report.json")
    text = (tmp_path / "report.json").read_text("utf-8")
    told = json.loads(text)
    assert (done.returncode, told["exit_code"], told["reason"], told["skipped"]) == (1, 1, None, ["leads_1.csv"])
    [run] = told["runs"]
    assert (run["run"]["number"], run["run"]["rows_new"], run["run"]["rows_changed"]) == (2, 1, 1)
    assert [s["name"] for s in run["stages"]] == ["read", "compare", "clean", "resolve", "plan", "publish"]
    assert {"name": "rows", "scope": "clean", "value": 2.0, "baseline": 1.0, "status": "none"} in run["metric"]
    assert [(f["name"], f["rows"]) for f in run["files"]] == [("leads_2.csv", 2)]
    assert not any(secret in text for secret in ("张伟强", "李娜", "13951880735"))


@pytest.mark.parametrize(
    ("make", "code", "reason"),
    [
        pytest.param(lambda inbox: put(inbox, "a.csv", *["1,无,无"] * 60, "9,张伟强,13951880734"), 1, "run.gate", id="gate"),
        pytest.param(lambda inbox: (inbox / "a.csv").write_bytes(b""), 3, "file.empty", id="unreadable"),
        pytest.param(lambda inbox: inbox.rmdir(), 3, "file.missing", id="no-folder"),
    ],
)  # fmt: skip
def test_a_refused_run_is_reported_too(
    make: Callable[[Path], None], code: int, reason: str, guiyi: Command, inbox: Path, tmp_path: Path
) -> None:
    make(inbox)
    done = guiyi("run", "--quiet", "--report", "report.json")
    text = (tmp_path / "report.json").read_text("utf-8")
    told = json.loads(text)
    assert (done.returncode, told["exit_code"], told["reason"]) == (code, code, reason)
    assert told["message"]["zh"] in done.stderr
    assert [run["published"] for run in told["runs"]] == [False] * inbox.exists()
    assert "张伟强" not in text


def test_the_breaker_is_reported_with_the_runs_before_it(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "leads_1.csv", *(f"{i},张伟强,1395188{i:04}" for i in range(100)))
    put(inbox, "leads_2.csv", *(f"{i},张伟强,139518" for i in range(100)))
    done = guiyi("run", "--quiet", "--report", "report.json")
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (done.returncode, told["reason"]) == (1, "run.breaker")
    assert [(run["published"], [f["name"] for f in run["files"]]) for run in told["runs"]] == [
        (True, ["leads_1.csv"]),
        (False, ["leads_2.csv"]),
    ]
    assert runs(tmp_path / "guiyi.duckdb") == 1


def test_a_report_that_has_no_place_is_refused_before_the_work(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734")
    done = guiyi("run", "--report", "none/report.json")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not (tmp_path / "guiyi.duckdb").exists()


def test_rule_packs_are_found_from_the_configuration_in_a_run(guiyi: Command, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    pack = (Path(__file__).parents[3] / "docs" / "example_rules.toml").read_text("utf-8")
    (tmp_path / "etc" / "own_rules.toml").write_text(pack, "utf-8")
    (tmp_path / "etc" / "own.toml").write_text('rules = ["own_rules.toml"]\n', "utf-8")
    put(tmp_path, "leads.csv", "1,张伟强,13951880734")
    assert guiyi("run", "leads.csv", "--config", "etc/own.toml", "--quiet").returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="permissions are otherwise there")
def test_the_report_is_readable_by_its_owner_only(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "leads_1.csv", "1,张伟强,13951880734")
    guiyi("run", "--quiet", "--report", "report.json")
    assert (tmp_path / "report.json").stat().st_mode & 0o077 == 0


def snapshot(inbox: Path, night: int, numbers: range) -> None:
    put(inbox, f"leads_{night}.csv", *(f"{i},张伟强,1395188{i:04}" for i in numbers))


@pytest.mark.parametrize("left", [range(0), range(40)], ids=["empty", "broken-off"])
def test_a_snapshot_that_broke_off_is_refused(left: range, guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "guiyi.toml").write_text('inputs = ["inbox"]\n[sources."leads*"]\nsnapshot = true\n', "utf-8")
    snapshot(inbox, 1, range(100))
    assert guiyi("run", "--quiet").returncode == 0
    snapshot(inbox, 2, left)
    done = guiyi("run", "--quiet")
    assert (done.returncode, f"{100 - len(left)} 行消失" in done.stderr) == (1, True)
    assert len(phones(tmp_path / "guiyi.duckdb")) == 100
    assert guiyi("run", "--quiet", "--accept-change", "--retry", "leads_2.csv").returncode == 0
    snapshot(inbox, 3, range(100))
    assert guiyi("run", "--quiet").returncode == 0, "coming back is no fault, after an empty night either"
