"""The journal as the page sees it: read on as far as it has grown, what was taken back left out, and what follows for a group."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ..errors import StoreError
from ..i18n import Text
from ..io.journal import journal_path, open_journal, published_decisions
from ..io.journal_file import damaged
from .published import Published

PATIENCE = 0.5  # seconds that a page waits for the journal; then it shows what is known
TRY_AGAIN = 2.0  # seconds until a journal that could not be read is asked again: meanwhile no page waits
Standing = Literal["approved", "rejected", "split", "set_aside"]
_STANDING: dict[str, Standing] = {
    "must_link": "approved", "cannot_link": "rejected", "split": "split", "set_aside": "set_aside",
}  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """One line of the journal. `parts`: one but for a split; `batch`: what was decided together is taken back together."""

    sequence: int
    id: str
    level: str
    kind: str
    parts: tuple[tuple[str, ...], ...]
    by: str
    at: datetime
    note: str | None
    detail: dict[str, Any]

    @property
    def keys(self) -> set[str]:
        return {key for part in self.parts for key in part}

    @property
    def batch(self) -> str | None:
        value = self.detail.get("batch")
        return str(value) if value else None


@dataclass(frozen=True)
class Word:
    """Where a group stands by the latest decision on its records."""

    standing: Standing
    decision: Decision


class Ledger:
    """Everything said about one store, in memory; `refresh` before each page.

    fault: why the journal could not be read when it was last asked; `read_at`: when it could.
    """

    def __init__(self, store: Path) -> None:
        self.fault: StoreError | None = None
        self.read_at: datetime | None = None
        self._next_try = 0.0
        self._store = store
        self._lock = threading.RLock()
        self._version = 0
        self.decisions: list[Decision] = []
        self.retracted: dict[str, Decision] = {}
        self._by_id: dict[str, Decision] = {}
        self._speaking: dict[tuple[str, str], list[Decision]] = defaultdict(list)
        self._words: dict[int, Word] = {}
        self._run: str | None = None

    def refresh(self, published: Published, again: bool = False) -> int:
        """Read what was said since; returns the journal's version, which a form carries as `seen`.

        A journal that cannot be read is a `fault`, and what is known stays. again: ask also where it just could not be read.
        """
        with self._lock:
            new = self._read_on() if again or time.monotonic() >= self._next_try else []
            if published.run_id != self._run:
                self._run, self._words = published.run_id, {}
                new = self.decisions
            self._restate(published, new)
            return self._version

    def words(self) -> dict[int, Word]:
        """place → word, for every group of the run that a decision settles."""
        return self._words

    def known(self, decision_id: str | None) -> Decision | None:
        """A decision by its id."""
        return self._by_id.get(decision_id or "")

    def active(self, level: str, keys: Collection[str]) -> list[Decision]:
        """The decisions in force on any of these records, in the order in which they were said."""
        found = {d.sequence: d for key in keys for d in self._speaking.get((level, key), ())}
        return [d for _, d in sorted(found.items()) if d.id not in self.retracted]

    def last_of(self, who: str, within: float = 86_400) -> list[Decision]:
        """What somebody said last and has not taken back: one decision, or a batch. Empty where it was too long ago."""
        limit = datetime.now(UTC).replace(tzinfo=None)
        for decision in reversed(self.decisions):
            if decision.by == who and decision.kind != "retract" and decision.id not in self.retracted:
                return self.together(decision) if (limit - decision.at).total_seconds() < within else []
        return []

    def together(self, decision: Decision) -> list[Decision]:
        """The decision, or the whole batch that it belongs to, as far as it is in force."""
        if decision.batch is None:
            return [decision] if decision.id not in self.retracted else []
        return [d for d in self.decisions if d.batch == decision.batch and d.id not in self.retracted]

    def _read_on(self) -> list[Decision]:
        try:
            new = self._unread()
            self.fault, self.read_at = None, datetime.now(UTC).replace(tzinfo=None)
        except StoreError as fault:
            self.fault, self._next_try = fault, time.monotonic() + TRY_AGAIN
            new = [] if self.decisions else self._heard()
        for decision in new:
            self._note(decision)
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
                return [_decision(row) for row in journal.decisions(after=self._version).to_dicts()]
            except (ValueError, TypeError, KeyError, AttributeError, pl.exceptions.PolarsError):
                raise damaged(path) from None

    def _heard(self) -> list[Decision]:
        """What the store's runs have heard, for a page that never could read the journal."""
        try:
            return [_decision(row) for row in published_decisions(self._store).to_dicts()]
        except StoreError:
            return []

    def _note(self, decision: Decision) -> None:
        self._version = max(self._version, decision.sequence)
        self.decisions.append(decision)
        self._by_id[decision.id] = decision
        if decision.kind == "retract":
            self.retracted[str(decision.detail.get("decision_id"))] = decision
            return
        for key in decision.keys:
            self._speaking[decision.level, key].append(decision)

    def _restate(self, published: Published, new: Iterable[Decision]) -> None:
        """Where the groups stand that the new decisions speak of."""
        spoken: dict[str, set[str]] = defaultdict(set)
        for decision in new:
            meant = self._by_id.get(str(decision.detail.get("decision_id"))) if decision.kind == "retract" else None
            spoken[decision.level] |= decision.keys | (meant.keys if meant else set())
        words = dict(self._words)
        for level, keys in spoken.items():
            for place in published.places_of(level, sorted(keys)):
                members = set(published.members.of(place)["record_key"])
                word = self.word(level, members)
                words.pop(place, None)
                if word:
                    words[place] = word
        self._words = words

    def word(self, level: str, keys: set[str]) -> Word | None:
        """The latest decision that settles a group of these records: on all of them, or one that parts some of them."""
        for decision in reversed(self.active(level, keys)):
            if _settles(decision, keys):
                return Word(_STANDING[decision.kind], decision)
        return None


def _lost(path: Path) -> StoreError:
    what = Text(
        "决定日志 {p} 里的决定变少了：文件被删除、截断，或换成了旧的。",
        "The journal {p} holds fewer decisions than before: it was deleted, cut off, or replaced by an older one.",
    )
    advice = Text("请恢复备份，再重新启动 guiyi review。", "Restore a backup, then start guiyi review again.")
    return StoreError(what.format(p=path), advice, reason="store.damaged")


def _settles(decision: Decision, keys: set[str]) -> bool:
    if decision.kind == "must_link":
        return decision.keys >= keys  # a record that joined since was not spoken of
    if decision.kind == "cannot_link":
        return len(decision.keys & keys) > 1
    if decision.kind == "split":
        return sum(not keys.isdisjoint(part) for part in decision.parts) > 1
    return decision.kind == "set_aside"


def _decision(row: dict[str, Any]) -> Decision:
    keys = json.loads(row["record_keys"])
    parts = keys if row["kind"] == "split" else [keys]
    return Decision(
        row["sequence"], row["decision_id"], row["level"], row["kind"], tuple(tuple(p) for p in parts), row["by"],
        row["at"], row["note"], json.loads(row["detail"] or "{}"),
    )  # fmt: skip
