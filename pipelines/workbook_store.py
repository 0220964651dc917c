"""A book's decisions into the journal: each once, none over somebody else's later word."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ..dedup.decisions import keys_of
from ..i18n import Text
from ..io.journal import ConflictError, Journal, Saying, open_journal
from .workbook_choices import BookRow, Refusal

_DECIDED = Text(
    "{b} 已于 {a} 对这些记录做出决定（{k}），请重新导出后再决定",
    "{b} decided on these records at {a} ({k}); write a new book, then decide",
)
_ATTEMPTS = 20


class Wish(NamedTuple):
    """The decisions of one group, and the row they are refused at."""

    row: BookRow
    sayings: Sequence[Saying]


class Stored(NamedTuple):
    """Groups and decisions that are now in the journal, and those that an earlier reading had put there."""

    groups: int
    decisions: int
    groups_before: int
    decisions_before: int


class _Said(NamedTuple):
    sequence: int
    by: str
    at: str
    kind: str
    mine: str | None  # the content, where it is this book's


def store_sayings(store: Path, wishes: Sequence[Wish], seen: int, book: str) -> tuple[Stored, list[Refusal]]:
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
                journal.say(sorted_out.new, version)
            except ConflictError:  # somebody spoke between the look and the word: look again
                continue
            return sorted_out.stored, sorted_out.refused
    raise AssertionError("the journal never held still")


class _Sorted(NamedTuple):
    new: list[Saying]
    stored: Stored
    refused: list[Refusal]


def _sort_out(journal: Journal, wishes: Sequence[Wish], seen: int, book: str) -> _Sorted:
    later = _later(journal.decisions(), seen, book)
    new: list[Saying] = []
    refused: list[Refusal] = []
    counts = [0, 0, 0, 0]
    for row, sayings in wishes:
        wanted = {_content(s.kind, s.record_keys(), s.detail): s for s in sayings}
        level = sayings[0].level
        said = {one for s in sayings for key in s.spoken_of() for one in later.get((level, key), ())}
        others = [one for one in said if one.mine not in wanted]
        if others:
            last = max(others)
            message = _DECIDED.format(b=last.by, a=last.at, k=last.kind)
            refused.append(Refusal(row.sheet, row.row, row.group_id, "decision.conflict", message))
            continue
        known = {one.mine for one in said}
        fresh = [s for content, s in wanted.items() if content not in known]
        new += fresh
        place = 0 if fresh else 2
        counts[place] += 1
        counts[1] += len(fresh)
        counts[3] += len(sayings) - len(fresh)
    return _Sorted(new, Stored(*counts), refused)


def _later(decisions: pl.DataFrame, seen: int, book: str) -> dict[tuple[str, str], list[_Said]]:
    """(level, record key) → what was said of it since; a retract speaks of the records of what it takes back."""
    found: dict[tuple[str, str], list[_Said]] = {}
    spoken = dict(decisions.select("decision_id", "record_keys").iter_rows())
    for row in decisions.filter(pl.col("sequence") > seen).iter_rows(named=True):
        detail = json.loads(row["detail"] or "{}")
        keys = keys_of(spoken.get(detail.get("decision_id"), row["record_keys"]))
        mine = _content(row["kind"], row["record_keys"], detail) if detail.get("book") == book else None
        said = _Said(row["sequence"], row["by"], f"{row['at']:%Y-%m-%d %H:%M}", row["kind"], mine)
        for key in keys:
            found.setdefault((row["level"], key), []).append(said)
    return found


def _content(kind: str, record_keys: str, detail: object) -> str:
    return f"{kind}/{record_keys}/{json.dumps(detail, ensure_ascii=False, sort_keys=True)}"
