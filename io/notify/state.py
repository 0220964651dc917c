"""What was told to whom, and when: a small SQLite file beside the store, so that nobody hears the same thing all night."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from ...errors import StoreError
from ...i18n import Text

_DDL = "CREATE TABLE IF NOT EXISTS told (alarm TEXT, channel TEXT, at TEXT, PRIMARY KEY (alarm, channel)) WITHOUT ROWID"


class AlarmState:
    """Open memory of alarms. Made by `open_alarm_state`, which closes it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def due(self, alarm: str, channel: str, hours: float, now: datetime) -> bool:
        """Whether this channel has not been told of this alarm in the last hours."""
        row = self._connection.execute(
            "SELECT at FROM told WHERE alarm = ? AND channel = ?", [alarm, channel]
        ).fetchone()
        return row is None or datetime.fromisoformat(row[0]) + timedelta(hours=hours) <= now

    def claim(self, alarm: str, channel: str, hours: float, now: datetime) -> bool:
        """Take on the telling, where it is due: of two processes at once, one gets it."""
        self._connection.execute("BEGIN IMMEDIATE")
        due = self.due(alarm, channel, hours, now)
        if due:
            self._connection.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", [alarm, channel, now.isoformat()])
        self._connection.execute("COMMIT")
        return due

    def release(self, alarm: str, channel: str) -> None:
        """It could not be told after all: the next run tries again."""
        self._connection.execute("DELETE FROM told WHERE alarm = ? AND channel = ?", [alarm, channel])


@contextmanager
def open_alarm_state(store: Path) -> Iterator[AlarmState]:
    """The memory beside a store, made when it is not there. Raises StoreError where it cannot be written or is damaged."""
    path, mask = store.with_name(store.name + ".alarms"), os.umask(0o077)
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        connection.execute(_DDL)
        yield AlarmState(connection)
    except sqlite3.Error:
        what = Text("告警记录 {p} 无法读写", "the memory of alarms {p} cannot be read or written").format(p=path)
        raise StoreError(what, reason="store.unwritable") from None
    finally:
        os.umask(mask)
        if connection is not None:
            connection.close()
