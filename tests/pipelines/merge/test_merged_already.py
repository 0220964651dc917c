"""A decision about records that were merged already is taken, and says that the merge stays as it is until it is undone."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.merge.apply import apply_plan, plan_of, undo
from guiyi.pipelines.steward.workbook_out import BookRequest, write_workbook
from guiyi.pipelines.steward.workbook_read import read_workbook
from guiyi.tests.conftest import Command
from guiyi.tests.first_night import first_night
from guiyi.tests.review_server import Served, serve

__all__ = ["serve"]

TABLE = """客户编号,联系人,手机号,邮箱
1,张伟强,13951880734,zwq8@163.com
2,张伟强,13951880734,
3,李娜,13867302915,linana@163.com
4,李娜,13867302915,
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two groups, both merged."""
    (tmp_path / "leads.csv").write_text(TABLE, "utf-8")
    store = tmp_path / "a.duckdb"
    first_night([tmp_path / "leads.csv"], store, options=RunOptions(breaker=False))
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(store)), "utf-8")
    assert apply_plan(store, plan_of(store)) == 2
    return store


@pytest.fixture
def review_store(store: Path) -> Path:
    return store


def groups(store: Path) -> dict[str, str]:
    """A number of each group → the group."""
    sql = "SELECT r.source_record_id, g.group_id FROM main.duplicate_group g JOIN main.entity_member m USING (level, entity_id)"
    with open_store(store) as opened:
        return dict(opened.query(f"{sql} JOIN main.record r USING (record_key) WHERE g.action = 'merge'").iter_rows())


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("decide", "--value", "{g}", "email", "1"), id="value"),
        pytest.param(("decide", "--survivor", "{g}", "1"), id="survivor"),
        pytest.param(("decide", "--set-aside", "1"), id="set-aside"),
        pytest.param(("reject", "{g}"), id="reject"),
        pytest.param(("split", "{g}", "--out", "1"), id="split"),
    ],
)
def test_the_command_says_which_merge_stays(store: Path, guiyi: Command, words: tuple[str, ...]) -> None:
    group = groups(store)["1"]
    told = guiyi(*(word.format(g=group) for word in words), "--db", store)
    assert (told.returncode, f"已执行的合并（{group[:8]}）在用 guiyi undo 撤销之前保持原样。" in told.stdout) == (
        0,
        True,
    )


def test_the_command_says_nothing_of_it_where_nothing_was_merged(store: Path, guiyi: Command) -> None:
    undo(store, group := groups(store)["1"], None, None)
    told = guiyi("reject", group, "--db", store)
    assert (told.returncode, "已执行" in told.stdout) == (0, False)


def test_the_page_says_it_beside_the_acts_and_an_undo_takes_it_away(store: Path, serve: Callable[..., Served]) -> None:
    page, group = serve(), groups(store)["1"]
    assert f"已执行的合并（{group[:8]}）在用 guiyi undo 撤销之前保持原样。" in page.get(f"/group/{group}").text
    assert page.decide(group, "reject").status == 303
    undo(store, group, None, None)
    page.desk.reader._next_look = 0.0
    page.get("/")
    page.desk.reader.wait()
    assert "已执行的合并" not in page.get(f"/group/{group}").text


def test_the_workbooks_outcome_says_it(store: Path, tmp_path: Path, guiyi: Command) -> None:
    write_workbook(store, tmp_path / "book.xlsx", BookRequest())
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    row = next(r for r in sheet.iter_rows(min_row=2) if r[heads.index("编号")].value == "3")
    row[heads.index("决定")].value = "不合并"
    book.save(tmp_path / "book.xlsx")
    told = guiyi("workbook", "--read", tmp_path / "book.xlsx", "--db", store)
    assert (told.returncode, groups(store)["3"][:8] in told.stdout) == (0, True)
    assert read_workbook(store, tmp_path / "book.xlsx").merged == (groups(store)["3"],)


def test_the_sheets_of_the_rest_are_written_after_an_undo(store: Path, tmp_path: Path, guiyi: Command) -> None:
    undo(store, groups(store)["1"], None, None)
    told = guiyi("apply", tmp_path / "plan.json", "--db", store, "--out", tmp_path / "crm")
    assert (told.returncode, "其中 1 个组已撤销，不写入导入表。" in told.stdout) == (0, True)
    rows = list(csv.DictReader((tmp_path / "crm/survivors.csv").read_text("utf-8-sig").splitlines()))
    assert [row["联系人"] for row in rows] == ["李娜"]
