"""Bytes that no encoding explains without a fault: what they most likely are, or that nobody can tell.

A Chinese file with a few stray bytes keeps its encoding, and every fault is counted. A Windows-1252 reading never
fails in most languages, so it needs evidence of its own: else Chinese turns into `ÕÅÎ°` and nobody is told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .common_characters import familiarity

_SAMPLE = 1 << 18
_MOST_BAD_LINES = 0.2  # share of lines that may hold an undecodable byte; one bad line is always forgiven
_CHINESE = 0.6  # familiarity from which a reading is Chinese that people write
_FAULT = "\ufffd"
# Two or more Han characters as UTF-8 writes them; in GB18030 such bytes are a sequence of rare characters.
_UTF8_HAN = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}")
# What Windows-1252 text is made of: accented letters in or around words, and letters and signs that stand alone.
_WESTERN = (
    r"(?<=[A-Za-z])[À-ÖØ-öø-ÿŠšŽžŒœŸªº]{1,3}|[À-ÖØ-öø-ÿŠšŽžŒœŸ]{1,3}(?=[A-Za-z])"
    r"|(?<![\x80-\uffff])[À-ÖØ-öø-ÿ‘’“”–—…•€£¥¢§©®™°±²³¹º¼½¾«»·¿¡µ×÷´\xa0](?![\x80-\uffff])"
)


@dataclass(frozen=True)
class Guess:
    """A reading with U+FFFD for what does not decode; first: byte offset of the first fault."""

    text: str
    encoding: str
    faults: int
    first: int | None


def chinese_with_faults(raw: bytes) -> Guess | None:
    """The best reading as UTF-8, GB18030 or Big5 that is clearly text in spite of its faults; None where none is."""
    found = [(trust, guess) for name in ("utf-8", "gb18030", "cp950") for trust, guess in _reading(raw, name)]
    return max(found, key=lambda rated: rated[0])[1] if found else None


def _reading(raw: bytes, name: str) -> Iterator[tuple[float, Guess]]:
    text = raw.decode(name, "replace")
    if not _few_bad_lines(text):
        return
    sample = text[_first_beyond_ascii(text) :][:_SAMPLE]
    good = sum(char >= "\x80" for char in sample) - sample.count(_FAULT)
    spots = len(re.findall(f"{_FAULT}+", sample))  # neighbouring faults are one accident
    known = familiarity(sample.replace(_FAULT, ""))
    if good < 4 * spots or (name != "utf-8" and known < _CHINESE):
        return
    # Valid UTF-8 sequences are no accident, whatever language they write.
    trust = (1.0 if name == "utf-8" else known) * good / (good + text.count(_FAULT))
    yield trust, Guess(text, name, text.count(_FAULT), first_fault(raw, name))


def _few_bad_lines(text: str) -> bool:
    lines = text.split("\n")
    return sum(_FAULT in line for line in lines) <= max(1, _MOST_BAD_LINES * len(lines))


def _first_beyond_ascii(text: str) -> int:
    """Where the first character beyond ASCII stands: a preamble in English says nothing."""
    found = re.search(r"[^\x00-\x7f]", text)
    return found.start() if found else 0


def first_fault(raw: bytes, name: str) -> int | None:
    """Byte offset of the first byte that does not decode; None where all do."""
    try:
        raw.decode(name)
    except UnicodeDecodeError as fault:
        return fault.start
    return None


def mixed_lines(raw: bytes) -> Guess | None:
    """Text of which some lines are UTF-8 and the others GB18030 (two exports put together); None where it is not.

    Each line is read by itself, with faults where neither explains it.
    """
    if not _UTF8_HAN.search(raw):
        return None
    pieces, place, first = [], 0, None
    sure = {"utf-8": False, "gb18030": False}
    for line in raw.splitlines(keepends=True):
        text, name = _one_line(line)
        if _FAULT in text:
            first = place + (first_fault(line, name) or 0) if first is None else first
        elif not sure[name] and not line.isascii():
            sure[name] = name == "utf-8" or familiarity(text) >= _CHINESE
        pieces.append(text)
        place += len(line)
    text = "".join(pieces)
    if not all(sure.values()) or not _few_bad_lines(text) or familiarity(text[:_SAMPLE]) < _CHINESE:
        return None
    return Guess(text, "utf-8+gb18030", text.count(_FAULT), first)


def _one_line(line: bytes) -> tuple[str, str]:
    """A line and its encoding: the one in which it reads most like Chinese; a fault counts as a rare character."""
    if line.isascii():
        return line.decode("ascii"), "utf-8"
    if not _UTF8_HAN.search(line):  # nearly every line of a GB18030 file
        try:
            return line.decode("gb18030"), "gb18030"
        except UnicodeDecodeError:
            pass
    readings = ((line.decode(name, "replace"), name) for name in ("utf-8", "gb18030"))
    return max(readings, key=lambda reading: familiarity(re.sub(f"{_FAULT}+", _FAULT, reading[0])))


def western(raw: bytes) -> str | None:
    """The bytes as Windows-1252, if they are words with accented letters; None where they decode but look otherwise.

    0x81, 0x8D, 0x8F, 0x90 and 0x9D stand for nothing there: a text that holds one is something else.
    """
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    sample = text[max(0, _first_beyond_ascii(text) - 100) :][:_SAMPLE]
    high = sum(char >= "\x80" for char in sample)
    fitting = sum(len(part) for part in re.findall(_WESTERN, sample))
    return text if high < 0.4 * len(sample) and fitting >= 0.6 * high else None
