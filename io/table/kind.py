"""What a file really is: its first bytes decide, never its name."""

import codecs
import re
from typing import Literal

Kind = Literal[
    "text", "zip", "ole", "biff", "html", "xml", "gzip", "parquet", "json", "duckdb", "sqlite", "archive", "binary"
]

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3\0", "sqlite"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\0", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"%PDF-", "binary"),
    (b"\x89PNG", "binary"),
    (b"\xff\xd8\xff", "binary"),
    (b"GIF8", "binary"),
    (b"\x7fELF", "binary"),
    (b"MZ\x90", "binary"),
)
# BIFF 2 to 5 outside an OLE container: record BOF, its length, the version.
_BARE_BIFF = (
    b"\x09\x00\x04\x00",
    b"\x09\x00\x06\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)
_LOOKED_AT = 4096
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = [code for code in range(1, 32) if code not in (9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31)]


def kind_of(head: bytes) -> Kind:
    """The kind of a file by its beginning (4 KiB are enough)."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(_BARE_BIFF):
        return "biff"
    if head[8:12] == b"DUCK":
        return "duckdb"
    return _kind_of_text(head[:_LOOKED_AT])


def _kind_of_text(head: bytes) -> Kind:
    """Markup, delimited text, or bytes that no text has. Half of UTF-16's bytes look like control signs."""
    wide = wide_encoding(head)
    text = head.decode(wide, "ignore").encode() if wide else head
    plain = text.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if plain.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<style", b"<div")):
        return "html"
    if plain.startswith((b"<?xml", b"<workbook", b"<ss:workbook")):
        return "html" if b"<html" in plain else "xml"
    if plain.startswith(b"<") and b"<table" in plain:
        return "html"
    if plain.startswith(b'{"') or re.match(rb"\[\s*\{\s*\"", plain):
        return "json"
    controls = sum(text.count(bytes([code])) for code in _CONTROLS)
    return "binary" if controls > 0.02 * len(text) or text.count(0) > 0.2 * len(text) else "text"


def wide_encoding(sample: bytes) -> str | None:
    """UTF-16 or UTF-32, by its mark, or by the NULs that digits, delimiters and line ends leave on one side."""
    for mark, name in _WIDE_MARKS:
        if sample.startswith(mark):
            return name
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0 : pairs * 2 : 2].count(0), sample[1 : pairs * 2 : 2].count(0)
    if odd > 0.02 * pairs and even <= 0.3 * odd:
        return "utf-16-le"
    if even > 0.02 * pairs and odd <= 0.3 * even:
        return "utf-16-be"
    return None
