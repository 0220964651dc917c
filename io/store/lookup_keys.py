"""The keys by which the store finds records that can meet: `record_key, key` (a hash), of the live records only.

What they are made of is not known here (dedup/policy/keys.py). They are derived from `feature` and are no table of the contract; the
signature beside them says of which definitions they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bridge import scalar, to_duckdb

if TYPE_CHECKING:
    import duckdb
    import polars as pl

HOME = "versions.blocking_key"
_SIGNATURE = "key_signature"  # its name in history.guiyi


def stored_signature(connection: duckdb.DuckDBPyConnection) -> str | None:
    """What the stored keys were made by; None: there are none."""
    found = scalar(connection, f"SELECT max(value) FROM history.guiyi WHERE name = '{_SIGNATURE}'")
    return None if found is None else str(found)


def write_keys(
    connection: duckdb.DuckDBPyConnection, keys: pl.DataFrame, scope: pl.DataFrame | None, signature: str
) -> None:
    """Put keys in the place of those of the records of `scope` (`record_key`) and of their own; None: of all."""
    to_duckdb(connection, "coming", keys)
    if scope is None:
        connection.execute(f"CREATE OR REPLACE TABLE {HOME} AS SELECT record_key, key FROM coming")
        connection.execute("INSERT OR REPLACE INTO history.guiyi VALUES (?, ?)", [_SIGNATURE, signature])
    else:
        to_duckdb(connection, "going", scope)
        connection.execute(
            f"DELETE FROM {HOME} WHERE record_key IN (SELECT record_key FROM going UNION ALL SELECT record_key FROM coming)"
        )
        connection.execute(f"INSERT INTO {HOME} SELECT record_key, key FROM coming")
        connection.unregister("going")
    connection.unregister("coming")
