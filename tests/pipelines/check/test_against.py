"""Compared with a store: known customers, and what has changed in the columns since the last published file."""

import shutil
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.io.store.journal import open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file
from guiyi.pipelines.clean.drift import Column, Drift, compare, kinds_of
from guiyi.pipelines.nightly.run import run_nightly

FIRST = (
    "客户编号,联系人,客户名称,手机号,邮箱,备注,创建时间\n"
    "A1,张晓彤,杭州禾舟软件有限公司,13900001234,zhangxt@hezhou.cn,老客户,2024-01-05\n"
    "A2,李明哲,上海云岫数据有限公司,13900005678,limz@yunxiu.cn,展会,2024-02-05\n"
) + "".join(f"A{i},,成都锦里食品{i}有限公司,,,,2024-03-{i - 2:02}\n" for i in range(3, 23))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("against")
    (folder / "leads_2026-11-20.csv").write_text(FIRST, "utf-8")
    run_nightly([folder / "leads_2026-11-20.csv"], folder / "crm.duckdb", Config(), "zh")
    return folder / "crm.duckdb"


def check(store: Path, text: str, tmp_path: Path, name: str = "leads_2026-11-21.csv", **more: object) -> Checked:
    (tmp_path / name).write_text(text, "utf-8")
    return check_file(CheckRequest(tmp_path / name, Config(), "zh", tmp_path, against=store, **more))  # type: ignore[arg-type]


def drift(checked: Checked) -> list[tuple[object, ...]]:
    found = checked.findings.filter(
        pl.col("rule").str.contains(r"^header\.(?:new|added|gone|field_lost|renamed|type_changed)")
    )
    return found.select("rule", "cell", "value").rows()


def test_customers_of_the_store_are_known_by_value_and_by_number(store: Path, tmp_path: Path) -> None:
    rows = (
        "B1,张晓彤,杭州禾舟软件有限公司,139 0000 1234,,,2024-03-05\n"
        "A2,李明哲,上海云岫数据有限公司,13900005678,limz@yunxiu.cn,展会,2024-02-05\n"
        "B2,赵思远,成都锦里食品有限公司,13900009999,,,2024-03-05\n"
    )
    checked = check(store, FIRST.splitlines()[0] + "\n" + rows, tmp_path)
    known = checked.findings.filter(pl.col("rule") == "row.known_customer").select("row", "suggestion").rows()
    assert [row for row, _ in known] == [2, 3]
    assert "A1" in known[0][1]
    assert known[1][1] == "编号 A2 已在库中"
    assert drift(checked) == []


def test_the_same_columns_are_no_drift_and_another_source_is_not_compared(store: Path, tmp_path: Path) -> None:
    assert drift(check(store, FIRST, tmp_path)) == []
    assert drift(check(store, "姓名,手机\n张伟,13900001234\n", tmp_path, "other.csv")) == []


def test_new_gone_renamed_and_changed_columns_are_told(store: Path, tmp_path: Path) -> None:
    text = (
        "客户编号,联系人,联系电话,客户名称,创建时间,意向等级\n"
        "B1,赵思远,13900009999,成都锦里食品有限公司,很久以前,高\n"
        "B2,钱多多,13900008888,成都锦里食品有限公司,去年,低\n"
    ) + "".join(f"B{i},,,成都锦里食品{i}有限公司,去年,低\n" for i in range(3, 23))
    checked = check(store, text, tmp_path)
    assert drift(checked) == [
        ("header.field_lost", None, "邮箱"),
        ("header.gone", None, "备注"),
        ("header.renamed", "C1", "联系电话"),
        ("header.type_changed", "E1", "日期 → 文字"),
        ("header.new", "F1", "意向等级"),
    ]
    lost = checked.findings.filter(pl.col("rule") == "header.field_lost")
    assert lost["severity"].to_list() == ["error"]
    assert checked.report.failed
    assert checked.rejected.height == 22


def test_showing_values_in_full_is_audited_and_nothing_else_is_written(store: Path, tmp_path: Path) -> None:
    with open_store(store) as opened:
        before = opened.query("SELECT count(*) AS n FROM history.audit_event")["n"][0]
        runs = opened.query("SELECT count(*) AS n FROM history.run")["n"][0]
    check(store, FIRST, tmp_path)
    check(store, FIRST, tmp_path, unmask=True)
    with open_store(store) as opened:
        events = opened.query('SELECT action, CAST(detail AS VARCHAR) AS detail FROM history.audit_event ORDER BY "at"')
        assert events.height == before + 1
        assert events["action"][-1] == "unmask"
        assert "13900001234" not in events["detail"][-1]
        assert opened.query("SELECT count(*) AS n FROM history.run")["n"][0] == runs


def column(header: str, field: str | None, kind: str | None) -> Column:
    return Column(header, field, Counter({kind: 30} if kind else {}))


def test_a_renamed_column_is_told_from_a_lost_and_a_new_one() -> None:
    before = [
        column("编号", "source_record_id", "text"),
        column("电话", "phone", "phone"),
        column("备注", None, "text"),
    ]
    after = [column("编号", "source_record_id", "text"), column("手机", "phone", "phone"), column("跟进", None, "text")]
    assert compare(before, after, "zh") == [
        Drift("header.renamed", "手机", "手机", "电话"),
        Drift("header.renamed", "跟进", "跟进", "备注"),
    ]


def test_a_mapped_column_under_an_unknown_name_is_an_alarm() -> None:
    before = [column("编号", "source_record_id", "text"), column("电话", "phone", "phone")]
    after = [column("编号", "source_record_id", "text"), column("dianhua", None, "phone")]
    assert [d.rule for d in compare(before, after, "zh")] == ["header.renamed", "header.field_lost"]


def test_a_field_that_was_always_empty_is_not_missed() -> None:
    assert [d.rule for d in compare([column("传真", "landline", None)], [column("编号", None, "text")], "zh")] == [
        "header.new",
        "header.gone",
    ]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        pytest.param(["13900001234", "+86 139 0000 1234", "139-0000-1234", "无"], "phone", id="phones"),
        pytest.param(["2024-01-05", "2024/1/5 10:00", "2024年1月5日", None], "date", id="dates"),
        pytest.param(["1,000", "3.5", "-2", "80%"], "number", id="numbers"),
        pytest.param(["a@b.cn", "张伟", "李娜"], "text", id="mixed-is-text"),
        pytest.param([None, " "], None, id="empty"),
    ],
)
def test_kinds_of_columns(cells: list[str | None], kind: str | None) -> None:
    kinds = kinds_of({"x": cell} for cell in cells)
    assert Column("x", None, kinds.get("x", Counter())).kind == kind


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        pytest.param({"phone": 5, "text": 35}, {"phone": 30}, "文字 → 手机号", id="turned"),
        pytest.param({"date": 20}, {"text": 20}, "日期 → 文字", id="turned-to-text"),
        pytest.param({"phone": 30}, {"number": 30}, "手机号 → 数字", id="one-form-of-writing-for-another"),
        pytest.param({"phone": 5, "text": 35}, {"phone": 5}, None, id="five-rows-say-nothing"),
        pytest.param({"phone": 19}, {"text": 40}, None, id="too-few-before"),
        pytest.param({"phone": 70, "text": 30}, {"phone": 80, "text": 20}, None, id="a-mixed-column-wavers"),
        pytest.param({"phone": 80, "text": 20}, {"phone": 70, "text": 30}, None, id="and-back"),
    ],
)
def test_a_column_holds_another_kind_where_enough_cells_say_so(
    before: dict[str, int], after: dict[str, int], change: str | None
) -> None:
    found = compare([Column("手机号", "phone", Counter(before))], [Column("手机号", "phone", Counter(after))], "zh")
    assert found == ([Drift("header.type_changed", "手机号", change, None)] if change else [])


def test_a_small_night_of_the_same_layout_is_no_drift(store: Path, tmp_path: Path) -> None:
    rows = "".join(f"C{i},赵思远,成都锦里食品有限公司,,,,很久以前\n" for i in range(5))
    assert drift(check(store, FIRST.splitlines()[0] + "\n" + rows, tmp_path)) == []


def test_what_a_steward_said_of_customers_is_heard(store: Path, tmp_path: Path) -> None:
    """A row of the file that changes a known record, which somebody told apart from another of the same phone."""
    copy = tmp_path / "crm.duckdb"
    shutil.copy(store, copy)
    head, text = FIRST.splitlines()[0] + "\n", "B1,张晓彤,杭州禾舟软件有限公司,139 0000 1234,,,2024-03-05\n"
    (tmp_path / "leads_2026-11-21.csv").write_text(head + text, "utf-8")
    run_nightly([tmp_path / "leads_2026-11-21.csv"], copy, Config(), "zh")
    changed = head + text.replace("2024-03-05", "2024-03-06")
    assert known_to(check(copy, changed, tmp_path)) == ["编号 B1 已在库中"]
    with open_store(copy) as opened:
        rows = opened.table("record").filter(pl.col("source_record_id").is_in(["A1", "B1"]))["record_key"].to_list()
    other = head + text.replace("B1", "B7")
    assert "A1" in known_to(check(copy, other, tmp_path))[0]
    with open_journal(copy) as journal:
        journal.append([Decision("contact", "set_aside", [[key]]) for key in rows])
    assert known_to(check(copy, other, tmp_path)) == []


def known_to(checked: Checked) -> list[str]:
    return checked.findings.filter(pl.col("rule") == "row.known_customer")["suggestion"].to_list()
