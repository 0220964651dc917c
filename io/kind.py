"""What a file really is: its first bytes decide, never its name."""

import zipfile
from typing import Literal

Kind = Literal["text", "zip", "ole", "biff", "html", "xml", "gzip", "parquet", "duckdb", "sqlite", "archive", "binary"]

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
_BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x00\x06\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
_LOOKED_AT = 4096


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
    """Markup, delimited text, or bytes that no text has."""
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if plain.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<style", b"<div")):
        return "html"
    if plain.startswith(b"<?xml") or plain.startswith((b"<workbook", b"<ss:workbook")):
        return "html" if b"<html" in plain else "xml"
    if plain.startswith((b"<!--", b"<")) and b"<table" in plain:
        return "html"
    controls = sum(head.count(bytes([code])) for code in range(1, 32) if code not in (9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31))
    return "binary" if controls > 0.02 * len(head) else "text"


def zip_member_names(path: str) -> list[str] | None:
    """Names inside a zip; None where its directory cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
