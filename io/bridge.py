"""polars and DuckDB exchange frames through the Arrow C stream, without pyarrow.

Handing a polars frame or a relation over directly works too, but leaves references that print warnings at exit; the
one-method wrapper does not.
"""

from typing import Any

import duckdb
import polars as pl


class Stream:
    """An object with nothing but the Arrow C stream of what it wraps."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._source.__arrow_c_stream__(requested_schema)


def to_duckdb(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Register a frame under a name for the connection's next statements."""
    connection.register(name, Stream(frame))


def to_polars(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> pl.DataFrame:
    """The result of a query as a frame; the connection is free again afterwards."""
    relation = connection.sql(query, params=parameters) if parameters else connection.sql(query)
    return pl.DataFrame(Stream(relation))
