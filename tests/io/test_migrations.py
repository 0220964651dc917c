"""The store's schema: made from schemas.TABLES, versioned, brought forward, and never touched by an older guiyi."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
from guiyi.errors import StoreError
from guiyi.io.store import migrations
from guiyi.io.store.migrations import quoted
from guiyi.io.store.store import open_store
from guiyi.schemas import SCHEMA_VERSION, TABLES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.duckdb"
    with open_store(path, create=True):
        pass
    return path


def set_version(path: Path, version: int) -> None:
    connection = duckdb.connect(str(path))
    connection.execute("UPDATE history.guiyi SET value = ? WHERE name = 'schema_version'", [str(version)])
    connection.close()


def version_of(path: Path) -> str:
    connection = duckdb.connect(str(path), read_only=True)
    value = str(connection.execute("SELECT value FROM history.guiyi WHERE name = 'schema_version'").fetchall()[0][0])
    connection.close()
    return value


def test_every_table_has_its_columns_in_order(path: Path) -> None:
    with open_store(path) as store:
        for table in TABLES:
            assert tuple(store.query(f"SELECT * FROM main.{quoted(table.name)}").columns) == table.names
            kept = store.query(f"SELECT * FROM history.{quoted(table.name)}").columns
            assert kept == (["run_id"] if table.per_run else []) + list(table.names)


def test_a_new_store_is_empty_and_of_this_version(path: Path) -> None:
    assert version_of(path) == str(SCHEMA_VERSION)
    with open_store(path) as store:
        assert store.last_run() is None
        assert store.table("record").is_empty()
        assert store.table("record").schema["updated_at"] == pl.Datetime("us")


def test_a_preview_store_is_refused_in_one_sentence(path: Path) -> None:
    set_version(path, migrations.FIRST_VERSION - 1)
    with pytest.raises(StoreError) as fault, open_store(path, write=True):
        pass
    assert fault.value.reason == "store.older"


@pytest.mark.parametrize("write", [False, True])
def test_a_newer_store_is_refused_and_not_touched(path: Path, write: bool) -> None:
    set_version(path, SCHEMA_VERSION + 1)
    before = path.read_bytes()
    with pytest.raises(StoreError) as fault, open_store(path, write=write):
        pass
    assert fault.value.reason == "store.newer"
    assert path.read_bytes() == before


def test_an_older_store_is_brought_forward_step_by_step(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two invented steps run in order, once, and their work is there afterwards."""
    steps = {
        SCHEMA_VERSION: lambda c: c.execute("CREATE TABLE history.first (n INTEGER)"),
        SCHEMA_VERSION + 1: lambda c: c.execute("INSERT INTO history.first VALUES (2)"),
    }
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", SCHEMA_VERSION + 2)
    monkeypatch.setattr(migrations, "STEPS", {**migrations.STEPS, **steps})
    for _ in range(2):
        with open_store(path, write=True) as store:
            assert store.query("SELECT n FROM history.first")["n"].to_list() == [2]
    assert version_of(path) == str(SCHEMA_VERSION + 2)


def test_a_step_that_fails_leaves_the_old_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("CREATE TABLE history.half (n INTEGER)")
        connection.execute("SELECT no_such_column FROM history.half")

    monkeypatch.setattr(migrations, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr(migrations, "STEPS", {**migrations.STEPS, SCHEMA_VERSION: fail})
    with pytest.raises(Exception), open_store(path, write=True):  # noqa: B017
        pass
    assert version_of(path) == str(SCHEMA_VERSION)
    connection = duckdb.connect(str(path))
    assert not connection.execute("SELECT * FROM information_schema.tables WHERE table_name = 'half'").fetchall()
    connection.close()


def test_every_older_version_has_a_step() -> None:
    assert set(migrations.STEPS) >= set(range(migrations.FIRST_VERSION, SCHEMA_VERSION))


@pytest.mark.parametrize(("name", "expected"), [("a", '"a"'), ('a"b', '"a""b"'), ("客户", '"客户"')])
def test_names_are_quoted(name: str, expected: str) -> None:
    assert quoted(name) == expected
