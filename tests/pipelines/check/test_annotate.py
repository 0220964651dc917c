"""What the importer gets back: the workbook in the user's own layout, and the input in two parts."""

import csv
import io
import re
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from guiyi.config import Config
from guiyi.i18n import Language
from guiyi.io.write.marked_parts import unique_name
from guiyi.io.write.plain_workbook import PlainSheet, plain_workbook
from guiyi.pipelines.check.annotate import write_annotated
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file
from guiyi.pipelines.check.split import holds_formula, split_rows, write_rows
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

SAMPLES = Path(__file__).parents[3] / "sample_data"
FILLS = {"error": "FFFFC7CE", "warning": "FFFFEB9C", "info": "FFDDEBF7"}


def check(path: Path, language: Language = "zh", **more: object) -> Checked:
    return check_file(CheckRequest(path, Config(), language, path.parent, **more))  # type: ignore[arg-type]


def annotated(path: Path, tmp_path: Path, language: Language = "zh") -> tuple[Checked, openpyxl.Workbook]:
    checked = check(path, language)
    write_annotated(checked, path, Config(), tmp_path / "annotated.xlsx")
    return checked, openpyxl.load_workbook(tmp_path / "annotated.xlsx")


def texts(sheet: Worksheet) -> dict[str, str]:
    return {c.coordinate: str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None}


def visible_cell(sheet: Worksheet, address: str) -> Cell:
    """The cell, or the first of the merged range that it is in."""
    spans = [r for r in sheet.merged_cells.ranges if address in r]
    return sheet.cell(spans[0].min_row, spans[0].min_col) if spans else sheet[address]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Two sheets that begin elsewhere, a title, merged and hidden parts, numbers, dates, a formula."""
    book = openpyxl.Workbook()
    first = book.active
    first.title = "客户 1"
    first["B2"] = "客户名单"
    first.merge_cells("B2:E2")
    rows = [["编号", "联系人", "手机号", "创建时间"], [1, "张\u200b伟", "139", datetime(2024, 1, 5)],
            [2, "李娜", "+8613900001234", datetime(2024, 2, 5)], [3, "=1+1", "'13900005678", None]]  # fmt: skip
    for row, cells in enumerate(rows, start=4):
        for column, cell in enumerate(cells, start=2):
            first.cell(row, column, cell)
    first.row_dimensions[6].hidden = True
    second = book.create_sheet("其他's")
    for row, line in enumerate([["联系人", "邮箱"], ["王芳", "wangfang.163.com"]], start=1):
        for column, text in enumerate(line, start=1):
            second.cell(row, column, text)
    path = tmp_path / "a.xlsx"
    book.save(path)
    return path


def test_the_layout_is_the_users_own(workbook: Path, tmp_path: Path) -> None:
    _, back = annotated(workbook, tmp_path)
    assert back.sheetnames[:2] == ["客户 1", "其他's"]
    first, second = back["客户 1"], back["其他's"]
    assert texts(first) == {
        "B2": "客户名单", "B4": "编号", "C4": "联系人", "D4": "手机号", "E4": "创建时间",
        "B5": "1", "C5": "张\u200b伟", "D5": "139", "E5": "2024-01-05 00:00:00",
        "B6": "2", "C6": "李娜", "D6": "+8613900001234", "E6": "2024-02-05 00:00:00", "B7": "3", "C7": "=1+1",
        "D7": "'13900005678",
    }  # fmt: skip
    assert [str(merged) for merged in first.merged_cells.ranges] == ["B2:E2"]
    assert first.row_dimensions[6].hidden
    assert texts(second) == {"A1": "联系人", "B1": "邮箱", "A2": "王芳", "B2": "wangfang.163.com"}


def test_hidden_sheets_stay_hidden_where_they_were(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "字典"
    book.active.append(["省份", "代码", "说明"])
    book.active["A2"] = "浙江"
    book.active.merge_cells("A2:B2")
    book.active.sheet_state = "hidden"
    book.create_sheet("客户").append(["客户编号", "联系人", "手机号"])
    book["客户"].append(["1", "张伟", "139"])
    book.create_sheet("底稿").append(["13900001234"])
    book["底稿"].sheet_state = "veryHidden"
    book.save(tmp_path / "a.xlsx")
    checked, back = annotated(tmp_path / "a.xlsx", tmp_path)
    assert [(s.title, s.sheet_state) for s in back][:4] == [
        ("字典", "hidden"), ("客户", "visible"), ("底稿", "veryHidden"), ("问题清单", "visible"),
    ]  # fmt: skip
    assert texts(back["字典"]) == {"A1": "省份", "B1": "代码", "C1": "说明", "A2": "浙江"}
    assert [str(merged) for merged in back["字典"].merged_cells.ranges] == ["A2:B2"]
    assert [c.coordinate for row in back["字典"].iter_rows() for c in row if c.comment] == []
    hidden = [[c.value for c in row] for row in back["问题清单"].iter_rows() if row[7].value == "sheet.hidden"]
    assert [(row[1], row[4]) for row in hidden] == [("字典", "字典"), ("底稿", "底稿")]
    assert checked.report.total("rows") == 1


def test_a_hidden_sheet_that_was_checked_is_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["客户编号", "联系人"])
    hidden = book.create_sheet("旧客户")
    hidden.append(["联系人", "手机号"])
    hidden.append(["张伟", "139"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    config = Config().reading(hidden=True)
    checked = check_file(CheckRequest(tmp_path / "a.xlsx", config, "zh", tmp_path))
    write_annotated(checked, tmp_path / "a.xlsx", config, tmp_path / "b.xlsx")
    back = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert back["旧客户"].sheet_state == "visible"
    assert back["旧客户"]["B2"].comment


@pytest.mark.parametrize("name", ["leads.csv", "customers.xlsx"])
def test_cells_of_findings_are_coloured_and_commented_where_the_report_says(tmp_path: Path, name: str) -> None:
    checked, back = annotated(SAMPLES / name, tmp_path)
    sheets = {f["sheet"]: back[f["sheet"] or "leads"] for f in checked.intake.files.to_dicts()}
    told = checked.findings.filter(pl.col("cell").is_not_null(), ~pl.col("rule").str.starts_with("sheet."))
    assert told.height > 10
    for finding in told.iter_rows(named=True):
        cell = visible_cell(sheets[finding["sheet"]], finding["cell"])
        assert finding["message"] in cell.comment.text
        assert finding["rule"] in cell.comment.text
        assert cell.fill.fgColor.rgb in FILLS.values()
    marked = {c.coordinate for s in sheets.values() for row in s.iter_rows() for c in row if c.comment}
    whole = (
        checked.findings.filter(pl.col("cell").is_null())
        .select("sheet", row=pl.coalesce("row", "row_number"))
        .drop_nulls("row")
    )
    rows = {visible_cell(sheets[sheet], f"A{row}").row for sheet, row in whole.iter_rows()}
    shown = {visible_cell(sheets[s], c).coordinate for s, c in told.select("sheet", "cell").iter_rows()}
    assert shown <= marked
    assert {int(re.sub("[A-Z]+", "", cell)) for cell in marked - shown} <= rows


def test_the_worst_finding_gives_the_colour(tmp_path: Path) -> None:
    _, back = annotated(SAMPLES / "leads.csv", tmp_path)
    assert back["leads"]["F33"].fill.fgColor.rgb == FILLS["error"]


def test_comments_and_lists_are_in_the_language_asked_for(workbook: Path, tmp_path: Path) -> None:
    zh, back = annotated(workbook, tmp_path)
    assert "不是有效的电话号码" in back["客户 1"]["D5"].comment.text
    assert back.sheetnames[2] == "问题清单"
    _, back = annotated(workbook, tmp_path, "en")
    assert "not a valid phone number" in back["客户 1"]["D5"].comment.text
    assert back.sheetnames[2] == "findings"
    assert back["findings"].max_row == zh.findings.height + 1


def test_the_list_of_findings_leads_to_the_cells(workbook: Path, tmp_path: Path) -> None:
    _, back = annotated(workbook, tmp_path)
    links = {
        row[7].value: row[0].hyperlink.location for row in back["问题清单"].iter_rows(min_row=2) if row[0].hyperlink
    }
    assert links["phone.invalid"] == "'客户 1'!D5"
    assert links["email.invalid"] == "'其他''s'!B2"


def test_a_choice_is_a_drop_down_that_forbids_nothing(workbook: Path, tmp_path: Path) -> None:
    _, back = annotated(workbook, tmp_path)
    lists = {str(v.sqref): v for v in back["其他's"].data_validations.dataValidation}
    assert set(lists) == {"B2"}
    assert lists["B2"].type == "list"
    assert not lists["B2"].showErrorMessage
    assert lists["B2"].formula1 == '"wangfang@163.com"'


def test_nothing_in_it_runs_and_phones_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "联系人,手机号,备注\n张伟,+8613900001234,=1+1\n李娜,013900005678,@SUM(A1)\n王芳,-1,http://x.example\n", "utf-8"
    )
    _, back = annotated(path, tmp_path)
    cells = [c for sheet in back for row in sheet.iter_rows() for c in row if c.value is not None]
    assert {c.data_type for c in cells} == {"s"}
    assert back["a"]["B2"].value == "+8613900001234"
    assert back["a"]["C2"].value == "=1+1"
    assert back["a"]["B3"].number_format == "@"
    assert not [c for c in back["a"]["C"] if c.hyperlink]


def test_names_that_no_sheet_may_have_are_mended() -> None:
    taken: set[str] = set()
    names = [unique_name(name, taken) for name in ("a/b:c", "a/b:c", "'x'", "很" * 40, "问题清单", "问题清单")]
    assert names == ["a_b_c", "a_b_c 2", "x", "很" * 31, "问题清单", "问题清单 2"]


def test_overlapping_merges_and_long_cells_do_no_harm() -> None:
    sheet = PlainSheet("s", {1: {0: "多" * 40_000}}, merged=["A1:B1", "B1:C1", "nonsense"])
    assert len(openpyxl.load_workbook(io.BytesIO(plain_workbook([sheet])))["s"]["A1"].value) == 32_767


NASTY = (
    "客户编号,联系人,手机号,备注\n"
    '1,张伟,13900001234,"多行\n备注, 带逗号 ""引号"""\n'
    "2, 李娜 ,139,=1+1\n"
    "3,王\u200b芳,+8613900005678,'前导撇号\n"
    "4,,,只有备注\n"
    "合计,,,3\n"
)  # fmt: skip


def read_back(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("fail_on", ["error", "warning", "never"])
def test_both_parts_together_are_exactly_the_input(tmp_path: Path, suffix: str, fail_on: str) -> None:
    source = tmp_path / "a.csv"
    source.write_text(NASTY, "utf-8", newline="")
    checked = check(source, fail_on=fail_on, full=("--accepted",))
    for frame, name in zip(split_rows(checked), ("ok", "bad"), strict=True):
        write_rows(frame, tmp_path / f"{name}{suffix}")
    good, bad = read_back(tmp_path / f"ok{suffix}"), read_back(tmp_path / f"bad{suffix}")
    assert bad[0] == [*good[0], "原因"]
    assert all(row[-1] for row in bad[1:])
    whole = list(csv.reader(io.StringIO(NASTY, newline="")))
    assert good[0] == whole[0]
    assert sorted(good[1:] + [row[:-1] for row in bad[1:]]) == sorted(whole[1:])
    assert ("2" in [row[0] for row in bad]) and ("合计" in [row[0] for row in bad])
    assert ("1" in [row[0] for row in good]) is True
    assert ("3" in [row[0] for row in good]) is (fail_on != "warning")


def test_parts_of_the_samples_hold_every_row_once() -> None:
    for name in ("leads.csv", "customers.xlsx"):
        checked = check(SAMPLES / name, full=("--accepted",))
        good, bad = split_rows(checked)
        assert good.height + bad.height == checked.report.total("rows") == checked.intake.raw.height
        assert bad.height == checked.report.total("rows_rejected") + checked.report.total("rows_aside")
        assert good.columns == bad.columns[:-1]


def test_parts_of_several_sheets_say_which(workbook: Path) -> None:
    good, bad = split_rows(check(workbook, full=("--accepted",)))
    assert good.columns[0] == "工作表"
    assert set(good["工作表"]) | set(bad["工作表"]) == {"客户 1", "其他's"}
    assert set(good.columns[1:]) == {"编号", "联系人", "手机号", "创建时间", "邮箱"}


@pytest.mark.parametrize(
    ("text", "live"),
    [
        ("=1+1", True),
        ("@SUM(A1)", True),
        ("+cmd|' /C calc'!A0", True),
        ("+8613900001234", False),
        ("-5", False),
        ("张伟", False),
    ],
)
def test_live_formulas_are_told_from_numbers(text: str, live: bool) -> None:
    assert holds_formula(pl.DataFrame({"a": [text, None]})) is live
