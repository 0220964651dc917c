"""The parts that a marked workbook gets: styles, comments and their shapes, sheets of guiyi's own (ECMA-376, part 1, 18.3 and 18.8)."""

import re
from collections.abc import Callable, Sequence

from ..table.addresses import column_letters

COLOURS = {"error": "FFFFC7CE", "warning": "FFFFEB9C", "info": "FFDDEBF7"}
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_XF = re.compile(rb"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_LINKS = 60_000  # Excel opens no sheet with more than 65,530
# What follows in a worksheet, in the order that the standard asks for.
_AFTER = {
    "dataValidations": ("hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
                        "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing"),
    "legacyDrawing": (),
}  # fmt: skip
_LAST = ("legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts")


class Styles:
    """The styles of a workbook, with more of them as they are asked for. Raises ValueError where the part has none."""

    def __init__(self, xml: bytes) -> None:
        self._text = xml
        self._formats = _XF.findall(_inside(xml, b"cellXfs"))
        fills = _inside(xml, b"fills").count(b"<fill>") + _inside(xml, b"fills").count(b"<fill ")
        self._fills = {severity: fills + i for i, severity in enumerate(COLOURS)}
        self._bold = len(re.findall(rb"<font(?:>|\s|/)", _inside(xml, b"fonts")))
        self._known: dict[tuple[int, str], int] = {}

    def coloured(self, style: int, severity: str) -> int:
        """A style in the colour of a severity, otherwise the same."""
        base = self._formats[style] if style < len(self._formats) else b"<xf/>"
        base = re.sub(rb'\s(?:fillId|applyFill)="[^"]*"', b"", base)
        fill = b'<xf fillId="%d" applyFill="1"' % self._fills[severity]
        return self._index(style, severity, base.replace(b"<xf", fill, 1))

    def wrapped(self, severity: str | None) -> int:
        """For texts of a list."""
        fill = self._fills[severity] if severity else 0
        body = b'<alignment vertical="top" wrapText="1"/></xf>'
        return self._index(-1, severity or "", b'<xf fillId="%d" applyFill="1" applyAlignment="1">%s' % (fill, body))

    def head(self) -> int:
        """For heads of a list."""
        return self._index(-2, "", b'<xf fontId="%d" applyFont="1"/>' % self._bold)

    def _index(self, style: int, kind: str, xf: bytes) -> int:
        if (style, kind) not in self._known:
            self._known[style, kind] = len(self._formats)
            self._formats.append(xf)
        return self._known[style, kind]

    def xml(self) -> bytes:
        """The part with what was added."""
        fills = b"".join(
            f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/></patternFill></fill>'.encode()
            for colour in COLOURS.values()
        )
        text = _appended(self._text, b"fills", fills)
        text = _appended(text, b"fonts", b"<font><b/></font>")
        old = _inside(text, b"cellXfs")
        return _appended(text, b"cellXfs", b"".join(self._formats[len(_XF.findall(old)) :]))


def _inside(xml: bytes, tag: bytes) -> bytes:
    found = re.search(rb"<%s\b[^>]*>(.*?)</%s>" % (tag, tag), xml, re.DOTALL)
    if found is None:
        raise ValueError(tag)
    return found[1]


def _appended(xml: bytes, tag: bytes, more: bytes) -> bytes:
    """More at the end of an element; its count, which may be left out, goes."""
    xml = re.sub(rb'(<%s\b[^>]*?)\scount="\d+"' % tag, rb"\1", xml, count=1)
    return xml.replace(b"</%s>" % tag, more + b"</%s>" % tag, 1)


def insert_element(tail: bytes, element: bytes, name: str) -> bytes:
    """An element of a worksheet at its place behind the rows. Raises ValueError where there is no end."""
    places = [m.start() for later in (*_AFTER[name], *_LAST) if (m := re.search(rb"<%s\b" % later.encode(), tail))]
    if re.search(rb"</extLst>\s*</worksheet>", tail):
        places.append(tail.rindex(b"<extLst"))
    place = min([*places, tail.rindex(b"</worksheet>")])
    return tail[:place] + element + tail[place:]


def without_own(comments: bytes) -> bytes:
    """A part of comments without those of an earlier check."""
    authors = re.findall(rb"<author\b[^>]*?(?:/>|>(.*?)</author>)", comments)
    for i in (i for i, name in enumerate(authors) if name == b"guiyi"):
        comments = re.sub(rb'<comment\b[^>]*\bauthorId="%d"[^>]*>.*?</comment>' % i, b"", comments, flags=re.DOTALL)
    return comments


def comments_part(told: Sequence[tuple[str, bytes]], old: bytes | None) -> bytes:
    """Comments (cell, text) behind those of the old part."""
    text = old or _XML + f'<comments xmlns="{_MAIN}"><authors></authors><commentList></commentList></comments>'.encode()
    text = re.sub(rb"<(authors|commentList)/>", rb"<\1></\1>", text)
    author = len(re.findall(rb"<author[>/ ]", text))
    text = text.replace(b"</authors>", b"<author>guiyi</author></authors>", 1)
    form = b'<comment ref="%s" authorId="%d"><text><t xml:space="preserve">%s</t></text></comment>'
    new = b"".join(form % (cell.encode(), author, comment) for cell, comment in told)
    return text.replace(b"</commentList>", new + b"</commentList>", 1)


def drawing_part(cells: Sequence[tuple[int, int]], number: int, old: bytes | None) -> bytes:
    """The shapes of comments (0-based row and column) behind those of the old part: without one a comment is not shown."""
    spaces = "".join(
        f' xmlns:{p}="urn:schemas-microsoft-com:{n}"'
        for p, n in (("v", "vml"), ("o", "office:office"), ("x", "office:excel"))
    )
    kind = f"guiyi{number}"
    shapes = [
        f'<v:shapetype id="{kind}"{spaces} coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
        '<v:stroke joinstyle="miter"/>'
        '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
    ]
    for i, (row, column) in enumerate(cells):
        anchor = f"{column + 1}, 15, {max(row - 1, 0)}, 10, {column + 5}, 15, {row + 5}, 4"
        shapes.append(
            f'<v:shape id="{kind}_{i}"{spaces} type="#{kind}" style="position:absolute;visibility:hidden" fillcolor="#ffffe1" '
            'o:insetmode="auto"><v:fill color2="#ffffe1"/><v:path o:connecttype="none"/><v:textbox/>'
            f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
            f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
        )
    text = old or f"<xml{spaces}></xml>".encode()  # an old one may have other prefixes
    text = re.sub(rb'<v:(shape|shapetype) id="guiyi\d.*?</v:\1>', b"", text, flags=re.DOTALL)  # of an earlier check
    head, end, rest = text.rpartition(b"</xml>")
    if not end:
        raise ValueError
    return head + "".join(shapes).encode() + end + rest


def list_part(
    heads: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[tuple[tuple[str, str] | None, str | None, Sequence[str]]],
    styles: Styles,
    text: Callable[[str], bytes],
) -> bytes:
    """A worksheet of texts with a frozen head and a filter; the first text of a row jumps to its cell."""

    def line(number: int, texts: Sequence[str], style: int) -> bytes:
        form = b'<c r="%s%d" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>'
        cells = (form % (column_letters(i).encode(), number, style, text(t)) for i, t in enumerate(texts))
        return b'<row r="%d">%s</row>' % (number, b"".join(cells))

    columns = "".join(f'<col min="{i}" max="{i}" width="{w}" customWidth="1"/>' for i, w in enumerate(widths, start=1))
    view = '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
    links = [
        b'<hyperlink ref="A%d" location="\'%s\'!%s"/>'
        % (i, text(to[0].replace("'", "''")).replace(b'"', b"&quot;"), to[1].encode())
        for i, (to, _, _) in enumerate(rows[:_LINKS], start=2)
        if to is not None
    ]
    body = [
        line(1, heads, styles.head()),
        *(line(i, t, styles.wrapped(s)) for i, (_, s, t) in enumerate(rows, start=2)),
    ]
    return b"".join(
        (
            _XML, f'<worksheet xmlns="{_MAIN}"><sheetViews>{view}</sheetViews><cols>{columns}</cols><sheetData>'.encode(), *body,
            f'</sheetData><autoFilter ref="A1:{column_letters(len(heads) - 1)}{len(rows) + 1}"/>'.encode(),
            b"<hyperlinks>%s</hyperlinks>" % b"".join(links) if links else b"", b"</worksheet>",
        )
    )  # fmt: skip


def unique_name(name: str, taken: set[str]) -> str:
    """A name that a workbook takes: at most 31 characters, none of []:*?/\\, no apostrophe at an end, unique."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", name).strip("'")[:31] or "Sheet"
    candidate, number = plain, 1
    while candidate.casefold() in taken or candidate.casefold() == "history":
        number += 1
        candidate = f"{plain[:27]} {number}"
    taken.add(candidate.casefold())
    return candidate
