"""A bad file in the inbox: named, set aside once, told every night, and no hindrance to the files beside and after it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.io.store.store import open_store

Command = Callable[..., "subprocess.CompletedProcess[str]"]
HEAD = "客户编号,联系人,手机号\n"
EMPTY_ROWS = [f"{i},无,无" for i in range(200, 260)]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder of inputs with a file that was read, beside which bad ones are put."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "guiyi.toml").write_text('inputs = ["inbox"]\n', "utf-8")
    put(tmp_path / "inbox", "leads_1.csv", "1,张伟强,13951880734")
    return tmp_path / "inbox"


def put(inbox: Path, name: str, *rows: str) -> None:
    (inbox / name).write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")


def numbers(store: Path) -> list[str]:
    with open_store(store) as opened:
        return opened.table("record")["source_record_id"].sort().to_list()


def broken_workbook(inbox: Path, samples: Path) -> None:
    (inbox / "broken.xlsx").write_bytes((samples / "customers.xlsx").read_bytes()[:3000])


def test_a_refused_file_is_named_and_the_files_after_it_are_published(
    guiyi: Command, inbox: Path, tmp_path: Path
) -> None:
    put(inbox, "leads_2.csv", *EMPTY_ROWS, "99,张伟强,13951880734")
    put(inbox, "leads_3.csv", "2,李娜,13867302915")
    done = guiyi("run", "--quiet", "--report", "report.json")
    assert done.returncode == 1, "what was published is not to be tried again"
    assert "leads_2.csv：" in done.stderr.splitlines()[-1]
    assert "guiyi run --retry leads_2.csv --accept-change" in done.stderr
    assert numbers(tmp_path / "guiyi.duckdb") == ["1", "2"]
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert told["aside"] == [{"name": "leads_2.csv", "reason": "run.breaker", "since": None}]
    assert [(run["published"], run["files"][0]["name"]) for run in told["runs"]] == [
        (True, "leads_1.csv"), (False, "leads_2.csv"), (True, "leads_3.csv"),
    ]  # fmt: skip


def test_an_unreadable_file_of_a_batch_leaves_the_others_to_be_published(
    guiyi: Command, inbox: Path, tmp_path: Path, samples: Path
) -> None:
    broken_workbook(inbox, samples)
    done = guiyi("run", "--quiet")
    assert (done.returncode, "broken.xlsx" in done.stderr) == (1, True)
    assert numbers(tmp_path / "guiyi.duckdb") == ["1"]


def test_a_file_set_aside_is_told_once_a_night_and_not_tried_again(
    guiyi: Command, inbox: Path, tmp_path: Path, samples: Path
) -> None:
    broken_workbook(inbox, samples)
    guiyi("run", "--quiet")
    put(inbox, "leads_2.csv", "2,李娜,13867302915")
    done = guiyi("run", "--quiet", "--accept-change", "--report", "report.json")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "broken.xlsx（workbook.damaged，" in done.stderr
    [aside] = json.loads((tmp_path / "report.json").read_text("utf-8"))["aside"]
    assert aside["since"] is not None


def test_a_changed_file_is_read_again(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "other.csv", *EMPTY_ROWS, "99,张伟强,13951880734")
    guiyi("run", "--quiet")
    put(inbox, "other.csv", "7,王芳,13740826193")
    done = guiyi("run", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert numbers(tmp_path / "guiyi.duckdb") == ["1", "7"]


def test_another_configuration_gives_a_file_another_chance(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "other.csv", *EMPTY_ROWS, "99,王芳,13740826193")
    assert guiyi("run", "--quiet").returncode == 1
    gates = 'inputs = ["inbox"]\n[gates]\nquarantined = 1.0\n[sources."other*"]\nheaders = {"备注" = ""}\n'
    (tmp_path / "guiyi.toml").write_text(gates, "utf-8")
    assert "仍搁置" not in guiyi("run", "--quiet").stderr


def test_accept_change_publishes_a_refused_file_only_when_it_is_named_and_says_what_it_accepts(
    guiyi: Command, inbox: Path, tmp_path: Path
) -> None:
    put(inbox, "leads_2.csv", *EMPTY_ROWS, "99,张伟强,13951880735")
    guiyi("run", "--quiet")
    assert guiyi("run", "--quiet", "--accept-change").returncode == 0
    assert numbers(tmp_path / "guiyi.duckdb") == ["1"]
    done = guiyi("run", "--quiet", "--accept-change", "--retry", "leads_2.csv")
    assert (done.returncode, "按 --accept-change 照样发布" in done.stderr) == (0, True)
    assert numbers(tmp_path / "guiyi.duckdb") == ["1", "99"]
    assert guiyi("run").stderr == "", "nothing is set aside any more"


def test_a_skipped_file_is_never_read_nor_told_of(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    guiyi("run", "--quiet")
    put(inbox, "leads_2.csv", *EMPTY_ROWS)
    assert guiyi("run", "--skip", "leads_2.csv").returncode == 0
    done = guiyi("run", "--accept-change")
    assert (done.returncode, done.stderr) == (0, "")
    with open_store(tmp_path / "guiyi.duckdb") as opened:
        assert opened.query("SELECT count(*) FROM history.audit_event WHERE action = 'file.skipped'").item() == 1


@pytest.mark.parametrize("arguments", [("--retry", "none.csv"), ("--skip", "none.csv"), ("a.csv", "--retry", "a.csv")])
def test_a_file_that_is_not_of_the_inbox_is_a_usage_error(
    arguments: tuple[str, ...], guiyi: Command, inbox: Path
) -> None:
    done = guiyi("run", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_named_file_that_a_gate_refuses_is_named(guiyi: Command, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", *EMPTY_ROWS, "99,张伟强,13951880734")
    done = guiyi("run", "a.csv", "--quiet")
    assert (done.returncode, done.stderr.startswith("错误：a.csv：闸门未通过")) == (1, True)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_holds_up_no_other(guiyi: Command, inbox: Path, tmp_path: Path) -> None:
    put(inbox, "locked.csv", "2,李娜,13867302915")
    (inbox / "locked.csv").chmod(0)
    assert guiyi("run", "--quiet").returncode == 1
    assert numbers(tmp_path / "guiyi.duckdb") == ["1"]
