"""What a steward filled in, as decisions: pure, one group at a time, and a reason for every group that is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ...decisions import Decision
from ...i18n import Text
from ...reports.workbook.words import CHOICES, TAKE, choice_of, head_of, is_choice


class BookRow(NamedTuple):
    """A row of the book: where it stands, its keys, and the texts of its columns by name (blank ones left out)."""

    sheet: str
    row: int
    group_id: str
    record_key: str
    cells: Mapping[str, str]


class Refusal(NamedTuple):
    """Why a row, or a group, was not taken. It never quotes a cell."""

    sheet: str
    row: int
    group_id: str | None
    reason: str
    message: Text


@dataclass(frozen=True)
class KnownGroup:
    """A group of the store: what it does, and the golden values that each of its records could give."""

    action: str
    values: Mapping[str, Mapping[str, str]]  # record key → field → value, fields without a value left out


@dataclass
class _Filled:
    """The choices of one group: verdict, and for every mark the row it stands in."""

    verdict: str = ""
    marks: dict[str, BookRow] = field(default_factory=dict)
    excluded: dict[str, BookRow] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    faults: list[Refusal] = field(default_factory=list)


_MISSING = Text(
    "这一组少了 {n} 行（被删除或编号被改）", "{n} rows of this group are missing (deleted, or their keys changed)"
)
_CHANGED = Text(
    "这一组已不存在：上次运行后成员有变化，请重新导出",
    "this group is no more: its members changed since; write a new book",
)
_UNKNOWN = Text("「{c}」列的内容不是可选项", "column {c} holds what is not one of its choices")
_TWO_VERDICTS = Text("同一组里的「决定」互相矛盾", "the decisions of this group contradict each other")
_TWO_MARKS = Text("同一组里「{c}」选了不止一行", "{c} is chosen in more than one row of this group")
_ALL_OUT = Text("排除后剩下不到两条记录", "fewer than two records are left after the exclusions")
_NO_MERGE = Text("决定为不合并，却又选了「{c}」", "the decision is not to merge, yet {c} is chosen")
_OUT_CHOSEN = Text("「{c}」选在了被排除的行上", "{c} is chosen in a row that is excluded")
_NOTHING = Text("「{c}」选在了没有值的行上", "{c} is chosen in a row that holds no value")
_LINKED = Text("这一组只做关联，不能选「{c}」", "this group is only linked: {c} cannot be chosen")


def sayings_of(
    rows: Sequence[BookRow], known: KnownGroup | None, level: str, book: str, by: str | None
) -> tuple[list[Decision], list[Refusal]]:
    """The decisions of one group's rows, or why there are none. No choice in a whole group: neither."""
    filled = _filled(rows)
    touched = bool(filled.verdict or filled.marks or filled.excluded or filled.faults)
    if known is None:
        return [], [_refusal(rows[0], "group.changed", _CHANGED)] if touched else []
    missing = known.values.keys() - {row.record_key for row in rows}
    faults = [*filled.faults, *_contradictions(filled, known)]
    if missing:
        faults.append(_refusal(rows[0], "group.rows_missing", _MISSING.format(n=len(missing))))
    return ([], faults) if faults else (_sayings(filled, known, level, book, by), [])


def _filled(rows: Sequence[BookRow]) -> _Filled:
    filled = _Filled()
    for row in rows:
        for column in (*CHOICES, *(c for c in row.cells if is_choice(c) and c not in CHOICES)):
            text = row.cells.get(column, "").strip()
            if column == "note":
                filled.notes += [text] if text and text not in filled.notes else []
            elif (choice := choice_of(column, text)) is None:
                filled.faults.append(_refusal(row, "choice.unknown", _named(_UNKNOWN, column)))
            elif choice:
                _note_choice(filled, row, column, choice)
    return filled


def _note_choice(filled: _Filled, row: BookRow, column: str, choice: str) -> None:
    if column == "exclude":
        filled.excluded[row.record_key] = row
    elif column == "verdict":
        if filled.verdict not in ("", choice):
            filled.faults.append(_refusal(row, "choice.contradiction", _TWO_VERDICTS))
        filled.verdict = choice
    elif column in filled.marks:
        filled.faults.append(_refusal(row, "choice.contradiction", _named(_TWO_MARKS, column)))
    else:
        filled.marks[column] = row


def _contradictions(filled: _Filled, known: KnownGroup) -> list[Refusal]:
    """Choices that cannot hold together, each at the row it stands in."""
    found = []
    for column, row in filled.marks.items():
        if filled.verdict == "no":
            found.append(_refusal(row, "choice.contradiction", _named(_NO_MERGE, column)))
        if known.action == "link":
            found.append(_refusal(row, "choice.contradiction", _named(_LINKED, column)))
        elif column.startswith(TAKE) and column.removeprefix(TAKE) not in known.values.get(row.record_key, {}):
            found.append(_refusal(row, "choice.no_value", _named(_NOTHING, column)))
        if row.record_key in filled.excluded:
            found.append(_refusal(row, "choice.contradiction", _named(_OUT_CHOSEN, column)))
    return found + _excluded_faults(filled, known)


def _excluded_faults(filled: _Filled, known: KnownGroup) -> list[Refusal]:
    """Exclusions against the decision, or of so many that nothing is left to decide on."""
    if not filled.excluded:
        return []
    row, left = next(iter(filled.excluded.values())), len(known.values.keys() - filled.excluded.keys())
    if filled.verdict == "no":
        return [_refusal(row, "choice.contradiction", _named(_NO_MERGE, "exclude"))]
    least = 2 if filled.verdict == "yes" or filled.marks else 1
    return [_refusal(row, "choice.contradiction", _ALL_OUT)] if left < least else []


def _sayings(filled: _Filled, known: KnownGroup, level: str, book: str, by: str | None) -> list[Decision]:
    """Consistent choices as decisions. Excluded records differ from the others; of each other nothing is said."""
    everyone = sorted(known.values)
    left = [key for key in everyone if key not in filled.excluded]
    note = "；".join(filled.notes) or None

    def saying(kind: str, parts: list[list[str]], **detail: str) -> Decision:
        return Decision(level, kind, parts, note, {**detail, "book": book}, by)

    said = []
    if filled.verdict in ("yes", "no"):
        said.append(saying("must_link" if filled.verdict == "yes" else "cannot_link", [left]))
    if filled.excluded:
        said.append(saying("split", [sorted(filled.excluded), left]))
    if keeper := filled.marks.get("survivor"):
        said.append(saying("choose_survivor", [left], record_key=keeper.record_key))
    order = {column: place for place, column in enumerate(CHOICES)}
    for column in sorted(filled.marks, key=lambda c: (order.get(c, len(order)), c)):
        if column.startswith(TAKE):
            row, name = filled.marks[column], column.removeprefix(TAKE)
            value = known.values[row.record_key][name]
            said.append(saying("choose_value", [left], field=name, value=value, record_key=row.record_key))
    return said


def _refusal(row: BookRow, reason: str, message: Text) -> Refusal:
    return Refusal(row.sheet, row.row, row.group_id, reason, message)


def _named(message: Text, column: str) -> Text:
    heading = head_of(column).text
    return Text(message.zh.format(c=heading.zh), message.en.format(c=heading.en))
