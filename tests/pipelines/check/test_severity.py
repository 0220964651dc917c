"""How grave a finding is, by configuration and --strict, and what a verdict says: columns not understood, rows per sheet."""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from guiyi.config import Config, load_config
from guiyi.errors import UsageError
from guiyi.io.store.store import open_store
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.reports.check.html import render_html
from guiyi.reports.check.json import render_json
from guiyi.reports.check.text import render_text

GOOD = "客户编号,联系人,手机号\n1,张伟,13900001234\n2,李娜,13900005678\n"
BAD = "客户编号,联系人,手机号\n1,张伟,13900001234\n2,李娜,139\n"
STAGE = (
    'name = "x"\n[[rule]]\nid = "opp.stage"\nfield = "阶段"\ncondition = { one_of = ["初访"] }\nseverity = "error"\n'
    'message = { zh = "阶段不对", en = "wrong stage" }\nsince = "1.0"\n'
)


def check(path: Path, settings: str = "", **more: object) -> Checked:
    (path.parent / "guiyi.toml").write_text(settings, "utf-8")
    config = load_config(path.parent / "guiyi.toml")
    return check_file(CheckRequest(path, config, "zh", path.parent, **more))  # type: ignore[arg-type]


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def severities(checked: Checked, rule: str) -> list[str]:
    return checked.findings.filter(pl.col("rule") == rule)["severity"].to_list()


@pytest.mark.parametrize(
    ("settings", "told", "failed"),
    [
        pytest.param("", ["error"], True, id="as-shipped"),
        pytest.param('[severity]\n"phone.invalid" = "warning"\n', ["warning"], False, id="by-id"),
        pytest.param('[severity]\nphone.invalid = "info"\n', ["info"], False, id="without-quotes"),
        pytest.param('[severity]\n"phone.*" = "info"\n', ["info"], False, id="by-area"),
        pytest.param('[severity]\n"phone.*" = "info"\n"phone.invalid" = "error"\n', ["error"], True, id="id-before-area"),
        pytest.param('[severity]\n"phone.invalid" = "off"\n', [], False, id="off"),
    ],
)  # fmt: skip
def test_a_configuration_says_how_grave_a_shipped_rule_is(
    settings: str, told: list[str], failed: bool, tmp_path: Path
) -> None:
    checked = check(written(tmp_path, BAD), settings)
    assert severities(checked, "phone.invalid") == told
    assert checked.report.failed is failed
    assert checked.rejected.height == failed


def test_rules_of_packs_hear_it_too(tmp_path: Path) -> None:
    path = written(tmp_path, "客户编号,联系人,手机号\n1,测试张三,13900001234\n")
    assert severities(check(path), "content.test_person") == ["warning"]
    assert severities(check(path, '[severity]\n"content.*" = "error"\n'), "content.test_person") == ["error"]


@pytest.mark.parametrize("only", [(), ("text",)])
def test_a_rule_that_is_none_is_refused_with_the_one_that_was_meant(only: tuple[str, ...], tmp_path: Path) -> None:
    from guiyi.pipelines.check.selection import Asked

    with pytest.raises(UsageError, match=r"phone\.invald.*phone\.invalid"):
        check(written(tmp_path, GOOD), '[severity]\n"phone.invald" = "off"\n', asked=Asked(only))


def test_a_severity_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"severity\.phone\.invalid"):
        check(written(tmp_path, GOOD), '[severity]\n"phone.invalid" = "fatal"\n')


def test_a_night_hears_it_and_judges_the_known_rows_anew(tmp_path: Path) -> None:
    path, store = written(tmp_path, BAD), tmp_path / "a.duckdb"
    found = "SELECT severity FROM main.finding WHERE rule = 'phone.invalid'"
    for config, told in ((Config(), ["error"]), (Config(severity={"phone.invalid": "info"}), ["info"])):
        run_nightly([path], store, config)
        with open_store(store) as opened:
            assert opened.query(found)["severity"].to_list() == told


def test_strict_lets_a_formula_a_merged_cell_and_a_byte_order_mark_block(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["客户编号", "联系人", "手机号", "合计"],
        [1, "张伟", "13900001234", "=1+1"],
        [2, "李娜", "13900005678", None],
    ):
        book.active.append(row)
    book.active.merge_cells("D2:D3")
    book.save(tmp_path / "a.xlsx")
    assert not check(tmp_path / "a.xlsx").report.failed
    strict = check(tmp_path / "a.xlsx", strict=True, fail_on="warning")
    assert {"cell.formula_empty", "sheet.merged"} <= set(strict.findings.filter(pl.col("severity") == "error")["rule"])
    assert strict.report.failed
    (tmp_path / "b.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert severities(check(tmp_path / "b.csv", strict=True), "file.bom") == ["error"]
    own = check(tmp_path / "b.csv", '[severity]\n"file.bom" = "info"\n', strict=True)
    assert severities(own, "file.bom") == ["info"]


@pytest.mark.parametrize(("option", "code"), [((), 0), (("--strict",), 1), (("--fail-on", "warning"), 1)])
def test_strict_fails_on_warnings(option: tuple[str, ...], code: int, tmp_path: Path) -> None:
    path = written(tmp_path, "客户编号,联系人,公司\n1,张伟,=1+1\n")
    done = subprocess.run([sys.executable, "-m", "guiyi", "check", path, *option], capture_output=True, check=False)
    assert done.returncode == code


def test_a_pass_is_no_bare_pass_where_a_column_was_not_used(tmp_path: Path) -> None:
    checked = check(written(tmp_path, "联系人,手机号,电话,跟进情况\n张伟,13900001234,13900001234,已联系\n"))
    last = render_text(checked.report).rstrip().splitlines()[-1]
    understood = checked.findings.filter(
        pl.col("rule").str.starts_with("header."), pl.col("severity") == "warning"
    ).is_empty()
    assert last.startswith("通过：") is understood
    assert not last.startswith("不通过")
    assert "跟进情况" in render_text(checked.report).partition("\n\n")[0]


def test_rows_are_counted_per_sheet_and_titles_and_sums_are_no_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "一部"
    for row in (
        ["客户名单"],
        ["客户编号", "联系人", "手机号"],
        [1, "张伟", "13900001234"],
        [2, "李娜", "139"],
        ["合计", None, 2],
    ):
        book.active.append(row)
    second = book.create_sheet("二部")
    for row in (["客户编号", "联系人", "手机号"], [1, "王芳", "138"]):
        second.append(row)
    book.save(tmp_path / "a.xlsx")
    report = check(tmp_path / "a.xlsx").report
    content = json.loads(render_json(report))
    counts = [
        (f["sheet"], f["rows_accepted"], f["rows_rejected"], f["rows_aside"], f["loadable"]) for f in content["files"]
    ]
    assert counts == [("一部", 1, 1, 2, True), ("二部", 0, 1, 0, False)]
    assert (content["summary"]["rows_accepted"], content["summary"]["rows_rejected"]) == (1, 2)
    for page in (render_text(report), render_html(report)):
        assert "可导入 1 行，要先改 1 行，另有标题、合计等 2 行" in page
        assert "整张表不能导入" in page
        assert "3 行数据中 1 行可以导入，2 行要先改" in page


def test_the_page_shows_errors_before_warnings_and_hints(tmp_path: Path) -> None:
    checked = check(
        written(
            tmp_path, "客户编号,联系人,公司,手机号\n1,张\u200b伟,=1+1,13900001234\n2,李娜,上海云岫数据有限公司,139\n"
        )
    )
    rows = render_html(checked.report).partition("<tbody>")[2].split("<tr class=")[1:]
    order = [row.partition(">")[0] for row in rows]
    assert order == sorted(order, key=["error", "warning", "info"].index)
    assert len(set(order)) == 3


def test_rules_of_packs_judge_rows_that_name_no_customer(tmp_path: Path) -> None:
    written(tmp_path, STAGE, "p.toml")
    path = written(tmp_path, "客户编号,联系人,阶段\n1,张伟,初访\n2,,成交\n")
    checked = check(path, 'rules = ["p.toml"]\n')
    assert checked.findings.filter(pl.col("rule") == "opp.stage")["cell"].to_list() == ["C3"]
    assert severities(checked, "required.person_name") == []


def test_a_table_of_which_no_column_names_a_customer_is_told_once(tmp_path: Path) -> None:
    checked = check(written(tmp_path, "甲方细目,阶段\nA,初访\nB,成交\n"))
    errors = checked.findings.filter(pl.col("severity") == "error")
    assert errors["rule"].to_list() == ["header.no_customer"]
    assert checked.report.total("rows_accepted") == 0


def test_a_column_that_is_missing_or_empty_is_told_once_and_by_name(tmp_path: Path) -> None:
    for text in (
        "客户名称,手机号\n杭州禾舟软件有限公司,13900001234\n",
        "客户名称,联系人\n杭州禾舟软件有限公司,\n上海云岫数据有限公司,\n",
    ):
        found = check(written(tmp_path, text)).findings.filter(pl.col("rule") == "required.person_name")
        assert found["row"].to_list() == [1]
        assert "这一列" in found["message"][0]


def test_rows_of_one_customer_name_what_they_share_and_these_cells_are_at_fault(tmp_path: Path) -> None:
    text = "客户编号,联系人,客户名称,手机号\n1,张伟,杭州禾舟软件有限公司,13900001234\n2,张伟,杭州禾舟软件有限公司,13900001234\n"
    found = check(written(tmp_path, text)).findings.filter(pl.col("rule") == "row.same_customer")
    assert found["fields"].to_list() == [["person_name", "company_name", "phone"]]
    assert "联系人、客户名称、手机号一致" in found["suggestion"][0]


def test_rows_that_a_human_would_have_to_decide_are_only_hinted_at(tmp_path: Path) -> None:
    text = "客户编号,联系人,手机号\n1,陈晓东,13900001234\n2,陈晓红,13900001234\n"
    found = check(written(tmp_path, text)).findings.filter(pl.col("rule").str.starts_with("row."))
    assert found.select("rule", "severity", "row").rows() == [("row.similar_customer", "info", 3)]


def test_checking_a_file_loads_no_database(tmp_path: Path) -> None:
    code = "import sys\nfrom guiyi.__main__ import _run\n_run()\nassert 'duckdb' not in sys.modules"
    path = written(tmp_path, GOOD)
    done = subprocess.run([sys.executable, "-c", code, "check", path], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
