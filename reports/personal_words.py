"""What masking knows of words: headers and words of running text that announce a personal datum, surnames, what is no name."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

_KNOWN: dict[str, Any] = tomllib.loads((files("guiyi.reports.data") / "personal.toml").read_text("utf-8"))
ORDINARY = frozenset(_KNOWN["names"]["ordinary"].split())
_COMMON = 0.1  # percent of the population from which a hanzi in running text is taken for a surname


@cache
def _surnames() -> list[tuple[str, float]]:
    """The table of `rules`, a file of data: the rooms meet as tables."""
    lines = (files("guiyi.rules.data") / "surnames.csv").read_text("utf-8").splitlines()[1:]
    return [(name, float(percent)) for name, _, percent in (line.split(",") for line in lines)]


@cache
def _compound() -> frozenset[str]:
    return frozenset(name for name, _ in _surnames() if len(name) == 2)


def words(kind: str) -> str:
    """The words of running text that stand before a datum of this kind, as alternatives of an expression."""
    found = _KNOWN["names"]["titles"] if kind == "title" else _KNOWN["before"][kind]
    latin, hanzi = (
        [re.escape(w) for w in sorted(found, key=len, reverse=True) if w.isascii() == is_latin]
        for is_latin in (True, False)
    )
    return "|".join([*hanzi, f"(?i:{'|'.join(latin)})(?![A-Za-z_])"] if latin else hanzi)


@cache
def first_signs() -> str:
    """The hanzi that a name, or a word before a datum, begins with, as members of a class of characters."""
    listed = {word[0] for group in _KNOWN["before"].values() for word in group}
    return "".join(sorted({sign for sign in listed | {name[0] for name, _ in _surnames()} if not sign.isascii()}))


def name_pattern() -> str:
    """A person's name in running text: a common surname, one or two hanzi."""
    common = "".join(name for name, percent in _surnames() if percent >= _COMMON and len(name) == 1)
    return f"(?:(?:{'|'.join(sorted(_compound()))})|[{common}])[一-鿿]{{1,2}}"


def surname_of(name: str) -> str:
    """欧阳娜 → 欧阳; of a name in any other script its first sign."""
    return name[:2] if name[:2] in _compound() else name[:1]


def header_kinds(header: str) -> Iterator[str]:
    """The kinds of personal data that a header speaks of, the first the one to go by."""
    text = unicodedata.normalize("NFKC", header)
    parts = {part.casefold() for part in re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+", text)}
    whole = re.sub(r"[\W_\d]+", "", text.casefold())
    if not whole.startswith(("是否", "有无")):
        for kind, listed in _KNOWN["headers"].items():
            if any(_says(kind, re.sub(r"\W", "", word), whole, parts) for word in listed):
                yield kind


def _says(kind: str, word: str, whole: str, parts: set[str]) -> bool:
    if kind == "name":
        return whole.endswith(word)
    return word in parts or word == whole if word.isascii() and len(word) <= 4 else word in whole


def strip_around(token: str) -> tuple[str, str, str]:
    """A run of hanzi → what stands in front, the person's name (empty: there is none), what stands behind."""
    core, around, moved = token, sorted(_KNOWN["names"]["around"], key=len, reverse=True), True
    start = 0
    while moved and core:
        moved = False
        for word in around:
            if core.endswith(word):
                core, moved = core.removesuffix(word), True
            elif core.startswith(word):
                core, start, moved = core.removeprefix(word), start + len(word), True
    named = re.fullmatch(name_pattern(), core) and core[:2] not in ORDINARY and core[-1] not in _KNOWN["names"]["ends"]
    return (token[:start], core, token[start + len(core) :]) if named else (token, "", "")
