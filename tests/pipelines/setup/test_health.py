"""guiyi doctor judges: each wrong thing is one sentence with what to do, and exit code 1."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import duckdb
import pytest
from guiyi.io.store.journal import journal_path
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import Outcome
from guiyi.pipelines.setup.health import judge

Command = Callable[..., "CompletedProcess[str]"]
ALARM = '[channel.hook]\nkind = "webhook"\nurl_env = "HOOK_ADDRESS"\n[[alarm]]\nwhen = {event = "overdue", hours = 30}\nto = ["hook"]\n'


@pytest.fixture
def store(sample_run: tuple[Path, Outcome], tmp_path: Path) -> Path:
    return Path(shutil.copy(sample_run[0], tmp_path / "guiyi.duckdb"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "guiyi.toml").write_text(ALARM, "utf-8")
    return tmp_path / "guiyi.toml"


def wrong(db: Path | None, config: Path, **environment: str) -> dict[str, str]:
    """What is not in order, and the Chinese sentence."""
    return {v.check: v.text.zh for v in judge(db, config, environment or {"HOOK_ADDRESS": "x"}) if not v.fine}


def age(store: Path, hours: int) -> None:
    with duckdb.connect(str(store)) as connection:
        connection.execute(f"UPDATE history.run SET finished_at = finished_at - INTERVAL {hours} HOUR")


def test_a_fresh_store_and_a_whole_configuration_are_in_order(store: Path, config: Path) -> None:
    assert wrong(store, config) == {}
    checks = [v.check for v in judge(store, config, {"HOOK_ADDRESS": "x"})]
    assert checks == ["config", "variables", "schema", "age", "decisions", "disk"]


def test_a_variable_that_is_not_set_is_named(store: Path, config: Path) -> None:
    (what,) = wrong(store, config, OTHER="x").values()
    assert "hook" in what
    assert "HOOK_ADDRESS" in what


def test_a_run_is_too_old_by_the_alarm_that_the_configuration_sets(store: Path, config: Path) -> None:
    age(store, 29)
    assert wrong(store, config) == {}
    age(store, 2)
    assert "超过 30 小时没有新的运行" in wrong(store, config)["age"]


def test_decisions_that_no_run_hears_are_counted(store: Path, config: Path, guiyi: Command) -> None:
    with open_store(store) as opened:
        record = opened.table("record")["record_key"][0]
    assert guiyi("decide", "--set-aside", record, "--db", store).returncode == 0
    assert wrong(store, config) == {}, "tonight's run hears it"
    with sqlite3.connect(journal_path(store)) as journal:
        journal.execute("UPDATE decision SET \"at\" = '2020-01-01T00:00:00'")
    assert "有 1 个决定等待生效" in wrong(store, config)["decisions"]


def test_a_store_of_another_version_is_judged_and_not_touched(store: Path, config: Path) -> None:
    with duckdb.connect(str(store)) as connection:
        connection.execute("UPDATE history.guiyi SET value = '999' WHERE name = 'schema_version'")
    before = store.read_bytes()
    assert "升级 guiyi" in wrong(store, config)["schema"]
    assert store.read_bytes() == before


def test_a_file_that_is_no_store_a_missing_one_and_a_wrong_key_are_sentences(config: Path, tmp_path: Path) -> None:
    assert "不是数据库文件" in wrong(config, config)["store"]
    assert "找不到数据库" in wrong(tmp_path / "none" / "a.duckdb", config)["store"]
    config.write_text("nonsense = 1\n", "utf-8")
    assert "nonsense" in wrong(None, config)["config"]


def test_the_command_ends_with_1_where_something_is_wrong(guiyi: Command, store: Path) -> None:
    fine = guiyi("doctor", "--format", "json")
    assert (fine.returncode, json.loads(fine.stdout)["rows.record"]) == (0, 148), "guiyi.duckdb is found by itself"
    age(store, 100)
    done = guiyi("doctor")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert "请检查定时任务" in line
