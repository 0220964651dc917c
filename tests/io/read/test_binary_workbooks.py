"""Binary workbooks that no library here writes, put together record by record as the specification has them."""

import struct
import zipfile
from pathlib import Path

import polars as pl
import pytest
from guiyi.io.read.readers import read_tables


def biff(code: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def biff2_text(row: int, column: int, text: str) -> bytes:
    raw = text.encode("gb18030")
    return biff(0x04, struct.pack("<HH3xB", row, column, len(raw)) + raw)


def test_biff2_from_the_time_before_containers(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(
        biff(0x09, struct.pack("<HH", 2, 0x10))
        + biff(0x42, struct.pack("<H", 936))
        + biff2_text(1, 0, "姓名")
        + biff2_text(1, 1, "手机")
        + biff2_text(2, 0, "张三")
        + biff(0x03, struct.pack("<HH3xd", 2, 1, 13800138000.0))
        + biff2_text(3, 0, "李四")
        + biff(0x02, struct.pack("<HH3xH", 3, 1, 42))
        + biff(0x05, struct.pack("<HH3xBB", 4, 1, 42, 1))
        + biff(0x0A)
    )
    (table,) = read_tables(path)
    assert (table.format, table.header_row, table.headers) == ("xls", 2, ("姓名", "手机"))
    assert table.rows.rows() == [(3, "张三", "13800138000"), (4, "李四", "42"), (5, None, "#N/A")]
    assert table.notes.filter(pl.col("rule") == "cell.error")["row_number"].to_list() == [5]


def variable(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def record(code: int, body: bytes = b"") -> bytes:
    return variable(code) + variable(len(body)) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def cell(code: int, column: int, body: bytes, style: int = 0) -> bytes:
    return record(code, struct.pack("<II", column, style) + body)


def row(number: int, *cells: bytes, hidden: bool = False) -> bytes:
    flags = bytes([0, 0x10 if hidden else 0, 0])
    return record(0, struct.pack("<IIH", number, 0, 300) + flags + struct.pack("<I", 0)) + b"".join(cells)


def xlsb_file(path: Path, sheet: bytes) -> Path:
    """A workbook of one sheet, with the texts 姓名 and 张三 and the number formats 0 and 14 (a date)."""
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    targets = [("r1", "worksheet", "worksheets/sheet1.bin"), ("r2", "sharedStrings", "sharedStrings.bin")]
    targets.append(("r3", "styles", "styles.bin"))
    links = "".join(f'<Relationship Id="{i}" Type="{kind}{t}" Target="{p}"/>' for i, t, p in targets)
    bundle = record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("客户"))
    styles = record(617, struct.pack("<I", 2)) + b"".join(
        record(47, struct.pack("<HH", 0xFFFF, number) + bytes(12)) for number in (0, 14)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels",
            relations.format(f'<Relationship Id="w" Type="{kind}officeDocument" Target="xl/workbook.bin"/>'),
        )
        archive.writestr("xl/workbook.bin", record(131) + record(143) + bundle + record(144) + record(132))
        archive.writestr("xl/_rels/workbook.bin.rels", relations.format(links))
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        texts = b"".join(record(19, b"\0" + wide(text)) for text in ("姓名", "张三"))
        archive.writestr("xl/sharedStrings.bin", record(159, struct.pack("<II", 2, 2)) + texts + record(160))
        archive.writestr("xl/styles.bin", record(278) + styles + record(618) + record(279))
    return path


@pytest.fixture
def xlsb(tmp_path: Path) -> Path:
    sheet = (
        record(129)
        + record(145)
        + row(2, cell(7, 1, struct.pack("<I", 0)), cell(6, 2, wide("手机")), cell(6, 3, wide("日期")))
        + row(
            3,
            cell(7, 1, struct.pack("<I", 1)),
            cell(5, 2, struct.pack("<d", 13800138000.0)),
            cell(2, 3, struct.pack("<I", 45293 << 2 | 2), style=1),
            hidden=True,
        )
        + row(5, cell(8, 1, wide("公式") + b"\0\0"), cell(3, 2, bytes([23])), cell(4, 3, b"\1"))
        + record(146)
        + record(177, struct.pack("<I", 1))
        + record(176, struct.pack("<IIII", 5, 6, 1, 1))
        + record(178)
        + record(130)
    )
    return xlsb_file(tmp_path / "a.xlsb", sheet)


def test_xlsb_cells_formats_and_facts(xlsb: Path) -> None:
    (table,) = read_tables(xlsb)
    assert (table.format, table.sheet, table.header_row, table.positions) == ("xlsb", "客户", 3, (1, 2, 3))
    assert table.rows.rows() == [(4, "张三", "13800138000", "2024-01-02"), (6, "公式", "#REF!", "TRUE")]
    found = table.notes.select("row_number", "column", "rule").rows()
    assert (4, None, "sheet.hidden_rows") in found
    assert (6, 0, "sheet.merged") in found
    assert (6, 0, "cell.formula") in found
    assert (6, 1, "cell.error") in found
