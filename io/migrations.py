"""The store's schema: made from `schemas.TABLES`, versioned, and brought forward step by step.

`history` holds every published run; views of the same names in `main` show the last one. A step in `STEPS` takes a
store from its number to the next; a store of a newer version than this program is refused, never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from ..errors import StoreError
from ..i18n import Text
from ..schemas import SCHEMA_VERSION, TABLES, Column, Table
from .bridge import scalar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

    Step = Callable[[duckdb.DuckDBPyConnection], None]

# version → what brings a store from it to the next one
STEPS: dict[int, Step] = {}

_TYPES = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Datetime: "TIMESTAMP",
}


def sql_type(column: Column) -> str:
    """The DuckDB type of a column."""
    return "JSON" if column.json else _TYPES[type(column.dtype)]


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def table_ddl(table: Table) -> str:
    """CREATE TABLE of a table in `history`."""
    columns = [f"{quoted(c.name)} {sql_type(c)}{' NOT NULL' if c.required else ''}" for c in table.columns]
    if table.per_run:
        columns.insert(0, '"run_id" VARCHAR NOT NULL')
    return f"CREATE TABLE history.{quoted(table.name)} ({', '.join(columns)})"


def view_ddl(table: Table) -> str:
    """The view of a table in `main`: the last published run, or everything for what is kept across runs."""
    columns = ", ".join(quoted(c) for c in table.names)
    last = " WHERE run_id = (SELECT max(run_id) FROM history.run)" if table.per_run or table.name == "run" else ""
    return (
        f"CREATE OR REPLACE VIEW main.{quoted(table.name)} AS SELECT {columns} FROM history.{quoted(table.name)}{last}"
    )


def prepare(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create the schema in a new store, or bring an older store to this version, in one transaction."""
    connection.execute("BEGIN")
    version = stored_version(connection)
    if version is None:
        connection.execute("CREATE SCHEMA IF NOT EXISTS history")
        connection.execute("CREATE TABLE history.guiyi (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")
        connection.execute("INSERT INTO history.guiyi VALUES ('schema_version', ?)", [str(SCHEMA_VERSION)])
        for table in TABLES:
            connection.execute(table_ddl(table))
            connection.execute(view_ddl(table))
    else:
        check_version(version, path)
        _bring_forward(connection, version)
    connection.execute("COMMIT")


def stored_version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The store's schema version; None: no guiyi store yet."""
    found = scalar(
        connection,
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'history' AND table_name = 'guiyi'",
    )
    if not found:
        return None
    return int(str(scalar(connection, "SELECT value FROM history.guiyi WHERE name = 'schema_version'")))


def check_version(version: int | None, path: Path) -> None:
    """Raise StoreError for a file that is no guiyi store, or one from a newer guiyi."""
    if version is None:
        raise StoreError(
            Text("{p} 不是 guiyi 的数据库。", "{p} is not a guiyi store.").format(p=path),
            Text("请检查 --db，或先执行 guiyi run。", "Check --db, or start with guiyi run."),
            reason="store.foreign",
        )
    if version > SCHEMA_VERSION:
        raise StoreError(
            Text(
                "{p} 由更新版本的 guiyi 写入（结构版本 {v}）。", "{p} was written by a newer guiyi (schema {v})."
            ).format(p=path, v=version),
            Text("请升级 guiyi。", "Upgrade guiyi."),
            reason="store.newer",
        )


def _bring_forward(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    for number in range(version, SCHEMA_VERSION):
        STEPS[number](connection)
    if version < SCHEMA_VERSION:
        connection.execute("UPDATE history.guiyi SET value = ? WHERE name = 'schema_version'", [str(SCHEMA_VERSION)])
        for table in TABLES:
            connection.execute(view_ddl(table))
