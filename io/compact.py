"""A store rewritten into a new file that then takes its name: whole, or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .bridge import scalar
from .migrations import quoted
from .store import connect_for_copy, open_store, translated

if TYPE_CHECKING:
    from pathlib import Path


def compacted(path: Path) -> tuple[int, int]:
    """Copy tables and views of a store into a fresh file, check the counts, put it in place → bytes before and after."""
    target = path.with_name(path.name + ".compact")
    target.unlink(missing_ok=True)
    with open_store(path, write=True):
        pass  # the write-ahead log goes into the file, and a store of an older schema is brought forward
    before = path.stat().st_size
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
    except Exception as fault:
        connection.close()
        target.unlink(missing_ok=True)
        raise translated(fault, path) from fault
    connection.close()
    del connection
    target.chmod(0o600)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    target.replace(path)
    return before, path.stat().st_size
