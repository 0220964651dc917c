"""The Excel round trip, back: a filled-in workbook becomes decisions in the journal, and every refusal is listed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...custom_columns import EXTRA, is_custom, unpacked
from ...errors import InputError
from ...i18n import Text
from ...io.read.whole_sheet import WholeSheet, read_whole
from ...io.store.applied import merges_left
from ...io.store.store import Store, open_store
from ...io.table.source_table import ReadOptions
from ...reports.workbook.words import CHOSEN_FIELDS, KEYS, TAKE, column_of, head_of, headings, is_choice
from .workbook_choices import BookRow, KnownGroup, Refusal, sayings_of
from .workbook_out import CUSTOM, FACTS_SHEET, FORM, check_code, seal_of
from .workbook_store import Stored, Wish, store_decisions

_KNOWN = """
SELECT g.group_id, g.action, r.* FROM main.duplicate_group g
JOIN main.entity_member m ON m.level = g.level AND m.entity_id = g.entity_id
JOIN main.record r USING (record_key)
WHERE g.level = ? AND g.group_id IN (SELECT unnest(?))
"""
_TIMES = ("created_at", "updated_at")


@dataclass(frozen=True)
class BookRead:
    """What came of a book: decisions stored now, stored by an earlier reading, groups without a word, and refusals.

    merged: the applied merges that its decisions leave as they are.
    """

    groups: int
    stored: Stored
    undecided: int
    removed: int  # groups of the book that no row is left of
    refused: tuple[Refusal, ...]
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Book:
    facts: Mapping[str, str]
    rows: Mapping[str, list[BookRow]]  # group id → its rows
    refused: list[Refusal]  # rows that belong to no group
    groups: int  # groups that at least one row is left of


def read_workbook(store: Path, source: Path, by: str | None = None) -> BookRead:
    """Take a book in: every good group is stored, every other one refused with sheet, row and reason.

    Reading a book again stores nothing twice. Raises InputError where the file is no such book or its headings or
    hidden page were changed, StoreError where store or journal cannot be used.
    """
    book = _open_book(source)
    level = book.facts["level"]
    with open_store(store) as opened:
        known = _known_groups(opened, level, list(book.rows))
    refused, wishes, undecided = list(book.refused), [], 0
    for group_id, rows in book.rows.items():
        sayings, faults = sayings_of(rows, known.get(group_id), level, book.facts["book"], by)
        refused += faults
        undecided += not sayings and not faults
        if sayings:
            wishes.append(Wish(rows[0], sayings))
    stored, conflicts = store_decisions(store, wishes, int(book.facts["seen"]), book.facts["book"])
    refused = sorted([*refused, *conflicts], key=lambda r: (r.sheet, r.row, r.reason))
    with open_store(store) as opened:
        merged = merges_left(opened, [(s.level, s.kind, s.record_keys) for wish in wishes for s in wish.decisions])
    removed = max(int(book.facts["groups"]) - book.groups, 0)
    return BookRead(book.groups, stored, undecided, removed, tuple(refused), tuple(merged))


def _known_groups(store: Store, level: str, wanted: list[str]) -> dict[str, KnownGroup]:
    records = unpacked(store.query(_KNOWN, [level, wanted]))
    fields = (*CHOSEN_FIELDS, *filter(is_custom, records.columns))
    records = records.with_columns(pl.col(f).dt.strftime("%Y-%m-%dT%H:%M:%S") for f in _TIMES)
    found: dict[str, tuple[str, dict[str, dict[str, str]]]] = {}
    for row in records.select("group_id", "action", "record_key", *fields).iter_rows(named=True):
        _, values = found.setdefault(row["group_id"], (row["action"], {}))
        values[row["record_key"]] = {f: row[f] for f in fields if row[f] is not None}
    return {group_id: KnownGroup(action, values) for group_id, (action, values) in found.items()}


def _open_book(source: Path) -> _Book:
    """The hidden page and the rows of every sheet that has the headings."""
    sheets = read_whole(source, ReadOptions(hidden=True))
    facts = _facts([sheet for sheet in sheets if sheet.name == FACTS_SHEET])
    found: dict[tuple[str, str], BookRow] = {}
    refused: list[Refusal] = []
    custom = [TAKE + EXTRA + header for name, header in facts.items() if name.startswith(CUSTOM)]
    names = headings(custom)
    headed = [(sheet, *head) for sheet in sheets if (head := _heading(sheet, names)) is not None]
    if not headed:
        raise _damaged(Text("找不到表头", "its headings are not there"))
    for sheet, first, columns in headed:
        _refuse_headings(columns, [*facts["columns"].split(","), *custom])
        for row in _rows(sheet, first, columns, facts["book"], refused):
            if (row.group_id, row.record_key) in found:
                refused.append(Refusal(row.sheet, row.row, row.group_id, "row.duplicated", _DUPLICATED))
            else:
                found[row.group_id, row.record_key] = row
    twice = {refusal.group_id for refusal in refused if refusal.reason == "row.duplicated"}
    rows: dict[str, list[BookRow]] = {}
    for row in found.values():
        if row.group_id not in twice:
            rows.setdefault(row.group_id, []).append(row)
    return _Book(facts, rows, refused, len({group_id for group_id, _ in found}))


_DUPLICATED = Text("这一行出现了两次，整组未保存", "this row is there twice; the group was not stored")
_NO_KEYS = Text("组编号、记录键或校验码为空", "group id, record key or check code is blank")
_KEYS_EDITED = Text(
    "组编号、记录键或校验码被改过，或来自另一个工作簿", "its keys were changed, or it comes from another workbook"
)


def _rows(
    sheet: WholeSheet, first: int, columns: Mapping[int, str], book: str, refused: list[Refusal]
) -> Iterator[BookRow]:
    """The rows below the heading whose keys are whole; of the others, a refusal."""
    name = sheet.name or ""
    for number, cells in sheet.rows.items():
        row = {columns[at]: text.strip() for at, text in cells.items() if at in columns and text.strip()}
        if number <= first or not row:
            continue
        group_id, record_key, check = (row.get(key, "") for key in KEYS)
        if not (group_id and record_key and check):
            refused.append(Refusal(name, number, None, "row.no_keys", _NO_KEYS))
        elif check != check_code(book, group_id, record_key):
            refused.append(Refusal(name, number, None, "row.keys_edited", _KEYS_EDITED))
        else:
            yield BookRow(name, number, group_id, record_key, row)


def _heading(sheet: WholeSheet, names: Mapping[str, str]) -> tuple[int, dict[int, str]] | None:
    """Row and columns of the heading: the first row with all three keys."""
    for number, cells in list(sheet.rows.items())[:50]:
        found = {at: name for at, text in cells.items() if (name := column_of(text, names)) is not None}
        if set(KEYS) <= set(found.values()):
            return number, found
    return None


def _refuse_headings(columns: Mapping[int, str], choices: Sequence[str]) -> None:
    """A choice whose column is gone, or there twice, would be lost without a word."""
    here = [name for name in columns.values() if is_choice(name) or name in KEYS]
    wanted = {*KEYS, *choices}
    wrong = sorted(wanted - set(here)) + sorted({name for name in here if here.count(name) > 1})
    if wrong:
        heading = head_of(wrong[0]).text
        raise _damaged(Text(f"「{heading.zh}」列不见了或有两列", f"column {heading.en} is gone or there twice"))


def _facts(sheets: Sequence[WholeSheet]) -> dict[str, str]:
    facts = {cells.get(0, ""): cells.get(1, "") for sheet in sheets for cells in sheet.rows.values()}
    if facts.get("form") != FORM:
        raise InputError(
            Text("这不是 guiyi workbook 写出的工作簿。", "This is no workbook written by guiyi workbook."),
            Text("请另存为 .xlsx，保留所有工作表。", "Save it as .xlsx with all its sheets."),
            reason="workbook.foreign",
        )
    if facts.get("seal") != seal_of(facts):
        raise _damaged(Text("隐藏的说明页被改过", "its hidden page was changed"))
    return facts


def _damaged(why: Text) -> InputError:
    return InputError(
        Text("工作簿已损坏：{w}，没有保存任何决定。", "The workbook is damaged: {w}. Nothing was stored.").format(
            w=why
        ),
        Text("请改回原样，或重新导出。", "Put it back, or write a new one."),
        reason="workbook.damaged",
    )
