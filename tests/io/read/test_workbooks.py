"""Workbooks: true addresses, and what a cell really holds; openpyxl as the independent reader."""

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter
import xlwt
from guiyi.errors import InputError
from guiyi.io.read.readers import read_tables
from guiyi.io.table.addresses import column_letters, column_position
from guiyi.io.table.source_table import ReadOptions, SourceTable

HEADER = ["姓名", "手机", "公司"]


def make(path: Path, fill: Callable[[Any, Any], None], **options: Any) -> Path:
    with xlsxwriter.Workbook(str(path), options) as book:
        fill(book, book.add_worksheet("客户"))
    return path


def notes(table: SourceTable, rule: str) -> list[tuple[Any, ...]]:
    return table.notes.filter(pl.col("rule") == rule).select("row_number", "column", "value").rows()


def test_row_numbers_and_positions_are_those_of_the_sheet(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(3, 2, HEADER)
        sheet.write_row(4, 2, ["张三", "13800138000", "甲"])
        sheet.write_row(7, 2, ["李四", "13900139000", "乙"])

    (table,) = read_tables(make(tmp_path / "a.xlsx", fill))
    assert (table.header_row, table.positions) == (4, (2, 3, 4))
    assert table.rows.rows() == [(5, "张三", "13800138000", "甲"), (8, "李四", "13900139000", "乙")]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        pytest.param(13800138000, None, "13800138000", id="integer"),
        pytest.param(12.5, None, "12.5", id="fraction"),
        pytest.param(0.1 + 0.2, None, "0.3", id="float-tail"),
        pytest.param(-3, None, "-3", id="negative"),
        pytest.param(123, "00000", "00123", id="leading-zeros"),
        pytest.param(45293, "yyyy-mm-dd", "2024-01-02", id="date"),
        pytest.param(45293.5, "yyyy/m/d h:mm", "2024-01-02 12:00:00", id="datetime"),
        pytest.param(45293, 'yyyy"年"m"月"d"日"', "2024-01-02", id="chinese-date"),
        pytest.param(0.75, "h:mm", "18:00:00", id="time"),
        pytest.param(1.5, "[h]:mm", "36:00:00", id="elapsed"),
        pytest.param(59, "yyyy-mm-dd", "1900-02-28", id="before-the-false-leap-day"),
        pytest.param(61, "yyyy-mm-dd", "1900-03-01", id="after-the-false-leap-day"),
        pytest.param(1234.5, "#,##0.00", "1234.5", id="thousands"),
        pytest.param(True, None, "TRUE", id="boolean"),
        pytest.param("13800138000.0", None, "13800138000.0", id="text-stays"),
        pytest.param(" 张三　", None, " 张三　", id="spaces-stay"),
        pytest.param("a&b<c>\n'\"", None, "a&b<c>\n'\"", id="markup"),
        pytest.param("_x000D_", None, "_x000D_", id="escape-of-an-escape"),
        pytest.param("𠮷野家", None, "𠮷野家", id="beyond-the-basic-plane"),
    ],
)
def test_a_cell_becomes_the_text_that_was_meant(
    tmp_path: Path, value: object, number_format: str | None, text: str
) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write(1, 0, "张三")
        sheet.write(1, 1, value, book.add_format({"num_format": number_format}) if number_format else None)

    (table,) = read_tables(make(tmp_path / "a.xlsx", fill))
    assert table.rows["c1"].to_list() == [text]


def test_the_epoch_of_1904_is_honoured(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write_datetime(1, 0, dt.datetime(2024, 1, 2), book.add_format({"num_format": "yyyy-mm-dd"}))

    (table,) = read_tables(make(tmp_path / "a.xlsx", fill, date_1904=True))
    assert table.rows["c0"].to_list() == ["2024-01-02"]


@pytest.mark.parametrize("number", [110105194912310021, 6222021234567890, 1.38e16, -1e15])
def test_a_number_beyond_fifteen_digits_has_lost_some(tmp_path: Path, number: float) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write_number(1, 1, number)
        sheet.write_number(2, 1, 999_999_999_999_999)

    (table,) = read_tables(make(tmp_path / "a.xlsx", fill))
    assert [(row, column) for row, column, _ in notes(table, "cell.digits_lost")] == [(2, 1)]


def test_formulas_errors_merges_and_hidden_parts_are_told(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write_formula(1, 0, '=CONCAT("张","三")', None, "张三")
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 1, "=1+1", None, 2)
        sheet.merge_range(4, 0, 5, 0, "甲")
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        sheet.write(5, 2, "x")
        hidden = book.add_worksheet("内部")
        hidden.write(0, 0, "秘密")
        hidden.hide()

    path = make(tmp_path / "a.xlsx", fill)
    (table,) = read_tables(path)
    assert notes(table, "cell.formula") == [(2, 0, 'CONCAT("张","三")'), (3, 1, "1/0"), (4, 1, "1+1")]
    assert notes(table, "cell.error") == [(3, 1, "#DIV/0!")]
    assert table.rows["c1"].to_list()[:3] == [None, "#DIV/0!", "2"]
    assert notes(table, "sheet.merged") == [(5, 0, "A5:A6")]
    assert notes(table, "sheet.hidden_rows") == [(4, None, "4")]
    assert notes(table, "sheet.hidden_columns") == [(None, 2, "C")]
    assert notes(table, "sheet.hidden") == [(None, None, "内部")]
    assert [t.sheet for t in read_tables(path, ReadOptions(hidden=True))] == ["客户", "内部"]
    assert [t.sheet for t in read_tables(path, ReadOptions(sheet="内部"))] == ["内部"]


def formulas_of_openpyxl(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "手机"])
    book.active.append(["张三", "=VLOOKUP(A2,人员!A:B,2,0)"])
    book.save(path)
    return path


def formulas_of_xlsxwriter(path: Path) -> Path:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["张三"])
        sheet.write_formula(1, 1, "=VLOOKUP(A2,人员!A:B,2,0)", None, "")

    return make(path, fill)


def formulas_of_ods(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        computed = 'office:value-type="float" office:value="13800138000"'
        archive.writestr("content.xml", ODS.replace(computed, "").replace("<text:p>1.38E10</text:p>", ""))
    return path


def formulas_of_xml(path: Path) -> Path:
    cells = ('<Cell><Data ss:Type="String">姓名</Data></Cell><Cell><Data ss:Type="String">手机</Data></Cell>',
             '<Cell><Data ss:Type="String">张三</Data></Cell><Cell ss:Formula="=R1C1"/>')  # fmt: skip
    rows = "".join(f"<Row>{row}</Row>" for row in cells)
    text = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="客户"><Table>'
        f"{rows}</Table></Worksheet></Workbook>"
    )
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "write", "place", "formula"),
    [
        pytest.param("a.xlsx", formulas_of_openpyxl, (2, 1), "VLOOKUP(A2,人员!A:B,2,0)", id="openpyxl"),
        pytest.param("a.xlsx", formulas_of_xlsxwriter, (2, 1), "VLOOKUP(A2,人员!A:B,2,0)", id="xlsxwriter"),
        pytest.param("a.ods", formulas_of_ods, (4, 1), "of:=1", id="ods"),
        pytest.param("a.xls", formulas_of_xml, (2, 1), "=R1C1", id="xml"),
    ],
)
def test_a_formula_that_nothing_has_computed_is_told_apart(
    name: str, write: Callable[[Path], Path], place: tuple[int, int], formula: str, tmp_path: Path
) -> None:
    (table,) = read_tables(write(tmp_path / name))
    assert table.rows["c1"].to_list() == [None]
    assert notes(table, "cell.formula_empty") == [(*place, formula)]
    assert notes(table, "cell.formula") == []


def test_a_formula_whose_result_is_an_empty_text_was_computed(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["张三"])
        sheet.write_formula(1, 1, '=IF(A2="","",A2)', None, "mark")

    path, changed = make(tmp_path / "a.xlsx", fill), tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w") as target:
        for part in source.namelist():
            target.writestr(part, source.read(part).replace(b"<v>mark</v>", b"<v></v>"))
    (table,) = read_tables(changed)
    assert notes(table, "cell.formula_empty") == []
    assert notes(table, "cell.formula") == [(2, 1, 'IF(A2="","",A2)')]


def test_title_merged_header_and_total_of_a_report(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 4, "2024年客户名单")
        sheet.merge_range(1, 0, 2, 0, "编号")
        sheet.merge_range(1, 1, 1, 2, "联系人")
        sheet.merge_range(1, 3, 1, 4, "公司")
        sheet.write_row(2, 1, ["姓名", "手机", "名称", "金额"])
        sheet.write_row(3, 0, ["1", "张三", "13800138000", "甲公司", 5])
        sheet.write_row(4, 0, ["合计", "", "", "", 5])

    (table,) = read_tables(make(tmp_path / "a.xlsx", fill))
    assert table.headers == ("编号", "联系人/姓名", "联系人/手机", "公司/名称", "公司/金额")
    assert table.rows["row_number"].to_list() == [4]
    assert table.set_aside.select("row_number", "rule").rows() == [(1, "row.title"), (5, "row.total")]


def cells_by_address(table: SourceTable) -> dict[str, str]:
    found = {}
    for number, *cells in table.rows.iter_rows():
        for position, cell in zip(table.positions, cells, strict=True):
            if cell is not None:
                found[f"{column_letters(position)}{number}"] = cell
    return found


def test_openpyxl_reads_the_same_cells_at_the_same_addresses(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, [f"列{i}" for i in range(40)])
        for row in range(1, 400):
            for column in range(row % 7, 40, 1 + row % 3):
                sheet.write(row, column, f"值 {row}&{column}" if (row + column) % 2 else row * 100 + column)

    path = make(tmp_path / "a.xlsx", fill)
    (table,) = read_tables(path)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    expected = {c.coordinate: str(c.value) for row in sheet.iter_rows(min_row=2) for c in row if c.value is not None}
    assert cells_by_address(table) == expected


def rewritten(
    path: Path, change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml", encoding: str = "utf-8"
) -> Path:
    """A copy of a workbook in which one part is written differently."""
    target = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            data = source.read(name)
            copy.writestr(name, change(data.decode()).encode(encoding) if name == part else data)
    return target


def without_addresses(xml: str) -> str:
    import re

    return re.sub(r'(<(?:c|row)) r="[A-Z]*\d+"', r"\1", xml)


def prefixed(xml: str) -> str:
    import re

    body = re.sub(r"<(/?)([a-zA-Z])", r"<\1x:\2", xml.partition("?>")[2])
    return body.replace("xmlns=", "xmlns:x=", 1)


@pytest.mark.parametrize(
    ("change", "encoding"),
    [
        pytest.param(without_addresses, "utf-8", id="no-addresses"),
        pytest.param(prefixed, "utf-8", id="prefixed"),
        pytest.param(lambda x: x.replace("><", ">\n  <").replace("<c ", "<c\n"), "utf-8", id="pretty-printed"),
        pytest.param(lambda x: x.replace('"', "'"), "utf-8", id="single-quotes"),
        pytest.param(lambda x: x.replace("UTF-8", "UTF-16"), "utf-16", id="utf-16"),
        pytest.param(
            lambda x: x.replace("<sheetData>", "<sheetData><!-- <c r='Z9'><v>1</v></c> -->"), "utf-8", id="comment"
        ),
        pytest.param(lambda x: x.replace("purl.oclc.org", "").replace("main", "strict"), "utf-8", id="other-namespace"),
    ],
)
def test_other_ways_to_write_the_same_xml(tmp_path: Path, change: Callable[[str], str], encoding: str) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        for row in range(1, 30):
            sheet.write_row(row, 0, [f"张{row}", 13800138000 + row, f"公司 {row}"])

    path = make(tmp_path / "a.xlsx", fill)
    (expected,), (table,) = read_tables(path), read_tables(rewritten(path, change, encoding=encoding))
    assert table.rows.equals(expected.rows)
    assert table.headers == expected.headers


@pytest.mark.parametrize("in_memory", [False, True], ids=["shared-strings", "inline-strings"])
def test_inline_strings(tmp_path: Path, in_memory: bool) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["张三 & 李四", "1", " 两端空格 "])

    (table,) = read_tables(make(tmp_path / "a.xlsx", fill, constant_memory=in_memory))
    assert table.rows.rows() == [(2, "张三 & 李四", "1", " 两端空格 ")]


def test_xls_cells_formats_and_hidden_parts(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("客户")
    for column, label in enumerate([*HEADER, "日期", "编号"]):
        sheet.write(2, column, label)
    sheet.write(3, 0, "张三" * 5000)
    sheet.write(3, 1, 13800138000)
    sheet.write(3, 2, xlwt.Formula("1/0"))
    sheet.write(3, 3, dt.datetime(2024, 1, 2), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    sheet.write(3, 4, 123, xlwt.easyxf(num_format_str="00000"))
    sheet.write(4, 1, 110105194912310021)
    sheet.write_merge(5, 6, 0, 0, "李四")
    sheet.row(4).hidden = True
    book.add_sheet("内部").visibility = 1
    book.save(str(tmp_path / "a.xls"))
    (table,) = read_tables(tmp_path / "a.xls")
    assert (table.format, table.header_row) == ("xls", 3)
    assert table.rows["c0"].to_list() == ["张三" * 5000, None, "李四"]
    assert table.rows.select("c1", "c3", "c4").row(0) == ("13800138000", "2024-01-02", "00123")
    assert [(row, column) for row, column, _ in notes(table, "cell.digits_lost")] == [(5, 1)]
    assert notes(table, "sheet.merged") == [(6, 0, "A6:A7")]
    assert notes(table, "sheet.hidden_rows") == [(5, None, "5")]
    assert notes(table, "sheet.hidden") == [(None, None, "内部")]


ODS = """<office:document-content xmlns:office="urn:o" xmlns:table="urn:t" xmlns:text="urn:x" xmlns:style="urn:s">
<office:automatic-styles><style:style style:name="off"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet>
<table:table table:name="客户"><table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
<table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="string"><text:p>姓名</text:p>
</table:table-cell><table:table-cell office:value-type="string"><text:p>手机</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>日期</text:p></table:table-cell></table:table-row>
<table:table-row table:visibility="collapse"><table:table-cell table:number-columns-repeated="2"/>
<table:table-cell office:value-type="string"><text:p>张<text:s text:c="2"/>三</text:p><text:p>二行</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="13800138000" table:formula="of:=1"><text:p>1.38E10</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2024-01-02"><text:p>1月2日</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
</table:table><table:table table:name="内部" table:style-name="off"><table:table-row><table:table-cell office:value-type="string">
<text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def test_ods_repetitions_types_and_hidden_parts(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS)
    (table,) = read_tables(tmp_path / "a.ods")
    assert (table.format, table.header_row, table.positions) == ("ods", 3, (2, 3, 4))
    assert table.rows.rows() == [(4, "张  三\n二行", "13800138000", "2024-01-02")]
    assert notes(table, "cell.formula") == [(4, 1, "of:=1")]
    assert notes(table, "sheet.hidden_rows") == [(4, None, "4")]
    assert notes(table, "sheet.hidden") == [(None, None, "内部")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_html_that_calls_itself_xls(tmp_path: Path, encoding: str) -> None:
    page = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={encoding}"><style>td {{}}</style></head>'
        "<body><table border=1><tr><th>姓名<th>手机</th><th colspan=2>地址</th></tr><tr><td rowspan=2>张三</td><td>1</td>"
        "<td>上海&amp;<br>浦东</td><td>a</td></tr><tr><td>2</td><td>b</td></tr></table></body></html>"
    )
    path = tmp_path / "a.xls"
    path.write_bytes(page.encode(encoding))
    (table,) = read_tables(path)
    assert table.format == "html"
    assert table.rows.rows() == [(2, "张三", "1", "上海&\n浦东", "a"), (3, "张三", "2", "b", None)]
    assert notes(table, "cell.merged_fill") == [(3, 0, "A2:A3")]


def test_excel_2003_xml(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_text(
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="客户"><Table><Row><Cell><Data ss:Type="String">姓名</Data></Cell><Cell><Data ss:Type="String">手机</Data>'
        '</Cell></Row><Row ss:Index="4"><Cell ss:Index="2"><Data ss:Type="Number">13800138000</Data></Cell></Row></Table></Worksheet>'
        "</Workbook>",
        encoding="utf-8",
    )
    (table,) = read_tables(path)
    assert (table.sheet, table.rows.rows()) == ("客户", [(4, None, "13800138000")])


def test_a_csv_that_calls_itself_xlsx_is_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("姓名,手机\n张三,1\n", encoding="utf-8")
    (table,) = read_tables(path)
    assert (table.format, table.rows.height) == ("csv", 1)


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", lambda _, sheet: sheet.write(0, 0, "x"))
    with pytest.raises(InputError) as caught:
        read_tables(path, ReadOptions(sheet="没有"))
    assert caught.value.reason == "workbook.no_table"


@pytest.mark.parametrize(("letters", "position"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16_383)])
def test_column_names_and_places(letters: str, position: int) -> None:
    assert column_letters(position) == letters
    assert column_position(letters) == position
