"""A group of thousands, and cells of thousands of characters: a page shows a part, says so, and holds nobody up."""

import csv
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.journal import decisions_of
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.reports.terminal import heading
from guiyi.review import group_view
from guiyi.review.differences import LONGEST, MARGIN, pieces
from guiyi.review.portion import DRAWN, PAGE
from guiyi.tests.review_server import Served, serve

__all__ = ["serve"]

SIZE = 500
LONG = 32_767


@pytest.fixture(scope="module")
def large_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person in 500 rows, each with a note of its own, one of them as long as a cell can be; and 20 pairs."""
    folder = tmp_path_factory.mktemp("large")
    with (folder / "large.csv").open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        write(["客户编号", "姓名", "公司名称", "手机", "职位", "地址", "备注"])
        for i in range(SIZE):
            note = "改天再谈" * 8_000 if i == 3 else f"第{i}次来电"
            place, title = f"杭州市西湖区文三路{i % 40 + 1}号", "主管" if i == 137 else "经理"
            write([f"C{i:04}", "王海峰", "杭州青禾信息技术有限公司", "13800001234", title, place, note])
        for i in range(40):
            write([f"D{i:04}", "李明", f"宁波澜舟{i // 2}号贸易有限公司", f"139{i // 2:08}", "", "", ""])
    store = folder / "guiyi.duckdb"
    run_nightly([folder / "large.csv"], store, Config(), "zh", options=RunOptions(breaker=False))
    return store


@pytest.fixture
def review_store(large_run: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copy(large_run, tmp_path / "guiyi.duckdb"))


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    return serve()


def address(page: Served) -> str:
    return "/group/" + next(g["group_id"] for g in page.groups(level="contact") if g["size"] == SIZE)


def numbers(text: str) -> list[int]:
    """The records that stand on a page."""
    return [int(n) for n in re.findall(r'data-number="(\d+)"', text)]


def drawn(text: str) -> list[int]:
    return [int(n) for n in re.findall(r'data-node="(\d+)"', text)]


def test_records_of_a_large_group_come_in_pages_below_the_first(page):
    one, last = page.get(address(page)).text, page.get(address(page) + "?page=5").text
    assert numbers(one) == list(range(1, PAGE + 2))
    assert numbers(last) == [1, *range(4 * PAGE + 2, SIZE + 1)]
    assert f"2–{PAGE + 1} / {SIZE}" in one


@pytest.mark.parametrize("query", ["?page=0", "?page=99", "?page=x", "?page=-1", "?at=999999", "?at=1-500&page=2"])
def test_a_page_that_is_not_there_is_the_nearest_one(page, query):
    assert page.get(address(page) + query).status == 200


def test_only_some_records_of_a_large_group_are_drawn_and_the_rest_is_counted(page):
    text = page.get(address(page)).text
    assert len(drawn(text)) == DRAWN
    assert f"只画 {DRAWN} 条记录，另有 {SIZE - DRAWN} 条未画" in text


def test_the_weakest_link_of_a_large_group_is_drawn(page):
    text = page.get(address(page)).text
    assert text.count('class="edge weakest"') == 1


def test_a_record_that_is_asked_for_is_drawn_with_its_links_and_its_page(page):
    text = page.get(address(page) + "?at=450").text
    assert 450 in drawn(text)
    assert 450 in numbers(text)
    assert '<ul class="links">' in text


def test_a_field_that_differs_on_another_page_is_no_equal_field(page):
    texts = [page.get(address(page) + f"?page={n}").text for n in range(1, 6)]
    assert ["主管" in text for text in texts].count(True) == 1
    assert all(f'<th scope="col">{heading("title")}</th>' in text for text in texts)


def test_a_large_group_is_decided_on_as_a_whole_and_a_value_of_its_last_page_can_be_chosen(page):
    here = address(page)
    key = page.keys_of(page.groups(level="contact")[0] | {"place": page.desk.reader.current().place_of(here[7:])})[450]
    chosen = page.post(f"{here}/decide?page=3", act=f"value:address:{key}")
    assert chosen.headers["location"].startswith(f"{here}?page=3&")
    page.post(f"{here}/decide", act="approve")
    said = decisions_of(page.store)
    assert said["kind"].to_list() == ["choose_value", "must_link"]
    assert [len(json.loads(keys)) for keys in said["record_keys"]] == [SIZE, SIZE]


def test_another_request_is_answered_while_a_group_is_being_laid_out(page, monkeypatch):
    begun, go = threading.Event(), threading.Event()
    whole = group_view.picture

    def slow(*given: object) -> object:
        begun.set()
        assert go.wait(20)
        return whole(*given)

    monkeypatch.setattr(group_view, "picture", slow)
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(page.get(address(page)).status))
    asking.start()
    assert begun.wait(20)
    assert page.get("/").status == 200
    assert page.decide(page.groups(level="account")[-1]["group_id"], "approve").status == 303
    assert answers == []
    go.set()
    asking.join(20)
    assert answers == [200]


def test_of_a_long_cell_the_beginning_is_shown_with_its_length(page):
    members = page.desk.reader.current().members.of(page.desk.reader.current().place_of(address(page)[7:]))
    text = page.get(f"{address(page)}?at={members['source_record_id'].to_list().index('C0003') + 1}").text
    assert "…（共 32,000 字）" in text
    assert "改天再谈" * (LONGEST // 4) in text
    assert "改天再谈" * (LONGEST // 4 + 1) not in text


@pytest.mark.parametrize("character", ["a", "7", "@", ".", " ", "归", "（", "-"])
@pytest.mark.parametrize("field", ["company_name", "address", "email", "person_name"])
def test_a_long_value_is_compared_by_its_beginning(field, character, monkeypatch):
    from guiyi.review import differences

    compared: list[int] = []
    indel = differences.Indel

    class Counting:
        @staticmethod
        def opcodes(one: str, other: str) -> object:
            compared.append(max(len(one), len(other)))
            return indel.opcodes(one, other)

    monkeypatch.setattr(differences, "Indel", Counting)
    found = pieces(field, character * LONG, "x" + character * LONG)
    assert sum(len(p.text) for p in found) < LONGEST + 30
    assert max(compared) <= LONGEST + MARGIN


@pytest.mark.parametrize("length", range(LONGEST - 12, LONGEST + MARGIN + 2, 7))
def test_a_number_that_stands_where_a_long_value_is_cut_is_hidden(length):
    value = "备" * length + "13812345678" + "注" * LONG
    shown = "".join(p.text for p in pieces("note", value, None))
    assert not re.search(r"\d{4}", shown.partition("…")[0].replace("5678", "", 1))


def test_a_difference_behind_the_part_that_is_shown_is_marked():
    same = "地" * (LONGEST + MARGIN + 1)
    assert [p.differs for p in pieces("company_name", same + "甲", same + "乙")] == [False, True]
    assert [p.differs for p in pieces("company_name", same + "甲", same + "甲")] == [False, False]
