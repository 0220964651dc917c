"""The pre-import gate: what it finds, at which cell, masked, in the order of the file; exit codes and speed of start."""

import csv
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import openpyxl
import polars as pl
import pytest
from guiyi.__main__ import _run
from guiyi.config import Config
from guiyi.i18n import Language
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file
from guiyi.pipelines.check.selection import Asked
from guiyi.pipelines.clean.findings import cleaning_findings
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.read.intake import read_all
from guiyi.reports.cell_masking import visible
from guiyi.reports.masking import masked_text
from guiyi.sample_data.crash import write_crash

HEAD = "客户编号,联系人,客户名称,统一社会信用代码,手机号,邮箱,创建时间,备注\n"
ROWS = (
    "1,张伟,杭州禾舟软件有限公司,91330106MA2B0W2R1D,13900001234,zhangwei@163.com,2024-01-05,\n"
    "2,李\u200b娜,禾舟,91330106MA2B0W2R1X,1390000123,lina@163.con,2024-13-05,=1+1\n"
    "2,王芳,上海云岫数据有限公司,,13900005678,wangfang.163.com,2024-02-05,\n"
    "3,张伟,杭州禾舟软件有限公司,,+86 139 0000 1234,,2024-03-05,\n"
    "4,,,,,,2024-03-05,只有备注\n"
)


def check(path: Path, language: Language = "zh", **more: object) -> Checked:
    return check_file(CheckRequest(path, Config(), language, path.parent, **more))  # type: ignore[arg-type]


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def main(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> Callable[..., Done]:
    """`guiyi …` in this process and an empty folder: its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["guiyi", *map(str, arguments)])
        code = _run()
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = capfdbinary.readouterr()
        return Done(code, out.decode(), err.decode())

    return run


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(HEAD + ROWS, "utf-8")
    return path


def told(checked: Checked, *rules: str) -> list[tuple[object, ...]]:
    found = checked.report.findings.filter(pl.col("rule").is_in(rules))
    return found.select("rule", "cell", "value", "suggestion").rows()


def test_cells_are_found_with_address_masked_value_and_suggestion(leads: Path) -> None:
    checked = check(leads)
    assert told(
        checked, "text.invisible", "phone.invalid", "dates.invalid", "company_name.too_short", "text.formula"
    ) == [
        ("text.invisible", "B3", "李*", "李*"),
        ("company_name.too_short", "C3", "禾舟", None),
        ("phone.invalid", "E3", "139***0123", None),
        ("dates.invalid", "G3", "2024-13-05", None),
        ("text.formula", "H3", "=1+1", "1+1"),
    ]
    assert told(checked, "email.invalid", "email.domain_typo") == [
        ("email.domain_typo", "F3", "li***@163.con", "li***@163.com"),
        ("email.invalid", "F4", "wa***", "wa***@163.com"),
    ]


def test_a_credit_code_that_fails_its_check_comes_with_a_repair(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("客户名称,统一社会信用代码\n杭州禾舟软件有限公司,9133010682046X713F\n", "utf-8")
    checked = check(path)
    assert told(checked, "credit_code.checksum") == [
        ("credit_code.checksum", "B2", "9133010682046X713F", "91330106820463713F")
    ]
    assert checked.findings.filter(pl.col("rule") == "credit_code.checksum")["choices"].to_list() == [
        ["91330106820463713F"]
    ]


def test_rows_are_found_repeated_number_same_customer_and_nobody(leads: Path) -> None:
    findings = check(leads).report.findings
    rows = findings.filter(pl.col("rule").str.starts_with("row.")).select("rule", "row", "suggestion").rows()
    assert [r[:2] for r in rows] == [
        ("row.duplicate_id", 3),
        ("row.duplicate_id", 4),
        ("row.same_customer", 5),
        ("row.no_identity", 6),
    ]
    assert "第 2 行" in str(rows[2][2])


def test_findings_stand_in_the_order_of_rows_and_columns(leads: Path) -> None:
    places = check(leads).findings.select(pl.col("row").fill_null(0), pl.col("place").fill_null(-1)).rows()
    assert places == sorted(places)


def test_a_file_of_an_importer_is_told_its_own_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"\xef\xbb\xbf" + "联系人,手机号,备注,备注,\n张伟,13900001234,x,y,z\n李娜,13900005678,x,y,z\n".encode()
    )
    findings = check(path).report.findings
    headers = findings.filter(pl.col("rule").str.contains("^(?:file|header)")).select("rule", "cell").rows()
    assert ("file.bom", None) in headers
    assert ("header.duplicate", "D1") in headers
    assert ("header.missing", "E1") in headers
    assert ("header.unmapped", None) in headers


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        pytest.param("a.csv", "客户编号,联系人,手机号\n", True, id="header-only"),
        pytest.param("a.csv", "2024年客户名单\n客户编号,联系人,手机号\n合计,,\n", True, id="title-and-sum-only"),
        pytest.param("junk.xlsx", "hello world\n", True, id="no-table"),
        pytest.param("a.csv", "客户编号,联系人,手机号\n1,张伟,13900001234\n", False, id="one-row"),
    ],
)
@pytest.mark.parametrize("asked", [(), ("file",)])
def test_a_table_without_a_row_is_told(
    name: str, text: str, told: bool, asked: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    findings = check(tmp_path / name, asked=Asked(asked)).report.findings.filter(pl.col("rule") == "file.no_rows")
    assert findings["severity"].to_list() == ["warning"] * told


def test_a_workbook_is_told_by_its_sheets_and_true_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "客户"
    sheet.merge_cells("B2:E2")
    sheet["B2"] = "客户名单"
    for column, head in zip("BCDE", ("客户编号", "联系人", "手机号", "合计"), strict=True):
        sheet[f"{column}4"] = head
        sheet[f"{column}5"] = {"B": 1, "C": "张伟", "D": "139", "E": "=1+1"}[column]
        sheet[f"{column}6"] = {"B": 2, "C": "李娜", "D": "13900001234", "E": "2"}[column]
    book.create_sheet("字典")["A1"] = "x"
    book["字典"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    findings = check(tmp_path / "a.xlsx").report.findings
    found = {(r, s, c) for r, s, c in findings.select("rule", "sheet", "cell").rows()}
    assert {
        ("sheet.hidden", "字典", None),
        ("sheet.merged", "客户", "B2"),
        ("phone.invalid", "客户", "D5"),
        ("cell.formula_empty", "客户", "E5"),
    } <= found


def test_words_are_in_the_language_asked_for(leads: Path) -> None:
    english = check(leads, "en").report
    assert english.findings["message"].str.contains(r"\p{Han}").sum() == 0
    assert "row 2" in english.findings.filter(pl.col("rule") == "row.same_customer")["suggestion"][0]


def test_values_are_shown_in_full_only_where_asked(leads: Path) -> None:
    open_, closed = check(leads, unmask=True).report.findings, check(leads).report.findings
    assert "1390000123" in open_["value"].to_list()
    assert not closed["value"].str.contains("1390000").any()
    assert not closed["suggestion"].str.contains("lina|wangfang").any()


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        pytest.param("phone", "13800138000", "138****8000", id="mobile"),
        pytest.param("phone", "138 0013 8000", "138 **** 8000", id="with-blanks"),
        pytest.param("phone", "13800001234/0571-88001234", "138****1234/057*-****1234", id="two-numbers"),
        pytest.param("phone", "+8613800138000", "+86138****8000", id="e164"),
        pytest.param("phone", "一三八零零一三八零零零", "一三八****八零零零", id="numerals"),
        pytest.param("phone", "95001", "95001", id="hotline"),
        pytest.param("email", "a@x.com;bertha@y.com", "a***@x.com;be***@y.com", id="two-addresses"),
        pytest.param("email", "zhangwei163.com", "zh***", id="no-address"),
        pytest.param("person_name", "张伟", "张*", id="name"),
        pytest.param(
            "备注",
            "电话13800138000，身份证330106199001011234",
            "电话138****8000，身份证330106********1234",
            id="remark",
        ),
        pytest.param("credit_code", "91330106MA2B0W2R1D", "91330106MA2B0W2R1D", id="credit-code-is-public"),
        pytest.param("company_name", "杭州禾舟软件有限公司", "杭州禾舟软件有限公司", id="company-is-public"),
    ],
)
def test_masking_of_cells_as_read(field: str, text: str, shown: str) -> None:
    assert masked_text(field, text) == shown


def test_what_no_eye_sees_is_shown_by_number() -> None:
    assert visible("张\u200b伟") == "张⟨U+200B⟩伟"
    assert visible("\x1b[31m红") == "⟨U+001B⟩[31m红"
    assert visible("杭州 禾舟") == "杭州 禾舟"


def test_of_the_crash_file_the_soiled_rows_are_flagged_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "crash.csv"
    soiled = set(write_crash(path))
    intake = read_all([path], Config())
    found = cleaning_findings(intake, clean_rows(intake, "zh", regions=False), "zh")
    flagged = found.filter(pl.col("rule").is_in(["text.invisible", "text.formula"])).select("file_id", "row_number")
    numbers = pl.concat([t.select("file_id", "row_number", "source_record_id") for t in intake.rows])
    ids = numbers.join(flagged.unique(), on=["file_id", "row_number"])["source_record_id"]
    assert set(ids) == soiled
    assert len(soiled) == 1842


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        pytest.param("客户编号,联系人,手机号\n1,张伟,13900001234\n", (), 0, id="clean"),
        pytest.param("客户编号,联系人,手机号\n1,张伟,139\n", (), 1, id="error"),
        pytest.param("客户编号,联系人,手机号\n1,张伟,139\n", ("--fail-on", "never"), 0, id="never"),
        pytest.param("客户编号,联系人,手机号\n1,,13900001234\n", (), 0, id="warnings-only"),
        pytest.param("客户编号,联系人,手机号\n1,,13900001234\n", ("--fail-on", "warning"), 1, id="fail-on-warning"),
        pytest.param("客户编号,联系人\n", ("--format", "pdf"), 2, id="unknown-format"),
        pytest.param("客户编号,联系人\n1,张伟\n", ("--annotate", "a.csv"), 2, id="annotate-takes-xlsx"),
        pytest.param("", (), 3, id="empty-file"),
        pytest.param("客户编号,联系人\n1,张伟\n", ("--against", "none.duckdb"), 2, id="no-store"),
    ],
)  # fmt: skip
def test_exit_codes(
    main: Callable[..., Done], tmp_path: Path, content: str, options: tuple[str, ...], code: int
) -> None:
    (tmp_path / "a.csv").write_text(content, "utf-8")
    done = main("check", "a.csv", *options)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_errors_are_no_pass_even_where_they_are_not_to_fail(main: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,联系人,手机号\n1,张伟,139\n", "utf-8")
    assert main("check", "a.csv", "--fail-on", "never").stdout.splitlines()[-1].startswith("有错误：1 个错误")
    assert (
        '<p class="verdict error">有错误</p>' in main("check", "a.csv", "--fail-on", "never", "--format", "html").stdout
    )


def test_the_page_tells_how_each_column_is_read(main: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户编号,老板手机,跟进\n1,13900001234,已联系\n", "utf-8")
    page = main("check", "a.csv", "--format", "html").stdout
    row = next(line for line in page.splitlines() if "<td>老板手机</td>" in line)
    assert "<td>手机号</td>" in row
    assert "139****1234 ×1" in row
    assert "13900001234" not in page


def test_a_missing_file_is_exit_three(main: Callable[..., Done]) -> None:
    assert main("check", "none.csv").returncode == 3


def test_rules_of_ones_own_are_found_beside_the_configuration(main: Callable[..., Done], tmp_path: Path) -> None:
    data = Path(__file__).parents[2] / "data" / "check"
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "course.toml").write_bytes((data / "course.toml").read_bytes())
    (tmp_path / "conf" / "guiyi.toml").write_text('rules = ["course.toml"]\n', "utf-8")
    (tmp_path / "leads.csv").write_text(
        "客户编号,联系人,手机号,课程编号\n1,张伟,13900001234,课程编号ABC1234\n", "utf-8"
    )
    done = main("check", "leads.csv", "--config", "conf/guiyi.toml", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert done.returncode == 1
    assert [r["cell"] for r in rows if r["rule"] == "course.code"] == ["D2"]
    lint = main("rules", "lint", "--config", "conf/guiyi.toml")
    assert lint.returncode == 0, lint.stdout
    tried = main("rules", "test", "course.code", "leads.csv", "--config", "conf/guiyi.toml", "--format", "json")
    assert tried.returncode == 1
    assert '"D2"' in tried.stdout
    tried = main("rules", "test", "course.code", "leads.csv", "--config", "conf/guiyi.toml")
    heads = ["级别", "工作表", "行", "单元格", "列名", "值", "问题", "建议"]
    assert re.findall(r"\w+", tried.stdout.splitlines()[1]) == heads


def test_lint_and_show_from_the_command_line(main: Callable[..., Done]) -> None:
    data = Path(__file__).parents[2] / "data" / "check"
    faulty = main("rules", "lint", data / "faulty.toml", "--format", "csv")
    assert faulty.returncode == 1
    assert "regex_unanchored" in faulty.stdout
    heads = main("rules", "lint", data / "faulty.toml").stdout.splitlines()[1]
    assert re.findall(r"\w+", heads) == ["规则包", "规则", "毛病", "问题"]
    assert "limit.email" in main("rules", "list").stdout
    assert main("rules", "show", "limit.email", "--format", "json").returncode == 0
    assert main("rules", "show", "no.such").returncode == 2


def test_the_same_file_gives_the_same_report(leads: Path) -> None:
    one, other = check(leads).report.findings, check(leads).report.findings
    assert one.equals(other)
