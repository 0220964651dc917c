"""polars and DuckDB exchange frames through the Arrow C stream, without pyarrow.

Handing a polars frame or a relation over directly works too, but leaves references that print warnings at exit; the
one-method wrapper does not. Nor may a module keep DuckDB's types alive in its annotations: they stay strings here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import duckdb


class Stream:
    """An object with nothing but the Arrow C stream of what it wraps."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._source.__arrow_c_stream__(requested_schema)


def to_duckdb(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Register a frame under a name for the connection's next statements."""
    connection.register(name, Stream(frame))


def to_polars(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | dict[str, Any] | None = None
) -> pl.DataFrame:
    """The result of a query as a frame; the connection is free again afterwards."""
    relation = connection.sql(query, params=parameters) if parameters else connection.sql(query)
    return pl.DataFrame(Stream(relation))


def scalar(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> Any:
    """The one value of a query; everything is fetched, because an unfinished result blocks the connection."""
    rows = connection.execute(query, parameters or []).fetchall()
    return rows[0][0] if rows else None
