"""What a run changes in a table, and only that: rows that go get an end, rows that come are written, the rest stays.

A `Change` says what the rows within a scope are from now on; everything outside the scope keeps living. So a night that
touches ten thousand of a million records writes ten thousand, and a run over everything is the same statement with
the whole table as its scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from ..errors import ConservationError
from ..i18n import Text
from .bridge import scalar, to_duckdb
from .migrations import home, quoted
from .spool import Waiting

if TYPE_CHECKING:
    import duckdb

    from ..schemas import Table
    from .spool import Stored


class Change(NamedTuple):
    """rows: what is there from now on. scope: key columns of the rows that are replaced; None: the whole table."""

    rows: Stored
    scope: pl.DataFrame | None = None


def write_change(connection: duckdb.DuckDBPyConnection, table: Table, change: Change, number: int) -> None:
    """Bring a per-run table to `change` as of run `number`. Raises ConservationError if the rows do not read back."""
    source, bound = _offered(connection, table, change.rows)
    names = ", ".join(quoted(c) for c in table.names)
    has_scope = change.scope is not None
    if change.scope is not None:
        to_duckdb(connection, "scope_given", change.scope)
        connection.execute("CREATE OR REPLACE TEMP TABLE scope AS SELECT DISTINCT * FROM scope_given")
        connection.unregister("scope_given")
    within = _within(change.scope)
    if _any_live(connection, table):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS SELECT {names} FROM {source}", bound)
        source, bound = _without_the_same(connection, table, within, number), []
    connection.execute(f"INSERT INTO {home(table)} (since, {names}) SELECT {number}, {names} FROM {source}", bound)
    if isinstance(change.rows, pl.DataFrame):
        connection.unregister("offered")
    _read_back(table, _live(connection, table, within), change.rows.height)
    for name in ("incoming", "same") + (("scope",) if has_scope else ()):
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def append(connection: duckdb.DuckDBPyConnection, table: Table, rows: Stored) -> None:
    """Add rows to a table that is kept across runs."""
    source, bound = _offered(connection, table, rows)
    names = ", ".join(quoted(c) for c in table.names)
    connection.execute(f"INSERT INTO {home(table)} ({names}) SELECT {names} FROM {source}", bound)
    if isinstance(rows, pl.DataFrame):
        connection.unregister("offered")


def _offered(connection: duckdb.DuckDBPyConnection, table: Table, rows: Stored) -> tuple[str, list[object]]:
    """Where the rows can be selected from, and what that asks to be bound."""
    if isinstance(rows, Waiting):
        return "read_parquet(?)", [str(rows.path)]
    to_duckdb(connection, "offered", rows.select(table.names))
    return "offered", []


def _within(scope: pl.DataFrame | None) -> str:
    """The live rows `t` of a scope, as a condition."""
    if scope is None:
        return "t.until IS NULL"
    columns = ", ".join(f"t.{quoted(c)}" for c in scope.columns)
    return f"t.until IS NULL AND ({columns}) IN (SELECT ({', '.join(map(quoted, scope.columns))}) FROM scope)"


def _any_live(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    return bool(scalar(connection, f"SELECT count(*) FROM (SELECT 1 FROM {home(table)} WHERE until IS NULL LIMIT 1)"))


def _live(connection: duckdb.DuckDBPyConnection, table: Table, within: str) -> int:
    return int(scalar(connection, f"SELECT count(*) FROM {home(table)} t WHERE {within}"))


def _without_the_same(connection: duckdb.DuckDBPyConnection, table: Table, within: str, number: int) -> str:
    """End the live rows that `incoming` does not repeat, and name what holds the incoming rows that are new."""
    key = table.key or table.names
    equal = " AND ".join(f"t.{quoted(c)} IS NOT DISTINCT FROM i.{quoted(c)}" for c in table.names)
    keys = ", ".join(f"i.{quoted(c)}" for c in key)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE same AS SELECT {keys} FROM incoming i JOIN {home(table)} t ON {equal} WHERE {within}"
    )

    def repeated(row: str) -> str:
        match = " AND ".join(f"s.{quoted(c)} IS NOT DISTINCT FROM {row}.{quoted(c)}" for c in key)
        return f"EXISTS (SELECT 1 FROM same s WHERE {match})"

    connection.execute(f"UPDATE {home(table)} AS t SET until = {number} WHERE {within} AND NOT {repeated('t')}")
    return f"(SELECT * FROM incoming i WHERE NOT {repeated('i')})"


def _read_back(table: Table, have: int, want: int) -> None:
    if have != want:
        raise ConservationError(
            Text(
                "表 {t} 写入后行数不符，本次运行未发布。",
                "Table {t} did not read back whole; the run is not published.",
            ).format(t=table.name)
        )
