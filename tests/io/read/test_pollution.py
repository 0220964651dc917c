"""One fault at a time in a clean table, after the list of the Pollock benchmark (VLDB 2023), and what must be read.

The polluter is ours: it shares neither files nor code with the benchmark.
"""

from pathlib import Path

import pytest
from guiyi.io.read.readers import read_tables
from guiyi.io.table.source_table import SourceTable

HEADER = ["日期", "客户名称", "手机", "描述", "备注"]
GOODS = ['大号 "红" 衬衫', "台灯", '21" 屏幕', "线缆, 2 米; 黑", "桌, 椅"]
ROWS = [
    [f"2024-01-{i + 1:02d}", f"第{i}公司", f"138001380{i:02d}", GOODS[i % 5], "两\n行" if i == 7 else f"good, {i}"]
    for i in range(12)
]
TABLE = [HEADER, *ROWS]


def quoted(cell: str, delimiter: str, quote: str, escape: str, *, always: bool = False) -> str:
    needed = always or any(sign in cell for sign in (delimiter, quote, "\n", "\r"))
    text = cell.replace(escape, escape * 2) if escape != quote else cell
    return quote + text.replace(quote, escape + quote) + quote if needed else cell


def line(row: list[str], delimiter: str = ",", quote: str = '"', escape: str = '"', *, always: bool = False) -> str:
    return delimiter.join(quoted(cell, delimiter, quote, escape, always=always) for cell in row)


def written(rows: list[list[str]], end: str = "\r\n", **dialect: object) -> str:
    return "".join(line(row, **dialect) + end for row in rows)  # type: ignore[arg-type]


def read(tmp_path: Path, text: str | bytes) -> SourceTable:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (table,) = read_tables(path)
    return table


def cells(table: SourceTable) -> list[list[str]]:
    return [[cell or "" for cell in row[1:]] for row in table.rows.rows()]


def aside(table: SourceTable) -> list[tuple[str, str]]:
    return [(rule, texts[0]) for _, rule, texts in table.set_aside.rows()]


def ragged(table: SourceTable) -> list[int | None]:
    return [row for row, rule in table.notes.select("row_number", "rule").rows() if rule == "row.ragged"]


@pytest.mark.parametrize("always", [False, True], ids=["minimal", "all-quoted"])
@pytest.mark.parametrize(
    "delimiter", [",", ";", "\t", "|", "，", "；", " ", ", ", "||", "::", ";;", "^", "~", "#", "\x1f", "%"], ids=repr
)
def test_every_delimiter(tmp_path: Path, delimiter: str, always: bool) -> None:
    table = read(tmp_path, written(TABLE, delimiter=delimiter, always=always))
    assert (list(table.headers), cells(table), aside(table)) == (HEADER, ROWS, [])


@pytest.mark.parametrize("always", [False, True], ids=["minimal", "all-quoted"])
@pytest.mark.parametrize(
    ("quote", "escape"), [('"', '"'), ("'", "'"), ('"', "\\")], ids=["double", "single", "backslash"]
)
def test_every_quote_and_escape(tmp_path: Path, quote: str, escape: str, always: bool) -> None:
    table = read(tmp_path, written(TABLE, quote=quote, escape=escape, always=always))
    assert (list(table.headers), cells(table)) == (HEADER, ROWS)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("last", ["", "{e}", "{e}{e}", "{e},,,,{e}"], ids=["none", "one", "two", "blank-row"])
def test_every_line_end_and_end_of_file(tmp_path: Path, end: str, last: str) -> None:
    rows = [[cell.replace("\n", end) for cell in row] for row in TABLE]
    table = read(tmp_path, written(rows, end).removesuffix(end) + last.format(e=end))
    assert ([list(table.headers), *cells(table)], aside(table)) == (rows, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert cells(read(tmp_path, written(TABLE).encode(encoding))) == ROWS


@pytest.mark.parametrize(
    ("text", "set_aside"),
    [
        pytest.param("客户清单\r\n{t}", [("row.title", "客户清单")], id="title"),
        pytest.param("客户清单,,,,\r\n,,,,\r\n{t}", [("row.title", "客户清单")], id="padded-title"),
        pytest.param(
            "部门,销售部\r\n年份,2024\r\n{t}", [("row.preamble", "部门"), ("row.preamble", "年份")], id="preamble"
        ),
        pytest.param("\r\n\r\n{t}", [], id="blank-lines-first"),
        pytest.param("{t}合计,,12,,\r\n", [("row.total", "合计")], id="total"),
        pytest.param(
            "{t}\r\n制表人：王五\r\n共 12 条\r\n",
            [("row.footer", "制表人：王五"), ("row.footer", "共 12 条")],
            id="footer",
        ),
        pytest.param("{h}{t}", [("row.repeated_header", "日期")], id="header-twice"),
    ],
)
def test_what_stands_around_a_table(tmp_path: Path, text: str, set_aside: list[tuple[str, str]]) -> None:
    table = read(tmp_path, text.format(t=written(TABLE), h=written([HEADER])))
    assert (list(table.headers), cells(table), aside(table)) == (HEADER, ROWS, set_aside)


def test_header_only_one_row_and_no_header(tmp_path: Path) -> None:
    assert (list(read(tmp_path, written([HEADER])).headers), read(tmp_path, written([HEADER])).rows.height) == (
        HEADER,
        0,
    )
    assert cells(read(tmp_path, written(TABLE[:2]))) == ROWS[:1]
    table = read(tmp_path, written(ROWS))
    assert (table.header_row, cells(table)) == (0, ROWS)


@pytest.mark.parametrize("gap", ["", "\r\n", ",,,,\r\n"], ids=["none", "blank-line", "blank-row"])
def test_a_second_table_of_the_same_columns_is_read_on(tmp_path: Path, gap: str) -> None:
    table = read(tmp_path, written(TABLE) + gap + written(TABLE))
    assert (cells(table), aside(table)) == (ROWS * 2, [("row.repeated_header", "日期")])


def test_a_wider_second_table_is_set_aside_and_a_narrower_one_flagged(tmp_path: Path) -> None:
    wide = read(tmp_path, written(TABLE) + written([[*row, "x", "y"] for row in TABLE[:4]]))
    assert (cells(wide), [rule for rule, _ in aside(wide)]) == (ROWS, ["row.ragged"] * 4)
    narrow = read(tmp_path, written(TABLE) + written([row[:3] for row in ROWS[:4]]))
    assert (cells(narrow)[:12], len(ragged(narrow))) == (ROWS, 4)


def polluted(row: int, text: str) -> str:
    """The clean table with another text for one of its records."""
    lines = [line(cells) for cells in TABLE]
    lines[row + 1] = text
    return "\r\n".join(lines) + "\r\n"


def number_of(row: int) -> int:
    """The line on which a record begins; record 7 holds a line end."""
    return row + 2 + (row > 7)


@pytest.mark.parametrize("row", range(12))
def test_a_delimiter_too_many_or_too_few_spoils_one_row_and_says_which(tmp_path: Path, row: int) -> None:
    parts = [line([cell]) for cell in ROWS[row]]
    others = ROWS[:row] + ROWS[row + 1 :]
    for column in range(5):
        more = read(tmp_path, polluted(row, ",".join([*parts[:column], "", *parts[column:]])))
        assert (cells(more), ragged(more)) == (others, [number_of(row)])
    for column in range(2):
        less = read(
            tmp_path,
            polluted(row, ",".join([*parts[:column], parts[column] + parts[column + 1], *parts[column + 2 :]])),
        )
        assert (cells(less)[:row] + cells(less)[row + 1 :], ragged(less)) == (others, [number_of(row)])


@pytest.mark.parametrize("row", [row for row in range(12) if row != 7])
def test_a_stray_quote_stays_in_its_cell(tmp_path: Path, row: int) -> None:
    parts = [line([cell]) for cell in ROWS[row]]
    for column in range(5):
        for text in (parts[column] + '"', '"' + parts[column]):
            table = read(tmp_path, polluted(row, ",".join([*parts[:column], text, *parts[column + 1 :]])))
            found = cells(table)
            assert found[:row] + found[row + 1 :] == ROWS[:row] + ROWS[row + 1 :]
            assert [a == b for a, b in zip(found[row], ROWS[row], strict=True)].count(False) <= 1


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_row_with_another_delimiter_is_kept_and_flagged(tmp_path: Path, delimiter: str) -> None:
    table = read(tmp_path, polluted(3, line(ROWS[3], delimiter)))
    assert cells(table)[:3] + cells(table)[4:] == ROWS[:3] + ROWS[4:]
    assert ragged(table) == [number_of(3)]


def test_the_users_word_on_a_delimiter_of_two_signs(tmp_path: Path) -> None:
    from guiyi.io.table.source_table import ReadOptions

    (tmp_path / "a.csv").write_text("姓名@@手机\n张三@@1\n", encoding="utf-8")
    (table,) = read_tables(tmp_path / "a.csv", ReadOptions(delimiter="@@"))
    assert (table.headers, cells(table)) == (("姓名", "手机"), [["张三", "1"]])


def rows_of(count: int, *cells: str) -> str:
    """Lines of cells, `#` in them the number of the row."""
    return "".join("".join(cells).replace("#", str(n)) + "\n" for n in range(count))


@pytest.mark.parametrize(
    ("text", "width"),
    [
        pytest.param("姓名\t手机\t地址\t备注\n" + rows_of(50, "张#\t1380013#\t上海市，浦东新区，张江路#号\t好，行，可以"), 4,
                     id="full-width commas"),
        pytest.param("姓名,手机,标签\n" + rows_of(60, '张#,1380013#,"重点;老客户;华东;展会"'), 3, id="quoted tags"),
        pytest.param("甲;乙;丙\n" + rows_of(50, "#,5;#,25;2,75"), 3, id="decimal commas"),
        pytest.param("甲\t乙\t丙\n" + rows_of(60, "#,234\t5,678\t1,011"), 3, id="thousands"),
        pytest.param("编号;内容;真假\n" + rows_of(30, '#;"{""a"": #, ""b"": ""x,y"", ""c"": 0}";true'), 3, id="commas within quotes"),
        pytest.param("甲,乙\n" + rows_of(30, "#,1;"), 2, id="a sign that only ends its lines"),
    ],
)  # fmt: skip
def test_a_sign_within_cells_is_no_delimiter_however_long_the_table(tmp_path: Path, text: str, width: int) -> None:
    table = read(tmp_path, text.encode())
    assert (len(table.headers), table.header_row, table.rows.height) == (width, 1, len(text.splitlines()) - 1)


@pytest.mark.parametrize("tail", ["\x1a", "\x1a\n", "\x00" * 3], ids=["ctrl-Z", "ctrl-Z and line end", "NUL"])
def test_what_old_systems_end_files_with_is_no_record(tmp_path: Path, tail: str) -> None:
    assert cells(read(tmp_path, "姓名,手机\n张三,13800138000\n李四,13900139000\n" + tail)) == [
        ["张三", "13800138000"],
        ["李四", "13900139000"],
    ]


@pytest.mark.parametrize("sign", ["/", "*", "§", "="])
def test_what_stands_between_quoted_cells_is_the_delimiter(tmp_path: Path, sign: str) -> None:
    table = read(tmp_path, "".join(line(row, sign, always=True) + "\n" for row in TABLE))
    assert table.headers == tuple(HEADER)
    assert cells(table) == ROWS


def test_who_exported_a_table_is_no_group_of_its_columns(tmp_path: Path) -> None:
    table = read(
        tmp_path, "导出人,张三\n姓名,手机,公司,邮箱\n李四,13800138000,甲公司,a@b.cn\n王五,13900139000,乙公司,c@d.cn\n"
    )
    assert (table.headers, table.header_row) == (("姓名", "手机", "公司", "邮箱"), 2)


@pytest.mark.parametrize("lines", [99, 101, 1_500])
def test_a_quoted_cell_may_have_many_lines(tmp_path: Path, lines: int) -> None:
    table = read(tmp_path, ('编号,正文,姓名\n1,"' + "一行字\n" * lines + '",张三\n2,短,李四\n').encode())
    assert table.headers == ("编号", "正文", "姓名")
    assert table.rows["c2"].to_list() == ["张三", "李四"]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("'编号','姓名','留言'\n'1','张三','第一行,\n第二行'\n'2','李四','好'\n", "第一行,\n第二行", id="lines"),
        pytest.param("'编号','备注','数'\n'1','传感器 ''B'' 关, 见 ''日志'', 完','2'\n'2','好','3'\n", "传感器 'B' 关, 见 '日志', 完",
                     id="doubled"),
    ],
)  # fmt: skip
def test_single_quotes_are_quotes_whatever_they_hold(tmp_path: Path, text: str, cell: str) -> None:
    table = read(tmp_path, text.encode())
    assert len(table.headers) == 3
    assert cell in table.rows.row(0)
