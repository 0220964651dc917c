"""SIGKILL at the writes of store and journal: the old state or the new one, never part of it, and no decision is lost.

Three writes of each command are tried; `GUIYI_KILLS=all` tries every one, whole and torn.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.io.store.journal import open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.merge.apply import known_decisions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.schemas import SCHEMA_VERSION
from guiyi.tests.kills import Ended, Killer, can_kill, killer

pytestmark = pytest.mark.skipif(not can_kill(), reason="needs Linux and a C compiler")
HEAD = "客户编号,联系人,手机号,公司名称\n"
ROWS = ["1,张伟强,13951880734,苏州启明软件有限公司", "2,张伟强,13951880734,苏州启明软件有限公司", "3,李娜,13867302915,"]
LATER = ["3,李娜,13867302916,", "4,王芳,13740826193,", "5,王芳,13740826193,"]
TABLES = ("record", "raw_record", "entity_member", "duplicate_group", "merge_plan", "golden_value", "quarantine",
          "golden_record", "crosswalk", "applied_merge", "run")  # fmt: skip
CLOCK = ("at", "started_at", "finished_at", "applied_at")
COMMANDS = {
    "run": ["run", "later.csv", "--name", "leads", "--quiet"],
    "apply": ["apply", "plan.json"],
    "undo": ["undo", "GROUP"],
    "prune": ["prune", "--keep", "1", "--compact"],
    "decide": ["approve", "GROUP"],
    "migrate": ["groups"],
}


@pytest.fixture(scope="module")
def kill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with killer(tmp_path_factory.mktemp("killer")) as made:
        yield made


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, kill: Killer) -> Path:
    """A folder for each command: a store with a published run, and in its journal a decision that no run has heard."""
    start = tmp_path_factory.mktemp("base")
    (start / "leads.csv").write_text(HEAD + "\n".join(ROWS) + "\n", "utf-8")
    (start / "later.csv").write_text(HEAD + "\n".join(LATER) + "\n", "utf-8")
    run_nightly([start / "leads.csv"], start / "a.duckdb", Config(), "zh")
    assert told(kill, start, ["plan", "-o", "plan.json"]).code == 0
    with open_store(start / "a.duckdb") as store:
        [alone] = store.query("SELECT record_key FROM main.record WHERE source_record_id = '3'")["record_key"]
    with open_journal(start / "a.duckdb") as journal:
        journal.append([Decision("contact", "set_aside", [[alone]], by="王芳")])
    folders = tmp_path_factory.mktemp("commands")
    for command in COMMANDS:
        shutil.copytree(start, folders / command)
    assert told(kill, folders / "undo", COMMANDS["apply"]).code == 0
    run_nightly([start / "later.csv"], folders / "prune" / "a.duckdb", Config(), "zh")
    with duckdb.connect(str(folders / "migrate" / "a.duckdb")) as old:
        old.execute("UPDATE history.guiyi SET value = '2' WHERE name = 'schema_version'")
    return folders


def told(kill: Killer, folder: Path, command: list[str], at: int = -1, *, torn: bool = False) -> Ended:
    words = [group_of(folder) if word == "GROUP" else word for word in command]
    return kill.run(folder, [*words, "--db", "a.duckdb"], at, torn=torn)


def group_of(folder: Path) -> str:
    with duckdb.connect(str(folder / "a.duckdb"), read_only=True) as store:
        return str(store.execute("SELECT group_id FROM main.duplicate_group WHERE level = 'contact'").fetchall()[0][0])


def state(folder: Path) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """What the store holds, but for clocks; and every decision that is known."""
    with open_store(folder / "a.duckdb") as store:
        tables = {name: store.table(name) for name in TABLES}
        whole = store.query(
            "SELECT rows_clean = (SELECT count(*) FROM history.record c WHERE c.run_id = r.run_id) AS whole FROM history.run r"
        )
        decisions = known_decisions(store, folder / "a.duckdb")
    assert whole["whole"].all(), "every run that is listed has all of its records"
    content = {
        name: table.drop([c for c in CLOCK if c in table.columns]).sort(pl.all().cast(pl.String)).rows()
        for name, table in tables.items()
    }
    return content | {"runs": whole.height}, set(decisions.select("kind", "record_keys").rows())


def points(writes: int) -> list[tuple[int, bool]]:
    """(number of the write, torn): three of them, or all."""
    if os.environ.get("GUIYI_KILLS") == "all":
        return [(at, torn) for torn in (False, True) for at in range(1, writes + 1)]
    return [(writes // 3, False), (writes * 2 // 3, True), (writes, False)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_killed_while_it_writes_leaves_the_old_state_or_the_new(
    command: str, kill: Killer, base: Path, tmp_path: Path
) -> None:
    shutil.copytree(base / command, tmp_path / "whole")
    shutil.copytree(base / command, tmp_path / "untouched")
    ended = told(kill, tmp_path / "whole", COMMANDS[command])
    assert (ended.killed, ended.code) == (False, 0)
    assert ended.writes > 3
    before, after = state(tmp_path / "untouched"), state(tmp_path / "whole")
    tried = 0
    for at, torn in points(ended.writes):
        folder = tmp_path / f"{at}{'torn' if torn else ''}"
        shutil.copytree(base / command, folder)
        killed = told(kill, folder, COMMANDS[command], at, torn=torn)
        tried += killed.killed
        content, decisions = state(folder)
        assert content in (before[0], after[0]), f"write {at} of {command}: neither the old state nor the new"
        assert decisions >= before[1], f"write {at} of {command}: a decision is lost"
        if killed.out:
            assert (content, decisions) == after, f"write {at} of {command}: what was said is not there"
        if at % 5 == 0 or len(points(ended.writes)) == 3:
            run_nightly([folder / "later.csv"], folder / "a.duckdb", Config(), "zh")
            assert state(folder)[1] >= before[1], f"write {at} of {command}: the next run lost a decision"
        shutil.rmtree(folder)
    assert tried, "no write was met"
    print(f"{command}: {ended.writes} writes, {tried} kills")  # noqa: T201


def test_the_store_of_the_migration_was_of_an_older_schema(base: Path) -> None:
    with duckdb.connect(str(base / "migrate" / "a.duckdb"), read_only=True) as store:
        [(version,)] = store.execute("SELECT value FROM history.guiyi WHERE name = 'schema_version'").fetchall()
    assert int(version) < SCHEMA_VERSION
