"""Bands: which groups need no human, and what a weak link or a contradiction does to them."""

import numpy as np
import polars as pl
import pytest
from guiyi.dedup.bands import sure_groups
from guiyi.dedup.clustering import Clusters, cluster
from hypothesis import given
from hypothesis import strategies as st

AUTO = 0.98
LINKS = pl.Schema({"left": pl.UInt32, "right": pl.UInt32, "score": pl.Float64})
Link = tuple[int, int, float]


def frame(links: list[Link]) -> pl.DataFrame:
    return pl.DataFrame(links, schema=LINKS, orient="row")


def grouped(links: list[Link], rows: int, cut: list[Link] | None = None) -> Clusters:
    return cluster(frame(links), rows, pl.Series([None] * rows, dtype=pl.Int64), set())._replace(
        refused_links=frame(cut or [])
    )


def strong(rows: int) -> list[Link]:
    """A chain of sure links."""
    return [(i, i + 1, 1.0) for i in range(rows - 1)]


def sure(clusters: Clusters) -> list[int]:
    return sure_groups(clusters, AUTO).to_list()


@pytest.mark.parametrize(("score", "expected"), [(0.98, [0]), (0.979, []), (0.82, [])])
def test_two_rows_are_as_sure_as_their_link(score: float, expected: list[int]) -> None:
    assert sure(grouped([(0, 1, score)], 2)) == expected


@pytest.mark.parametrize(("rows", "expected"), [(2, []), (5, []), (8, [0]), (70, [0])])
def test_one_weak_row_matters_less_in_a_large_group(rows: int, expected: list[int]) -> None:
    links = [*strong(rows - 1), (rows - 2, rows - 1, 0.97)]
    assert sure(grouped(links, rows)) == expected


def test_two_large_halves_on_one_weak_link_are_not_sure() -> None:
    links = [*strong(35), *((a + 35, b + 35, s) for a, b, s in strong(35)), (34, 35, 0.97)]
    assert sure(grouped(links, 70)) == []


@pytest.mark.parametrize(("rows", "expected"), [(3, []), (15, []), (25, [0])])
def test_a_refused_link_leaves_doubt_about_its_row(rows: int, expected: list[int]) -> None:
    clusters = grouped(strong(rows), rows + 1, [(0, rows, 0.99)])
    assert sure(clusters) == expected


def test_many_refused_links_with_one_row_leave_doubt_about_one() -> None:
    refused = [(i, 40, 0.99) for i in range(20)]
    assert sure(grouped(strong(40), 41, refused)) == [0]


def test_a_refused_link_that_was_weak_itself_leaves_none() -> None:
    assert sure(grouped(strong(3), 4, [(0, 3, 0.9)])) == [0]


def test_no_groups_are_no_sure_groups() -> None:
    assert sure(grouped([], 3)) == []


@st.composite
def trees(draw: st.DrawFn) -> list[Link]:
    """A connected group of two to twelve rows: each row hangs on an earlier one."""
    rows = draw(st.integers(2, 12))
    scores = st.floats(0.82, 1.0)
    return [(draw(st.integers(0, i - 1)), i, draw(scores)) for i in range(1, rows)]


@given(trees())
def test_sureness_is_the_mean_of_the_weakest_links_between_all_pairs(links: list[Link]) -> None:
    rows = len(links) + 1
    weakest = np.full((rows, rows), 0.0)
    for left, right, score in links:  # the way between two rows of a tree is the only one
        weakest[left, right] = weakest[right, left] = score
    for middle in range(rows):
        weakest = np.maximum(weakest, np.minimum(weakest[:, [middle]], weakest[[middle], :]))
    doubt = 1 - weakest[np.triu_indices(rows, 1)].mean()
    close = abs(doubt - (1 - AUTO) / 2) < 1e-9
    expected = min(score for *_, score in links) >= AUTO or doubt <= (1 - AUTO) / 2
    assert close or (sure(grouped(links, rows)) == [0]) == expected
