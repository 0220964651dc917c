"""The journal as the page sees it: read on as far as it has grown, what was taken back left out, and what follows for a group."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ..decisions import Decision, DecisionLog, Status, decision_of
from ..errors import StoreError
from ..i18n import Text
from ..io.store.journal import journal_path, open_journal, published_decisions
from ..io.store.journal_file import damaged
from .published import Published

PATIENCE = 0.5  # seconds that a page waits for the journal; then it shows what is known
TRY_AGAIN = 2.0  # seconds until a journal that could not be read is asked again: meanwhile no page waits


class Ledger(DecisionLog):
    """Everything said about one store, in memory; `refresh` before each page.

    fault: why the journal could not be read when it was last asked; `read_at`: when it could.
    """

    def __init__(self, store: Path) -> None:
        super().__init__()
        self.fault: StoreError | None = None
        self.read_at: datetime | None = None
        self._next_try = 0.0
        self._store = store
        self._lock = threading.RLock()
        self._version = 0
        self._settled: dict[int, Status] = {}
        self._run: str | None = None

    def refresh(self, published: Published, again: bool = False) -> int:
        """Read what was said since; returns the journal's version, which a form carries as `seen`.

        A journal that cannot be read is a `fault`, and what is known stays. again: ask also where it just could not be read.
        """
        with self._lock:
            new = self._read_on() if again or time.monotonic() >= self._next_try else []
            if published.run_id != self._run:
                self._run, self._settled, self.contradicted = published.run_id, {}, published.contradicted
                new = self.decisions
            self._restate(published, new)
            return self._version

    def settled(self) -> dict[int, Status]:
        """place → status, for every group of the run that is not open."""
        return self._settled

    def _read_on(self) -> list[Decision]:
        try:
            new = self._unread()
            self.fault, self.read_at = None, datetime.now(UTC).replace(tzinfo=None)
        except StoreError as fault:
            self.fault, self._next_try = fault, time.monotonic() + TRY_AGAIN
            new = [] if self.decisions else self._heard()
        for decision in new:
            self._version = max(self._version, decision.sequence or 0)
            self.add(decision)
        return new

    def _unread(self) -> list[Decision]:
        """What the journal holds beyond what is known. Raises StoreError, also where it holds less than that."""
        path = journal_path(self._store)
        if not path.exists() and not self._version:
            return []
        if not path.exists():
            raise _lost(path)
        with open_journal(self._store, write=False, patience=PATIENCE) as journal:
            version = journal.version()
            if version < self._version:
                raise _lost(path)
            if version == self._version:
                return []
            try:
                return [decision_of(row) for row in journal.decisions(after=self._version).to_dicts()]
            except (ValueError, TypeError, KeyError, AttributeError, pl.exceptions.PolarsError):
                raise damaged(path) from None

    def _heard(self) -> list[Decision]:
        """What the store's runs have heard, for a page that never could read the journal."""
        try:
            return [decision_of(row) for row in published_decisions(self._store).to_dicts()]
        except StoreError:
            return []

    def _restate(self, published: Published, new: Iterable[Decision]) -> None:
        """The status of the groups that the new decisions speak of."""
        spoken: dict[str, set[str]] = defaultdict(set)
        for decision in new:
            spoken[decision.level] |= self.meant(decision)
        settled = dict(self._settled)
        for level, keys in spoken.items():
            for place in published.places_of(level, sorted(keys)):
                status = self.status(level, set(published.members.of(place)["record_key"]))
                settled.pop(place, None)
                if status.decision:
                    settled[place] = status
        self._settled = settled


def _lost(path: Path) -> StoreError:
    what = Text(
        "决定日志 {p} 里的决定变少了：文件被删除、截断，或换成了旧的。",
        "The journal {p} holds fewer decisions than before: it was deleted, cut off, or replaced by an older one.",
    )
    advice = Text("请恢复备份，再重新启动 guiyi review。", "Restore a backup, then start guiyi review again.")
    return StoreError(what.format(p=path), advice, reason="store.damaged")
