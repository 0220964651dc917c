"""The table of texts that the cells of an xlsx workbook point into."""

import re
from collections.abc import Iterator

import polars as pl

from ...table.reasons import refuse
from .xml_text import split_text, unescape_series, without_markup, xml_bytes
from .zip_guard import Package

_ROOT = re.compile(rb"<((?:\w+:)?)sst\b[^>]*>")
_TEXT = re.compile(r"<t(?:\s[^>]*)?>([^<]*)</t>")
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_USUAL = r"^(?:\s[^>]*)?>\s*<t(?: xml:space=\"preserve\")?>([^<]*)</t>\s*</si>"
_MOST_STRINGS = 12_000_000


def shared_strings(package: Package, part: str | None) -> pl.Series:
    """Texts in order; rich runs are joined, phonetic guides left out. A workbook without the part has none."""
    if part is None or part not in package:
        return pl.Series("text", [], pl.String)
    series, total = [pl.Series("text", [], pl.String)], 0
    for text in _runs(xml_bytes(package.stream(part))):
        items = _items(text)
        total += len(items)
        if total > _MOST_STRINGS:
            refuse("limit.size")
        series.append(unescape_series(items))
    return pl.concat(series)


def _runs(texts: Iterator[bytes]) -> Iterator[bytes]:
    """The part in pieces that end behind a whole item, without prefixes."""
    held, prefix = b"", None
    for text in texts:
        held += text
        if prefix is None:
            root = _ROOT.search(held)
            if root is None:
                continue
            prefix = root.group(1)
        end = held.rfind(b"</%ssi>" % prefix)
        if end < 0:
            continue
        end += len(b"</%ssi>" % prefix)
        yield _plain(held[:end], prefix)
        held = held[end:]
    if held and prefix is not None:
        yield _plain(held, prefix)


def _plain(text: bytes, prefix: bytes) -> bytes:
    text = without_markup(text)
    return text.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</") if prefix else text


def _items(text: bytes) -> pl.Series:
    # "<si" also begins nothing else in this part; "<si/>" is an item without text.
    pieces = split_text(text, "<si").slice(1).alias("text")
    found = pieces.str.extract(_USUAL)
    odd = found.is_null()
    if not odd.any():
        return found
    texts = ["".join(_TEXT.findall(_PHONETIC.sub("", piece))) for piece in pieces.filter(odd).to_list()]
    return found.scatter(odd.arg_true(), texts)
