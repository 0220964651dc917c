"""Blocking: which pairs are looked at, what becomes of oversize blocks, and the budget."""

from itertools import combinations

import polars as pl
import pytest
from guiyi.dedup import blocking
from guiyi.dedup.blocking import LARGE, REACH, Candidates, TooManyPairsError, candidate_pairs
from guiyi.dedup.policy.keys import Key

PHONE = Key("phone", (pl.col("phone"),), split=pl.col("who"))
NAME = Key("name+city", (pl.col("who"), pl.col("city")))


def features(**columns: list[str | None]) -> pl.DataFrame:
    schema = {"phone": pl.String, "who": pl.String, "city": pl.String}
    height = len(next(iter(columns.values())))
    filled = {name: columns.get(name, [None] * height) for name in schema}
    return pl.DataFrame(filled, schema=schema).with_row_index("row")


def listed(found: Candidates) -> set[tuple[int, int]]:
    return set(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True))


def all_pairs(rows: list[int]) -> set[tuple[int, int]]:
    return set(combinations(rows, 2))


def test_a_pair_that_shares_any_key_is_looked_at_once() -> None:
    table = features(phone=["1", "1", "2", None], who=["a", "a", "a", "b"], city=["x", "x", "x", "x"])
    found = candidate_pairs(table, (PHONE, NAME), 100)
    assert listed(found) == {(0, 1), (0, 2), (1, 2)}
    assert len(found.pairs.left) == 3


def test_a_key_with_a_missing_part_is_no_key() -> None:
    assert not listed(candidate_pairs(features(who=["a", "a"], city=["x", None]), (NAME,), 100))


def test_two_parts_of_a_key_do_not_run_into_each_other() -> None:
    assert not listed(candidate_pairs(features(who=["ab", "a"], city=["c", "bc"]), (NAME,), 100))


def test_a_block_of_the_largest_allowed_size_is_paired_whole() -> None:
    found = candidate_pairs(features(phone=["1"] * LARGE), (PHONE,), 10_000)
    assert listed(found) == all_pairs(list(range(LARGE)))


def test_an_oversize_block_is_paired_within_its_refined_parts() -> None:
    people = ["a"] * 40 + ["b"] * 40
    found = candidate_pairs(features(phone=["1"] * 80, who=people), (PHONE,), 10_000)
    assert listed(found) == all_pairs(list(range(40))) | all_pairs(list(range(40, 80)))
    assert found.report.row(0, named=True)["refined"] == 1


def test_a_block_that_stays_large_is_chained_and_loses_no_row() -> None:
    rows = LARGE * 2
    found = candidate_pairs(features(phone=["1"] * rows, who=["a"] * rows), (PHONE,), 10_000)
    assert listed(found) == {(i, j) for i in range(rows) for j in range(i + 1, min(i + REACH, rows - 1) + 1)}
    assert found.report.row(0, named=True)["chained"] == 1


def test_a_large_block_without_a_refining_key_is_chained() -> None:
    plain = Key("phone", (pl.col("phone"),))
    found = candidate_pairs(features(phone=["1"] * (LARGE + 1)), (plain,), 10_000)
    assert {row for pair in listed(found) for row in pair} == set(range(LARGE + 1))


def test_refined_and_chained_blocks_lose_no_row_that_has_a_partner() -> None:
    """Small, refined and chained blocks in one file: each row still meets somebody of its own part."""
    phones = ["small"] * 5 + ["refined"] * 80 + ["chained"] * 100
    people = ["s"] * 5 + [f"p{i % 4}" for i in range(80)] + ["c"] * 100
    found = candidate_pairs(features(phone=phones, who=people), (PHONE,), 100_000)
    assert {row for pair in listed(found) for row in pair} == set(range(185))


def test_the_budget_is_refused_before_a_pair_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("pairs were made")

    monkeypatch.setattr(blocking, "pairs_within", never)
    with pytest.raises(TooManyPairsError) as refused:
        candidate_pairs(features(phone=["1"] * 50, who=["a"] * 50, city=["x", *["y"] * 49]), (PHONE, NAME), 2_000)
    assert refused.value.pairs == 50 * 49 // 2 + 49 * 48 // 2
    assert refused.value.block == "phone"


def test_a_budget_that_is_just_enough_is_enough() -> None:
    assert len(listed(candidate_pairs(features(phone=["1"] * 50), (PHONE,), 1_225))) == 1_225


def test_the_report_counts_every_block() -> None:
    table = features(phone=["1", "1", "1", "2", "2", None], who=["a", "a", "b", "c", "c", "c"], city=["x"] * 6)
    report = candidate_pairs(table, (PHONE, NAME), 100).report
    assert report.select("block", "keys", "largest", "pairs").rows() == [("phone", 2, 3, 4), ("name+city", 2, 3, 4)]


def test_no_rows_make_no_pairs() -> None:
    found = candidate_pairs(features(phone=[]), (PHONE, NAME), 100)
    assert not listed(found)
    assert found.report["pairs"].to_list() == [0, 0]


def test_rows_that_differ_in_what_must_agree_are_not_paired() -> None:
    block = Key("phone", (pl.col("phone"),), agree=pl.col("city"))
    table = features(phone=["1"] * 4, city=["x", "y", "x", None])
    assert listed(candidate_pairs(table, (block,), 100)) == {(0, 2), (0, 3), (1, 3), (2, 3)}


def test_rows_that_differ_are_not_paired_in_a_chained_block_either() -> None:
    block = Key("phone", (pl.col("phone"),), agree=pl.col("city"))
    table = features(phone=["1"] * (LARGE + 2), city=["x", "y"] * (LARGE // 2 + 1))
    found = listed(candidate_pairs(table, (block,), 10_000))
    assert found and all((one - other) % 2 == 0 for one, other in found)


def test_a_block_that_is_large_in_the_whole_file_is_refined_in_a_part_of_it() -> None:
    block = Key("phone", (pl.col("phone"),), split=pl.col("who"), size="rows")
    part = features(phone=["1", "1", "1"], who=["a", "a", "b"])
    whole = part.with_columns(rows=pl.lit(LARGE + 1, pl.UInt32))
    assert listed(candidate_pairs(part, (block,), 100)) == all_pairs([0, 1, 2])
    assert listed(candidate_pairs(whole, (block,), 100)) == {(0, 1)}
