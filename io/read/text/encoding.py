"""Which characters the bytes stand for: strict decoding first, then votes; never a silent replacement.

BOM → NUL pattern (UTF-16) → strict UTF-8 → lines of UTF-8 among lines of GB18030 → strict GB18030 against strict
Big5 by common characters → what `doubtful_text` makes of the rest: Windows-1252 by evidence, or Chinese with faults.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from ...table.kind import wide_encoding
from ...table.reasons import refusal, refuse
from .common_characters import familiarity
from .doubtful_text import chinese_with_faults, first_fault, mixed_lines, western

_CHUNK = 1 << 18  # pieces that stay in the cache decode twice as fast
_SAMPLE = 1 << 18
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DOUBTFUL = 0.35  # familiarity below which a strict reading is taken for an accident


@dataclass(frozen=True)
class Decoded:
    """utf8: the text as UTF-8 without BOM. confidence 0..1. faults: U+FFFD put in; first_fault: byte offset or None."""

    utf8: bytes
    encoding: str
    confidence: float
    bom: bool = False
    faults: int = 0
    first_fault: int | None = None


def decode(raw: bytes, wish: str | None = None) -> Decoded:
    """The text of a file. `wish` (--encoding) wins. Refuses what no encoding explains."""
    for mark, name in _BOMS:
        if raw.startswith(mark) and (wish is None or _same(wish, name)):
            return _marked(raw[len(mark) :], name)
    if wish is not None:
        return _as_wished(raw, wish)
    return _by_evidence(raw)


def _marked(body: bytes, name: str) -> Decoded:
    utf8 = _to_utf8(body, name)
    if utf8 is not None:
        return Decoded(utf8, name, 1.0, bom=True)
    # A mark with wrong bytes behind it: the mark may lie (a tool added one to a GBK export).
    if name == "utf-8":
        return _by_evidence(body)
    return _with_faults(body, name)


def _as_wished(raw: bytes, wish: str) -> Decoded:
    try:
        name = codecs.lookup(wish).name
    except LookupError:
        refuse("encoding.unknown")
    # gb2312 and gbk are what people say; gb18030 is what Excel and WPS write.
    name = {"gb2312": "gb18030", "gbk": "gb18030", "utf-8-sig": "utf-8", "big5": "cp950"}.get(name, name)
    utf8 = _to_utf8(raw, name)
    return Decoded(utf8, name, 1.0) if utf8 is not None else _with_faults(raw, name)


def _by_evidence(raw: bytes) -> Decoded:
    wide = wide_encoding(raw[:_SAMPLE])
    if wide is not None and (utf8 := _to_utf8(raw[: len(raw) // 2 * 2], wide)) is not None and _is_plausible(utf8):
        return Decoded(utf8, wide, 0.9)
    if (utf8 := _to_utf8(raw, "utf-8")) is not None:
        return Decoded(utf8, "utf-8", 1.0)
    mixed = mixed_lines(raw)
    if mixed is not None:
        return Decoded(mixed.text.encode(), mixed.encoding, 0.5, faults=mixed.faults, first_fault=mixed.first)
    votes = sorted(_chinese_votes(raw), reverse=True)
    if votes and votes[0][0] >= 0.5:
        return _from_votes(votes)
    return _last_resort(raw, votes)


def _chinese_votes(raw: bytes) -> Iterator[tuple[float, str, bytes]]:
    """(familiarity, encoding, text) of each Chinese encoding that decodes strictly. cp950 is Big5 as Windows has it."""
    for name in ("gb18030", "cp950", "big5hkscs"):
        utf8 = _to_utf8(raw, name)
        if utf8 is not None:
            yield familiarity(utf8[:_SAMPLE].decode("utf-8", "ignore")), name, utf8


def _from_votes(votes: list[tuple[float, str, bytes]]) -> Decoded:
    best, name, utf8 = votes[0]
    rival = next((score for score, other, _ in votes if (other == "gb18030") != (name == "gb18030")), 0.0)
    if name == "big5hkscs" and any(score == best and other == "cp950" for score, other, _ in votes):
        name, utf8 = next((other, text) for _, other, text in votes if other == "cp950")
    return Decoded(utf8, name, round(min(1.0, 0.5 + (best - rival) / 2), 2))


def _last_resort(raw: bytes, votes: list[tuple[float, str, bytes]]) -> Decoded:
    """Two encodings in turn, a few broken characters, a Western file, a doubtful Chinese one, or nothing readable."""
    if b"\0" not in raw and (text := western(raw)) is not None:
        return Decoded(text.encode(), "cp1252", 0.4)
    guess = chinese_with_faults(raw)
    if guess is not None:
        return Decoded(guess.text.encode(), guess.encoding, 0.3, faults=guess.faults, first_fault=guess.first)
    if votes and votes[0][0] >= _DOUBTFUL:
        return Decoded(votes[0][2], votes[0][1], 0.2)
    raise refusal("encoding.unknown")


def _is_plausible(utf8: bytes) -> bool:
    """Whether a UTF-16 reading is text: ASCII and common characters. A stray NUL in other text leads to rare ones."""
    sample = utf8[:_SAMPLE].decode("utf-8", "ignore")
    ascii_share = sum(char < "\x80" for char in sample) / max(1, len(sample))
    return ascii_share + (1 - ascii_share) * familiarity(sample) >= 0.6 or ascii_share >= 0.4


def _to_utf8(raw: bytes, name: str) -> bytes | None:
    """The bytes as UTF-8, or None where they do not decode strictly. Goes in pieces: no file-sized str is made."""
    if name == "utf-8":
        return raw if _is_utf8(raw) else None
    decoder = codecs.getincrementaldecoder(name)("strict")
    starts = range(0, len(raw), _CHUNK)
    try:
        pieces = (decoder.decode(raw[start : start + _CHUNK], start + _CHUNK >= len(raw)) for start in starts)
        return b"".join(piece.encode("utf-8") for piece in pieces)
    except UnicodeError:
        return None


def _is_utf8(raw: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    view = memoryview(raw)
    try:
        for start in range(0, len(raw), _CHUNK):
            decoder.decode(view[start : start + _CHUNK], start + _CHUNK >= len(raw))
    except UnicodeDecodeError:
        return False
    return True


def _with_faults(raw: bytes, name: str) -> Decoded:
    """Decoded with U+FFFD in place of what does not decode; says how many and where the first one is."""
    text = raw.decode(name, "replace")
    faults = text.count("\ufffd")
    return Decoded(text.encode("utf-8", "replace"), name, 0.3, faults=faults, first_fault=first_fault(raw, name))


def _same(wish: str, name: str) -> bool:
    try:
        return codecs.lookup(wish).name.removesuffix("-sig") in (name, name.removesuffix("-le").removesuffix("-be"))
    except LookupError:
        return False
