"""A header as words: decoration taken off, then cut into known words (rules/data/headers.toml), each with what it may say."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ...fields import MAPPED_FIELDS
from ...plugins import load_added
from ..base.script import simplified_text
from ..data import read_toml

_BRACKETED = re.compile(r"[(\[【〔<《]([^)\]】〕>》]*)[)\]】〕>》]")
_NUMBERED = re.compile(r"^\s*[(（【]?(?:q|第)?\s*\d{1,3}\s*题?\s*[、.．)）】:：,，]\s*(?=\D)", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOISE = re.compile(r"[\W_]+")
_ORDINAL = re.compile(r"第?(\d{1,2}|[一二三四五六七八九])(?:号位)?|(?<=[一-鿿])([abc])$")
_NUMERALS = {sign: place for place, sign in enumerate("一二三四五六七八九", 1)} | {"a": 1, "b": 2, "c": 3}


class Word(NamedTuple):
    """A known word of a header. says: tags, which are keys of the data file; of an ordinal `#3`."""

    text: str
    says: tuple[str, ...]


class Words(NamedTuple):
    """A header in words. whole: every sign of it is known; else only its end is (words: none where not even that).

    inside: what stood in brackets, normalised.
    """

    text: str
    words: tuple[Word, ...]
    whole: bool
    inside: str

    def tags(self) -> Iterator[str]:
        """What the words say, first to last."""
        return (tag for word in self.words for tag in word.says)


@cache
def vocabulary() -> dict[str, tuple[str, ...]]:
    """Word → tags. Words of persons say `person:<who>`, those of identifiers `identifier:<kind>`."""
    lists = read_toml("headers.toml")
    table: dict[str, list[str]] = {}
    for tag, words in lists.items():
        groups = {f"{tag}:{kind}": own for kind, own in words.items()} if isinstance(words, dict) else {tag: words}
        for name, own in groups.items():
            for word in own:
                table.setdefault(word, []).append(name)
    known = {tag for tags in table.values() for tag in tags} | set(MAPPED_FIELDS)
    for _, tag, added in load_added("header_words", tuple, known=known):
        for word in added:
            table.setdefault(normalize(word), []).append(tag)
    return {word: tuple(dict.fromkeys(tags)) for word, tags in table.items()}


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """First sign of a word → lengths of the words that begin with it, longest first."""
    found: dict[str, set[int]] = {}
    for word in vocabulary():
        found.setdefault(word[0], set()).add(len(word))
    return {sign: tuple(sorted(lengths, reverse=True)) for sign, lengths in found.items()}


@cache
def normalize(header: str) -> str:
    """A header without width, case, blanks, punctuation and bracketed decoration."""
    text = _folded(header)
    plain = _NOISE.sub("", _BRACKETED.sub("", text))
    return plain or _NOISE.sub("", text)


@cache
def _folded(header: str) -> str:
    """Half width, simplified (exports from Taiwan and Hong Kong: 手機號碼), lower case, without a number in front."""
    text = unicodedata.normalize("NFKC", header)
    text = text if text.isascii() else simplified_text(text)
    return _NUMBERED.sub("", _CAMEL.sub(" ", text)).casefold()


@cache
def words_of(header: str) -> Words:
    """The words of a header, whole or as far from its end as they are known."""
    text = normalize(header)
    inside = _NOISE.sub("", "".join(_BRACKETED.findall(_folded(header))))
    inside = "" if inside == text else inside
    ends = _ends(text)
    known = next((start for start, words in enumerate(ends[:-1]) if words is not None), None)
    if known is None:
        return Words(text, (), False, inside)
    return Words(text, ends[known] or (), known == 0, inside)


def cut(text: str) -> tuple[Word, ...] | None:
    """A text cut into the fewest known words, longer ones first; None: it holds other signs."""
    return _ends(text)[0] if text else None


def _ends(text: str) -> list[tuple[Word, ...] | None]:
    """For every place in a text: what stands from there to its end, as `cut` does it."""
    best: list[tuple[Word, ...] | None] = [None] * len(text) + [()]
    for start in reversed(range(len(text))):
        for word in _at(text, start):
            tail, found = best[start + len(word.text)], best[start]
            if tail is not None and (found is None or len(tail) + 1 < len(found)):
                best[start] = (word, *tail)
    return best


def _at(text: str, start: int) -> Iterator[Word]:
    """The words that begin here, longest first."""
    for length in _lengths().get(text[start], ()):
        piece = text[start : start + length]
        if piece in vocabulary():
            yield Word(piece, vocabulary()[piece])
    number = _ORDINAL.match(text, start)
    if number:
        sign = number[1] or number[2]
        yield Word(number[0], (f"#{_NUMERALS.get(sign) or int(sign)}",))
