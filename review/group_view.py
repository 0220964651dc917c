"""Everything that a group's page shows, made from slices of the published run and the decisions in force."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import datetime
from typing import Any

from ..i18n import Text
from ..reports.masking import mask
from ..reports.terminal import heading
from ..schemas import GOLDEN_FIELDS
from .differences import Piece, pieces
from .graph import Node, Picture, picture
from .ledger import Decision, Ledger, Word
from .published import Published
from .waterfall import Waterfall, spoken, waterfall

COLUMNS_UP_TO = 5  # records that stand side by side; more stand below each other
FIELDS = (
    "person_name", "title", "company_name", "credit_code", "phone", "phone_extension", "landline", "landline_extension",
    "email", "address", "province", "city", "owner", "channel", "created_at", "updated_at",
)  # fmt: skip
LINKS = 8  # of a chosen record


@dataclass
class Cell:
    """One record's value of one field; `chosen`: the golden value is this one."""

    key: str
    pieces: list[Piece]
    chosen: bool = False


@dataclass
class Row:
    """One field of all records. equal: all hold the same. conflict: there are two values or more; choosable: for a golden record."""

    field: str
    heading: str
    cells: list[Cell]
    equal: bool
    conflict: bool
    choosable: bool
    golden: list[Piece] = with_default(default_factory=list)
    by_steward: bool = False


@dataclass
class Record:
    """number: as on the page, the survivor first. part: its part of a split, 0 where there is none."""

    number: int
    key: str
    source: str
    source_record_id: str
    survivor: bool
    part: int = 0


@dataclass
class GroupView:
    """survivor: None in groups that are only linked. links: of the record or pair that was asked for, else the weakest."""

    place: int
    group: dict[str, Any]
    records: list[Record]
    rows: list[Row]
    extra: list[Row]
    survivor: Record | None
    writes: list[Row]
    word: Word | None
    picture: Picture
    fall: Waterfall | None
    fall_of: tuple[int, int] | None
    links: list[tuple[int, float, str]]
    at: int | None

    @property
    def wide(self) -> bool:
        """Whether the records stand below each other."""
        return len(self.records) > COLUMNS_UP_TO

    def number_of(self, key: str) -> int:
        return next((r.number for r in self.records if r.key == key), 0)


def group_view(published: Published, ledger: Ledger, place: int, at: str, unmask: bool, cut: float) -> GroupView:
    """The page of the group at a place. at: `3` shows record 3's links, `1-3` the score of that pair."""
    group = published.groups.row(place, named=True)
    members = published.members.of(place).to_dicts()
    keys = {m["record_key"] for m in members}
    said = ledger.active(group["level"], keys)
    word = ledger.words().get(place)
    survivor = _survivor(group, members, said)
    members.sort(key=lambda m: m["record_key"] != survivor)
    records = _records(members, survivor, word, unmask)
    golden = _golden(published, place, members, said)
    rows = [row for f in FIELDS if (row := _row(f, members, golden, unmask))]
    kept = records[0] if survivor else None
    writes = [row for row in rows if _written(row, members[0], golden)] if kept else []
    pairs = published.pairs.of(place).to_dicts()
    weakest = json.loads(group["weakest_link"])
    ends = frozenset({weakest["record_key_l"], weakest["record_key_r"]})
    view = GroupView(
        place, group, records, rows, _extra(members, unmask), kept, writes, word,
        _picture(published, place, records, pairs, ends, cut), None, None, [], None,
    )  # fmt: skip
    _look_at(view, pairs, ends, at, published.prior.get(group["level"], 0.0), cut)
    return view


def _survivor(group: Mapping[str, Any], members: list[dict[str, Any]], said: list[Decision]) -> str | None:
    """The record that stays, by the plan or by a steward's later word."""
    present = {m["record_key"] for m in members}
    chosen = [str(d.detail.get("record_key")) for d in said if d.kind == "choose_survivor"]
    return next((key for key in reversed(chosen) if key in present), group["survivor"])


def _records(members: list[dict[str, Any]], survivor: str | None, word: Word | None, unmask: bool) -> list[Record]:
    parts = word.decision.parts if word and word.standing == "split" else ()
    return [
        Record(
            number, m["record_key"], m["source"], _number(m, unmask),
            m["record_key"] == survivor,
            next((i for i, part in enumerate(parts, start=1) if m["record_key"] in part), 0),
        )
        for number, m in enumerate(members, start=1)
    ]  # fmt: skip


def _number(member: Mapping[str, Any], unmask: bool) -> str:
    """What a record is called: its number in its source, which may be a mobile, else the beginning of its key."""
    number = member["source_record_id"]
    return str((number if unmask else mask("source_record_id", number)) or member["record_key"][:8])


def _golden(
    published: Published, place: int, members: list[dict[str, Any]], said: list[Decision]
) -> dict[str, tuple[str, str, bool]]:
    """field → value, record it came from, whether a steward chose it."""
    values = {g["field"]: (g["value"], g["record_key"], False) for g in published.golden.of(place).to_dicts()}
    by_key = {m["record_key"]: m for m in members}
    for decision in said:
        name, key = str(decision.detail.get("field")), str(decision.detail.get("record_key"))
        if decision.kind == "choose_value" and key in by_key and name in GOLDEN_FIELDS:
            value = text_of(by_key[key][name])
            if value:
                values[name] = (value, key, True)
    return values


def text_of(value: object) -> str | None:
    """A record's value as a golden value is written: times in ISO form."""
    if value is None:
        return None
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def shown(value: str | None) -> str | None:
    """A time as people read it: no T, no midnight."""
    return value.replace("T00:00:00", "").replace("T", " ") if value else value


def _row(name: str, members: list[dict[str, Any]], golden: Mapping[str, Any], unmask: bool) -> Row | None:
    values = [text_of(m[name]) for m in members]
    if not any(values):
        return None
    if name in ("created_at", "updated_at"):
        values = [shown(v) for v in values]
    distinct = {v for v in values if v}
    best, source, by_steward = golden.get(name, (None, None, False))
    best = shown(best) if name in ("created_at", "updated_at") else best
    reference = values[0] or next(v for v in values if v)
    cells = [
        Cell(
            m["record_key"],
            pieces(name, v, reference if i else _other(values), unmask, m["person_name"]),
            m["record_key"] == source,
        )
        for i, (m, v) in enumerate(zip(members, values, strict=True))
    ]
    return Row(
        name, heading(name), cells, len(distinct) == 1 and all(values), len(distinct) > 1, len(distinct) > 1 and bool(golden),
        pieces(name, best, None, unmask, members[0]["person_name"]), by_steward,
    )  # fmt: skip


def _other(values: list[str | None]) -> str | None:
    """What the first record is compared with: the next one that says something else, where there is only that one."""
    others = {v for v in values[1:] if v and v != values[0]}
    return others.pop() if len(others) == 1 else None


def _written(row: Row, survivor: Mapping[str, Any], golden: Mapping[str, Any]) -> bool:
    """Whether merging changes this field of the record that stays."""
    best = golden.get(row.field, (None,))[0]
    return best is not None and best != text_of(survivor[row.field])


def _extra(members: list[dict[str, Any]], unmask: bool) -> list[Row]:
    """Columns that no field stands for, such as notes; nothing is chosen in them."""
    parsed = [json.loads(m["extra"] or "{}") for m in members]
    names = sorted({name for one in parsed for name, value in one.items() if value})
    rows = []
    for name in names:
        values = [str(one[name]) if one.get(name) else None for one in parsed]
        cells = [
            Cell(m["record_key"], pieces(name, v, None, unmask, m["person_name"]))
            for m, v in zip(members, values, strict=True)
        ]
        rows.append(Row(name, name, cells, len(set(values)) == 1, False, False))
    return rows


def _picture(
    published: Published, place: int, records: list[Record], pairs: list[dict[str, Any]], weakest: frozenset[str], cut: float
) -> Picture:  # fmt: skip
    nodes = [Node(r.number, r.key, str(r.number)) for r in records]
    outside = published.cut.of(place).head(4).to_dicts()
    for link in outside:
        link["group"] = None
        for other in published.places_of(link["level"], [link["other"]]):
            link["group"] = published.groups["group_id"][other]
        link["label"] = link["group"][:4] if link["group"] else str(Text("单条", "single"))
    return picture(nodes, pairs, outside, weakest, cut)


def _look_at(
    view: GroupView, pairs: list[dict[str, Any]], weakest: frozenset[str], at: str, prior: float, cut: float
) -> None:
    """Choose what stands beside the graph: one pair's waterfall, or one record's links and the strongest of them."""
    numbers = [int(n) for n in at.split("-")] if re.fullmatch(r"[0-9]{1,6}(-[0-9]{1,6})?", at) else []
    wanted = {r.key for r in view.records if r.number in numbers[:2]}
    meant = [p for p in pairs if {p["record_key_l"], p["record_key_r"]} == (wanted if len(wanted) == 2 else weakest)]
    if len(wanted) == 1:
        view.at = numbers[0]
        meant = [p for p in pairs if wanted & {p["record_key_l"], p["record_key_r"]}]
        for pair in meant[:LINKS]:
            other = next(iter({pair["record_key_l"], pair["record_key_r"]} - wanted))
            view.links.append((view.number_of(other), pair["score"], spoken(pair["reasons"])))
    if meant:
        pair = meant[0]
        ends = sorted((view.number_of(pair["record_key_l"]), view.number_of(pair["record_key_r"])))
        view.fall, view.fall_of = waterfall(pair["reasons"], pair["score"], prior, cut), (ends[0], ends[1])
