"""An independent count of a workbook's cells, from the raw XML of xlsx and xlsm: shares no line with `guiyi.io`.

A cell counts if it holds more than white space. The comparison goes row by row, so that a lost cell cannot be made
good by an invented one.
"""

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from guiyi.io.table.source_table import SourceTable

Cells = dict[tuple[int, str], str]  # (row, column letters) → text


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (element for element in root.iter() if _tag(element) == name)


def _text(element: ElementTree.Element) -> str:
    """The texts inside, without phonetic guides."""
    if _tag(element) == "rPh":
        return ""
    own = (element.text or "") if _tag(element) in ("t", "v") else ""
    return own + "".join(_text(child) for child in element)


def _part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A part as a tree. Some writers use other slashes, or another case, than the relations say."""
    wanted = name.lower()
    found = next((n for n in archive.namelist() if n.replace("\\", "/").lstrip("/").lower() == wanted), name)
    return ElementTree.fromstring(archive.read(found))


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    folder, name = posixpath.split(part)
    found = {}
    for relation in _all(_part(archive, posixpath.join(folder, "_rels", f"{name}.rels")), "Relationship"):
        target = relation.get("Target", "")
        target = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], target)
    return found


def visible_sheets(path: Path) -> dict[str, Cells]:
    """The cells of every visible worksheet by its name. Raises KeyError or ParseError where parts are broken."""
    with zipfile.ZipFile(path) as archive:
        main = next(target for kind, target in _related(archive, "").values() if kind == "officeDocument")
        related = _related(archive, main)
        shared = [target for kind, target in related.values() if kind == "sharedStrings"]
        strings = [_text(si) for si in _part(archive, shared[0])] if shared else []
        found = {}
        for sheet in _all(_part(archive, main), "sheet"):
            key = next((value for name, value in sheet.items() if name.endswith("}id")), "")
            kind, part = related.get(key, ("", ""))
            if sheet.get("state", "visible") == "visible" and kind == "worksheet":
                found[sheet.get("name", "")] = _cells(_part(archive, part), strings)
    return found


def _cells(root: ElementTree.Element, strings: list[str]) -> Cells:
    found: Cells = {}
    for data in _all(root, "sheetData"):
        row = 0
        for line in (child for child in data if _tag(child) == "row"):
            row = int(line.get("r", row + 1))
            column = 0
            for cell in (child for child in line if _tag(child) == "c"):
                letters, digits = _address(cell.get("r"), row, column)
                column = _number(letters)
                found[int(digits), letters] = _value(cell, strings)
    return {place: text for place, text in found.items() if text.strip()}


def _address(address: str | None, row: int, column: int) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Z]+)(\d+)", (address or "").upper())
    return (match.group(1), match.group(2)) if match else (_letters(column + 1), str(row))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    return (_letters((number - 1) // 26) if number > 26 else "") + chr(65 + (number - 1) % 26)


def _value(cell: ElementTree.Element, strings: list[str]) -> str:
    value = next((child.text or "" for child in cell if _tag(child) == "v"), "")
    if cell.get("t") == "inlineStr":
        return next((_text(child) for child in cell if _tag(child) == "is"), value)
    if cell.get("t") == "b":
        return {"1": "TRUE", "0": "FALSE"}.get(value, value)
    if cell.get("t") == "s":
        return strings[int(value)] if value.strip().isdigit() and int(value) < len(strings) else ""
    return value


def differences(path: Path, tables: list[SourceTable]) -> list[str]:
    """Sheet and row of everything in which the tables and the XML disagree; empty: no cell lost, none invented."""
    by_name = {table.sheet: table for table in tables}
    found = []
    for name, cells in visible_sheets(path).items():
        if not cells:
            continue
        if name not in by_name:
            found.append(f"{name}: {len(cells)} cells, not read")
            continue
        found += [f"{name} {text}" for text in _compared(cells, by_name[name])]
    return found


def _compared(cells: Cells, table: SourceTable) -> list[str]:
    expected = Counter(row for row, _ in cells)
    read = _read(table)
    header = sorted(row for row in expected if row not in read and row <= table.header_row)
    labels = Counter("/".join(table.headers))
    texts = [text.strip() for (row, _), text in cells.items() if row in header]
    found = [f"header rows {header}"] if len(header) > 2 else []
    found += [f"header text of row {header}: lost" for text in texts if Counter(text) - labels]
    for row in sorted((set(expected) | set(read)) - set(header)):
        if expected[row] != read[row]:
            found.append(f"row {row}: {expected[row]} cells in the XML, {read[row]} read")
    return found


def _read(table: SourceTable) -> Counter[int]:
    """Non-blank cells by row, less those that were filled because they are merged."""
    read: Counter[int] = Counter()
    for row, *cells in table.rows.iter_rows():
        read[row] += sum(bool(cell and cell.strip()) for cell in cells)
    for row, _, cells in table.set_aside.iter_rows():
        read[row] += sum(bool(cell and cell.strip()) for cell in cells)
    filled = Counter(row for row, rule in table.notes.select("row_number", "rule").rows() if rule == "cell.merged_fill")
    return read - filled
