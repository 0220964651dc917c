"""`check --fixed`: the user's own file with what is certain repaired, everything else as it was, every repair listed."""

import csv
import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from guiyi.config import Config
from guiyi.io.read.whole_sheet import read_whole
from guiyi.pipelines.check.annotate import write_annotated
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file
from guiyi.pipelines.check.repairs import certain_repairs, write_fixed
from guiyi.pipelines.read.intake import read_options
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

HEAD = ["客户编号", "联系人", "客户名称", "手机号", "邮箱", "创建时间", "备注"]
SAMPLES = Path(__file__).parents[3] / "sample_data"


def check(path: Path, **more: object) -> Checked:
    return check_file(CheckRequest(path, Config(), "zh", path.parent, **more))  # type: ignore[arg-type]


def cells(path: Path) -> dict[tuple[str | None, int, int], str]:
    sheets = read_whole(path, read_options(path, Config()))
    return {(s.name, row, at): text for s in sheets for row, found in s.rows.items() for at, text in found.items()}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook as people make them: colours, widths, dates, a formula, a comment, a drop-down, a second sheet."""
    work = openpyxl.Workbook()
    sheet = work.active
    sheet.title = "客户"
    sheet.append(HEAD)
    sheet.append(
        [1, "张\u200b伟", "杭州禾舟软件有限公司", 13900001234, "zhangwei@163.com", datetime(2024, 1, 5), "=1+1"]
    )
    sheet.append(
        [2, "李 娜", "上海云岫数据有限公司 ", "139 0000 5678", "lina@163.com", datetime(2024, 2, 5), "a_x0041_b"]
    )
    sheet.append(
        [3, "王芳", "北京青禾商贸有限公司", "1380000123", None, datetime(2024, 3, 5), "13900001234（微信同号）"]
    )
    sheet["A2"].fill, sheet["B3"].font = PatternFill("solid", fgColor="FF00FF00"), Font(bold=True, color="FFFF0000")
    sheet["F2"].number_format = 'yyyy"年"m"月"d"日"'
    sheet.column_dimensions["C"].width = 33.5
    sheet["D4"].comment = Comment("我的批注", "我")
    rule = DataValidation(type="list", formula1='"甲,乙"')
    rule.add("G2:G9")
    sheet.add_data_validation(rule)
    work.create_sheet("说明")["A1"] = "请勿改动"
    work.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def fixed(path: Path, target: Path) -> tuple[Checked, openpyxl.Workbook]:
    checked = check(path)
    write_fixed(checked, path, Config(), target)
    return checked, openpyxl.load_workbook(target)


def test_what_is_certain_is_repaired_and_the_rest_stays(book: Path, tmp_path: Path) -> None:
    _, back = fixed(book, tmp_path / "b.xlsx")
    rows = [list(row) for row in back["客户"].iter_rows(min_row=2, values_only=True)]
    assert rows[0] == [1, "张伟", "杭州禾舟软件有限公司", 13900001234, "zhangwei@163.com", datetime(2024, 1, 5), "=1+1"]
    assert rows[1][1:4] == ["李娜", "上海云岫数据有限公司", "13900005678"]
    assert rows[2] == [
        3,
        "王芳",
        "北京青禾商贸有限公司",
        "1380000123",
        None,
        datetime(2024, 3, 5),
        "13900001234（微信同号）",
    ]
    assert back["说明"]["A1"].value == "请勿改动"


def test_formats_widths_colours_comments_and_drop_downs_stay(book: Path, tmp_path: Path) -> None:
    sheet = fixed(book, tmp_path / "b.xlsx")[1]["客户"]
    assert sheet["A2"].fill.fgColor.rgb == "FF00FF00"
    assert (sheet["B3"].font.b, sheet["B3"].font.color.rgb) == (True, "FFFF0000")
    assert sheet["F2"].number_format == 'yyyy"年"m"月"d"日"'
    assert sheet.column_dimensions["C"].width == 33.5
    assert sheet["D4"].comment.text == "我的批注"
    assert "G2:G9" in [str(v.sqref) for v in sheet.data_validations.dataValidation]
    assert sheet["D4"].fill.fgColor.rgb == "FFFFC7CE"


def test_every_repair_is_listed_with_its_words_and_its_cell(book: Path, tmp_path: Path) -> None:
    back = fixed(book, tmp_path / "b.xlsx")[1]
    listed = list(back["修改清单"].iter_rows(min_row=2, values_only=True))
    assert [row[:5] for row in listed] == [
        ("B2", "客户", "联系人", "张⟨U+200B⟩伟", "张伟"), ("B3", "客户", "联系人", "李 娜", "李娜"),
        ("C3", "客户", "客户名称", "上海云岫数据有限公司 ", "上海云岫数据有限公司"),
        ("D3", "客户", "手机号", "139 0000 5678", "13900005678"),
    ]  # fmt: skip
    assert back["修改清单"]["A2"].hyperlink.location == "'客户'!B2"
    assert all(row[5] and row[6] for row in listed)
    grave = [str(row[3]) for row in back["问题清单"].iter_rows(min_row=2, values_only=True)]
    assert grave == sorted(grave, reverse=True)  # 错误 before 警告
    assert grave[0] == "错误"


@pytest.mark.parametrize("name", ["leads.csv", "customers.xlsx"])
def test_what_was_repaired_needs_no_repair_and_no_other_cell_moved(name: str, tmp_path: Path) -> None:
    source, target = SAMPLES / name, tmp_path / f"{Path(name).stem}.xlsx"
    checked = check(source)
    write_fixed(checked, source, Config(), target)
    repairs = certain_repairs(checked, read_whole(source, read_options(source, Config())))
    assert repairs.height > 10
    again = check(target)
    assert certain_repairs(again, read_whole(target, read_options(target, Config()))).is_empty()
    assert again.report.total("rows") == checked.report.total("rows")
    before, after = cells(source), cells(target)
    single = len({sheet for sheet, _, _ in after}) == 1
    own = {(None if single else s, r, p) for s, r, p in repairs.select("sheet", "row_number", "place").iter_rows()}
    plain = {(None if single else s, r, p): text for (s, r, p), text in before.items()}
    kept = {(None if single else s, r, p): text for (s, r, p), text in after.items()}
    assert {k: v for k, v in kept.items() if k not in own} == {k: v for k, v in plain.items() if k not in own}


def test_parts_that_nothing_was_done_to_are_the_same_bytes(book: Path, tmp_path: Path) -> None:
    fixed(book, tmp_path / "b.xlsx")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(tmp_path / "b.xlsx") as new:
        same = [name for name in old.namelist() if old.read(name) == new.read(name)]
        assert {"xl/theme/theme1.xml", "docProps/core.xml", "_rels/.rels"} <= set(same)


def test_a_text_file_keeps_columns_and_order_and_gets_its_list_beside_it(tmp_path: Path) -> None:
    text = '名单,,\n联系人,手机号,备注\n李 娜,+86 139-0000-5678,"甲,\n乙"\n王芳,12345,=1+1\n合计,,2\n'
    (tmp_path / "a.csv").write_bytes(text.encode("gb18030"))
    write_fixed(check(tmp_path / "a.csv"), tmp_path / "a.csv", Config(), tmp_path / "b.csv")
    data = (tmp_path / "b.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[:2] == [["名单", "", ""], ["联系人", "手机号", "备注"]]
    assert rows[2:] == [["李娜", "13900005678", "甲,\n乙"], ["王芳", "12345", "1+1"], ["合计", "", "2"]]
    listed = list(csv.DictReader(io.StringIO((tmp_path / "b.repairs.csv").read_text("utf-8-sig"), newline="")))
    assert [(row["位置"], row["改后"]) for row in listed] == [("A3", "李娜"), ("B3", "13900005678"), ("C5", "1+1")]


def test_a_byte_order_mark_is_left_out_where_it_blocks(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("联系人,手机号\n张伟,13900001234\n", "utf-8")
    write_fixed(check(tmp_path / "a.csv", strict=True), tmp_path / "a.csv", Config(), tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_bytes().startswith("联系人".encode())


def test_texts_that_look_like_escapes_or_formulas_come_back_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "联系人,手机号,备注\n李 娜,13900001234,a_x0041_b<&>\n王 芳,13900005678,@SUM(A1)\n", "utf-8"
    )
    _, back = fixed(tmp_path / "a.csv", tmp_path / "b.xlsx")
    assert {c.data_type for row in back["a"].iter_rows() for c in row if c.value is not None} == {"s"}
    assert cells(tmp_path / "b.xlsx")["a", 2, 2] == "a_x0041_b<&>"


@pytest.mark.parametrize(
    ("phone", "after"),
    [
        pytest.param("138 0000 1234", "13800001234", id="blanks"),
        pytest.param("+86 138 0000 1234", "13800001234", id="as-the-others-write-it"),
        pytest.param("（0755）26001357", "0755-26001357", id="landline"),
        pytest.param("0755-26001357", None, id="right-as-it-stands"),
        pytest.param("13800001234", None, id="nothing-to-do"),
        pytest.param("13800001234（微信同号）", None, id="a-remark-would-be-lost"),
        pytest.param("138 0000 1234 / 139 0000 1234", None, id="two-numbers"),
        pytest.param("1380000123", None, id="no-number"),
    ],
)
def test_a_phone_is_repaired_only_where_nothing_is_lost(phone: str, after: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"联系人,手机号\n张伟,{phone}\n", "utf-8")
    repairs = certain_repairs(check(path), read_whole(path, read_options(path, Config())))
    assert repairs["after"].to_list() == ([after] if after else [])


def test_a_file_that_was_marked_is_marked_anew(book: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "b.xlsx", tmp_path / "c.xlsx"
    write_annotated(check(book), book, Config(), first)
    write_annotated(check(first), first, Config(), second)
    back = openpyxl.load_workbook(second)
    assert back.sheetnames == ["客户", "说明", "问题清单"]
    assert back["客户"]["D4"].comment.text == "我的批注"
    assert back["客户"]["B2"].comment.text == openpyxl.load_workbook(first)["客户"]["B2"].comment.text
    with zipfile.ZipFile(second) as package:
        names = package.namelist()
        assert len(names) == len(set(names))
        types = package.read("[Content_Types].xml").decode()
        parts = re.findall(r'PartName="([^"]+)"', types)
        assert len(parts) == len(set(parts))
        for name in names:
            if name.endswith((".xml", ".rels", ".vml")):
                ElementTree.fromstring(package.read(name))
