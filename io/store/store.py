"""The DuckDB store: opened briefly, always closed, written in one transaction, read back before it counts."""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from ...errors import GuiyiError, StoreError
from ...i18n import Text
from ...schemas import TABLES, Table
from ..in_use import is_held
from ..user import current_user
from . import lookup_keys, migrations
from .bridge import to_duckdb, to_polars
from .migrations import home, quoted
from .path import refuse_missing, resolve_store
from .publish import Change, append, write_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from .spool import Stored

# Nothing is downloaded, nothing outside the store is read; a store is reached by one statement at a time.
_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    # A checkpoint that joins half-full parts of large tables takes longer than many a night's work; `prune`, which makes
    # room, does it.
    "max_vacuum_tasks": "0",
    "storage_compatibility_version": "v1.5.0",  # the oldest DuckDB that reads a store made here
}
PATIENCE = 20.0  # seconds to wait for another process that reads or publishes

BY_NAME: dict[str, Table] = {t.name: t for t in TABLES}


class Store:
    """An open store. Made by `open_store`, which closes it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def prepare(self, write: bool) -> bool:
        """Bring the schema to this version, or tell whether the store can be read as it is."""
        if write:
            migrations.prepare(self._connection, self.path)
            return True
        return migrations.can_be_read(self._connection, self.path)

    def close(self) -> None:
        """Close the connection and let go of it: one that lives to the interpreter's end prints warnings there."""
        self._connection.close()
        del self._connection

    def query(self, sql: str, parameters: list[object] | None = None) -> pl.DataFrame:
        """A SELECT as a frame; values are bound, never pasted into the text."""
        return to_polars(self._connection, sql, parameters)

    def table(self, name: str) -> pl.DataFrame:
        """A table of the last published run, in the order of its key: the same content, the same bytes."""
        table = BY_NAME[name]
        order = ", ".join(quoted(c) for c in (table.key or table.names))
        columns = ", ".join(
            f"CAST({quoted(c.name)} AS VARCHAR) AS {quoted(c.name)}" if c.json else quoted(c.name)
            for c in table.columns
        )
        return self.query(f"SELECT {columns} FROM main.{quoted(name)} ORDER BY {order}")

    def last_run(self) -> dict[str, object] | None:
        """The row of `run` that is live, or None."""
        rows = self.query("SELECT * FROM main.run").to_dicts()
        return rows[0] if rows else None

    def audit(self, action: str, detail: Mapping[str, object]) -> None:
        """Note who did what, now; `detail` holds no personal data."""
        now = datetime.now(UTC).replace(tzinfo=None)
        row = [now, current_user(), action, json.dumps(dict(detail), ensure_ascii=False)]
        self._connection.execute("INSERT INTO history.audit_event VALUES (?, ?, ?, ?)", row)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside counts as a whole or not at all."""
        try:
            self._connection.execute("BEGIN")
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def prune(self, keep: int) -> tuple[int, int]:
        """Forget all but the last `keep` runs and the rows that only they held → runs and rows removed."""
        self._connection.execute("RESET max_vacuum_tasks")
        with self.transaction():
            numbers = self.query("SELECT number FROM history.run ORDER BY number DESC")["number"].to_list()
            going = numbers[keep:]
            rows = 0
            if going:
                oldest = numbers[keep - 1]
                self._connection.execute("DELETE FROM history.run WHERE number < ?", [oldest])
                for table in (t for t in TABLES if t.per_run):
                    gone = self._connection.execute(f"DELETE FROM {home(table)} WHERE until <= ?", [oldest]).fetchall()
                    rows += int(gone[0][0])
                self.audit("prune", {"runs": len(going), "rows": rows, "kept": keep})
        return len(going), rows

    def append(self, name: str, rows: pl.DataFrame) -> None:
        """Add rows to a table that is kept across runs."""
        append(self._connection, BY_NAME[name], BY_NAME[name].conform(rows))

    def delete(self, name: str, column: str, values: Sequence[object]) -> None:
        """Remove the rows of a table that is kept across runs whose `column` holds one of the values."""
        place = home(BY_NAME[name])
        self._connection.execute(f"DELETE FROM {place} WHERE {quoted(column)} IN (SELECT unnest(?))", [list(values)])

    def replace(self, name: str, rows: pl.DataFrame) -> None:
        """Put rows into a table that is kept across runs, in the place of those of their keys."""
        table = BY_NAME[name]
        key = ", ".join(quoted(c) for c in table.key)
        with self.given(rows.select(table.key), "coming"):
            self._connection.execute(f"DELETE FROM {home(table)} WHERE ({key}) IN (SELECT ({key}) FROM coming)")
        self.append(name, rows)

    def set_plan_status(self, status: Mapping[str, str]) -> None:
        """group id → the status of its live merge plan from now on."""
        schema = dict.fromkeys(("group_id", "status"), pl.String)
        told = pl.DataFrame(list(status.items()), schema=schema, orient="row")
        with self.given(told, "told"):
            self._connection.execute(
                "UPDATE versions.merge_plan AS p SET status = t.status FROM told t"
                " WHERE p.group_id = t.group_id AND p.until IS NULL"
            )

    @contextmanager
    def given(self, frame: pl.DataFrame, name: str = "given") -> Iterator[None]:
        """A frame as a table for the queries inside."""
        to_duckdb(self._connection, name, frame)
        try:
            yield
        finally:
            self._connection.unregister(name)

    def publish(
        self,
        number: int,
        tables: Mapping[str, Change | Stored],
        then: Callable[[Store], Mapping[str, Change | Stored]] | None = None,
    ) -> None:
        """Write run `number` in one transaction: what its tables are from now on, or (a Change) within a scope.

        then: called when they are written and before they count; sees the run in the views, adds tables, and may raise
        to publish nothing. Raises ConservationError, and writes nothing, if a count does not come back.
        """
        with self.transaction():
            self._write(tables, number)
            if then is not None:
                self._write(then(self), number)

    def _write(self, tables: Mapping[str, Change | Stored], number: int) -> None:
        for name, given in tables.items():
            change = given if isinstance(given, Change) else Change(given)
            if BY_NAME[name].per_run:
                write_change(self._connection, BY_NAME[name], change, number)
            else:
                append(self._connection, BY_NAME[name], change.rows)

    def keys_signature(self) -> str | None:
        """What the stored blocking keys were made by; None: there are none."""
        return lookup_keys.stored_signature(self._connection)

    def write_keys(self, keys: pl.DataFrame, scope: pl.DataFrame | None, signature: str) -> None:
        """Put blocking keys (`record_key, key`) in the place of those of `scope` (`record_key`), None: of all."""
        lookup_keys.write_keys(self._connection, keys, scope, signature)

    def _roll_back(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except duckdb.Error:  # no transaction is open, or the connection is already unusable
            return


@contextmanager
def open_store(path: Path, *, write: bool = False, create: bool = False, patience: float = PATIENCE) -> Iterator[Store]:
    """Open a store, wait a little for one that is busy, translate DuckDB's faults, close it whatever happens.

    create: for writing, and made where it is not there. Raises MissingStoreError where it is to be there.
    """
    path, write = resolve_store(path), write or create
    if not create:
        refuse_missing(path)
    if not _may_be_store(path):  # DuckDB would open a CSV as a store in memory, and forget what is written
        raise _no_store(path)
    fresh, mask = not path.exists(), os.umask(0o077)  # the write-ahead log and spilled rows are personal data too
    store = None
    try:
        store = Store(_connect(path, write, patience), path)
        if not store.prepare(write):
            store.close()
            store = None
            with open_store(path, write=True, patience=patience):
                pass  # that it was opened for writing has brought it forward
            store = Store(_connect(path, write, patience), path)
        fresh = False
        yield store
    except GuiyiError:
        raise
    except (duckdb.Error, OSError) as fault:
        raise translated(fault, path) from fault
    finally:
        os.umask(mask)
        if store is not None:
            store.close()
        if fresh:  # half a store of a full disk would be taken for a damaged one ever after
            _remove(path)


@contextmanager
def hold_still(path: Path) -> Iterator[int | None]:
    """Nobody writes to a store meanwhile, nor is it brought forward → its schema version, None: it is none of guiyi's.

    Raises StoreError.
    """
    if not _may_be_store(path):
        raise _no_store(path)
    connection = _connect(path, write=False, patience=PATIENCE)
    try:
        yield migrations.stored_version(connection)
    finally:
        connection.close()


def _may_be_store(path: Path) -> bool:
    """Whether a file begins as one of DuckDB's does; one that is not there, is empty or cannot be read may be anything."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return True
    return not head or head[8:] == b"DUCK"


def _remove(path: Path) -> None:
    for leftover in (path, path.with_name(path.name + ".wal")):
        leftover.unlink(missing_ok=True)


def connect_for_copy() -> duckdb.DuckDBPyConnection:
    """A connection to no file, to which two are attached."""
    return duckdb.connect(":memory:", config=dict(_SETTINGS))


def _connect(path: Path, write: bool, patience: float) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {**_SETTINGS, "temp_directory": str(path) + ".tmp"}
    fresh = not path.exists()
    deadline = time.monotonic() + patience
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=not write, config=settings)
        except (duckdb.Error, OSError) as fault:
            busy = _is_locked(str(fault).lower()) or is_held(path, write)
            if not busy or time.monotonic() > deadline:
                raise (_busy(path) if busy else translated(fault, path)) from fault
            time.sleep(0.2)
            continue
        if fresh and os.name != "nt":
            path.chmod(0o600)  # personal data
        return connection


def _is_locked(text: str) -> bool:
    return any(sign in text for sign in ("set lock", "conflicting lock", "being used by another process"))


def _no_store(path: Path) -> StoreError:
    return StoreError(
        Text("{p} 不是数据库文件。", "{p} is not a store.").format(p=path),
        Text("--db 应为 guiyi run 写出的 .duckdb 文件。", "--db takes the .duckdb file that guiyi run writes."),
        reason="store.foreign",
    )


def _busy(path: Path) -> StoreError:
    return StoreError(
        Text("{p} 正被另一个程序占用。", "{p} is held by another program.").format(p=path),
        Text("请关闭占用它的程序后重试。", "Close that program and try again."),
        reason="store.locked",
    )


def translated(fault: Exception, path: Path) -> GuiyiError:
    """What a fault of DuckDB or the system means for the user, without its text (which may quote rows)."""
    text = str(fault).lower()
    full = isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "no space left" in text or "disk quota" in text or "could not write" in text:
        return StoreError(
            Text(
                "磁盘空间不足，{p} 没有写入，上一次发布的结果完好。",
                "The disk is full: {p} was not written, the last published run is intact.",
            ).format(p=path),
            Text("请清理空间后重试。", "Free some space and try again."),
            reason="store.full",
        )
    if "corrupt" in text or "checksum" in text or "could not read enough bytes" in text:
        return StoreError(
            Text("{p} 已损坏或不完整。", "{p} is damaged or incomplete.").format(p=path),
            Text("请恢复备份，或用新的数据库文件重新运行。", "Restore a backup, or run again into a new file."),
            reason="store.damaged",
        )
    if _is_locked(text):
        return _busy(path)
    if "permission denied" in text or "read-only" in text or "cannot open file" in text or "no such file" in text:
        return StoreError(
            Text("{p} 无法写入。", "{p} cannot be written.").format(p=path),
            Text("请检查路径和写权限。", "Check the path and the permission to write."),
            reason="store.unwritable",
        )
    if "not a valid duckdb database" in text or "serialization" in text or "version number" in text:
        return StoreError(
            Text(
                "{p} 不是 DuckDB 数据库，或由不同版本写入。", "{p} is not a DuckDB file, or one of another version."
            ).format(p=path),
            Text("请检查 --db。", "Check --db."),
            reason="store.foreign",
        )
    return GuiyiError(
        Text(
            "写库时发生内部错误（{k}），本次运行未发布。", "Internal fault of the store ({k}); nothing was published."
        ).format(k=type(fault).__name__)
    )
