"""How the journal's SQLite file is opened: to write, to read beside writers, and to read where nothing can be written."""

import sqlite3
from pathlib import Path

DDL = """
CREATE TABLE IF NOT EXISTS decision (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, decision_id TEXT NOT NULL UNIQUE, level TEXT NOT NULL, kind TEXT NOT NULL,
  record_keys TEXT NOT NULL, "by" TEXT NOT NULL, "at" TEXT NOT NULL, note TEXT, detail TEXT
);
CREATE TABLE IF NOT EXISTS spoken_of (
  record_key TEXT NOT NULL, level TEXT NOT NULL, sequence INTEGER NOT NULL,
  PRIMARY KEY (record_key, level, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit_event (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, "at" TEXT NOT NULL, "by" TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL
);
"""
_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC")


def connect(path: Path, write: bool, patience: float) -> sqlite3.Connection:
    """An open journal with its tables. write: False also reads where the disk is full or the folder read-only. Raises sqlite3.Error."""
    try:
        return _opened(path, patience)
    except sqlite3.OperationalError as fault:
        if write or is_busy(fault) or not _at_rest(path):
            raise
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def _opened(path: Path, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a decision that was acknowledged survives a power cut
        connection.executescript(DDL)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _at_rest(path: Path) -> bool:
    """Whether everything stands in the file itself: SQLite reads nothing beside it without files that it can write."""
    log = path.with_name(path.name + "-wal")
    return path.exists() and (not log.exists() or log.stat().st_size == 0)


def is_busy(fault: sqlite3.Error) -> bool:
    """Whether another program holds the file."""
    return "locked" in str(fault).lower() or "busy" in str(fault).lower()


def is_full(fault: sqlite3.Error) -> bool:
    """Whether the disk (or a quota) has no room."""
    return getattr(fault, "sqlite_errorname", "") in _NO_ROOM or "full" in str(fault).lower()
