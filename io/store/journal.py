"""The stewards' journal: what was decided, appended by many at once, read by the next run.

DuckDB lets one process in at a time; decisions must never wait for the nightly job. So they are first written to a
small SQLite file in WAL mode beside the store (`<store>.decisions`), which only ever grows: a decision is taken back
by a `retract`, not by deleting it. The next run copies the journal into the store's table `decision`; where a store comes
without its journal, a new one takes up from that table. Who looked at personal data is noted here too, for `audit_event`.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ...decisions import Decision, decision_of
from ...errors import StoreError
from ...i18n import Text
from ...schemas import AUDIT_EVENT, DECISION, Table
from ..user import current_user
from .journal_file import connect, translated
from .path import refuse_missing

PATIENCE = 10.0  # seconds to wait for another writer
_COLUMNS = 'sequence, decision_id, level, kind, record_keys, "by", "at", note, detail'


class ConflictError(StoreError):
    """Somebody else has decided on the same records since the caller looked; carries who, when, what, and one of them."""

    def __init__(self, by: str, at: str, kind: str, level: str, record_key: str) -> None:
        self.by, self.at, self.kind, self.level, self.record_key = by, at, kind, level, record_key
        super().__init__(
            Text(
                "{b} 已于 {a} 对这些记录做出决定（{k}），你的决定没有保存。",
                "{b} decided on these records at {a} ({k}); your decision was not stored.",
            ).format(b=by, a=at, k=kind),
            Text("请刷新后再决定。", "Look again, then decide."),
            reason="decision.conflict",
        )


class Journal:
    """An open journal. Made by `open_journal`, which closes it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def version(self) -> int:
        """The number of the newest decision, 0 for none: what a reader remembers to detect conflicts."""
        return int(self._connection.execute("SELECT coalesce(max(sequence), 0) FROM decision").fetchone()[0])

    def append(self, decisions: Sequence[Decision], seen: int | None = None) -> list[str]:
        """Append decisions, all or none, and return their ids.

        seen: `version()` when the caller last looked. Raises ConflictError where a later decision speaks of one of the
        records at the same level, and ValueError for a kind, level or shape that does not exist.
        """
        for decision in decisions:
            decision.check()
        with self._transaction():
            if seen is not None:
                for decision in decisions:  # all before the first is stored: several may speak of the same records
                    self._refuse_conflict(decision, seen)
            return [self._insert(decision, None) for decision in decisions]

    def take(self, decisions: pl.DataFrame) -> int:
        """Append decisions of table `decision` (an exported file, another store's) that are not here yet; how many."""
        with self._transaction():
            known = {row[0] for row in self._connection.execute("SELECT decision_id FROM decision")}
            new = [
                row
                for row in decisions.sort("sequence", maintain_order=True).to_dicts()
                if row["decision_id"] not in known
            ]
            for row in new:
                self._insert(decision_of(row), None)
        return len(new)

    def begin(self, taken: pl.DataFrame) -> None:
        """A journal that is not the one its store knows goes on where the store left off: the later word has the higher number.

        taken: table `decision` of the store. An empty journal takes it over, each decision with its number; of one that
        speaks already only the next number is raised.
        """
        with self._transaction():
            if not self.version():
                last = 0
                for row in taken.sort("sequence", "decision_id").to_dicts():
                    last = max(int(row["sequence"]), last + 1)  # two journals may have counted alike
                    self._insert(decision_of(row), last)
            highest = taken["sequence"].max() or 0
            self._connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'decision'", [highest])
            self._connection.execute("PRAGMA user_version = 1")

    def has_begun(self) -> bool:
        """Whether `begin` was called on it, once and for all."""
        return bool(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def decisions(self, after: int = 0) -> pl.DataFrame:
        """Everything said, in order, retracted or not, as the table `decision`; only what is newer than a version."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM decision WHERE sequence > ? ORDER BY sequence", [after]
        ).fetchall()
        names = ("sequence", "decision_id", "level", "kind", "record_keys", "by", "at", "note", "detail")
        frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"sequence": pl.Int64}, orient="row")
        return _with_times(DECISION, frame)

    def audit(self, action: str, detail: Mapping[str, object]) -> None:
        """Note who did what, now; `detail` holds no personal data."""
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        row = [now, current_user(), action, json.dumps(dict(detail), ensure_ascii=False)]
        with self._transaction():
            self._connection.execute('INSERT INTO audit_event ("at", "by", action, detail) VALUES (?,?,?,?)', row)

    def audits(self) -> pl.DataFrame:
        """Everything noted, in order, as the table `audit_event`."""
        rows = self._connection.execute(
            'SELECT "at", "by", action, detail FROM audit_event ORDER BY sequence'
        ).fetchall()
        return _with_times(
            AUDIT_EVENT, pl.DataFrame(rows, schema=dict.fromkeys(AUDIT_EVENT.names, pl.String), orient="row")
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _refuse_conflict(self, decision: Decision, seen: int) -> None:
        found = self._connection.execute(
            'SELECT d."by", d."at", d.kind, s.level, s.record_key FROM spoken_of s JOIN decision d USING (sequence)'
            " WHERE s.level = ? AND s.sequence > ? AND s.record_key IN (SELECT value FROM json_each(?))"
            " ORDER BY sequence DESC LIMIT 1", [decision.level, seen, json.dumps(sorted(decision.keys))],
        ).fetchone()  # fmt: skip
        if found:
            raise ConflictError(*found)

    def _insert(self, decision: Decision, sequence: int | None) -> str:
        at = (decision.at or datetime.now(UTC).replace(tzinfo=None)).isoformat(timespec="microseconds")
        by, (kind, record_keys, detail) = decision.by or current_user(), decision.content
        decision_id = decision.decision_id
        if decision_id is None:
            seal = f"{decision.level}/{kind}/{record_keys}/{by}/{at}/{detail}/{self.version()}"
            decision_id = "d" + hashlib.blake2b(seal.encode(), digest_size=8).hexdigest()
        row = [sequence, decision_id, decision.level, kind, record_keys, by, at, decision.note, detail]
        number = self._connection.execute(
            f"INSERT INTO decision ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", row
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO spoken_of VALUES (?, ?, ?)", [(key, decision.level, number) for key in sorted(decision.keys)]
        )
        return decision_id


def _with_times(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of the journal as a table of the store: times are text here."""
    return table.conform(frame.with_columns(pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us")))


def journal_path(store: Path) -> Path:
    """Where the journal of a store lies."""
    return store.with_name(store.name + ".decisions")


@contextmanager
def open_journal(store: Path, *, write: bool = True, patience: float = PATIENCE) -> Iterator[Journal]:
    """The journal beside a store, made when it is not there. Raises StoreError where it cannot be written or is damaged.

    Raises MissingStoreError where something is to be said about a store that is not there; nothing is made then.
    write: a journal that has not begun takes up from the store, which its caller must not hold open for writing.
    patience: seconds to wait for another writer.
    """
    if write:
        refuse_missing(store)  # moved away: what is said here would never be heard
    path, mask = journal_path(store), os.umask(0o077)
    connection = None
    try:
        connection = connect(path, write, patience)
        journal = Journal(connection)
        if write and not journal.has_begun():
            journal.begin(published_decisions(store))
        yield journal
    except sqlite3.Error as fault:
        raise translated(fault, path, write) from None
    finally:
        os.umask(mask)
        if connection is not None:
            connection.close()


def copy_journal(store: Path, copy: Path) -> None:
    """The journal of a store for a copy of that store, as it is now. Raises StoreError."""
    path = journal_path(store)
    try:
        with (
            closing(sqlite3.connect(path, timeout=PATIENCE)) as own,
            closing(sqlite3.connect(journal_path(copy))) as new,
        ):
            own.backup(new)
    except sqlite3.Error as fault:
        raise translated(fault, path, True) from None


def decisions_of(store: Path) -> pl.DataFrame:
    """Everything in the journal of a store; an empty table where there is none (and none is made)."""
    if not journal_path(store).exists():
        return DECISION.empty()
    with open_journal(store, write=False) as journal:
        return journal.decisions()


def audits_of(store: Path) -> pl.DataFrame:
    """Everything noted in the journal of a store, as `audit_event`; an empty table where there is none (and none is made)."""
    if not journal_path(store).exists():
        return AUDIT_EVENT.empty()
    with open_journal(store, write=False) as journal:
        return journal.audits()


def published_decisions(store: Path) -> pl.DataFrame:
    """Table `decision` of a store: what its runs have heard. Raises StoreError."""
    from .store import open_store

    with open_store(store) as opened:
        return opened.table("decision")
