"""XML of workbook parts as text: one encoding, no document type, no prefixes, nothing but elements and text."""

import codecs
import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

import polars as pl

from ...table.reasons import refuse

_DECLARED = re.compile(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9_.:-]+)["']""")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(\w+));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def parse_part(data: bytes) -> ElementTree.Element:
    """A small part as a tree whose tags and attributes carry no namespace."""
    text = b"".join(xml_bytes([data])).decode("utf-8", "replace")
    try:
        # The declaration may name another encoding than the text that we hand over.
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).lstrip("\ufeff"))
    except (ElementTree.ParseError, ValueError):
        refuse("workbook.damaged")
    for element in root.iter():
        element.tag = local(element.tag)
        for key in [key for key in element.attrib if key.startswith("{")]:
            element.attrib[local(key)] = element.attrib.pop(key)
    return root


def local(tag: object) -> str:
    """A tag without its namespace; comments and instructions have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def xml_bytes(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of a part in UTF-8. Refuses a document type: entities are how XML bombs are made."""
    decoder: codecs.IncrementalDecoder | None = None
    for number, piece in enumerate(pieces):
        if number == 0 and (name := _encoding(piece)) != "utf-8":
            decoder = codecs.getincrementaldecoder(name)("replace")
        piece = piece.removeprefix(codecs.BOM_UTF8) if number == 0 else piece
        text = decoder.decode(piece).encode("utf-8", "replace") if decoder is not None else piece
        if b"<!" in text and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
            refuse("workbook.damaged")
        yield text


def split_text(text: bytes, at: str) -> pl.Series:
    """UTF-8 text cut at every `at`; bytes that are no UTF-8 become U+FFFD."""
    whole = pl.Series("piece", [text]).cast(pl.String, strict=False)
    whole = pl.Series("piece", [text.decode("utf-8", "replace")]) if whole.null_count() else whole
    return whole.str.split(at).explode(empty_as_null=False, keep_nulls=False)


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(b"<\0"):
        return "utf-16-le"
    if head.startswith(b"\0<"):
        return "utf-16-be"
    declared = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8).lstrip())
    try:
        name = codecs.lookup(declared.group(1).decode()).name if declared else "utf-8"
    except LookupError:
        name = "utf-8"
    return "utf-8" if name in ("utf-16", "utf-32") else name


def without_markup(text: bytes) -> bytes:
    """Text without comments; character data sections become escaped text."""
    if b"<!" not in text:
        return text
    text = re.sub(rb"<!--.*?-->", b"", text, flags=re.DOTALL)
    return re.sub(rb"<!\[CDATA\[(.*?)\]\]>", lambda m: _escape(m.group(1)), text, flags=re.DOTALL)


def _escape(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def unescape(text: str) -> str:
    """XML references and Excel's own `_x000D_` as characters; line ends as XML counts them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" in text:
        text = _REFERENCE.sub(_referred, text)
    return _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)), text) if "_x" in text else text


def _referred(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    try:
        return _NAMED.get(name, match.group(0)) if name else chr(int(hexadecimal, 16) if hexadecimal else int(decimal))
    except (ValueError, OverflowError):
        return "\ufffd"


def unescape_series(texts: pl.Series) -> pl.Series:
    """`unescape` on a String column; only the texts that need it are touched."""
    mask = texts.str.contains(r"[&\r]|_x[0-9A-Fa-f]{4}_").fill_null(False)
    if not mask.any():
        return texts
    places = mask.arg_true()
    mended = [_no_surrogates(unescape(text)) for text in texts.gather(places).to_list()]
    return texts.scatter(places, mended)


def _no_surrogates(text: str) -> str:
    """`_xD83D__xDE00_` is one character in two halves; a lone half is none."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
