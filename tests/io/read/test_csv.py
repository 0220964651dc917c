"""Delimited text: encodings, dialects, line numbers, and the rows that are no records."""

from pathlib import Path

import polars as pl
import pytest
from guiyi.io.read.readers import read_tables
from guiyi.io.table.source_table import ReadOptions, SourceTable

PLAIN = "姓名,手机,公司\n张三,13800138000,上海甲公司\n李四,13900139000,乙公司\n"


def read(
    tmp_path: Path, content: str | bytes, encoding: str = "utf-8", options: ReadOptions | None = None
) -> SourceTable:
    path = tmp_path / "[表] 1.csv"  # a name that glob patterns would trip over
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    (table,) = read_tables(path, options or ReadOptions())
    return table


def rules(table: SourceTable) -> list[tuple[int | None, str]]:
    return [(row, rule) for row, rule in table.notes.select("row_number", "rule").iter_rows()]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        pytest.param("utf-8", "utf-8", id="utf-8"),
        pytest.param("utf-8-sig", "utf-8", id="utf-8-bom"),
        pytest.param("gb18030", "gb18030", id="gb18030"),
        pytest.param("gbk", "gb18030", id="gbk"),
        pytest.param("utf-16", "utf-16-le", id="utf-16-bom"),
        pytest.param("utf-16-le", "utf-16-le", id="utf-16-le"),
        pytest.param("utf-16-be", "utf-16-be", id="utf-16-be"),
    ],
)
def test_every_encoding_gives_the_same_cells(tmp_path: Path, encoding: str, told: str) -> None:
    table = read(tmp_path, PLAIN, encoding)
    assert table.encoding == told
    assert table.headers == ("姓名", "手机", "公司")
    assert table.rows.rows() == [(2, "张三", "13800138000", "上海甲公司"), (3, "李四", "13900139000", "乙公司")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("公司名稱,電話\n臺灣積體電路製造股份有限公司,03-5636688\n", id="company"),
        pytest.param("姓名\n陳俊傑\n黃淑芬\n", id="names-only"),
        pytest.param("客戶,備註\n新竹貨運,聯絡人請假中，請於下週再聯繫\n", id="prose"),
    ],
)
def test_big5_is_told_from_gb18030(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text, "cp950")
    assert table.encoding == "cp950"
    assert table.rows.equals(read(tmp_path, text, "utf-8").rows)


def test_encoding_option_wins(tmp_path: Path) -> None:
    table = read(tmp_path, "name,city\ncafé,Köln\n", "cp1252", ReadOptions(encoding="cp1252"))
    assert table.rows.row(0) == (2, "café", "Köln")


def test_broken_characters_are_counted_never_hidden(tmp_path: Path) -> None:
    raw = (
        (PLAIN * 40).encode()
        + "王五,1\xff,丙\n".encode("latin-1", "ignore")[:0]
        + "王五,1".encode()
        + b"\xff"
        + ",丙\n".encode()
    )
    table = read(tmp_path, raw)
    assert ("file.undecodable") in table.notes["rule"].to_list()
    assert table.notes.filter(pl.col("rule") == "file.undecodable")["value"].to_list() == ["1"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，", "；"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    table = read(tmp_path, PLAIN.replace(",", delimiter))
    assert table.rows.rows()[0] == (2, "张三", "13800138000", "上海甲公司")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        pytest.param('a,b\n1,"x,y"\n', (2, "1", "x,y"), id="quoted-delimiter"),
        pytest.param('a,b\n1,"x""y"\n', (2, "1", 'x"y'), id="doubled-quote"),
        pytest.param('a,b\n1,5" pipe\n2,"ok"\n', (2, "1", '5" pipe'), id="stray-quote"),
        pytest.param('a|b\n1|"x\\"|y"\n', (2, "1", 'x"|y'), id="backslash"),
        pytest.param("a,b\n'1, 2','x'\n", (2, "1, 2", "x"), id="single-quotes"),
        pytest.param('a, b, c\n"1", "x, y", "z"\n', (2, "1", "x, y", "z"), id="space-before-quote"),
        pytest.param("a,b\n  1 , 00123 \n", (2, "  1 ", " 00123 "), id="spaces-and-zeros-stay"),
        pytest.param("a,b\nNULL,NA\n", (2, "NULL", "NA"), id="no-null-words"),
    ],
)
def test_cells_are_as_in_the_file(tmp_path: Path, text: str, row: tuple[object, ...]) -> None:
    assert read(tmp_path, text).rows.row(0) == row


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        pytest.param("a,b\n1,2\n\n\n3,4\n", [2, 5], id="blank-lines"),
        pytest.param('a,b\n"1\n1",2\n3,4\n', [2, 4], id="line-end-in-cell"),
        pytest.param('a,b\r\n"1\r\n1",2\r\n3,4\r\n', [2, 4], id="crlf"),
        pytest.param("a,b\r1,2\r3,4\r", [2, 3], id="old-mac"),
        pytest.param('\n\na,b\n1,"2"\n , \n3,4', [4, 6], id="leading-blank-lines"),
    ],
)
def test_row_numbers_are_lines_of_the_file(tmp_path: Path, text: str, numbers: list[int]) -> None:
    table = read(tmp_path, text)
    assert table.rows["row_number"].to_list() == numbers
    assert table.headers == ("a", "b")


def test_ragged_lines_are_noted_padded_or_set_aside(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n1,2\n1,2,3,4\n1,2,3,\n1,2,3\n5,6,7\n")
    assert table.rows.rows() == [(2, "1", "2", None), (4, "1", "2", "3"), (5, "1", "2", "3"), (6, "5", "6", "7")]
    assert table.set_aside.rows() == [(3, "row.ragged", ["1", "2", "3", "4"])]
    assert rules(table) == [(2, "row.ragged"), (3, "row.ragged"), (4, "row.ragged")]


def test_a_line_far_too_wide_does_not_widen_the_table(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n" + "1,2\n" * 300 + ",".join("x" * 900) + "\n" + "3,4\n")
    assert table.headers == ("a", "b")
    assert table.rows.height == 301
    assert [(row, rule, len(cells)) for row, rule, cells in table.set_aside.rows()] == [(302, "row.ragged", 900)]


def test_an_unclosed_quote_costs_one_line(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b,c\n1,"2,3\n4,5,6\n"7\n7",8,9\n')
    assert table.rows.rows() == [(2, "1", '"2', "3"), (3, "4", "5", "6"), (4, "7\n7", "8", "9")]
    assert rules(table) == [(2, "row.unclosed_quote")]


def test_an_unclosed_quote_does_not_swallow_a_long_file(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n1,"2\n' + "3,4\n" * 500)
    assert table.rows.height == 501
    assert rules(table) == [(2, "row.unclosed_quote")]


def test_nul_bytes_are_kept_and_noted(tmp_path: Path) -> None:
    table = read(tmp_path, "姓名,手机\n张三\0,1\n李四,2\n")
    assert table.rows.row(0) == (2, "张三\0", "1")
    assert rules(table) == [(2, "cell.nul")]


def test_titles_totals_and_footers_are_set_aside(tmp_path: Path) -> None:
    text = (
        "客户清单,,\n导出时间：2024-01-01,共2条,\n姓名,手机,金额\n张三,13800138000,5\n小 计,,5\n李四,13900139000,6\n"
        "合计：,,11\n制表人：王五,,审核：赵六\n"
    )
    table = read(tmp_path, text)
    assert table.header_row == 3
    assert table.rows["row_number"].to_list() == [4, 6]
    assert table.set_aside.select("row_number", "rule").rows() == [
        (1, "row.title"),
        (2, "row.preamble"),
        (5, "row.total"),
        (7, "row.total"),
        (8, "row.footer"),
    ]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("合计,13800138000,某公司", id="a-name-that-means-total"),
        pytest.param("汇总科技,13800138000,某公司", id="company-beginning-with-it"),
        pytest.param("备注先生,13800138000,某公司", id="name-like-a-footer"),
        pytest.param("张三,,", id="sparse"),
    ],
)
def test_records_that_look_odd_stay_records(tmp_path: Path, record: str) -> None:
    table = read(tmp_path, PLAIN + record + "\n")
    assert table.rows.height == 3
    assert table.set_aside.is_empty()


def test_two_header_rows_are_joined(tmp_path: Path) -> None:
    table = read(tmp_path, "基本信息,,联系方式,\n姓名,公司,手机,邮箱\n张三,甲公司,13800138000,a@b.cn\n")
    assert table.headers == ("基本信息/姓名", "基本信息/公司", "联系方式/手机", "联系方式/邮箱")
    assert table.header_row == 2


def test_header_row_option_wins(tmp_path: Path) -> None:
    table = read(tmp_path, "x,y\n姓名,手机\n张三,1\n", options=ReadOptions(header_row=1))
    assert table.headers == ("x", "y")
    assert table.rows.height == 2


def test_data_without_a_header_is_all_records(tmp_path: Path) -> None:
    table = read(tmp_path, "张三,13800138000,a@b.cn\n李四,13900139000,b@b.cn\n")
    assert (table.header_row, table.rows.height) == (0, 2)
    assert table.headers == ("列A", "列B", "列C")


def test_repeated_and_missing_headers_get_names(tmp_path: Path) -> None:
    table = read(tmp_path, "姓名,姓名,,手机\n张,三,x,1\n李,四,y,2\n")
    assert table.headers == ("姓名", "姓名_2", "列C", "手机")
    assert table.notes.select("column", "rule").rows() == [(1, "header.duplicate"), (2, "header.missing")]


def test_one_column_stays_one_column(tmp_path: Path) -> None:
    table = read(tmp_path, "公司名称\n上海甲公司\n北京乙, 丙公司\n丁公司\n")
    assert table.headers == ("公司名称",)
    assert table.rows["c0"].to_list() == ["上海甲公司", "北京乙, 丙公司", "丁公司"]


def test_lines_of_every_length_without_a_header_are_all_kept(tmp_path: Path) -> None:
    table = read(tmp_path, "10,100,1000\n10,100,1000,1\n10\n10,100\n10,100,1000,1,5\n")
    assert table.rows["row_number"].to_list() == [1, 2, 3, 4, 5]
    assert len(table.headers) == 5
    assert table.set_aside.is_empty()


def test_a_phone_in_scientific_notation_is_noted(tmp_path: Path) -> None:
    table = read(tmp_path, "姓名,手机\n张三,1.38E+10\n李四,13900139000\n")
    assert table.rows["c1"].to_list() == ["1.38E+10", "13900139000"]
    assert table.notes.select("row_number", "column", "rule", "value").rows() == [
        (2, 1, "cell.digits_lost", "1.38E+10")
    ]


def test_rows_that_are_all_but_empty_do_not_make_two_commas_a_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(
        "客户编号,联系人,手机号,公司,邮箱\n1,李娜,13867302915,,\n" + "".join(f"{i},,,,\n" for i in range(2, 60)),
        "utf-8",
    )
    table = read_tables(path)[0]
    assert table.headers == ("客户编号", "联系人", "手机号", "公司", "邮箱")
    assert table.rows.height == 59


def test_two_bars_between_all_cells_are_one_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "leads.txt"
    path.write_text("a||b||c\n1||||3\n" + "".join(f"{i}||x||y\n" for i in range(9)), "utf-8")
    assert read_tables(path)[0].headers == ("a", "b", "c")
