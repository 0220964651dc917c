"""What a run changes in a table, and only that: rows that go get an end, rows that come are written, the rest stays.

A `Change` says what the rows within a scope are from now on; everything outside the scope keeps living. So a night that
touches ten thousand of a million records writes ten thousand, and a run over everything is the same statement with
the whole table as its scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from ...errors import ConservationError
from ...i18n import Text
from .bridge import scalar, to_duckdb
from .migrations import home, quoted
from .spool import Waiting

if TYPE_CHECKING:
    import duckdb

    from ...schemas import Table
    from .spool import Stored


class Change(NamedTuple):
    """rows: what is there from now on. scope: key columns of the rows that are replaced; None: the whole table.

    Rows that come need not be within the scope, where nothing of their key lives yet.
    """

    rows: Stored
    scope: pl.DataFrame | None = None

    def applied_to(self, known: pl.DataFrame) -> pl.DataFrame:
        """The table as it is from now on. known: its rows before."""
        rows = self.rows.lazy().collect()
        return (
            rows if self.scope is None else pl.concat([known.join(self.scope, on=self.scope.columns, how="anti"), rows])
        )


def write_change(connection: duckdb.DuckDBPyConnection, table: Table, change: Change, number: int) -> None:
    """Bring a per-run table to `change` as of run `number`. Raises ConservationError if the rows do not read back."""
    live, kept = _live_rows(connection, table, change.scope), 0
    if not live and change.rows.height == 0:
        return
    source, bound = _offered(connection, table, change.rows)
    names = ", ".join(quoted(c) for c in table.names)
    if live:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS SELECT {names} FROM {source}", bound)
        kept = _end_what_goes(connection, table, live, number)
        source, bound = f"(SELECT * FROM incoming i WHERE NOT {_repeated(table)})", []
    connection.execute(f"INSERT INTO {home(table)} (since, {names}) SELECT {number}, {names} FROM {source}", bound)
    if isinstance(change.rows, pl.DataFrame):
        connection.unregister("offered")
    come = f"SELECT count(*) FROM {home(table)} WHERE since = {number} AND until IS NULL"
    _read_back(table, kept + int(scalar(connection, come)), change.rows.height)
    if live:
        connection.execute("DROP TABLE incoming; DROP TABLE same; DROP TABLE standing")


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


def _live_rows(connection: duckdb.DuckDBPyConnection, table: Table, scope: pl.DataFrame | None) -> str:
    """The living rows of a scope, with their `row`, as something to select from; empty where there are none.

    A scope is looked up by its key columns alone, and what it finds is `standing`: mostly today's rows are new, and no
    other column need be read.
    """
    place = home(table)
    if scope is not None:
        if scope.is_empty():
            return ""
        to_duckdb(connection, "scope", scope.unique())
    living = f"FROM {place} WHERE until IS NULL{_within(scope)}"
    some = scalar(connection, f"SELECT 1 {living} LIMIT 1")
    if some:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE standing AS SELECT rowid AS row {living}")
    if scope is not None:
        connection.unregister("scope")
    return f"(SELECT rowid AS row, * FROM {place} WHERE rowid IN (SELECT row FROM standing))" if some else ""


def _within(scope: pl.DataFrame | None) -> str:
    """`AND` the row's key is in the scope, if there is one."""
    if scope is None:
        return ""
    columns = ", ".join(quoted(c) for c in scope.columns)
    return f" AND ({columns}) IN (SELECT ({columns}) FROM scope)"


def _end_what_goes(connection: duckdb.DuckDBPyConnection, table: Table, live: str, number: int) -> int:
    """End the living rows that `incoming` does not repeat; name the others `same`, and count them."""
    equal = " AND ".join(f"t.{quoted(c)} IS NOT DISTINCT FROM i.{quoted(c)}" for c in table.names)
    keys = ", ".join(f"i.{quoted(c)}" for c in table.key or table.names)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE same AS SELECT t.row, {keys} FROM incoming i JOIN {live} t ON {equal}"
    )
    connection.execute(
        f"UPDATE {home(table)} SET until = {number} WHERE rowid IN (SELECT row FROM standing EXCEPT SELECT row FROM same)"
    )
    return int(scalar(connection, "SELECT count(DISTINCT row) FROM same"))


def _repeated(table: Table) -> str:
    """Whether a row `i` of `incoming` lives already, as a condition."""
    match = " AND ".join(f"s.{quoted(c)} IS NOT DISTINCT FROM i.{quoted(c)}" for c in table.key or table.names)
    return f"EXISTS (SELECT 1 FROM same s WHERE {match})"


def _read_back(table: Table, have: int, want: int) -> None:
    if have != want:
        raise ConservationError(
            Text(
                "表 {t} 写入后行数不符，本次运行未发布。",
                "Table {t} did not read back whole; the run is not published.",
            ).format(t=table.name)
        )
