"""Rarity: what agreement on a value is worth, taken from the file itself."""

import math
from collections.abc import Callable

import polars as pl
import pytest
from guiyi.dedup.policy.term_frequency import (  # fmt: skip
    NAME_CAP,
    SMALLEST,
    name_rarity,
    owners,
    size_bits,
    surname_rarity,
    usual_owners,
    value_rarity,
    worthless,
)
from hypothesis import given
from hypothesis import strategies as st

Spread = Callable[..., pl.DataFrame]


def worth(
    values: list[str | None], names: list[str | None], penalty: float = 4.0, bits: float = 17.0, spread: Spread = owners
) -> list[float | None]:
    frame = pl.DataFrame({"value": values, "owner": names}, schema={"value": pl.String, "owner": pl.String})
    return value_rarity(frame, "value", bits, penalty, spread(frame, "value", "owner")).to_list()


def of_names(names: list[str | None], percents: list[float | None]) -> list[float | None]:
    frame = pl.DataFrame({"name": names, "percent": percents}, schema={"name": pl.String, "percent": pl.Float64})
    name = pl.col("name")
    return frame.select(name_rarity(name, pl.len().over(name), name.count(), pl.col("percent"))).to_series().to_list()


def test_a_value_of_one_owner_is_worth_the_size_of_the_file() -> None:
    assert worth(["1", "1", "2"], ["张伟", "张伟", "李娜"]) == [17.0, 17.0, 17.0]


@pytest.mark.parametrize("spread", [owners, usual_owners])
def test_each_doubling_of_owners_costs_the_penalty(spread: Spread) -> None:
    assert worth(["1"] * 4, [f"p{i}" for i in range(4)], penalty=3.0, spread=spread) == [11.0] * 4


def test_a_name_mistyped_once_is_hardly_a_second_usual_owner() -> None:
    frame = pl.DataFrame({"value": ["1"] * 7, "brand": ["晓启"] * 6 + ["晓琪"]})
    assert owners(frame, "value", "brand")["spread"].to_list() == [2.0]
    assert usual_owners(frame, "value", "brand")["spread"].to_list() == [pytest.approx(7**2 / (6**2 + 1))]


def test_the_column_that_sees_most_owners_counts() -> None:
    frame = pl.DataFrame({"value": ["1", "1"], "brand": ["禾舟", "禾舟"], "code": ["A", "B"]})
    assert usual_owners(frame, "value", "brand").is_empty()
    assert usual_owners(frame, "value", "brand", "code").rows() == [("1", 2.0)]


@pytest.mark.parametrize("spread", [owners, usual_owners])
def test_a_part_of_a_file_may_bring_the_spread_of_a_value_along(spread: Spread) -> None:
    part = pl.DataFrame({"value": ["1", "1", "2"], "owner": ["a", "b", "c"], "value_spread": [4.0, 4.0, None]})
    assert value_rarity(part, "value", 17.0, 3.0, spread(part, "value", "owner")).to_list() == [11.0, 11.0, 17.0]


@pytest.mark.parametrize("bits", [17.0, 20.0, 23.3])
def test_worthless_says_from_how_many_rows_on_a_value_is_worth_nothing(bits: float) -> None:
    rows = worthless(bits, 4.0)
    assert worth(["1"] * rows, [None] * rows, bits=bits)[0] == 0.0
    assert worth(["1"] * (rows - 1), [None] * (rows - 1), bits=bits)[0] > 0.0


def test_a_value_that_everybody_has_is_worth_nothing() -> None:
    assert worth(["1"] * 200, [f"p{i}" for i in range(200)]) == [0.0] * 200


def test_rows_without_an_owner_count_as_one_per_eight() -> None:
    assert worth(["1"] * 8, [None] * 8) == [17.0] * 8
    assert worth(["1"] * 16, [None] * 16) == [13.0] * 16


def test_no_value_has_no_rarity() -> None:
    assert worth([None, None], ["a", "b"]) == [None, None]
    assert of_names([None], [7.0]) == [None]


@pytest.mark.parametrize("spread", [owners, usual_owners])
@given(rows=st.lists(st.tuples(st.sampled_from("12"), st.none() | st.sampled_from("abcd")), min_size=1, max_size=30))
def test_a_further_owner_never_makes_a_value_worth_more(spread: Spread, rows: list[tuple[str, str | None]]) -> None:
    before = worth([v for v, _ in rows], [o for _, o in rows], spread=spread)
    after = worth([*(v for v, _ in rows), rows[0][0]], [*(o for _, o in rows), "new"], spread=spread)
    assert after[0] is not None
    assert before[0] is not None
    assert after[0] <= before[0]


def test_a_rare_surname_says_more_than_a_common_one() -> None:
    common, rare = of_names(["王伟", "尉迟恭"], [7.25, 0.001])
    assert rare is not None
    assert common is not None
    assert rare > common


def test_a_name_that_fills_the_file_says_little() -> None:
    often = of_names(["王伟"] * 5_000 + ["王倩"], [7.25] * 5_001)
    assert often[0] is not None
    assert often[-1] is not None
    assert often[0] < often[-1]


@given(st.lists(st.sampled_from(["王伟", "李娜", "尉迟恭", None]), min_size=1, max_size=40))
def test_names_stay_within_their_bounds(names: list[str | None]) -> None:
    found = of_names(names, [7.25] * len(names))
    assert [b is None for b in found] == [n is None for n in names]
    assert all(1.0 <= b <= NAME_CAP for b in found if b is not None)


@pytest.mark.parametrize("percent", [None, 0.0001, 0.5, 7.25])
def test_a_surname_alone_is_worth_two_to_eight_bits(percent: float | None) -> None:
    bits = pl.select(surname_rarity(pl.lit(percent, pl.Float64))).item()
    assert 2.0 <= bits <= 8.0


def test_a_small_file_counts_as_a_large_one() -> None:
    assert size_bits(5) == size_bits(SMALLEST) == math.log2(SMALLEST)
    assert size_bits(SMALLEST * 2) == math.log2(SMALLEST) + 1
