"""Nothing is lost between a workbook's XML and the tables: cells are counted twice, by two programs."""

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from guiyi.io.read.readers import read_tables
from guiyi.tests.xml_counter import differences

_FIELDS = ["编号", "姓名", "公司", "手机", "身份证", "金额", "备注"]


def cell(random_: random.Random) -> Any:
    """Whatever people have in sheets: blanks, numbers, texts, formulas, errors."""
    kinds = [None, "", " ", "张三", "00123", 13800138000, 110105194912310021, 0.5, True, "=1+1", "=NA()", "a\nb", "<&>"]
    return random_.choice(kinds)


def generated(path: Path, seed: int) -> Path:
    """A workbook with a title, a header, gaps, merged and hidden cells, a total and a footer, from a seed."""
    random_ = random.Random(seed)
    with xlsxwriter.Workbook(str(path)) as book:
        for number in range(random_.randint(1, 3)):
            sheet: Any = book.add_worksheet(f"表{number}")
            top, left = random_.randint(0, 3), random_.randint(0, 2)
            if top:
                sheet.write(0, left, "客户名单")
            sheet.write_row(top, left, _FIELDS)
            for row in range(top + 1, top + random_.randint(2, 60)):
                if random_.random() < 0.1:
                    continue
                for column in range(len(_FIELDS)):
                    value = cell(random_)
                    sheet.write(row, left + column, value) if value is not None else None
            last = top + 70
            sheet.merge_range(last, left, last + 2, left, "丙公司")
            sheet.write(last + 1, left + 1, "李四")
            sheet.write_row(last + 5, left, ["合计", None, None, None, None, 12])
            sheet.write(last + 7, left, "制表人：王五")
            sheet.set_row(last + 1, None, None, {"hidden": True})
    return path


@pytest.mark.parametrize("seed", range(6))
def test_every_cell_of_the_xml_is_read_once(tmp_path: Path, seed: int) -> None:
    path = generated(tmp_path / "a.xlsx", seed)
    assert differences(path, read_tables(path)) == []


def test_the_counter_sees_a_lost_cell(tmp_path: Path) -> None:
    path = generated(tmp_path / "a.xlsx", 1)
    tables = read_tables(path)
    column = tables[0].columns[1]
    tables[0].rows.replace_column(2, pl.Series(column, [None] * tables[0].rows.height, pl.String))
    assert differences(path, tables) != []
