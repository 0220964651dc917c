"""Numbers that name something: a number beyond 15 digits has lost its tail and says so; a zero in front stays."""

import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
import xlwt
from guiyi.io.read.readers import read_tables
from guiyi.tests.io.read.test_binary_workbooks import cell, record, row, wide, xlsb_file

Row = tuple[str, int]  # a text with zeros in front, and a number
LONG = 10**15  # the first number of 16 digits: Excel and its files keep 15


def seeded(count: int = 200) -> list[Row]:
    """Half of the numbers have 16 to 20 digits, half have 11 to 15."""
    random_ = random.Random(18)
    digits = [random_.choice((16, 17, 18, 19, 20)) if i % 2 else random_.choice((11, 13, 15)) for i in range(count)]
    return [(f"00{random_.randint(0, 10**9)}", random_.randint(10 ** (n - 1), 10**n - 1)) for n in digits]


def as_xlsx(path: Path, rows: list[Row]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("客户")
        sheet.write_row(0, 0, ["编号", "证件号"])
        for i, (text, number) in enumerate(rows, 1):
            sheet.write_string(i, 0, text)
            sheet.write_number(i, 1, number)


def as_xls(path: Path, rows: list[Row]) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("客户")
    for i, cells in enumerate([("编号", "证件号"), *rows]):
        for column, value in enumerate(cells):
            sheet.write(i, column, value)
    book.save(str(path))


def as_xlsb(path: Path, rows: list[Row]) -> None:
    lines = [row(0, cell(6, 0, wide("编号")), cell(6, 1, wide("证件号")))]
    lines += [
        row(i, cell(6, 0, wide(text)), cell(5, 1, struct.pack("<d", number)))
        for i, (text, number) in enumerate(rows, 1)
    ]
    xlsb_file(path, record(129) + record(145) + b"".join(lines) + record(146) + record(130))


def as_ods(path: Path, rows: list[Row]) -> None:
    def text(value: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    def number(value: int) -> str:
        shown = f"{float(value):.15G}"
        return f'<table:table-cell office:value-type="float" office:value="{shown}"><text:p>{shown}</text:p></table:table-cell>'

    lines = [text("编号") + text("证件号"), *(text(t) + number(n) for t, n in rows)]
    body = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            '<office:document-content xmlns:office="urn:o" xmlns:table="urn:t" xmlns:text="urn:x"><office:body>'
            f'<office:spreadsheet><table:table table:name="客户">{body}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        )


def as_csv(path: Path, rows: list[Row]) -> None:
    """What Excel saves: twelve digits or more in scientific notation."""
    lines = ["编号,证件号", *(f"{text},{f'{number:.5E}' if number >= LONG else number}" for text, number in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")


@pytest.mark.parametrize("write", [as_xlsx, as_xls, as_xlsb, as_ods, as_csv], ids=lambda f: f.__name__[3:])
def test_long_numbers_are_flagged_and_zeros_stay(tmp_path: Path, write: Callable[[Path, list[Row]], None]) -> None:
    rows = seeded()
    path = tmp_path / f"a.{write.__name__[3:]}"
    write(path, rows)
    (table,) = read_tables(path)
    assert table.rows["c0"].to_list() == [text for text, _ in rows]
    flagged = table.notes.filter((pl.col("rule") == "cell.digits_lost") & (pl.col("column") == 1))[
        "row_number"
    ].to_list()
    assert flagged == [i for i, (_, number) in enumerate(rows, 2) if number >= LONG]
    short = {i: str(number) for i, (_, number) in enumerate(rows) if number < LONG}
    assert {i: table.rows["c1"][i] for i in short} == short


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_digits_of_a_text_file_are_all_there(tmp_path: Path, separator: str) -> None:
    rows = seeded(40)
    path = tmp_path / "a.csv"
    path.write_text("\n".join(f"{text}{separator}{number}" for text, number in rows), encoding="utf-8")
    (table,) = read_tables(path)
    assert table.rows.select("c0", "c1").rows() == [(text, str(number)) for text, number in rows]
    assert "cell.digits_lost" not in table.notes["rule"].to_list()
