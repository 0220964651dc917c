"""Similarities in bulk, against jellyfish and plain arithmetic."""

import jellyfish
import polars as pl
import pytest
from guiyi.dedup.policy.similarity import edits, jaro_winkler, sounds_alike
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text("abcdefghilnouxzyg 张伟玮王", min_size=1, max_size=12)
ALWAYS = pl.lit(True)


def pairs(*texts: tuple[str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(texts, schema={"x_l": pl.String, "x_r": pl.String}, orient="row")


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=20))
def test_jaro_winkler_is_that_of_jellyfish(texts: list[tuple[str, str]]) -> None:
    expected = [jellyfish.jaro_winkler_similarity(a, b) for a, b in texts]
    assert jaro_winkler(pairs(*texts), "x", ALWAYS).to_list() == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=20))
def test_edits_are_those_of_jellyfish(texts: list[tuple[str, str]]) -> None:
    expected = [jellyfish.levenshtein_distance(a, b) for a, b in texts]
    assert edits(pairs(*texts), "x", ALWAYS).to_list() == expected


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=10))
def test_similarities_are_symmetric(texts: list[tuple[str, str]]) -> None:
    turned = [(b, a) for a, b in texts]
    assert jaro_winkler(pairs(*texts), "x", ALWAYS).to_list() == jaro_winkler(pairs(*turned), "x", ALWAYS).to_list()
    assert sounds_alike(pairs(*texts), "x", ALWAYS).to_list() == sounds_alike(pairs(*turned), "x", ALWAYS).to_list()


def test_a_missing_side_has_no_similarity() -> None:
    table = pairs(("zhang", None), (None, "wei"), (None, None), ("zhang", "zhang"))
    assert jaro_winkler(table, "x", ALWAYS).to_list() == [None, None, None, 1.0]


def test_only_wanted_pairs_are_measured() -> None:
    table = pairs(("zhangwei", "zhangwei"), ("lina", "lin"), ("lina", "wang"))
    wanted = pl.col("x_l") != pl.col("x_r")
    assert edits(table, "x", wanted).to_list() == [None, 1, 3]


def test_a_pair_is_measured_per_row_even_if_unwanted_elsewhere() -> None:
    table = pairs(("a", "b"), ("a", "b")).with_columns(go=pl.Series([True, None]))
    assert edits(table, "x", pl.col("go")).to_list() == [1, None]


def test_the_empty_table_has_an_empty_measure() -> None:
    assert jaro_winkler(pairs(), "x", ALWAYS).to_list() == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("kevin zhang", "kelvin zhang", True, id="kevin-kelvin"),
        pytest.param("kevin zhang", "zhang kevin", True, id="turned"),
        pytest.param("steven chen", "stephen chen", True, id="steven-stephen"),
        pytest.param("catherine li", "katherine li", True, id="c-k"),
        pytest.param("kevin zhang", "david zhang", False, id="kevin-david"),
        pytest.param("john li", "jane li", False, id="john-jane"),
        pytest.param("peter wang", "paul wang", False, id="peter-paul"),
        pytest.param("lily chen", "lucy chen", False, id="lily-lucy"),
        pytest.param("kevin", "kelvin", False, id="one-word-says-too-little"),
        pytest.param("kevin zhang", "kevin zhang wei", False, id="a-word-more"),
        pytest.param("wang wang", "wang li", False, id="a-word-answers-once"),
    ],
)
def test_latin_names_that_sound_alike(one: str, other: str, expected: bool) -> None:
    assert sounds_alike(pairs((one, other)), "x", ALWAYS).to_list() == [expected]
