"""A book's decisions into the journal: each once, none over somebody else's later word."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ...decisions import KINDS, Decision, DecisionLog
from ...i18n import Text
from ...io.store.journal import ConflictError, Journal, open_journal
from .workbook_choices import BookRow, Refusal

_DECIDED = Text(
    "{b} 已于 {a} 对这些记录做出决定（{k}），请重新导出后再决定",
    "{b} decided on these records at {a} ({k}); write a new book, then decide",
)
_ATTEMPTS = 20


class Wish(NamedTuple):
    """The decisions of one group, and the row they are refused at."""

    row: BookRow
    decisions: Sequence[Decision]


class Stored(NamedTuple):
    """Groups and decisions that are now in the journal, and those that an earlier reading had put there."""

    groups: int
    decisions: int
    groups_before: int
    decisions_before: int


def store_decisions(store: Path, wishes: Sequence[Wish], seen: int, book: str) -> tuple[Stored, list[Refusal]]:
    """Store what is new, all at once; refuse groups that somebody decided on since `seen`, the book's writing.

    What this book has said before is not said again; a group may get further decisions from it, but no other ones.
    """
    if not wishes:
        return Stored(0, 0, 0, 0), []
    with open_journal(store) as journal:
        for _ in range(_ATTEMPTS):
            version = journal.version()
            sorted_out = _sort_out(journal, wishes, seen, book)
            try:
                journal.append(sorted_out.new, version)
            except ConflictError:  # somebody spoke between the look and the word: look again
                continue
            return sorted_out.stored, sorted_out.refused
    raise AssertionError("the journal never held still")


class _Sorted(NamedTuple):
    new: list[Decision]
    stored: Stored
    refused: list[Refusal]


def _sort_out(journal: Journal, wishes: Sequence[Wish], seen: int, book: str) -> _Sorted:
    later = _later(DecisionLog.of(journal.decisions()), seen)
    new: list[Decision] = []
    refused: list[Refusal] = []
    counts = [0, 0, 0, 0]
    for row, wanted in wishes:
        contents = {decision.content: decision for decision in wanted}
        level = wanted[0].level
        told = {d.sequence: d for one in wanted for key in one.keys for d in later.get((level, key), ())}
        own = {d.content for d in told.values() if d.detail.get("book") == book}
        others = [n for n, d in told.items() if d.detail.get("book") != book or d.content not in contents]
        if others:
            last = told[max(others, key=int)]  # type: ignore[arg-type]
            message = _DECIDED.format(b=last.by, a=f"{last.at:%Y-%m-%d %H:%M}", k=KINDS[last.kind].name)
            refused.append(Refusal(row.sheet, row.row, row.group_id, "decision.conflict", message))
            continue
        fresh = [decision for content, decision in contents.items() if content not in own]
        new += fresh
        counts[0 if fresh else 2] += 1
        counts[1] += len(fresh)
        counts[3] += len(wanted) - len(fresh)
    return _Sorted(new, Stored(*counts), refused)


def _later(log: DecisionLog, seen: int) -> dict[tuple[str, str], list[Decision]]:
    """(level, record key) → what was decided on it since; a retract speaks of the records of what it takes back."""
    found: dict[tuple[str, str], list[Decision]] = {}
    for decision in log.decisions:
        for key in log.meant(decision) if (decision.sequence or 0) > seen else ():
            found.setdefault((decision.level, key), []).append(decision)
    return found
