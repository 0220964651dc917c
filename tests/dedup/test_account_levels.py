"""Companies and signs: which level of the name holds, what numbers, addresses and coordinates add."""

import csv
import json
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import run_nightly


def found(folder: Path, header: str, rows: list[list[str]]) -> dict[frozenset[str], tuple[float, dict[str, str]]]:
    """Numbers of two records → score and levels, of every pair that the run keeps."""
    path, store = folder / "list.csv", folder / "s.duckdb"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header.split(","), *rows])
    run_nightly([path], store, Config(), "en")
    with open_store(store) as opened:
        pairs = opened.query(
            "SELECT l.source_record_id AS l, r.source_record_id AS r, score, reasons FROM main.pair p"
            " JOIN main.record l ON l.record_key = record_key_l JOIN main.record r ON r.record_key = record_key_r"
            " WHERE level = 'account'"
        )
    return {
        frozenset((one, other)): (score, {name: level["level"] for name, level in json.loads(reasons).items()})
        for one, other, score, reasons in pairs.iter_rows()
    }


NAMES = [
    pytest.param("中国银行深圳分行", "中国银行股份有限公司深圳市分行", "branch_same", id="bank-branch"),
    pytest.param("厦门岚溪控股有限公司", "厦门岚溪控股集团有限公司", "tail", id="tail-left-out"),
    pytest.param("宁波岚溪投资担保有限公司", "宁波岚溪担保投资有限公司", "reordered", id="order"),
    pytest.param("岚溪智装", "杭州岚溪智能装备有限公司", "short_name", id="short-name"),
    pytest.param("岚溪控股有限公司", "岚溪控股集团有限公司", None, id="a-group-and-its-firm"),
    pytest.param("宁波岚溪投资有限公司", "宁波岚溪股权投资有限公司", None, id="another-trade"),
    pytest.param("交通银行宁波支行", "交通银行股份有限公司宁波观澜支行", None, id="another-branch"),
]


@pytest.mark.parametrize(("one", "other", "level"), NAMES)
def test_two_names_alone(tmp_path: Path, one: str, other: str, level: str | None) -> None:
    pairs = found(tmp_path, "客户编号,客户名称", [["A", one], ["B", other]])
    score, levels = pairs.get(frozenset("AB"), (0.0, {}))
    assert levels.get("company") == level
    assert (score >= 0.82) == (level is not None)


def test_thirty_one_branches_of_one_bank_meet_their_doubles(tmp_path: Path) -> None:
    places = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日"
    rows = [[f"A{i}", f"中国银行岚{p}路支行"] for i, p in enumerate(places)]
    rows += [[f"B{i}", f"中国银行股份有限公司岚{p}路支行"] for i, p in enumerate(places)]
    pairs = found(tmp_path, "客户编号,客户名称", rows)
    assert {pair for pair, (score, _) in pairs.items() if score >= 0.82} == {
        frozenset((f"A{i}", f"B{i}")) for i in range(len(places))
    }


def test_a_mobile_counts_where_no_person_is_named(tmp_path: Path) -> None:
    rows = [["A", "岚小厨", "13900010001"], ["B", "岚小厨面馆", "13900010001"]]
    levels = found(tmp_path, "客户编号,客户名称,联系电话", rows)[frozenset("AB")][1]
    assert levels["landline"] == "same"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        pytest.param("澄溪镇飞岚路12号", "飞岚路12号二楼", "same_door", id="same-door"),
        pytest.param("飞岚路12-16号", "飞岚路18号", "near_door", id="near-door"),
        pytest.param("飞岚路12号", "秋禾街340号", "other_sign", id="another-address"),
    ],
)
def test_roads_and_numbers_are_compared(tmp_path: Path, one: str, other: str, level: str) -> None:
    rows = [["A", "岚小厨", one, "宁波", "13900010001"], ["B", "岚小厨", other, "宁波", "13900010001"]]
    levels = found(tmp_path, "客户编号,客户名称,地址,城市,联系电话", rows)[frozenset("AB")][1]
    assert levels["address"] == level
