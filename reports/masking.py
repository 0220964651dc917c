"""Personal data as it may be shown, on every surface: 138****5678, 张*, zh***@qq.com, 330106********1234.

Masked is by field or by the words of a header, and by shape wherever a value stands: in a note, a record number, a file name.
Company names and credit codes are public. Pure but for `masked`, which takes a frame and calls Python on distinct values only.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from ..custom_columns import header_of
from ..fields import FIELDS
from ..i18n import Text
from ..plugins import load_named
from .personal_shapes import hide_numbers, hide_people, keep_ends, mask_number, mask_person, mask_run
from .personal_words import header_kinds, strip_around

if TYPE_CHECKING:
    import polars as pl

_CELLS = ("value", "before", "after", "suggestion", "alternatives")
_HEADED = ("extra", "values")  # JSON whose keys are headers
_PERSONS = "SELECT record_key, person_name AS person FROM main.record WHERE record_key IN (SELECT unnest(?))"
_HANZI = re.compile("[一-鿿]{2,12}+")
# Seven digits or more with whatever people write between them, in a column of numbers.
_DIGIT = "[0-9０-９〇零一二三四五六七八九幺]"
_RUN = re.compile(rf"{_DIGIT}(?:[\s\-‐-―－()（）.·\u200b-\u200d]{{0,2}}{_DIGIT}){{6,}}+")
_SIGNS = re.compile("[0-9A-Za-z０-９][0-9A-Za-z０-９ _-]*+")
_TOKEN = re.compile(r"[^\s/\\「」“”'\"，。；]++")
_ENDS = {"national_id": (6, 4), "passport": (2, 3), "hk_mo_permit": (2, 3)}  # signs in sight in front and behind
_FILE = re.compile(r"\.(?:csv|tsv|txt|jsonl?|toml|xlsx?|xlsm|xlsb|ods)\b", re.IGNORECASE)


def mask(field: str, value: str | None, person: str | None = None) -> str | None:
    """A clean value of a field as it may be shown; null stays null. Of the shortest number four digits are hidden, too.

    person: the name of the row's person, hidden where it stands in the value.
    """
    if value is not None and _kind(field) == "phone" and re.fullmatch(r"\+?[0-9]+(?:,\+?[0-9]+)*", value):
        return ",".join(mask_number(number) for number in value.split(","))
    return None if value is None else masked_text(field, value, person)


def masked_text(field: str, text: str, person: str | None = None) -> str:
    """A cell as it was read, of a field or under any header; see `mask`."""
    kind = _kind(field)
    if kind == "public":  # a company may be called after a person, and its name is public; the person's name is not
        return mask_person(text) if person == text else hide_numbers(text)
    return _MASKS[kind](_without(person, text))


def mask_text(text: str) -> str:
    """A text with whatever personal data it holds by its shape, or behind a word that says so, masked."""
    return hide_numbers(hide_people(text))


def mask_name(name: str) -> str:
    """The name of a file or a source, which may be called after a person."""
    return _HANZI.sub(lambda token: _person_in(token[0]), hide_numbers(name))


def mask_message(text: str) -> str:
    """A sentence that may quote what a user typed: a number, or the name of a file."""
    named = _TOKEN.sub(lambda token: mask_name(token[0]) if _FILE.search(token[0]) else token[0], text)
    return mask_text(named)


def masked(frame: "pl.DataFrame", unmask: bool = False) -> "pl.DataFrame":
    """The frame with every text column masked by its name; ids, keys and hashes stay.

    Beside a column `field`, the columns `value, before, after, suggestion, alternatives` hold cells of that field. `extra`,
    `values` and `detail` are JSON. Where the row has a `person_name`, that name is hidden in its other texts, too; or a column
    `person`, which does no more than this and is dropped.
    """
    import polars as pl

    if unmask or frame.is_empty():
        return frame.drop("person", strict=False)
    texts = [c for c, t in frame.schema.items() if t == pl.String and c != "person" and not _opaque(c)]
    return frame.with_columns(_column(frame, column) for column in texts).drop("person", strict=False)


def with_persons(query: "Callable[..., pl.DataFrame]", rows: "pl.DataFrame") -> "pl.DataFrame":
    """Rows of a question to the store with `person` by their `record_key`, where they have one and do not name the person."""
    if "record_key" not in rows.columns or "person_name" in rows.columns or rows.is_empty():
        return rows
    persons = query(_PERSONS, [rows["record_key"].unique().drop_nulls().to_list()])
    return rows.join(persons, on="record_key", how="left", maintain_order="left")


def masked_table(name: str, rows: "pl.DataFrame") -> "pl.DataFrame":
    """A table of the store, masked; `name` is a person's in `feature`, elsewhere the name of a file or of a figure."""
    if name != "feature":
        return masked(rows)
    return masked(rows.rename({"name": "person_name"})).rename({"person_name": "name"})


def _column(frame: "pl.DataFrame", column: str) -> "pl.Series":
    import polars as pl

    by_field = column in _CELLS and "field" in frame.columns
    persons = [c for c in ("person_name", "person") if c in frame.columns and c != column]
    name = pl.col(persons[0]) if persons else pl.lit(None, pl.String)
    field = pl.coalesce("field", pl.lit("")) if by_field else pl.lit(column)
    known = pl.col(column).str.contains(name, literal=True)
    keys = frame.select(field=field, text=column, who=pl.when(known).then(name))
    distinct = keys.unique()
    shown = pl.Series("shown", [_cell(*row) for row in distinct.iter_rows()], dtype=pl.String)
    found = keys.join(
        distinct.with_columns(shown), on=keys.columns, how="left", nulls_equal=True, maintain_order="left"
    )
    return found["shown"].alias(column)


def _cell(field: str, text: str | None, person: str | None) -> str | None:
    if text is None:
        return None
    if text[:1] in "{[" and text[-1:] in "}]":
        try:
            node = json.loads(text)
        except ValueError:
            node = None
        shown = _document(field, node, person)
        if node is not None:
            return text if shown == node else json.dumps(shown, ensure_ascii=False)
    return mask(field, text, person)


def _document(field: str, node: Any, person: str | None) -> Any:
    """JSON: the cells of headers, or what names its `field` beside the `value`."""
    if isinstance(node, dict):
        own = node.get("field") if isinstance(node.get("field"), str) else None
        if field in _HEADED:
            return {header: _document(header, cell, person) for header, cell in node.items()}
        return {
            k: v if _opaque(k) else _document((own or field) if k in _CELLS else k, v, person) for k, v in node.items()
        }
    if isinstance(node, list):
        return [_document(field, one, person) for one in node]
    return masked_text(field, node, person) if isinstance(node, str) else node


def _opaque(column: str) -> bool:
    """Columns that hold a code of ours, and never a cell."""
    if column.endswith("source_record_id"):
        return False
    return column.startswith("record_key") or column.endswith(("_id", "record_key", "_keys", "_hash")) or column in (
        "sha256", "rule", "level", "band", "action", "kind", "severity", "status", "mapping", "reasons", "weakest_link", "check",
    )  # fmt: skip


@cache
def _kind(field: str) -> str:
    """A field of a record, or the kind of datum that a header speaks of; `text` where it says nothing."""
    return _FIELDS.get(field) or next(header_kinds(header_of(field)[:200]), "text")


def _without(person: str | None, text: str) -> str:
    return text.replace(person, mask_person(person)) if person and len(person) > 1 else text


def _person_in(token: str) -> str:
    """A run of hanzi in the name of a file: 张伟的客户名单 → 张*的客户名单."""
    head, core, tail = strip_around(token)
    return head + mask_person(core) + tail if core else token


def _phone_cell(text: str) -> str:
    if re.fullmatch(r"\+[0-9]{7,15}", text):
        return mask_number(text)
    return mask_text(_RUN.sub(mask_run, text))


def _mail_cell(text: str) -> str:
    hidden = hide_numbers(text)
    return hidden if hidden != text else text[:2] + "***"


def _address_cell(text: str) -> str:
    return mask_text(text[:6]) + "…" if len(text) > 6 else text


def _identifiers_cell(text: str) -> str:
    """wechat:li_ming88,national_id:330106198503120589: every value by its kind, and what has none as an account."""
    told = (one.rpartition(":") for one in text.split(","))
    return ",".join(kind + sep + keep_ends(value, *_ENDS.get(kind, (2, 2))) for kind, sep, value in told)


def _signs_cell(head: int, tail: int, fewest: int) -> Callable[[str], str]:
    """Below a header that says so, every long run of letters and digits; what its shape tells is masked by it."""

    def hide(text: str) -> str:
        shown = hide_numbers(text)
        signs = lambda m: keep_ends(m[0], head, tail) if sum(map(str.isalnum, m[0])) >= fewest else m[0]  # noqa: E731
        return _SIGNS.sub(signs, shown) if shown == text else mask_text(shown)

    return hide


_MASKS: dict[str, Callable[[str], str]] = {
    "person": mask_person, "name": mask_person, "phone": _phone_cell, "mail": _mail_cell, "address": _address_cell,
    "identity": _signs_cell(6, 4, 6), "card": _signs_cell(0, 4, 8), "document": _signs_cell(2, 3, 5),
    "handle": _signs_cell(2, 2, 4), "identifiers": _identifiers_cell, "public": hide_numbers, "file": mask_name, "text": mask_text,
}  # fmt: skip
load_named(
    "fields", why_not=lambda _, field: None if field.mask in (None, *_MASKS) else Text("没有这种打码", "no such mask")
)
_FIELDS = {
    **{field.name: field.mask for field in FIELDS if field.mask},
    "pinyin": "person", "pinyin_turned": "person", "latin": "person", "mail_name": "person", "email_partial": "mail",
    "street": "address", "company_key": "public",
    "field": "public", "header": "public", "source": "file", "name": "file", "file": "file", "sheet": "file",
}  # fmt: skip
