"""How the journal's SQLite file is opened: to write, to read beside writers, and to read where nothing can be written;
and what its faults mean."""

import sqlite3
from pathlib import Path

from ...errors import StoreError
from ...i18n import Text
from ...log import tell

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
        if write or _is_busy(fault) or not _at_rest(path):
            raise
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def _opened(path: Path, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        _choose_journal_mode(connection, path)
        connection.execute("PRAGMA synchronous = FULL")  # a decision that was acknowledged survives a power cut
        connection.executescript(DDL)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _choose_journal_mode(connection: sqlite3.Connection, path: Path) -> None:
    """WAL, where many read while one writes; DELETE where the file system cannot share its memory, as network shares cannot."""
    try:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    except sqlite3.OperationalError as fault:
        if "locked" in str(fault).lower() or "busy" in str(fault).lower():
            raise
        mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    if mode != "wal":
        what = Text(
            "警告：{p} 所在的磁盘（多半是网络共享）不支持 WAL，决定改用较慢的方式保存；请尽量把数据库放在本机磁盘。",
            "Warning: the disk of {p}, likely a network share, refuses WAL: decisions are stored the slow way; "
            "better keep the store on a local disk.",
        )
        tell("journal", what.format(p=path), "warning")


def _at_rest(path: Path) -> bool:
    """Whether everything stands in the file itself: SQLite reads nothing beside it without files that it can write."""
    log = path.with_name(path.name + "-wal")
    return path.exists() and (not log.exists() or log.stat().st_size == 0)


def _is_busy(fault: sqlite3.Error) -> bool:
    """Whether another program holds the file."""
    return "locked" in str(fault).lower() or "busy" in str(fault).lower()


def _is_full(fault: sqlite3.Error) -> bool:
    """Whether the disk (or a quota) has no room."""
    return getattr(fault, "sqlite_errorname", "") in _NO_ROOM or "full" in str(fault).lower()


def damaged(path: Path) -> StoreError:
    """The fault of a journal that holds what it cannot."""
    what = Text("决定日志 {p} 已损坏。", "The journal of decisions {p} is damaged.")
    advice = Text(
        "请恢复备份；已发布的决定仍在数据库的 decision 表中。",
        "Restore a backup; published decisions are in the table decision.",
    )
    return StoreError(what.format(p=path), advice, reason="store.damaged")


def translated(fault: sqlite3.Error, path: Path, write: bool) -> StoreError:
    """What a fault of SQLite means for the user. write: something was to be stored, and is not."""
    text = str(fault).lower()
    end = Text("决定没有保存", "nothing was stored") if write else Text("读不到决定", "no decision can be read")
    if _is_busy(fault):
        what, advice = Text("{p} 正被另一个程序占用，{e}。", "{p} is held by another program; {e}."), _LATER
        return StoreError(_ended(what, path, end), advice, reason="store.busy")
    if _is_full(fault):
        what = Text("{p} 所在的磁盘空间不足，{e}。", "The disk of {p} is full; {e}.")
        return StoreError(_ended(what, path, end), _ROOM, reason="store.full")
    if "malformed" in text or "not a database" in text or "no such table" in text or "decode" in text:
        return damaged(path)
    if isinstance(fault, sqlite3.IntegrityError):
        what = Text("同一编号的决定出现了两次，决定没有保存。", "A decision's id came twice; nothing was stored.")
        return StoreError(what, reason="decision.twice")
    what = Text("无法读写决定日志 {p}，{e}。", "The journal of decisions {p} cannot be read or written; {e}.")
    advice = Text("请检查路径和写权限。", "Check path and permission.")
    return StoreError(_ended(what, path, end), advice, reason="store.unwritable")


def _ended(what: Text, path: Path, end: Text) -> Text:
    return Text(what.zh.format(p=path, e=end.zh), what.en.format(p=path, e=end.en))


_LATER = Text("请稍后再试。", "Try again in a moment.")
_ROOM = Text("请清理空间后重试。", "Free some space and try again.")
