"""A workbook with cells repaired and marked in place: everything that is not spoken of stays, byte for byte.

The parts of the package are edited as text. Texts are written as inline strings, so that nothing in them runs.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ...errors import InputError
from ..buffers import BytesIO
from ..read.workbook.xlsx_package import SheetPart, main_part, read_workbook_part, relations
from ..read.workbook.zip_guard import Package
from ..table.addresses import column_letters, column_position
from .marked_parts import Styles, comments_part, drawing_part, insert_element, list_part, unique_name, without_own
from .package_parts import RELATION, PackageParts, UnusualError, before

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_ROW = re.compile(rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_DATA = re.compile(rb"<sheetData\b[^>]*?(?:/>|>(.*)</sheetData>)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Mark:
    """One marked cell: 1-based row, 0-based column. comment: every reason. choices: values a drop-down offers."""

    row: int
    column: int
    severity: str
    comment: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetEdits:
    """texts: (1-based row, 0-based column) → what is to stand there."""

    marks: Sequence[Mark] = ()
    texts: Mapping[tuple[int, int], str] = ()  # type: ignore[assignment]


@dataclass(frozen=True)
class ListSheet:
    """A sheet of guiyi's own behind the user's. rows: sheet and cell to jump to, severity (its colour), texts."""

    name: str
    heads: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[tuple[tuple[str, str] | None, str | None, Sequence[str]]]


def edit_workbook(data: bytes, edits: Mapping[str, SheetEdits], lists: Sequence[ListSheet]) -> bytes | None:
    """The xlsx with its edits by sheet name and the lists; None where it has macros or is written in an unusual way."""
    try:
        package = Package(BytesIO(data))
        book = read_workbook_part(package)
        if book.macros or book.styles is None:
            return None
        parts = PackageParts(package)
        styles = Styles(parts[book.styles])
        for number, sheet in enumerate(book.sheets):
            edit = edits.get(sheet.name, SheetEdits())
            if edit.marks or edit.texts or _was_marked(parts, sheet.part):
                _edit_sheet(parts, sheet, edit, styles, number)
        _add_lists(parts, main_part(package), book.sheets, edits, lists, styles)
        parts[book.styles] = styles.xml()
        return parts.packed(data)
    except (InputError, UnusualError, zlib.error, KeyError, ValueError):
        return None


def _edit_sheet(parts: PackageParts, sheet: SheetPart, edit: SheetEdits, styles: Styles, number: int) -> None:
    """Texts, colours, comments and drop-downs of one sheet."""
    cells: dict[int, dict[int, tuple[str | None, str | None]]] = {}
    for (row, column), text in dict(edit.texts).items():
        cells.setdefault(row, {})[column] = (text, None)
    for mark in edit.marks:
        row_cells = cells.setdefault(mark.row, {})
        row_cells[mark.column] = (row_cells.get(mark.column, (None, None))[0], mark.severity)
    xml = parts[sheet.part]
    found = _DATA.search(xml)
    if found is None:
        raise UnusualError
    rows = _edited_rows(found.group(1) or b"", cells, styles)
    head, tail = xml[: found.start()], xml[found.end() :]
    if choices := [mark for mark in edit.marks if _offered(mark)]:
        tail = _with_choices(tail, choices)
    if edit.marks or _was_marked(parts, sheet.part):
        tail = _with_comments(parts, sheet.part, tail, edit.marks, number)
    parts[sheet.part] = head + b"<sheetData>" + rows + b"</sheetData>" + tail


def _edited_rows(data: bytes, cells: dict[int, dict[int, tuple[str | None, str | None]]], styles: Styles) -> bytes:
    waiting, out, place = sorted(cells), [], 0
    for match in _ROW.finditer(data):
        number = re.search(rb"""\br=["'](\d+)["']""", match[1])
        if number is None:
            raise UnusualError
        row = int(number[1])
        out.append(data[place : match.start()])
        while waiting and waiting[0] < row:
            out.append(_edited_row(b' r="%d"' % waiting[0], b"", waiting[0], cells[waiting[0]], styles))
            waiting.pop(0)
        if waiting and waiting[0] == row:
            out.append(_edited_row(match[1], match[2] or b"", row, cells[waiting.pop(0)], styles))
        else:
            out.append(match[0])
        place = match.end()
    out += [_edited_row(b' r="%d"' % row, b"", row, cells[row], styles) for row in waiting]
    return b"".join((*out, data[place:]))


def _edited_row(
    attributes: bytes, body: bytes, row: int, cells: dict[int, tuple[str | None, str | None]], styles: Styles
) -> bytes:
    found: dict[int, bytes] = {}
    for match in _CELL.finditer(body):
        address = re.search(rb"""\br=["']([A-Za-z]{1,3})\d+["']""", match[1])
        if address is None:
            raise UnusualError
        column = column_position(address[1].decode().upper())
        found[column] = _edited_cell(match, *cells[column], styles) if column in cells else match[0]
    for column, (text, severity) in cells.items():
        if column not in found:
            bare = _CELL.match(b'<c r="%s%d"/>' % (column_letters(column).encode(), row))
            assert bare is not None
            found[column] = _edited_cell(bare, text, severity, styles)
    attributes = re.sub(rb'\sspans="[^"]*"', b"", attributes)
    return b"<row%s>%s</row>" % (attributes, b"".join(found[column] for column in sorted(found)))


def _edited_cell(match: "re.Match[bytes]", text: str | None, severity: str | None, styles: Styles) -> bytes:
    """The cell with another text, another colour, or both; its number format stays."""
    attributes, body = match[1], match[2] or b""
    if severity is not None:
        style = re.search(rb"""\ss=["'](\d+)["']""", attributes)
        attributes = re.sub(rb"""\ss=["']\d+["']""", b"", attributes)
        attributes += b' s="%d"' % styles.coloured(int(style[1]) if style else 0, severity)
    if text is not None:
        attributes = re.sub(rb"""\st=["']\w+["']""", b"", attributes) + b' t="inlineStr"'
        body = b'<is><t xml:space="preserve">%s</t></is>' % _text(text)
    return b"<c%s>%s</c>" % (attributes, body)


def _text(text: str) -> bytes:
    """A text for XML as Excel writes it: what XML cannot hold as `_x0007_`, and what looks like that escaped."""
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text[:32_767])
    return escape(_CONTROL.sub(lambda m: f"_x{ord(m[0]):04X}_", text), quote=False).encode()


def _offered(mark: Mark) -> bool:
    """Whether a drop-down can hold the choices: 255 characters, and no comma in any."""
    return (
        bool(mark.choices) and len(",".join(mark.choices)) < 255 and not any("," in c or '"' in c for c in mark.choices)
    )


def _with_choices(tail: bytes, marks: Sequence[Mark]) -> bytes:
    """Drop-downs that forbid nothing."""
    lists = b"".join(
        b'<dataValidation type="list" allowBlank="1" sqref="%s%d"><formula1>"%s"</formula1></dataValidation>'
        % (column_letters(m.column).encode(), m.row, _text(",".join(m.choices)))
        for m in marks
    )
    if b"</dataValidations>" not in tail:
        return insert_element(tail, b"<dataValidations>%s</dataValidations>" % lists, "dataValidations")
    tail = re.sub(rb"(<dataValidations\b[^>]*?)\scount=[\"']\d+[\"']", rb"\1", tail)
    return tail.replace(b"</dataValidations>", lists + b"</dataValidations>", 1)


def _was_marked(parts: PackageParts, part: str) -> bool:
    """Whether an earlier check has left comments."""
    comments = dict(relations(parts.package, part).values()).get("comments")
    return comments is not None and b">guiyi</" in parts[comments]


def _with_comments(parts: PackageParts, part: str, tail: bytes, marks: Sequence[Mark], number: int) -> bytes:
    """A comment for each mark, beside those that are there; a cell with one of the user's keeps it."""
    related = dict(relations(parts.package, part).values())
    comments, drawing = related.get("comments"), related.get("vmlDrawing") if b"<legacyDrawing " in tail else None
    old = without_own(parts[comments]) if comments else None
    taken = set(re.findall(rb'<comment\b[^>]*?\bref="(\w+)"', old or b""))
    new = [m for m in marks if f"{column_letters(m.column)}{m.row}".encode() not in taken]
    told = [(f"{column_letters(m.column)}{m.row}", _text(m.comment)) for m in new]
    if comments:
        parts[comments] = comments_part(told, old)
    else:
        name = f"xl/guiyi_comments{number}.xml"
        parts.add(name, comments_part(told, None), _COMMENTS_TYPE)
        parts.relate(part, "comments", name)
    shapes = [(m.row - 1, m.column) for m in new]
    if drawing:
        parts[drawing] = drawing_part(shapes, number, parts[drawing])
        return tail
    name = f"xl/drawings/guiyi_comments{number}.vml"
    parts[name] = drawing_part(shapes, number, None)
    key = parts.relate(part, "vmlDrawing", name)
    return insert_element(tail, f'<legacyDrawing xmlns:r="{RELATION}" r:id="{key}"/>'.encode(), "legacyDrawing")


def _add_lists(
    parts: PackageParts,
    main: str,
    sheets: Sequence[SheetPart],
    edits: Mapping[str, SheetEdits],
    lists: Sequence[ListSheet],
    styles: Styles,
) -> None:
    """The lists behind the user's sheets, in place of those of an earlier check; a hidden sheet with marks is shown."""
    old = {sheet.name for sheet in sheets if re.fullmatch(r"xl/worksheets/guiyi\d+\.xml", sheet.part)}
    taken = {sheet.name.casefold() for sheet in sheets if sheet.name not in old}
    book = parts[main]
    for name in old:
        book = re.sub(rb'<sheet\b(?=[^>]*\bname="%s")[^>]*/>' % re.escape(escape(name).encode()), b"", book)
    tabs = [int(number) for number in re.findall(rb'\bsheetId="(\d+)"', book)]
    for number, one in enumerate(lists, start=1):
        part = f"xl/worksheets/guiyi{number}.xml"
        parts.add(part, list_part(one.heads, one.widths, one.rows, styles, _text), _SHEET_TYPE)
        key, name = parts.relate(main, "worksheet", part), escape(unique_name(one.name, taken))
        sheet = f'<sheet xmlns:r="{RELATION}" name="{name}" sheetId="{max(tabs, default=0) + number}" r:id="{key}"/>'
        book = before(book, b"</sheets>", sheet.encode())
    for name, edit in edits.items():
        if edit.marks:
            shown = re.compile(rb'(<sheet\b(?=[^>]*\bname="%s")[^>]*?)\sstate="\w+"' % re.escape(escape(name).encode()))
            book = shown.sub(rb"\1", book)
    parts[main] = book
