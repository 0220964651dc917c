"""Everything that a group's page shows, made from slices of the published run and the decisions in force."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from functools import cache
from typing import Any

import polars as pl

from ..custom_columns import is_custom, unpacked
from ..decisions import Decision, Status
from ..evidence import dimension_words
from ..fields import GOLDEN_FIELDS, text_of
from ..i18n import Text
from ..reports.masking import mask
from ..reports.terminal import heading
from ..schemas import is_golden
from .differences import Piece, pieces
from .graph import OUTSIDE, Node, Picture, picture
from .ledger import Ledger
from .portion import Asked, Portion, between, drawn_of, portion_of
from .published import Published
from .waterfall import Waterfall, spoken, waterfall

COLUMNS_UP_TO = 5  # records that stand side by side; more stand below each other
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
    portion: Portion
    records: list[Record]
    rows: list[Row]
    survivor: Record | None
    writes: list[Row]
    status: Status | None
    picture: Picture
    fall: Waterfall | None
    known: str
    fall_of: tuple[int, int] | None
    links: list[tuple[int, float, str]]
    at: int | None

    @property
    def wide(self) -> bool:
        """Whether the records stand below each other."""
        return int(self.group["size"]) > COLUMNS_UP_TO


def group_view(published: Published, ledger: Ledger, place: int, asked: Asked, cut: float) -> GroupView:
    """The page of the group at a place. Only what is shown leaves the frames: the work hardly grows with the group."""
    group = published.groups.row(place, named=True)
    whole = unpacked(published.members.of(place))
    said = ledger.active(group["level"], set(whole["record_key"]))
    status = ledger.settled().get(place)
    survivor = _survivor(group, set(whole["record_key"]), said)
    whole = whole.sort(pl.col("record_key").ne_missing(pl.lit(survivor)), maintain_order=True)
    portion = portion_of(whole.height, asked)
    members = whole[[n - 1 for n in portion.numbers]].to_dicts()
    records = _records(portion.numbers, members, survivor, status, asked.unmask)
    golden = _golden(published, place, whole, said)
    names = (*GOLDEN_FIELDS, *filter(is_custom, whole.columns))
    held = whole.select(pl.col(names).unique().implode()).row(0, named=True)
    rows = [row for f in names if (row := _row(f, held[f], members, golden, asked.unmask))]
    kept = records[0] if survivor else None
    writes = [row for row in rows if _written(row, members[0], golden)] if kept else []
    view = GroupView(
        place, group, portion, records, rows, kept, writes, status, Picture(), None, "", None, [], None,
    )  # fmt: skip
    _look_at(view, published, whole["record_key"].to_list(), asked, cut)
    return view


def _survivor(group: Mapping[str, Any], present: set[str], said: list[Decision]) -> str | None:
    """The record that stays, by the plan or by a steward's later word."""
    chosen = [str(d.detail.get("record_key")) for d in said if d.kind == "choose_survivor"]
    return next((key for key in reversed(chosen) if key in present), group["survivor"])


def _records(
    numbers: list[int], members: list[dict[str, Any]], survivor: str | None, status: Status | None, unmask: bool
) -> list[Record]:
    parts = status.decision.parts if status and status.decision and status.name == "split" else ()
    return [
        Record(
            number, m["record_key"], m["source"], _number(m, unmask),
            m["record_key"] == survivor,
            next((i for i, part in enumerate(parts, start=1) if m["record_key"] in part), 0),
        )
        for number, m in zip(numbers, members, strict=True)
    ]  # fmt: skip


def _number(member: Mapping[str, Any], unmask: bool) -> str:
    """What a record is called: its number in its source, which may be a mobile, else the beginning of its key."""
    number = member["source_record_id"]
    return str((number if unmask else mask("source_record_id", number)) or member["record_key"][:8])


def _golden(
    published: Published, place: int, whole: pl.DataFrame, said: list[Decision]
) -> dict[str, tuple[str, str, bool]]:
    """field → value, record it came from, whether a steward chose it."""
    values = {g["field"]: (g["value"], g["record_key"], False) for g in published.golden.of(place).to_dicts()}
    chosen = [str(d.detail.get("record_key")) for d in said if d.kind == "choose_value"]
    by_key = {m["record_key"]: m for m in whole.filter(pl.col("record_key").is_in(chosen)).to_dicts()}
    for decision in said:
        name, key = str(decision.detail.get("field")), str(decision.detail.get("record_key"))
        if decision.kind == "choose_value" and key in by_key and is_golden(name):
            value = text_of(by_key[key].get(name))
            if value:
                values[name] = (value, key, True)
    return values


def shown(value: str | None) -> str | None:
    """A time as people read it: no T, no midnight."""
    return value.replace("T00:00:00", "").replace("T", " ") if value else value


def _row(
    name: str, held: list[object], members: list[dict[str, Any]], golden: Mapping[str, Any], unmask: bool
) -> Row | None:
    """held: the values of the field in the whole group, each once; members: the records that are shown."""
    values = [text_of(m[name]) for m in members]
    texts = {text_of(v) for v in held}
    distinct = {v for v in texts if v}
    if not distinct:
        return None
    if name in ("created_at", "updated_at"):
        values = [shown(v) for v in values]
    best, source, by_steward = golden.get(name, (None, None, False))
    best = shown(best) if name in ("created_at", "updated_at") else best
    reference = values[0] or next((v for v in values if v), None)
    cut = cache(
        lambda value, other, who: pieces(name, value, other, unmask, who)
    )  # of a hundred values, most are the same
    cells = [
        Cell(m["record_key"], cut(v, reference if i else _other(values), m["person_name"]), m["record_key"] == source)
        for i, (m, v) in enumerate(zip(members, values, strict=True))
    ]
    return Row(
        name, heading(name), cells, distinct == texts and len(texts) == 1, len(distinct) > 1, len(distinct) > 1 and bool(golden),
        pieces(name, best, None, unmask, members[0]["person_name"]), by_steward,
    )  # fmt: skip


def _other(values: list[str | None]) -> str | None:
    """What the first record is compared with: the next one that says something else, where there is only that one."""
    others = {v for v in values[1:] if v and v != values[0]}
    return others.pop() if len(others) == 1 else None


def _written(row: Row, survivor: Mapping[str, Any], golden: Mapping[str, Any]) -> bool:
    """Whether merging changes this field of the record that stays."""
    best = golden.get(row.field, (None,))[0]
    return best is not None and best != text_of(survivor.get(row.field))


def _look_at(view: GroupView, published: Published, keys: list[str], asked: Asked, cut: float) -> None:
    """The picture, and what stands beside it: one pair's waterfall, or one record's links and the strongest of them."""
    numbers, pairs = asked.numbers(len(keys)), published.pairs.of(view.place)
    number_of = {key: number for number, key in enumerate(keys, start=1)}
    wanted, weakest = [keys[n - 1] for n in numbers], json.loads(view.group["weakest_link"])
    ends = [str(weakest["record_key_l"]), str(weakest["record_key_r"])]
    outside = _outside(published, view.place)
    first = [*wanted, *ends, *(link["record_key"] for link in outside)]
    drawn = drawn_of(keys, first, [r.key for r in view.records], pairs)
    nodes = [Node(number_of[key], key, str(number_of[key])) for key in drawn]
    links = between(pairs, drawn).to_dicts()
    view.picture = picture(nodes, links, outside, frozenset(ends), cut)
    view.picture.hidden += pairs.height - len(links)
    view.picture.absent = len(keys) - len(drawn)
    meant = between(pairs, wanted if len(wanted) == 2 else ends).head(1).to_dicts()
    if len(wanted) == 1:
        view.at = numbers[0]
        meant = between(pairs, wanted, either=True).head(LINKS).to_dicts()
        for pair in meant:
            other = next(iter({pair["record_key_l"], pair["record_key_r"]} - set(wanted)))
            view.links.append((number_of[other], pair["score"], spoken(pair["reasons"])))
    if meant:
        pair, prior = meant[0], published.prior.get(view.group["level"], 0.0)
        one, other = sorted((number_of[pair["record_key_l"]], number_of[pair["record_key_r"]]))
        view.fall, view.fall_of = waterfall(pair["reasons"], pair["score"], prior, cut), (one, other)
        view.known = str(dimension_words(view.group["level"], pair, published.off))


def _outside(published: Published, place: int) -> list[dict[str, Any]]:
    """Links that lead out of the group, the strongest first, each with its group."""
    outside = published.cut.of(place).head(OUTSIDE).to_dicts()
    for link in outside:
        held = published.places_of(link["level"], [link["other"]])
        link["group"] = published.groups["group_id"][held[-1]] if held else None
        link["label"] = link["group"][:4] if link["group"] else str(Text("单条", "single"))
    return outside
