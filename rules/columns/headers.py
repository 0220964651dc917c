"""Columns to fields: headers by a grammar (header_meaning.py), cells by their shares (content.py), over the table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from ..data import read_lines
from .column import APART, BY_HEADER, BY_WISH, NO_FIELD, SURE, UNKNOWN, Column
from .content import NOTHING, Content
from .header_meaning import Meaning, meaning_of
from .header_words import normalize, words_of
from .roles import chosen, with_contacts, with_given_names, with_numbers
from .vote import by_cells, judged, levelled

_ORDERS = re.compile(r"订单|宝贝|下单|快递单|运单|^order|lineitem")
_SHOP = re.compile(r"店铺|门店|网店|商家|^(?:shop|store)")


def read_columns(
    headers: Sequence[str], wishes: Mapping[str, str] | None = None, contents: Mapping[str, Content] | None = None
) -> list[Column]:
    """Every column with its field, in order.

    `wishes` (header → field, from the configuration) win; "" keeps a column unmapped. contents: what the cells are; without them
    headers decide alone. So they do where one is garbled: of a file read in a wrong encoding, nothing is guessed.
    """
    garbled = any("\N{REPLACEMENT CHARACTER}" in header for header in headers)
    contents = {} if garbled else contents or {}
    wished = {normalize(h): f for h, f in (wishes or {}).items()}
    columns = [_read(h, wished.get(normalize(h)), contents.get(h, NOTHING)) for h in headers]
    columns = by_cells(levelled(_without_partners(_without_own_shop(columns)), contents), contents)
    columns = chosen(with_numbers(with_contacts(with_given_names(columns))))
    return [judged(column, contents.get(column.header, NOTHING)) for column in columns]


def map_headers(headers: Sequence[str], wishes: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """header → field by headers alone; None: the column is carried in `extra`."""
    return {c.header: c.field for c in read_columns(headers, wishes)}


def _read(header: str, wish: str | None, content: Content) -> Column:
    """A column by itself: the configuration's word, else the header's; of a place, the cells say which."""
    meaning = meaning_of(header)
    beside = meaning is not None and meaning.kind in ("area_code", "extension") and wish in ("phone", "landline")
    if wish is not None and not beside:
        return Column(header, wish or None, BY_WISH, "", 1.0, None, _wished(wish, meaning), wished=True)
    if meaning is None:
        return Column(header, None, UNKNOWN)
    if meaning.kind == "place":
        likely = max(("province", "city", "address"), key=content.share)
        meaning = replace(meaning, field=likely) if content.share(likely) >= 0.5 else meaning
    reason = BY_HEADER if meaning.field else APART if meaning.kind == "apart" else NO_FIELD
    return Column(header, meaning.field, reason, "", SURE, None, meaning)


def _wished(field: str, meaning: Meaning | None) -> Meaning:
    """What a header says that is wished to be a field: a part of a name stays one, anything else is the field whole."""
    own = meaning if meaning is not None and meaning.field == field else Meaning(field or None)
    kinds = {
        "phone": "mobile",
        "landline": "desk",
        "phone_others": "phone",
        "company_name": "whole",
        "person_name": "whole",
    }
    kept = own.kind in ("family", "given", "middle") or own.kind.startswith("identifier:")
    kind = own.kind if kept else kinds.get(field, "")
    return replace(own, rank=-1, kind=kind, further=field == "phone_others")


def _without_own_shop(columns: list[Column]) -> list[Column]:
    """In a table of orders the shop is the seller's."""
    if not any(_ORDERS.search(normalize(c.header)) for c in columns):
        return columns
    return [_apart(c) if _SHOP.search(normalize(c.header)) else c for c in columns]


def _without_partners(columns: list[Column]) -> list[Column]:
    """Beside 客户名称, 供应商名称 and 供应商电话 are another firm's."""
    if not any(c.field == "company_name" and "neutral" in words_of(c.header).tags() for c in columns):
        return columns
    return [_apart(c) if "partner" in words_of(c.header).tags() else c for c in columns]


def _apart(column: Column) -> Column:
    if column.field is None or column.wished:
        return column
    return replace(column, field=None, reason=APART, meaning=Meaning(None, kind="apart"))


@cache
def _note_words() -> tuple[str, ...]:
    return tuple(normalize(line) for line in read_lines("note_headers.txt"))


def is_note(header: str) -> bool:
    """Whether people write notes under this header (rules/data/note_headers.txt)."""
    return re.sub(r"\d+$", "", normalize(header)).endswith(_note_words())
