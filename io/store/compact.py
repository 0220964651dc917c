"""A store rewritten into a new file that then takes its name: whole, or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import duckdb

from .bridge import scalar
from .lock import COPY, remove_copy
from .migrations import quoted
from .store import connect_for_copy, open_store, translated

if TYPE_CHECKING:
    from pathlib import Path


def compacted(path: Path) -> tuple[int, int]:
    """Copy tables and views of a store into a fresh file, check the counts, put it in place → bytes before and after."""
    target = path.with_name(path.name + COPY)
    with open_store(path, write=True):
        pass  # the write-ahead log goes into the file, and a store of an older schema is brought forward
    before, mask = path.stat().st_size, os.umask(0o077)  # the copy and its log are personal data too
    try:
        _copy(path, target)
        target.replace(path)
    except (duckdb.Error, OSError) as fault:
        raise translated(fault, path) from fault
    finally:
        os.umask(mask)
        remove_copy(path)
    return before, path.stat().st_size


def _copy(path: Path, target: Path) -> None:
    """Every table and view of a store into a new file, counted, and on the disk when this returns."""
    connection = connect_for_copy()
    try:
        connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS old (READ_ONLY)")
        connection.execute(f"ATTACH '{str(target).replace(chr(39), chr(39) * 2)}' AS new")
        connection.execute("COPY FROM DATABASE old TO new")
        tables = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'old' AND NOT internal"
        ).fetchall()
        for schema, name in tables:
            place = f"{quoted(schema)}.{quoted(name)}"
            counts = [scalar(connection, f"SELECT count(*) FROM {db}.{place}") for db in ("old", "new")]
            if counts[0] != counts[1]:
                raise OSError(f"{schema}.{name}")
        connection.execute("DETACH old")
        connection.execute("DETACH new")
    finally:
        connection.close()
        del connection
    with target.open("rb+") as file:
        os.fsync(file.fileno())
