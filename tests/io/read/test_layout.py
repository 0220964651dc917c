"""Rows that say the header again, and cells that are merged over several records."""

from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from guiyi.io.read.readers import read_tables
from guiyi.io.table.source_table import SourceTable

HEADER = ["公司", "姓名", "手机"]


def workbook(path: Path, rows: list[list[str]], *merged: str) -> SourceTable:
    """A sheet with these rows; the ranges are merged around the cell that is there already."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet: Any = book.add_worksheet("客户")
        for area in merged:
            sheet.merge_range(area, "")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell)
    return read_tables(path)[0]


def noted(table: SourceTable, rule: str) -> list[tuple[Any, ...]]:
    return table.notes.filter(pl.col("rule") == rule).select("row_number", "column", "value").rows()


def test_a_company_merged_over_three_rows_belongs_to_all_three(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["甲公司", "张三", "1"],
        ["", "李四", "2"],
        ["", "王五", "3"],
        ["乙公司", "赵六", "4"],
        ["", "钱七", "5"],
    ]
    table = workbook(tmp_path / "a.xlsx", rows, "A2:A4")
    assert table.rows["c0"].to_list() == ["甲公司", "甲公司", "甲公司", "乙公司", None]
    assert noted(table, "cell.merged_fill") == [(3, 0, "A2:A4"), (4, 0, "A2:A4")]


def test_a_merged_cell_makes_no_record_of_a_blank_row(tmp_path: Path) -> None:
    table = workbook(tmp_path / "a.xlsx", [HEADER, ["甲公司", "张三", "1"], ["", "", ""], ["乙", "李四", "2"]], "A2:B3")
    assert table.rows["row_number"].to_list() == [2, 4]
    assert noted(table, "cell.merged_fill") == []


def test_a_range_over_two_columns_fills_the_first_only(tmp_path: Path) -> None:
    table = workbook(tmp_path / "a.xlsx", [HEADER, ["甲公司", "", "1"], ["", "", "2"], ["乙", "李四", "3"]], "A2:B3")
    assert table.rows.rows()[:2] == [(2, "甲公司", None, "1"), (3, "甲公司", None, "2")]


def test_header_rows_among_the_records_are_set_aside(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["甲公司", "张三", "1"],
        HEADER,
        ["乙公司", "李四", "2"],
        [" 公司", "姓名 ", "手机"],
        ["公司", "姓名", "3"],
    ]
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    (table,) = read_tables(tmp_path / "a.csv")
    for found in (table, workbook(tmp_path / "a.xlsx", rows)):
        assert found.rows["row_number"].to_list() == [2, 4, 6]
        assert found.set_aside.select("row_number", "rule").rows() == [
            (3, "row.repeated_header"),
            (5, "row.repeated_header"),
        ]


def test_a_one_column_record_may_equal_its_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("公司名称\n甲公司\n公司名称\n", encoding="utf-8")
    assert read_tables(tmp_path / "a.csv")[0].rows.height == 2


def test_both_rows_of_a_joined_header_are_known_again(tmp_path: Path) -> None:
    upper, lower = ["基本信息", "", "联系方式", ""], ["姓名", "公司", "手机", "邮箱"]
    rows = [upper, lower, ["张三", "甲公司", "13800138000", "a@b.cn"], upper, lower, ["李四", "乙公司", "2", "c@d.cn"]]
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    (table,) = read_tables(tmp_path / "a.csv")
    assert table.rows["row_number"].to_list() == [3, 6]
