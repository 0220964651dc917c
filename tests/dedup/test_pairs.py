"""Pairs within blocks, against a double loop."""

from itertools import combinations

import numpy as np
import polars as pl
from guiyi.dedup.pairs import Pairs, blocks_of, count_pairs, distinct, pairs_within
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.lists(st.none() | st.sampled_from("abcd"), max_size=40)


def keyed(keys: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"row": range(len(keys)), "key": keys}, schema={"row": pl.UInt32, "key": pl.String})


def listed(pairs: Pairs) -> list[tuple[int, int]]:
    return sorted(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def by_hand(keys: list[str | None]) -> list[tuple[int, int]]:
    return [(i, j) for i, j in combinations(range(len(keys)), 2) if keys[i] is not None and keys[i] == keys[j]]


@given(KEYS)
def test_pairs_within_are_those_of_a_double_loop(keys: list[str | None]) -> None:
    assert listed(pairs_within(blocks_of(keyed(keys)))) == by_hand(keys)


@given(KEYS)
def test_pairs_are_counted_before_they_are_made(keys: list[str | None]) -> None:
    assert count_pairs(blocks_of(keyed(keys)).sizes) == len(by_hand(keys))


@given(KEYS, st.integers(1, 5))
def test_reach_pairs_each_row_with_the_next_of_its_block(keys: list[str | None], reach: int) -> None:
    expected = []
    for key in {k for k in keys if k is not None}:
        rows = [i for i, k in enumerate(keys) if k == key]
        expected += [(a, b) for i, a in enumerate(rows) for b in rows[i + 1 : i + 1 + reach]]
    assert listed(pairs_within(blocks_of(keyed(keys)), reach)) == sorted(expected)


@given(KEYS, st.randoms(use_true_random=False))
def test_pairs_do_not_depend_on_row_order(keys: list[str | None], random: object) -> None:
    frame = keyed(keys)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=random.randint(0, 1000))  # type: ignore[attr-defined]
    assert listed(pairs_within(blocks_of(shuffled))) == listed(pairs_within(blocks_of(frame)))


def test_no_block_holds_a_single_row_or_a_null_key() -> None:
    blocks = blocks_of(keyed(["a", None, "b", None, "b"]))
    assert blocks.rows[blocks.starts[0] : blocks.starts[0] + blocks.sizes[0]].tolist() == [2, 4]
    assert blocks.sizes.tolist() == [2]


def test_a_row_listed_twice_under_a_key_is_not_paired_with_itself() -> None:
    frame = pl.concat([keyed(["a", "a"]), keyed(["a", "a"])])
    assert listed(pairs_within(blocks_of(frame))) == [(0, 1)]


@given(st.lists(st.lists(st.tuples(st.integers(0, 2**32 - 2), st.integers(0, 2**32 - 2)), max_size=8), max_size=4))
def test_distinct_is_the_union_without_repeats(lists: list[list[tuple[int, int]]]) -> None:
    made = [
        Pairs(np.array([p[0] for p in part], np.uint32), np.array([p[1] for p in part], np.uint32)) for part in lists
    ]
    union = distinct(made)
    assert list(zip(union.left.tolist(), union.right.tolist(), strict=True)) == sorted({p for x in lists for p in x})
