"""The parts of an xlsx workbook: which sheets there are, where they lie, and what they share."""

import posixpath
import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ...table.reasons import refuse
from .xml_text import parse_part
from .zip_guard import Package


@dataclass(frozen=True)
class SheetPart:
    name: str
    part: str
    hidden: bool


@dataclass(frozen=True)
class Workbook:
    """sheets: worksheets in the order of the tabs. shared, styles: names of the parts, or None."""

    sheets: tuple[SheetPart, ...]
    shared: str | None
    styles: str | None
    epoch_1904: bool
    macros: bool
    external_links: int


def read_workbook_part(package: Package) -> Workbook:
    """The workbook part of a package; refuses a zip that holds none."""
    main = main_part(package)
    root = parse_part(package.part(main))
    related = relations(package, main)
    targets = {key: target for key, (_, target) in related.items()}
    sheets = tuple(_sheets(root, related, package))
    by_kind = {kind: target for kind, target in related.values() if target in package}
    properties = root.find("workbookPr")
    return Workbook(
        sheets,
        by_kind.get("sharedStrings"),
        by_kind.get("styles"),
        properties is not None and properties.get("date1904", "0").lower() in ("1", "true", "on"),
        any(name.endswith("vbaproject.bin") for name in package.names()),
        sum(1 for kind, _ in related.values() if kind == "externalLink") if targets else 0,
    )


def main_part(package: Package) -> str:
    """The part that is the workbook."""
    for kind, target in relations(package, "").values():
        if kind == "officeDocument" and target in package:
            return target
    found = package.find(r"(.*/)?workbook\d*\.xml")
    if not found:
        refuse("file.not_a_table")
    return found[0]


def relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → (kind, name of the part). A package without the relations part has none."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in package:
        return {}
    found = {}
    for relation in parse_part(package.part(path)).iter("Relationship"):
        target = relation.get("Target", "").replace("\\", "/")
        target = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        kind = relation.get("Type", "").rpartition("/")[2]
        found[relation.get("Id", "")] = (kind, target.lower())
    return found


def _sheets(root: Element, related: dict[str, tuple[str, str]], package: Package) -> list[SheetPart]:
    """Worksheets and macro sheets that hold cells; charts and dialogs hold none."""
    found: list[SheetPart] = []
    orphans = sorted(package.find(r"(.*/)?worksheets/[^/]+\.xml"), key=_natural)
    for sheet in root.iter("sheet"):
        kind, target = related.get(sheet.get("id", ""), ("", ""))
        if not target and orphans:  # no relation: the parts are numbered like the tabs
            kind, target = "worksheet", orphans[min(len(found), len(orphans) - 1)]
        if kind.lower() not in ("worksheet", "xlmacrosheet", "macrosheet") or target not in package:
            continue
        hidden = sheet.get("state", "visible").lower() in ("hidden", "veryhidden")
        found.append(SheetPart(sheet.get("name", f"Sheet{len(found) + 1}"), target, hidden))
    return found


def _natural(name: str) -> tuple[int, str]:
    digits = re.search(r"(\d+)\.xml$", name)
    return (int(digits.group(1)) if digits else 0, name)
