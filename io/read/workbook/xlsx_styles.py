"""The number format of each cell style of an xlsx workbook."""

from .number_formats import format_kind
from .xml_text import parse_part
from .zip_guard import Package


def style_kinds(package: Package, part: str | None) -> list[str]:
    """Format kind (`number_formats`) per style index; a workbook without styles has none."""
    if part is None or part not in package:
        return []
    root = parse_part(package.part(part))
    codes = {f.get("numFmtId", ""): f.get("formatCode", "") for f in root.iter("numFmt")}
    cells = root.find("cellXfs")
    if cells is None:
        return []
    return [_kind(style.get("numFmtId", "0"), codes) for style in cells.iter("xf")]


def _kind(number: str, codes: dict[str, str]) -> str:
    return format_kind(int(number) if number.isdigit() else 0, codes.get(number))
