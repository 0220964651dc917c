"""Scores. Labelled pairs (data/same_or_not.csv) say who is the same, at the default threshold, through the real rules and weights.

contact: the two share a phone, so that the name decides. account: nothing but the name is known.
tier: `strong` and `medium` must all hold; `weak` ones are known to be hard, and no fewer may hold than did.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from guiyi.config import Config
from guiyi.dedup.blocking import candidate_pairs
from guiyi.dedup.pairs import Pairs
from guiyi.dedup.policy.term_frequency import size_bits
from guiyi.dedup.scoring import gather, weigh
from guiyi.pipelines.clean.features import features_of
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.read.intake import read_all
from guiyi.pipelines.resolve.levels import policies


class Case(NamedTuple):
    level: str
    tier: str
    relation: str
    one: str
    other: str
    note: str


class Judged(NamedTuple):
    score: float
    turned: float
    met: bool


def read_cases() -> list[Case]:
    with (Path(__file__).parents[1] / "data/same_or_not.csv").open(encoding="utf-8", newline="") as text:
        return [Case(**row) for row in csv.DictReader(text)]


CASES = read_cases()
FIRM = [c for c in CASES if c.tier != "weak"]
WEAK_RIGHT = 5


def case_id(case: Case) -> str:
    return f"{case.level}-{case.relation}-{case.one}-{case.other}"


def write_table(folder: Path) -> Path:
    """Two rows per case; a phone per pair of persons; every row has a company or a person."""
    lines = []
    for i, c in enumerate(CASES):
        phone = f"1391000{i:04d}" if c.level == "contact" else ""
        for side, name in (("a", c.one), ("b", c.other)):
            lines.append([f"{i}{side}", *((name, "") if c.level == "contact" else ("", name)), phone])
    path = folder / "cases.csv"
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerows([["客户编号", "联系人", "客户名称", "手机号"], *lines])
    return path


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[Case, Judged]:
    config = Config()
    clean = clean_rows(read_all([write_table(tmp_path_factory.mktemp("cases"))], config), "en")
    features = features_of(clean).with_columns(person=pl.lit(None, pl.UInt32))
    place = {number: row for row, number in enumerate(clean.record["source_record_id"].to_list())}
    found: dict[Case, Judged] = {}
    for policy in policies(config):
        prepared = policy.prepare(features.with_row_index("row"), size_bits(features.height))
        cases = [(i, c) for i, c in enumerate(CASES) if c.level == policy.level]
        one = np.array([place[f"{i}a"] for i, _ in cases], np.uint32)
        other = np.array([place[f"{i}b"] for i, _ in cases], np.uint32)
        there, back = (
            weigh(gather(prepared, p, policy.columns), policy) for p in (Pairs(one, other), Pairs(other, one))
        )
        made = candidate_pairs(prepared, policy.keys, 1_000_000).pairs
        candidates = set(zip(made.left.tolist(), made.right.tolist(), strict=True))
        for (_, c), a, b, x, y in zip(cases, one, other, there["score"], back["score"], strict=True):
            found[c] = Judged(x, y, (min(a, b), max(a, b)) in candidates)
    return found


@pytest.mark.parametrize("case", FIRM, ids=case_id)
def test_labelled_pair(case: Case, judged: dict[Case, Judged]) -> None:
    same = judged[case].met and judged[case].score >= Config().thresholds.duplicate
    assert same == (case.relation == "same"), f"{case.note}: {judged[case]}"


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_score_is_symmetric(case: Case, judged: dict[Case, Judged]) -> None:
    assert judged[case].score == pytest.approx(judged[case].turned, abs=1e-12)


def test_no_fewer_hard_pairs_are_right_than_were(judged: dict[Case, Judged]) -> None:
    right = [
        c for c in CASES
        if c.tier == "weak" and (judged[c].met and judged[c].score >= Config().thresholds.duplicate) == (c.relation == "same")
    ]  # fmt: skip
    assert len(right) >= WEAK_RIGHT, [c.one for c in CASES if c.tier == "weak" and c not in right]
