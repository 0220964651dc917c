"""Tables that come with columns of their own, and the small parts that turn stored numbers into text."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
from guiyi.errors import InputError
from guiyi.io.read.readers import read_tables
from guiyi.io.read.workbook.number_formats import format_kind
from guiyi.io.read.workbook.number_text import number_text
from guiyi.io.table.source_table import ReadOptions


def test_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame({"编号": [1, 2], "姓名": ["张三", ""], "标签": [["a", "b"], None]})
    frame.write_parquet(tmp_path / "a.parquet")
    (table,) = read_tables(tmp_path / "a.parquet")
    assert (table.format, table.headers, table.header_row) == ("parquet", ("编号", "姓名", "标签"), 0)
    assert table.rows.rows() == [(1, "1", "张三", '["a", "b"]'), (2, "2", None, None)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param('{"a": 110105194912310021, "b": "x"}\n\n{"b": null, "a": 1.50}\n', [1, 3], id="lines"),
        pytest.param('[{"a": 110105194912310021, "b": "x"}, {"a": 1.50}]', [1, 2], id="array"),
    ],
)
def test_json_keeps_every_digit(tmp_path: Path, text: str, rows: list[int]) -> None:
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    (table,) = read_tables(tmp_path / "a.jsonl")
    assert table.rows.rows() == [(rows[0], "110105194912310021", "x"), (rows[1], "1.50", None)]


def test_a_broken_line_of_json_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": \n{"a": 2}\n', encoding="utf-8")
    (table,) = read_tables(tmp_path / "a.jsonl")
    assert table.rows["c0"].to_list() == ["1", "2"]
    assert table.set_aside.rows() == [(2, "row.ragged", ['{"a": '])]


def test_duckdb_tables_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            'CREATE TABLE "客户 ""1" AS SELECT 7 AS "编号", \'张三\' AS "姓名", DATE \'2024-01-02\' AS "日期"'
        )
        connection.execute("CREATE TABLE other AS SELECT 1 AS x")
    (table,) = read_tables(path, ReadOptions(sheet='客户 "1'))
    assert (table.sheet, table.rows.rows()) == ('客户 "1', [(1, "7", "张三", "2024-01-02")])
    assert [t.sheet for t in read_tables(path)] == ["other", '客户 "1']
    with pytest.raises(InputError):
        read_tables(path, ReadOptions(sheet="没有"))


@pytest.mark.parametrize(
    ("number", "code", "kind"),
    [
        (0, None, "number"),
        (14, None, "date"),
        (22, None, "datetime"),
        (31, None, "date"),
        (46, None, "elapsed"),
        (164, "General", "number"),
        (164, "yyyy-mm-dd", "date"),
        (164, 'yyyy"年"m"月"d"日"', "date"),
        (164, "[$-804]yyyy年m月d日;@", "date"),
        (164, "m/d/yy h:mm", "datetime"),
        (164, "h:mm AM/PM", "time"),
        (164, "mm:ss.0", "time"),
        (164, "[h]:mm:ss", "elapsed"),
        (164, "000000", "zeros:6"),
        (164, "#,##0.00", "number"),
        (164, "[Red]0.00", "number"),
        (164, '0.00"d"', "number"),
        (164, "0.00E+00", "number"),
        (164, '_ "¥"* #,##0.00_ ', "number"),
        (164, "@", "number"),
    ],
)
def test_what_a_number_format_makes_of_a_number(number: int, code: str | None, kind: str) -> None:
    assert format_kind(number, code) == kind


@pytest.mark.parametrize(
    ("raw", "kind", "text", "lost"),
    [
        ("13800138000", "number", "13800138000", False),
        ("13800138000.0", "number", "13800138000", False),
        ("1.38E10", "number", "13800000000", False),
        ("1.1010519491231E+17", "number", "1.1010519491231E+17", True),
        ("110105194912310021", "number", "110105194912310021", True),
        ("999999999999999", "number", "999999999999999", False),
        ("0.30000000000000004", "number", "0.3", False),
        ("1E-3", "number", "0.001", False),
        ("-0.5", "number", "-0.5", False),
        ("7", "zeros:3", "007", False),
        ("7.5", "zeros:3", "7.5", False),
        ("-1", "date", "-1", False),
        ("60", "date", "1900-02-29", False),
        ("45293.999999", "date", "2024-01-02 23:59:59.914", False),
        ("99999999", "date", "99999999", False),
        ("abc", "number", "abc", False),
        ("NaN", "number", "NaN", False),
    ],
)
def test_a_stored_number_as_text(raw: str, kind: str, text: str, lost: bool) -> None:
    assert number_text(raw, kind, epoch_1904=False) == (text, lost)
