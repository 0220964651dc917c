"""What has changed in a source's columns since its last published file: new, gone, renamed, another kind of content."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from ...findings import conform_findings
from ...i18n import Language, Text
from ...rules.catalog import described
from ..read.intake import Intake
from .findings import in_words

if TYPE_CHECKING:
    from ...io.store.store import Store

_LAST = """
SELECT file_id, CAST(mapping AS VARCHAR) AS mapping FROM versions.source_file
WHERE source = ? AND until IS NULL ORDER BY since DESC, file_id
"""
# The keys first: the store then reads the wide column for these rows alone.
_CELLS = """
SELECT CAST("values" AS VARCHAR) AS cells FROM main.raw_record
WHERE record_key IN (SELECT record_key FROM main.raw_record WHERE list_contains(?, file_id) ORDER BY record_key LIMIT 2000)
"""
_KIND = re.compile(  # the first that a whole cell fits
    r"(?P<phone>\+?(?:86)?[- ]?1[3-9]\d[- ]?\d{4}[- ]?\d{4})"
    r"|(?P<date>(?:19|20)\d\d[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?(?:[ T]\d.*)?)"
    r"|(?P<email>[^@\s]+@[^@\s]+\.[^@\s]+)"
    r"|(?P<number>[-+]?[\d,]*\.?\d+%?)"
)
_NAMES = {
    "phone": Text("手机号", "phones"), "date": Text("日期", "dates"), "email": Text("邮箱", "e-mail addresses"),
    "number": Text("数字", "numbers"), "text": Text("文字", "text"),
}  # fmt: skip
_FEWEST = 20  # cells on either side below which a column's kind is chance
_TURN = 0.5  # share of the cells that must have become another kind: a mixed column wavers around any bound


class Column(NamedTuple):
    """cells: how many of the column's filled cells are of each kind."""

    header: str
    field: str | None
    cells: Counter[str]

    @property
    def kind(self) -> str | None:
        """What most cells are (three quarters; else `text`); None where all are empty."""
        if not self.cells.total():
            return None
        kind, count = self.cells.most_common(1)[0]
        return kind if 4 * count >= 3 * self.cells.total() else "text"

    def share(self, kind: str) -> float:
        return self.cells[kind] / self.cells.total()


class Drift(NamedTuple):
    """One difference; `header` is the column of the new file that it stands at, None where there is none."""

    rule: str
    header: str | None
    value: str | None
    suggestion: str | None


def drift_findings(intake: Intake, store: "Store", language: Language) -> pl.DataFrame:
    """FINDINGS about the columns of every table whose source the store has seen before."""
    found = []
    for file in intake.files.iter_rows(named=True):
        last = store.query(_LAST, [file["source"]])
        if last.is_empty():
            continue
        cells = store.query(_CELLS, [last["file_id"].to_list()])["cells"].to_list()
        raw = intake.raw.filter(pl.col("file_id") == file["file_id"])["values"].head(2000).to_list()
        before, after = _columns(last["mapping"][0], cells), _columns(file["mapping"], raw)
        fields = {c.header: c.field or c.header for c in after}
        for drift in compare(before, after, language):
            field = fields.get(drift.header) if drift.header else None
            found.append((file["file_id"], field, drift.rule, drift.value, drift.suggestion))
    schema = dict.fromkeys(("file_id", "field", "rule", "value", "suggestion"), pl.String)
    return in_words(conform_findings(described(pl.DataFrame(found, schema=schema, orient="row"), language)), language)


def _columns(mapping: str, rows: Iterable[str]) -> list[Column]:
    table: dict[str, str | None] = json.loads(mapping)
    kinds = kinds_of(json.loads(row) for row in rows)
    return [Column(header, field, kinds.get(header, Counter())) for header, field in table.items()]


def kinds_of(rows: Iterable[Mapping[str, str | None]]) -> dict[str, Counter[str]]:
    """header → how many of its cells are of each kind; columns without cells are left out."""
    cells: dict[str, list[str]] = {}
    for row in rows:
        for header, text in row.items():
            if text and (bare := text.strip()):
                cells.setdefault(header, []).append(bare)
    return {header: Counter(map(_kind, texts)) for header, texts in cells.items()}


def _kind(text: str) -> str:
    match = _KIND.fullmatch(text)
    return (match.lastgroup if match else None) or "text"


def compare(before: list[Column], after: list[Column], language: Language) -> list[Drift]:
    """The differences of two lists of columns, in the order of the new file, then what is gone."""
    old, new = {c.header: c for c in before}, {c.header for c in after}
    renamed = _renamed(before, after)
    found = [_new_column(c.header, c.field, renamed.get(c.header)) for c in after if c.header not in old]
    for column in after:
        was = old.get(renamed.get(column.header, column.header))
        kinds = _turned(was, column) if was is not None else None
        if kinds is not None:
            change = " → ".join(_say(kind, language) for kind in kinds)
            found.append(Drift("header.type_changed", column.header, change, None))
    have = {c.field for c in after if c.field}
    for header, column in old.items():
        if header not in new and column.field and column.field not in have and column.kind:
            found.append(Drift("header.field_lost", None, header, column.field))
        elif header not in new and header not in renamed.values():
            found.append(Drift("header.gone", None, header, None))
    return found


def _turned(was: Column, now: Column) -> tuple[str, str] | None:
    """(kind before, kind now) where enough cells say that the column holds something else."""
    before, after = was.kind, now.kind
    if before is None or after is None or before == after or min(was.cells.total(), now.cells.total()) < _FEWEST:
        return None
    told = before if after == "text" else after  # the kind that a form of writing tells
    return (before, after) if abs(now.share(told) - was.share(told)) >= _TURN else None


def _new_column(header: str, field: str | None, before: str | None) -> Drift:
    if before is not None:
        return Drift("header.renamed", header, header, before)
    return Drift("header.added" if field else "header.new", header, header, None)


def _renamed(before: list[Column], after: list[Column]) -> dict[str, str]:
    """New header → the old one that it took the place of: the same field, or the same neighbour and kind of content."""
    old, new = {c.header for c in before}, {c.header for c in after}
    gone = [c for c in before if c.header not in new]
    found: dict[str, str] = {}
    for place, column in enumerate(after):
        if column.header in old:
            continue
        left = after[place - 1].header if place else None
        left = found.get(left, left) if left else None  # the neighbour may have been renamed as well
        for was in gone:
            same = column.kind == was.kind and column.kind and _left_of(was.header, before) == left
            if was.header not in found.values() and (
                (column.field and was.field == column.field) or (not column.field and same)
            ):
                found[column.header] = was.header
                break
    return found


def _left_of(header: str, columns: list[Column]) -> str | None:
    names = [c.header for c in columns]
    place = names.index(header)
    return names[place - 1] if place else None


def _say(kind: str, language: Language) -> str:
    return _NAMES[kind].en if language == "en" else _NAMES[kind].zh
