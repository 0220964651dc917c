"""Headers to fields, by a bilingual dictionary of synonyms (rules/data/headers.toml)."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from .script import simplified_text

# Decoration that says nothing about the meaning: (必填), *, （选填）, 备注 in brackets.
_BRACKETED = re.compile(r"[(\[【〔<《][^)\]】〕>》]*[)\]】〕>》]")
_SEPARATORS = re.compile(r"[/\\>›»·|\n\r\t]+|(?<=\S)\s*-\s*(?=\S)|_{2,}")
_NOISE = re.compile(r"[\W_]+")


@cache
def synonyms() -> dict[str, tuple[str, int]]:
    """Normalised header → (field, rank); a lower rank is the better name for the field."""
    lists = tomllib.loads((files(__package__) / "data" / "headers.toml").read_text("utf-8"))
    table: dict[str, tuple[str, int]] = {}
    for field, words in lists.items():
        for rank, word in enumerate(words):
            table.setdefault(normalize(word), (field, rank))
    return table


def normalize(header: str) -> str:
    """A header without width, case, blanks, punctuation and bracketed decoration."""
    text = _simplified(unicodedata.normalize("NFKC", header).casefold())
    plain = _NOISE.sub("", _BRACKETED.sub("", text))
    return plain or _NOISE.sub("", text)


@cache
def _simplified(text: str) -> str:
    """Headers of exports from Taiwan and Hong Kong: 手機號碼, 公司名稱."""
    return text if text.isascii() else simplified_text(text)


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
    taken: set[str] = set()
    for _, _, header, field in sorted(candidates):
        if field not in taken:
            mapping[header] = field
            taken.add(field)
    return mapping


def second_columns(mapping: Mapping[str, str | None]) -> dict[str, str]:
    """Unmapped headers that mean a field which another column already has: header → field."""
    known = {h: field_of(h) for h, f in mapping.items() if f is None}
    return {h: k[0] for h, k in known.items() if k is not None}
