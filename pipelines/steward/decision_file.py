"""A file of decisions, exported or written by hand: judged whole, and every record called by its key, before a word counts."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from ...decisions import Decision, decision_of, parts_of
from ...errors import InputError, UsageError
from ...fields import GOLDEN_FIELDS, text_of
from ...i18n import Text
from ...io.read.readers import read_tables
from ...io.store.store import Store
from ...io.table.source_table import ROW
from ...reports.masking import mask_text
from ...rules.survivorship import TIMES
from ...schemas import DECISION, is_golden
from .browse import key_of

_NEEDED = ("decision_id", "level", "kind", "record_keys")
_FAULTS_TOLD = 5
_KEY = re.compile("[0-9a-f]{20}")
# Names that mean one record, by key or by number.
_NAMED = """
WITH name AS (SELECT unnest(?) AS name)
SELECT name, min(record_key) AS record_key FROM (
  SELECT name, record_key FROM name JOIN main.record r ON r.record_key = name
  UNION SELECT name, record_key FROM name JOIN main.record r ON r.source_record_id = name
) GROUP BY name HAVING count(*) = 1
"""


class _NonsenseError(Exception):
    """A line that means nothing, and why."""

    def __init__(self, zh: str, en: str) -> None:
        self.why = Text(zh, en)
        super().__init__(en)


class _Records:
    """Names of records (number, key or beginning of a key) → their keys.

    absent: keys that the store does not hold now. A word about them is kept: their records may come back.
    """

    def __init__(self, store: Store, names: Collection[str]) -> None:
        self._store = store
        found = store.query(_NAMED, [sorted(names)]).rows() if names else []
        self._known: dict[str, str] = dict(found)
        self.absent: set[str] = set()

    def key(self, name: str) -> str:
        """Raises _NonsenseError for a name that means no record, or several."""
        if name not in self._known:
            self._known[name] = self._asked(name)
        return self._known[name]

    def _asked(self, name: str) -> str:
        if _KEY.fullmatch(name):
            self.absent.add(name)
            return name
        try:
            return key_of(self._store, name)
        except UsageError as fault:
            raise _NonsenseError(mask_text(fault.what.zh).rstrip("。"), mask_text(fault.what.en).rstrip(".")) from None


def read_decisions(file: Path, store: Store, known: Collection[str]) -> tuple[pl.DataFrame, list[int]]:
    """A file → table `decision`, and the lines that speak of records which the store does not hold now.

    known: ids of decisions that are stored already. Raises InputError that names every line which means nothing.
    """
    rows = _rows_in(file)
    faults: dict[int, Text] = {}
    told: dict[int, Decision] = {}
    ids: dict[str, int] = {}
    for row in rows:
        try:
            _refuse_second(row, ids)
            told[row[ROW]] = _read(row)
        except _NonsenseError as fault:
            faults[row[ROW]] = fault.why
    # What is stored already is not taken again, whatever it says.
    new = {row[ROW] for row in rows if row["decision_id"] not in known} & set(told)
    records = _Records(store, {name for line in new for name in _names(told[line])})
    for line in sorted(new):
        try:
            told[line] = _judged(told[line], records, {*known, *ids})
        except _NonsenseError as fault:
            faults[line] = fault.why
    if faults:
        raise _refusal(faults)
    absent = [line for line in sorted(new) if not records.absent.isdisjoint(told[line].keys)]
    return _table(rows, told), absent


def _rows_in(file: Path) -> list[dict[str, Any]]:
    """The lines as they stand: `row_number` and the columns of `decision`. Raises InputError."""
    table = read_tables(file)[0]
    names = dict(zip(table.headers, table.columns, strict=True))
    missing = [c for c in _NEEDED if c not in names]
    if missing:
        what = Text("决定文件缺少列 {c}。", "The file of decisions lacks the column {c}.").format(c="、".join(missing))
        raise InputError(
            what,
            Text("可先用 guiyi decide --export 得到样例。", "guiyi decide --export writes one."),
            reason="decision.columns",
        )
    if table.set_aside.height:
        lines = table.set_aside[ROW].to_list()
        raise _refusal(dict.fromkeys(lines, Text("不是完整的一行决定", "is no whole line of decisions")))
    rows = table.rows.select(ROW, *(pl.col(c).alias(h) for h, c in names.items() if h in DECISION.names))
    return [dict.fromkeys(DECISION.names) | row for row in rows.to_dicts()]


def _refuse_second(row: Mapping[str, Any], ids: dict[str, int]) -> None:
    """No two lines have one id. ids: id → line of those before; this line's is added."""
    name = row["decision_id"]
    if not name:
        raise _NonsenseError("没有 decision_id", "has no decision_id")
    if name in ids:
        raise _NonsenseError(f"decision_id 与第 {ids[name]} 行相同", f"has the decision_id of line {ids[name]}")
    ids[name] = row[ROW]


def _read(row: Mapping[str, Any]) -> Decision:
    """A line as a decision, its records by the names that it gives them."""
    names = {"level": str(row["level"]), "kind": str(row["kind"])}
    try:
        parts_of(names["kind"], row["record_keys"])
    except ValueError:
        raise _NonsenseError(
            'record_keys 应写成 ["记录", "记录"]，split 写成 [["记录"], ["记录"]]',
            'record_keys must be ["record", "record"], of a split [["record"], ["record"]]',
        ) from None
    try:
        return replace(decision_of({**row, **names, "sequence": None, "at": None}), at=_time(row["at"]))
    except ValueError:
        raise _NonsenseError('detail 应写成 {"名称": 值}', 'detail must be {"name": value}') from None


def _time(text: str | None) -> datetime | None:
    """The column `at`: UTC, or with a zone of its own; null: now."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    except (ValueError, OverflowError):
        raise _NonsenseError("时间看不懂", "has a time that is none") from None


def _names(saying: Decision) -> list[str]:
    chosen = saying.detail.get("record_key")
    return [*saying.keys, *([chosen] if isinstance(chosen, str) else [])]


def _judged(saying: Decision, records: _Records, ids: Collection[str]) -> Decision:
    """The saying with every record's key. ids: the decisions that can be taken back. Raises _NonsenseError."""
    parts = [[records.key(name) for name in part] for part in saying.parts]
    detail = dict(saying.detail)
    if saying.kind in ("choose_value", "choose_survivor"):
        named = detail.get("record_key")
        detail["record_key"] = records.key(named) if isinstance(named, str) else None
        if detail["record_key"] not in parts[0]:
            raise _NonsenseError(
                "detail 的 record_key 要是 record_keys 之一", "detail needs a record_key of record_keys"
            )
    if saying.kind == "choose_value":
        detail["value"] = _value(detail)
    if saying.kind == "retract" and str(detail.get("decision_id")) not in ids:
        raise _NonsenseError("detail 的 decision_id 不是已有的决定", "detail needs the decision_id of a decision")
    judged = replace(saying, parts=parts, detail=detail)
    try:
        judged.check()
    except ValueError:
        raise _NonsenseError("层级、类型或记录不成立", "has a level, a kind or records that cannot be") from None
    return judged


def _value(detail: Mapping[str, object]) -> str | None:
    """What a `choose_value` chooses, as a golden value is written."""
    field, value = detail.get("field"), detail.get("value")
    if not is_golden(field) or not isinstance(value, str) or not value:
        names = ", ".join((*GOLDEN_FIELDS, "extra:…"))
        raise _NonsenseError(
            f"detail 要有 field（{names}）和非空文本 value", f"detail needs a field ({names}) and a value, a text"
        )
    return text_of(_time(value)) if field in TIMES else value


def _table(rows: Iterable[Mapping[str, Any]], told: Mapping[int, Decision]) -> pl.DataFrame:
    """Table `decision`, in the order of `sequence`, or of the file where a line has none."""
    numbers = [str(row["sequence"] or "") for row in rows]
    counted = all(re.fullmatch("[0-9]{1,18}", number) for number in numbers)
    made = [
        {**row, "level": said.level, "at": said.at, "sequence": int(number) if counted else place,
         **dict(zip(("kind", "record_keys", "detail"), said.content, strict=True))}
        for place, (row, number) in enumerate(zip(rows, numbers, strict=True), 1)
        for said in [told[row[ROW]]]
    ]  # fmt: skip
    return DECISION.conform(pl.DataFrame(made, schema=DECISION.polars, orient="row"))


def _refusal(faults: Mapping[int, Text]) -> InputError:
    first = sorted(faults.items())[:_FAULTS_TOLD]
    zh = "；".join(f"第 {line} 行：{why.zh}" for line, why in first)
    en = "; ".join(f"line {line}: {why.en}" for line, why in first)
    more = "…" if len(faults) > _FAULTS_TOLD else ""
    return InputError(
        Text(
            f"决定文件有 {len(faults)} 行看不懂，一行也没有读入。{zh}{more}。",
            f"No line of the file of decisions was taken. Meaningless: {en}{more}.",
        ),
        Text(
            "记录写编号或记录键；可用 guiyi decide --export 得到样例。",
            "Name records by number or key; guiyi decide --export writes an example.",
        ),
        reason="decision.unreadable",
    )
