"""Tricky persons (data/tricky_persons.csv), all in one table, through a whole run: who is merged unseen, looked at, or kept apart.

Every name is invented. kind: what is tricky; a kind whose pairs all fall in one tier is one rule at work.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from guiyi.config import Config
from guiyi.io.store import open_store
from guiyi.pipelines.nightly import Wishes, run_nightly


class Case(NamedTuple):
    kind: str
    expected: str
    name_a: str
    phone_a: str
    email_a: str
    company_a: str
    name_b: str
    phone_b: str
    email_b: str
    company_b: str


def read_cases() -> list[Case]:
    with (Path(__file__).parent / "data/tricky_persons.csv").open(encoding="utf-8", newline="") as text:
        return [Case(**row) for row in csv.DictReader(text)]


CASES = read_cases()
_GROUPS = """
SELECT source_record_id AS id, group_id, band FROM main.duplicate_group JOIN main.entity_member USING (level, entity_id)
WHERE level = 'contact'
"""


@pytest.fixture(scope="module")
def tiers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Case, str]:
    folder = tmp_path_factory.mktemp("persons")
    path, store = folder / "persons.csv", folder / "s.duckdb"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["客户编号", "联系人", "手机号", "邮箱", "公司名称", "更新时间"])
        for i, c in enumerate(CASES):
            writer.writerows([[f"a{i}", *c[2:6], "2024-01-01"], [f"b{i}", *c[6:], "2024-02-01"]])
    run_nightly([path], store, Config(), "en", wishes=Wishes(breaker=False))
    with open_store(store) as opened:
        found = {number: (group, band) for number, group, band in opened.query(_GROUPS).iter_rows()}
    alone = ("", "apart")
    return {
        c: found[f"a{i}"][1] if found.get(f"a{i}", alone)[0] == found.get(f"b{i}", (None, ""))[0] else "apart"
        for i, c in enumerate(CASES)
    }


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.kind}-{c.name_a}-{c.name_b}")
def test_tricky_persons_fall_in_their_tier(case: Case, tiers: Mapping[Case, str]) -> None:
    assert tiers[case] == case.expected


def test_there_are_enough_of_them_in_every_tier() -> None:
    tiers = [c.expected for c in CASES]
    assert min(tiers.count(tier) for tier in ("auto", "review", "apart")) >= 50


def test_a_stock_form_of_address_owns_no_phone(tmp_path: Path) -> None:
    """张先生 for everybody: two rows of one rare name on his phone are as sure as without him."""
    path, store = tmp_path / "p.csv", tmp_path / "s.duckdb"
    rows = [f"{i},张先生,1391000{i:04d},2024-01-01" for i in range(1, 40)]
    rows += ["a,欧阳霁川,13910000007,2024-01-02", "b,欧阳霁川,13910000007,2024-01-03"]
    path.write_text("\n".join(["客户编号,联系人,手机号,更新时间", *rows]), "utf-8")
    run_nightly([path], store, Config(), "en", wishes=Wishes(breaker=False))
    with open_store(store) as opened:
        score = opened.query("SELECT reasons FROM main.pair WHERE level = 'contact' AND reasons LIKE '%exact%'")
    assert '"phone": {"level": "same", "weight": 22.0}' in score["reasons"][0]
