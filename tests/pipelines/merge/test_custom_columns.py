"""Columns that no field stands for survive a merge: a value of each, shown, chosen, and handed to the CRM under its own header."""

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from guiyi.config import Config
from guiyi.custom_columns import cells_of, unpacked
from guiyi.errors import UsageError
from guiyi.io.store.journal import decisions_of
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.merge.apply import apply_plan, plan_of
from guiyi.pipelines.merge.sheets import load_template, write_sheets
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.steward.decide import choose
from guiyi.pipelines.steward.workbook_out import BookRequest, write_workbook
from guiyi.pipelines.steward.workbook_read import read_workbook
from guiyi.tests.first_night import first_night
from guiyi.tests.review_server import Served, serve

__all__ = ["serve"]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

DEFAULT = Config()
TABLE = """客户编号,联系人,手机号,更新时间,备注,预算档位,编号,"意向, 产品"
1,张伟强,13951880734,2026-01-01,已报价,50万以上,K-1,A
2,张伟强,13951880734,2026-03-01,下周回访,,K-2,B
3,张伟强,13951880734,2026-02-01,已报价,10万以下,,
9,李娜,13867302915,2026-02-01,别的客户,,,
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return published(tmp_path)


@pytest.fixture
def review_store(store: Path) -> Path:
    """The page is that of the same store."""
    return store


def published(folder: Path, config: Config = DEFAULT) -> Path:
    (folder / "leads.csv").write_text(TABLE, "utf-8")
    first_night([folder / "leads.csv"], folder / "a.duckdb", config, RunOptions(breaker=False))
    return folder / "a.duckdb"


def golden(store: Path) -> dict[str, str]:
    with open_store(store) as opened:
        values = opened.table("golden_value")
    return dict(values.filter(pl.col("field").str.starts_with("extra:")).select("field", "value").iter_rows())


def group_of(store: Path) -> str:
    with open_store(store) as opened:
        return str(opened.query("SELECT group_id FROM main.duplicate_group WHERE action = 'merge'").item())


def test_each_column_takes_its_latest_value_and_of_notes_every_one_is_kept_once(store: Path) -> None:
    assert golden(store) == {
        "extra:备注": "下周回访; 已报价", "extra:预算档位": "10万以下", "extra:编号": "K-2", "extra:意向, 产品": "B",
    }  # fmt: skip


def test_a_columns_strategy_is_configured_by_its_header(tmp_path: Path) -> None:
    strategies = {"extra:备注": "latest", "extra:预算档位(必填)": "earliest"}
    told = golden(published(tmp_path, Config.model_validate({"survivorship": strategies})))
    assert (told["extra:备注"], told["extra:预算档位"]) == ("下周回访", "50万以上")


def test_the_crm_gets_every_column_under_the_users_header(store: Path, tmp_path: Path) -> None:
    plan = plan_of(store)
    assert apply_plan(store, plan) == 1
    write_sheets(plan, tmp_path, load_template(None))
    [row] = csv.DictReader((tmp_path / "survivors.csv").read_text("utf-8-sig").splitlines())
    assert (row["备注"], row["预算档位"], row["意向, 产品"]) == ("下周回访; 已报价", "10万以下", "B")
    assert (row["编号"], row["extra:编号"]) == ("2", "K-2")
    heads = [cell.value for cell in openpyxl.load_workbook(tmp_path / "merge.xlsx")["survivors"][1]]
    assert heads == list(row)


def test_what_the_record_that_stays_holds_already_is_not_written(store: Path) -> None:
    [merge] = plan_of(store)["merges"]
    writes = {w["field"]: (w["before"], w["after"]) for w in merge["writes"] if w["field"].startswith("extra:")}
    assert writes == {"extra:备注": ("下周回访", "下周回访; 已报价"), "extra:预算档位": (None, "10万以下")}


def test_a_template_names_a_custom_column_or_leaves_it_out(store: Path, tmp_path: Path) -> None:
    template = tmp_path / "crm.toml"
    template.write_text(
        '[survivors]\nsource_record_id = "ID"\n"extra:备注" = "Remark"\n"extra:没有" = "None"\n', "utf-8"
    )
    write_sheets(plan_of(store), tmp_path, load_template(template))
    [row] = csv.DictReader((tmp_path / "survivors.csv").read_text("utf-8-sig").splitlines())
    assert row == {"ID": "2", "Remark": "下周回访; 已报价", "None": ""}


@pytest.mark.parametrize("name", ["extra:预算档位", "预算档位"])
def test_a_value_is_chosen_by_header_and_stands_above_the_rules(store: Path, name: str) -> None:
    choose(store, group_of(store), name, "1", None, "王芳")
    run_nightly([], store, Config(), "zh", options=RunOptions(breaker=False))
    with open_store(store) as opened:
        told = opened.table("golden_value").filter(field="extra:预算档位").row(0, named=True)
    assert (told["value"], told["rule"]) == ("50万以上", "survivorship.steward")
    assert [lost["value"] for lost in json.loads(told["alternatives"])] == ["10万以下"]


def test_a_column_that_the_group_does_not_have_cannot_be_chosen_from(store: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        choose(store, group_of(store), "身高", "1", None, None)
    assert "extra:备注" in str(refusal.value.advice)


def test_the_terminal_shows_each_column_and_its_golden_value(store: Path, guiyi: Command) -> None:
    shown = guiyi("show", group_of(store)[:8], "--db", store, "--limit", "0").stdout
    [line] = [line for line in shown.splitlines() if "预算档位" in line]
    assert ("50万以上" in line, line.count("10万以下")) == (True, 2)


def test_the_page_shows_each_column_and_its_golden_value_and_lets_another_be_chosen(
    store: Path, serve: Callable[..., Served]
) -> None:
    page, group = serve(), group_of(store)
    assert "下周回访; 已报价" in page.get(f"/group/{group}").text
    [served] = page.groups(group_id=group)
    keys = {r["source_record_id"]: r["record_key"] for r in page.desk.reader.current().records_of(served["place"])}
    assert page.decide(group, f"value:extra:意向, 产品:{keys['1']}").status == 303
    [detail] = [json.loads(d) for d in decisions_of(store)["detail"]]
    assert detail == {"field": "extra:意向, 产品", "value": "A", "record_key": keys["1"]}
    shown = page.get(f"/group/{group}").text
    assert ("已选" in shown, "选定字段值 意向, 产品" in page.get("/history").text) == (True, True)


def test_a_workbook_offers_each_column_that_differs_and_takes_the_choice_back(store: Path, tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    write_workbook(store, book, BookRequest())
    opened = openpyxl.load_workbook(book)
    sheet = opened.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    note, take = heads.index("自定义·备注"), heads.index("采用·自定义·备注")
    assert "采用·自定义·意向, 产品" in heads
    row = next(cells for cells in sheet.iter_rows(min_row=2) if cells[note].value == "已报价")
    row[take].value = "采用"
    opened.save(book)
    read = read_workbook(store, book)
    assert (read.stored.decisions, read.refused) == (1, ())
    [detail] = [json.loads(d) for d in decisions_of(store)["detail"]]
    assert (detail["field"], detail["value"]) == ("extra:备注", "已报价")


def test_headers_that_read_alike_have_choices_of_their_own(tmp_path: Path) -> None:
    table = "客户编号,联系人,手机号,意向,意 向\n1,张伟强,13951880734,A,C\n2,张伟强,13951880734,B,D\n"
    (tmp_path / "leads.csv").write_text(table, "utf-8")
    store = tmp_path / "a.duckdb"
    run_nightly([tmp_path / "leads.csv"], store, Config(), "zh", options=RunOptions(breaker=False))
    write_workbook(store, tmp_path / "book.xlsx", BookRequest())
    assert read_workbook(store, tmp_path / "book.xlsx").undecided == 1


def test_unpacking_keeps_every_text_and_leaves_empty_columns_out() -> None:
    texts = ['{"备注":"一\\n二\\u2028三","空":null}', None, '{"phone":"\\"x\\"","备注":null}']
    records = pl.DataFrame({"record_key": ["a", "b", "c"], "extra": texts})
    assert unpacked(records).to_dicts() == [
        {"record_key": "a", "extra:phone": None, "extra:备注": "一\n二\u2028三"},
        {"record_key": "b", "extra:phone": None, "extra:备注": None},
        {"record_key": "c", "extra:phone": '"x"', "extra:备注": None},
    ]
    assert cells_of(texts[2]) == {"extra:phone": '"x"'}
