"""The Excel round trip, out: groups of the last run as a workbook that stewards fill in."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ...custom_columns import header_of, is_custom, unpacked
from ...decisions import KINDS, DecisionLog
from ...errors import UsageError
from ...i18n import Language, Text
from ...io.store.journal import decisions_of
from ...io.store.store import Store, open_store
from ...io.write.export import write_file
from ...io.write.form_workbook import Extras, Form, form_workbook
from ...reports.quality.measure import evidence_off
from ...reports.workbook.sheets import FORMATS, FROZEN, BookSheet, book_sheet
from ...reports.workbook.words import CHOICES, INSTRUCTIONS, TAKE, say
from ..audit import because

FACTS_SHEET = "guiyi"
FORM = "guiyi-workbook-1"
CUSTOM = "custom."  # of the hidden page: the headers of custom columns that can be chosen from

_GROUPS = """
SELECT level, group_id, entity_id, action, band, score_min, CAST(weakest_link AS VARCHAR) AS weakest_link
FROM main.duplicate_group WHERE level = ? AND (? IS NULL OR band = ?) ORDER BY score_min, size DESC, group_id
"""
_MEMBERS = """
SELECT m.entity_id, r.* FROM main.entity_member m JOIN main.record r USING (record_key)
WHERE m.level = ? AND m.entity_id IN (SELECT unnest(?))
"""
_PLAN = "SELECT group_id, survivor_record_key FROM main.merge_plan WHERE group_id IN (SELECT unnest(?))"
_GOLDEN = """
SELECT entity_id, record_key, list(field ORDER BY field) AS golden FROM main.golden_value
WHERE entity_id IN (SELECT unnest(?)) GROUP BY ALL
"""


class BookRequest(NamedTuple):
    """Which groups go into a book, and how. open_only: only groups that nobody has decided on. reason: why it is unmasked."""

    level: str = "contact"
    band: str | None = None
    limit: int = 1000
    language: Language = "zh"
    unmask: bool = False
    open_only: bool = False
    reason: str | None = None


class Written(NamedTuple):
    """How many groups and records a book holds."""

    groups: int
    rows: int


def write_workbook(store: Path, target: Path, request: BookRequest) -> Written:
    """Write the book. Raises UsageError where there is no such group, StoreError where store or file cannot be used."""
    said = decisions_of(store)  # before the store: what is said later is a conflict, never missed
    seen = int(str(said["sequence"].max() or 0))
    with open_store(store, write=request.unmask) as opened:
        run = opened.last_run() or {}
        off = evidence_off(opened.query)
        members = members_of(opened, request, DecisionLog.of(said, opened.table("decision_status")))
        if request.unmask:
            opened.audit("unmask", {"command": "workbook", "level": request.level, "rows": members.height,
                                    **because(request.reason)})  # fmt: skip
    if members.is_empty():
        raise UsageError(Text("没有符合条件的重复组。", "There is no such duplicate group."), reason="workbook.empty")
    book = _book_id(run, request.level, seen, members)
    codes = [check_code(book, *keys) for keys in members.select("group_id", "record_key").iter_rows()]
    sheet = book_sheet(members.with_columns(check=pl.Series(codes)), request.language, request.unmask, off)
    facts = _facts(run, request.level, seen, book, sheet)
    write_file(target, _as_workbook(sheet, facts, request.language, run.get("finished_at")))
    return Written(members["group_id"].n_unique(), members.height)


def members_of(store: Store, request: BookRequest, log: DecisionLog) -> pl.DataFrame:
    """The records of the groups, as `book_sheet` wants them; the least certain group first, its survivor first."""
    groups = store.query(_GROUPS, [request.level, request.band, request.band])
    members = store.query(_MEMBERS, [request.level, groups["entity_id"].to_list()])
    if request.open_only:
        keys = members.group_by("entity_id").agg(keys="record_key")
        groups = groups.filter(log.are_open(groups.join(keys, on="entity_id", how="left", maintain_order="left")))
    words = words_said(log, request.level, request.language)
    members = members.with_columns(
        decided=pl.col("record_key").replace_strict(words, default=None, return_dtype=pl.String)
    )
    groups = groups.head(request.limit).with_row_index("number", 1).with_columns(pl.col("number").cast(pl.Int64))
    plan = store.query(_PLAN, [groups["group_id"].to_list()])
    golden = store.query(_GOLDEN, [groups["entity_id"].to_list()])
    members = members.join(groups, on="entity_id").join(golden, on=["entity_id", "record_key"], how="left")
    members = members.join(plan, on="group_id", how="left")
    members = members.with_columns(survivor=(pl.col("record_key") == pl.col("survivor_record_key")).fill_null(False))
    return unpacked(members).sort(
        "number", "survivor", "updated_at", "record_key", descending=[False, True, True, False], nulls_last=True
    )


def words_said(log: DecisionLog, level: str, language: Language) -> dict[str, str]:
    """record key → the last decision on it that is in force: what, by whom, on which day."""
    words: dict[str, str] = {}
    for decision in log.decisions:
        if decision.level == level and log.is_active(decision):
            text = f"{say(KINDS[decision.kind].name, language)} · {decision.by} · {decision.at:%Y-%m-%d}"
            words |= dict.fromkeys(decision.keys, text)
    return words


def check_code(book: str, group_id: str, record_key: str) -> str:
    """What a row carries so that edited keys are seen, and rows of another book."""
    return "k" + hashlib.blake2b(f"{book}/{group_id}/{record_key}".encode(), digest_size=5).hexdigest()


def seal_of(facts: Mapping[str, str]) -> str:
    """Of the hidden page: edited facts are seen."""
    told = json.dumps({k: v for k, v in facts.items() if k != "seal"}, sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _book_id(run: Mapping[str, object], level: str, seen: int, members: pl.DataFrame) -> str:
    """The same for the same groups of the same run and decisions: two copies are one book."""
    groups = "/".join(members["group_id"].unique(maintain_order=True).to_list())
    return hashlib.blake2b(f"{run.get('run_id')}/{level}/{seen}/{groups}".encode(), digest_size=8).hexdigest()


def _facts(run: Mapping[str, object], level: str, seen: int, book: str, sheet: BookSheet) -> dict[str, str]:
    facts = {
        "form": FORM, "book": book, "run": str(run.get("run_id")), "level": level, "seen": str(seen),
        "groups": str(sheet.texts["group_id"].n_unique()), "rows": str(sheet.texts.height),
        "columns": ",".join(c for c in sheet.texts.columns if c in CHOICES),
    }  # fmt: skip
    custom = [c for c in sheet.texts.columns if c.startswith(TAKE) and is_custom(c.removeprefix(TAKE))]
    facts |= {f"{CUSTOM}{place}": header_of(c.removeprefix(TAKE)) for place, c in enumerate(custom, 1)}
    return facts | {"seal": seal_of(facts)}


def _as_workbook(sheet: BookSheet, facts: Mapping[str, str], language: Language, created: object) -> bytes:
    error = Text("请从下拉列表中选择，或清空。", "Choose from the list, or clear the cell.")
    form = Form(
        say(Text("复核", "review"), language), sheet.texts, sheet.styles, sheet.heads, sheet.widths, sheet.offers, FORMATS,
        FROZEN, say(error, language),
    )  # fmt: skip
    lines = [say(line, language) for line in INSTRUCTIONS]
    page = (say(Text("说明", "instructions"), language), lines)
    at = created if isinstance(created, datetime) else None
    return form_workbook(form, Extras(page, (FACTS_SHEET, list(facts.items())), at))
