"""Tricky persons and companies (data/tricky_*.csv), each in one table, through a whole run: who is merged or linked unseen, looked
at, or kept apart.

Every name is invented, but for usual short names of state firms. kind: what is tricky; a kind whose pairs all fall in one tier is one
rule at work.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly

Case = dict[str, str]
PERSONS = {"name": "联系人", "phone": "手机号", "email": "邮箱", "company": "公司名称"}
COMPANIES = {"company": "公司名称", "phone": "电话", "city": "城市", "address": "地址", "code": "统一社会信用代码"}
_GROUPS = """
SELECT source_record_id AS id, group_id, band FROM main.duplicate_group JOIN main.entity_member USING (level, entity_id)
WHERE level = ?
"""


def read_cases(table: str) -> list[Case]:
    with (Path(__file__).parents[1] / "data" / table).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


TRICKY = {
    "contact": (PERSONS, read_cases("tricky_persons.csv")),
    "account": (COMPANIES, read_cases("tricky_companies.csv")),
}


@pytest.fixture(scope="module")
def tier_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], str]:
    """Level and number of a case → its tier."""
    found: dict[str, dict[str, tuple[str, str]]] = {}

    def groups(level: str) -> dict[str, tuple[str, str]]:
        folder = tmp_path_factory.mktemp(level)
        path, store = folder / "rows.csv", folder / "s.duckdb"
        columns, cases = TRICKY[level]
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["客户编号", *columns.values(), "更新时间"])
            for i, case in enumerate(cases):
                for side, day in (("a", 1), ("b", 2)):
                    writer.writerow([f"{side}{i}", *(case[f"{c}_{side}"] for c in columns), f"2024-01-0{day}"])
        run_nightly([path], store, Config(), "en", options=RunOptions(breaker=False))
        with open_store(store) as opened:
            return {number: (group, band) for number, group, band in opened.query(_GROUPS, [level]).iter_rows()}

    def tier(level: str, number: int) -> str:
        if level not in found:
            found[level] = groups(level)
        one, other = (found[level].get(f"{side}{number}", (side, "")) for side in "ab")
        return one[1] if one[0] == other[0] else "apart"

    return tier


@pytest.mark.parametrize(
    ("level", "number", "case"),
    [
        pytest.param(level, number, case, id=f"{case['kind']}-{case[f'{name}_a']}-{case[f'{name}_b']}")
        for level, name in (("contact", "name"), ("account", "company"))
        for number, case in enumerate(TRICKY[level][1])
    ],
)
def test_tricky_pairs_fall_in_their_tier(
    level: str, number: int, case: Case, tier_of: Callable[[str, int], str]
) -> None:
    assert tier_of(level, number) == case["expected"]


@pytest.mark.parametrize("level", TRICKY)
def test_there_are_enough_of_them_in_every_tier(level: str) -> None:
    tiers = [case["expected"] for case in TRICKY[level][1]]
    assert min(tiers.count(tier) for tier in ("auto", "review", "apart")) >= 30


def test_a_stock_form_of_address_owns_no_phone(tmp_path: Path) -> None:
    """张先生 for everybody: two rows of one rare name on his phone are as sure as without him."""
    path, store = tmp_path / "p.csv", tmp_path / "s.duckdb"
    rows = [f"{i},张先生,1391000{i:04d},2024-01-01" for i in range(1, 40)]
    rows += ["a,欧阳霁川,13910000007,2024-01-02", "b,欧阳霁川,13910000007,2024-01-03"]
    path.write_text("\n".join(["客户编号,联系人,手机号,更新时间", *rows]), "utf-8")
    run_nightly([path], store, Config(), "en", options=RunOptions(breaker=False))
    with open_store(store) as opened:
        score = opened.query("SELECT reasons FROM main.pair WHERE level = 'contact' AND reasons LIKE '%exact%'")
    assert '"phone": {"level": "same", "weight": 22.0}' in score["reasons"][0]
