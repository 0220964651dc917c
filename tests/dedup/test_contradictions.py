"""What tells two bodies or persons apart keeps them out of the band that nobody looks at."""

import csv
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import run_nightly

PAIRS = [
    pytest.param("南京市玄武区澄溪医院", "南京市秦淮区澄溪医院", None, id="district"),
    pytest.param("鹤岗市嘉兴煤炭销售有限公司", "鹤岗市双河煤炭销售有限公司", None, id="brand-that-is-a-place"),
    pytest.param("洛阳澄矿业协会", "洛阳澄矿业集团有限公司", None, id="kind-of-body"),
    pytest.param("苏州秋禾学院", "江苏秋禾学院", None, id="place-of-a-public-body"),
    pytest.param("西安市第一澄岚中学", "西安市第二澄岚中学", None, id="ordinal"),
    pytest.param("澄岚实验中学", "澄岚实验小学", None, id="school-level"),
    pytest.param("昇岚測試股份有限公司", "陞岚測試股份有限公司", None, id="traditional-signs"),
    pytest.param("苏州市岚溪中医医院", "苏州岚溪中医医院", "auto", id="written-otherwise"),
    pytest.param("鹤岗市嘉兴矿机设备有限公司", "鹤岗嘉兴矿机设备有限公司", "auto", id="same-brand-that-is-a-place"),
]


PLAIN = Config()


def bands(
    folder: Path, rows: list[list[str]], header: str, config: Config = PLAIN
) -> dict[frozenset[str], tuple[str, str]]:
    """Numbers of two records in one company → band and action."""
    path, store = folder / "list.csv", folder / "s.duckdb"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header.split(","), *rows])
    run_nightly([path], store, config, "en")
    with open_store(store) as opened:
        found = opened.query(
            "SELECT l.source_record_id AS l, r.source_record_id AS r, band, action FROM main.duplicate_group g"
            " JOIN main.entity_member l USING (level, entity_id) JOIN main.entity_member r USING (level, entity_id)"
            " WHERE level = 'account' AND l.record_key < r.record_key"
        )
    return {frozenset((one, other)): (band, action) for one, other, band, action in found.iter_rows()}


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_a_part_that_differs_is_never_merged_unseen(tmp_path: Path, one: str, other: str, expected: str | None) -> None:
    rows = [["A", one, "13900010001", "2024-01-01"], ["B", other, "13900010002", "2024-02-01"]]
    found = bands(tmp_path, rows, "客户编号,客户名称,手机,更新时间")
    assert found.get(frozenset("AB"), (None, ""))[0] == expected


def test_sister_firms_on_one_switchboard_stay_apart(tmp_path: Path) -> None:
    rows = [["A", "杭州岚星贸易有限公司", "0571-81000001"], ["B", "杭州岚月贸易有限公司", "0571-81000001"]]
    assert bands(tmp_path, rows, "客户编号,客户名称,座机") == {}


def test_two_ways_into_one_place_are_not_one(tmp_path: Path) -> None:
    ways = {"A": "南1门", "B": "北2门", "C": "南1门"}
    rows = [[number, f"岚溪家园({way})", "文明路58号"] for number, way in ways.items()]
    found = bands(tmp_path, rows, "客户编号,名称,地址")
    assert set(found) == {frozenset("AC")}


def test_one_sign_at_two_addresses_is_not_merged_unseen(tmp_path: Path) -> None:
    rows = [["A", "岚小厨面馆", "澄溪路12号", "沈阳"], ["B", "岚小厨面馆", "秋禾街340号", "大连"]]
    found = bands(tmp_path, rows, "客户编号,客户名称,地址,城市")
    assert found.get(frozenset("AB"), ("review", ""))[0] == "review"


def test_rows_whose_persons_were_not_read_are_linked_and_looked_at(tmp_path: Path) -> None:
    rows = [
        ["A", "明", "李", "liming@lanxi.cn", "13900010001", "宁波岚溪贸易有限公司"],
        ["B", "娜", "赵", "zhaona@lanxi.cn", "13900010002", "宁波岚溪贸易有限公司"],
    ]
    unread = Config.model_validate({"sources": {"*": {"headers": {"First Name": "", "Last Name": ""}}}})
    found = bands(tmp_path, rows, "Record ID,First Name,Last Name,Email,Phone Number,Company Name", unread)
    assert found[frozenset("AB")] == ("review", "link")
