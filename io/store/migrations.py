"""The store's schema: made from `schemas.TABLES`, numbered, and brought forward step by step.

A row that many nights share is stored once: schema `versions` holds each table's rows with the number of the run that
brought them (`since`) and of the run that replaced them (`until`, null while they live). `history.<table>` shows every
published run by `run_id`, `main.<table>` the last one; both are views. A step in `STEPS` takes a store from its number
to the next; a store of a newer schema than this program's is refused, never touched. A new table, and a column that a table
has got, are added without a step; the column is null in the rows that are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from ...errors import StoreError
from ...i18n import Text
from ...schemas import SCHEMA_VERSION, TABLES, Column, Table
from .bridge import scalar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

    Step = Callable[[duckdb.DuckDBPyConnection], None]

NEVER = 2_147_483_647  # later than any run

# version → what brings a store from it to the next one
# From 3 on, what writes features keeps their keys; 4 compares more parts of a name.
STEPS: dict[int, Step] = {2: lambda _: None, 3: lambda _: None}
FIRST_VERSION = 2  # stores of the preview before it held a whole copy per run; nobody has one to keep

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


def home(table: Table) -> str:
    """Where the rows of a table are: per run in `versions`, else in `history`."""
    return f"{'versions' if table.per_run else 'history'}.{quoted(table.name)}"


def table_ddl(table: Table) -> str:
    """CREATE TABLE of a table."""
    columns = [f"{quoted(c.name)} {sql_type(c)}{' NOT NULL' if c.required else ''}" for c in table.columns]
    if table.per_run:
        columns = ['"since" INTEGER NOT NULL', '"until" INTEGER', *columns]
    return f"CREATE TABLE {home(table)} ({', '.join(columns)})"


def view_ddl(table: Table) -> list[str]:
    """The views of a table: `history` by run, `main` the last published run, or everything for what is kept across runs."""
    columns = ", ".join(quoted(c) for c in table.names)
    main = f"CREATE OR REPLACE VIEW main.{quoted(table.name)} AS SELECT {columns} FROM {home(table)}"
    if not table.per_run:
        last = " WHERE number = (SELECT max(number) FROM history.run)" if table.name == "run" else ""
        return [main + last]
    own = ", ".join(f"t.{quoted(c)}" for c in table.names)
    return [
        f"{main} WHERE until IS NULL",
        f"CREATE OR REPLACE VIEW history.{quoted(table.name)} AS SELECT r.run_id, {own} FROM history.run r"
        f" JOIN {home(table)} t ON t.since <= r.number AND coalesce(t.until, {NEVER}) > r.number",
    ]


def prepare(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create the schema in a new store, or bring an older store to this version, in one transaction."""
    connection.execute("BEGIN")
    version = stored_version(connection)
    if version is None:
        connection.execute("CREATE SCHEMA IF NOT EXISTS history")
        connection.execute("CREATE SCHEMA IF NOT EXISTS versions")
        connection.execute("CREATE TABLE history.guiyi (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")
        connection.execute("INSERT INTO history.guiyi VALUES ('schema_version', ?)", [str(SCHEMA_VERSION)])
        for table in TABLES:
            connection.execute(table_ddl(table))
        _make_views(connection)
    else:
        check_version(version, path)
        _bring_forward(connection, version)
    connection.execute("COMMIT")


def can_be_read(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether `prepare` has nothing to do; else an older version wrote the store last. Raises StoreError."""
    version = stored_version(connection)
    check_version(version, path)
    return version == SCHEMA_VERSION and not _lacking(connection)


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
    if version < FIRST_VERSION:
        raise StoreError(
            Text(
                "{p} 由早期预览版写入，无法升级。", "{p} was written by an early preview and cannot be brought forward."
            ).format(p=path),
            Text("请用新的数据库文件重新运行。", "Run again into a new file."),
            reason="store.older",
        )


def _bring_forward(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    for number in range(version, SCHEMA_VERSION):
        STEPS[number](connection)
    lacking = _lacking(connection)
    new = {table.name for table, column in lacking if column is table.columns[0]}
    for table in TABLES:
        if table.name in new:
            connection.execute(table_ddl(table))
    for table, column in ((t, c) for t, c in lacking if t.name not in new):
        connection.execute(f"ALTER TABLE {home(table)} ADD COLUMN {quoted(column.name)} {sql_type(column)}")
    if version < SCHEMA_VERSION or lacking:
        connection.execute("UPDATE history.guiyi SET value = ? WHERE name = 'schema_version'", [str(SCHEMA_VERSION)])
        _make_views(connection)


def _lacking(connection: duckdb.DuckDBPyConnection) -> list[tuple[Table, Column]]:
    """The columns that a store of an older version lacks."""
    found = connection.execute(
        "SELECT schema_name || '.\"' || table_name || '\"', column_name FROM duckdb_columns()"
        " WHERE database_name = current_database() AND schema_name IN ('history', 'versions')"
    )
    there = set(found.fetchall())
    return [(table, c) for table in TABLES for c in table.columns if (home(table), c.name) not in there]


def _make_views(connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        for statement in view_ddl(table):
            connection.execute(statement)
