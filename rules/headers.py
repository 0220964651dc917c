"""Headers to fields, by a bilingual dictionary of synonyms (rules/data/headers.toml)."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ..fields import FIELDS
from .script import simplified_text

# Decoration that says nothing about the meaning: (必填), *, （选填）, 备注 in brackets.
_BRACKETED = re.compile(r"[(\[【〔<《][^)\]】〕>》]*[)\]】〕>》]")
_SEPARATORS = re.compile(r"[/\\>›»·|\n\r\t]+|(?<=\S)\s*-\s*(?=\S)|_{2,}")
_NOISE = re.compile(r"[\W_]+")


@cache
def _lists() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((files(__package__) / "data" / "headers.toml").read_text("utf-8"))
    return found


@cache
def synonyms() -> dict[str, tuple[str, int]]:
    """Normalised header → (field, rank); a lower rank is the better name for the field."""
    table: dict[str, tuple[str, int]] = {}
    for field in FIELDS:
        for rank, word in enumerate([*_lists().get(field.name, ()), *field.headers]):
            table.setdefault(normalize(word), (field.name, rank))
    return table


@cache
def _beside() -> dict[tuple[str, int], str]:
    """What a name means beside a better column of its field: (field, rank) → another field."""
    fields = _lists()["beside"].values()
    return {synonyms()[normalize(word)]: other for field in fields for other, words in field.items() for word in words}


def normalize(header: str) -> str:
    """A header without width, case, blanks, punctuation and bracketed decoration."""
    text = _simplified(unicodedata.normalize("NFKC", header).casefold())
    plain = _NOISE.sub("", _BRACKETED.sub("", text))
    return plain or _NOISE.sub("", text)


@cache
def _simplified(text: str) -> str:
    """Headers of exports from Taiwan and Hong Kong: 手機號碼, 公司名稱."""
    return text if text.isascii() else simplified_text(text)


@cache
def _note_words() -> tuple[str, ...]:
    lines = (files(__package__) / "data" / "note_headers.txt").read_text("utf-8").splitlines()
    return tuple(normalize(line) for line in lines if line and not line.startswith("#"))


def is_note(header: str) -> bool:
    """Whether people write notes under this header (rules/data/note_headers.txt)."""
    return re.sub(r"\d+$", "", normalize(header)).endswith(_note_words())


def field_of(header: str) -> tuple[str, int] | None:
    """The field a header names, whole or by its last part (联系信息/手机号), with its rank; None: not known."""
    table = synonyms()
    parts = [p for p in _SEPARATORS.split(header) if p.strip()]
    for candidate in (header, *reversed(parts), re.sub(r"\d+$", "", normalize(header))):
        known = table.get(normalize(candidate))
        if known is not None:
            return known
    return None


def map_headers(headers: Sequence[str], wishes: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """header → field, each field at most once; None: the column is carried in `extra`.

    Of 手机号 and 电话 the second is the landline, unless another column is (see `beside` in the dictionary).
    `wishes` (header → field, from the configuration) win over the dictionary; "" keeps a column unmapped.
    """
    mapping: dict[str, str | None] = dict.fromkeys(headers)
    wishes = {normalize(h): f for h, f in (wishes or {}).items()}
    candidates: list[tuple[int, int, str, str]] = []
    for position, header in enumerate(headers):
        wish = wishes.get(normalize(header))
        known = (wish, -1) if wish is not None else field_of(header)
        if known is not None and known[0]:
            candidates.append((known[1], position, header, known[0]))
    holders: dict[str, str] = {}
    for _, _, header, field in sorted(candidates):
        if field not in holders:
            mapping[header] = field
            holders[field] = header
    for rank, _, header, field in sorted(candidates):
        other = _beside().get((field, rank))
        if mapping[header] is None and other and other not in holders and _says(holders[field], field):
            mapping[header] = other
            holders[other] = header
    return mapping


def _says(header: str, field: str) -> bool:
    """Whether the header names the field by a word of its own (手机号), not by one that may mean another (电话)."""
    known = field_of(header)
    return known is not None and known[0] == field and known not in _beside()


def second_columns(mapping: Mapping[str, str | None]) -> dict[str, str]:
    """Unmapped headers that mean a field which another column already has: header → field."""
    known = {h: field_of(h) for h, f in mapping.items() if f is None}
    return {h: k[0] for h, k in known.items() if k is not None}


def unread_persons(mapping: Mapping[str, str | None]) -> tuple[str, ...]:
    """Unmapped headers that name the customer's person (姓, First Name, 老板姓名), where no column was read as one.

    Roles that are not the customer's (法定代表人, 业务员, 推荐人) are no such header.
    """
    if "person_name" in mapping.values():
        return ()
    words = _lists()["person"]
    whole = {normalize(w) for w in words["whole"]}
    held, not_held = _any_of(words["parts"]), _any_of(words["others"])
    plain = {h: normalize(h) for h, f in mapping.items() if f is None}
    return tuple(h for h, p in plain.items() if p in whole or (held.search(p) and not not_held.search(p)))


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(normalize(w)) for w in words))
