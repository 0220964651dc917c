"""Precision and recall of groups, against a count over every pair."""

from itertools import combinations

import polars as pl
import pytest
from guiyi.reports.evaluation import evaluate
from hypothesis import given
from hypothesis import strategies as st

Labels = dict[str, str | None]


def table(labels: Labels) -> pl.DataFrame:
    schema = {"record_id": pl.String, "entity": pl.String}
    return pl.DataFrame({"record_id": list(labels), "entity": list(labels.values())}, schema=schema)


def together(labels: Labels, one: str, other: str) -> bool:
    return bool(labels.get(one)) and labels.get(one) == labels.get(other)


def b_cubed(of: Labels, against: Labels, records: list[str]) -> float:
    """Mean over records of the share of its group in `of` that `against` puts with it too."""
    shares = []
    for record in records:
        group = [r for r in records if r == record or together(of, record, r)]
        shares.append(sum(r == record or together(against, record, r) for r in group) / len(group))
    return sum(shares) / len(shares)


@given(
    st.lists(
        st.tuples(st.none() | st.sampled_from(["", "A", "B", "C"]), st.none() | st.sampled_from("xyz")),
        min_size=1,
        max_size=14,
    )
)
def test_figures_are_those_of_a_count_over_pairs(rows: list[tuple[str | None, str | None]]) -> None:
    truth = {f"r{i}": t for i, (t, _) in enumerate(rows)}
    found = {f"r{i}": f for i, (_, f) in enumerate(rows) if f is not None}
    pairs = list(combinations(truth, 2))
    true = sum(together(truth, a, b) for a, b in pairs)
    guessed = sum(together(found, a, b) for a, b in pairs)
    right = sum(together(truth, a, b) and together(found, a, b) for a, b in pairs)
    figures = evaluate(table(found), table(truth))
    assert (figures.records, figures.pairs_true, figures.pairs_found, figures.pairs_right) == (
        len(rows),
        true,
        guessed,
        right,
    )
    assert figures.precision == (right / guessed if guessed else 1.0)
    assert figures.recall == (right / true if true else 1.0)
    assert figures.b3_precision == pytest.approx(b_cubed(found, truth, list(truth)))
    assert figures.b3_recall == pytest.approx(b_cubed(truth, found, list(truth)))


def test_perfect_groups_score_one() -> None:
    same = table({"a": "1", "b": "1", "c": "2"})
    figures = evaluate(same, same)
    assert (figures.precision, figures.recall, figures.f1, figures.b3_f1) == (1.0, 1.0, 1.0, 1.0)


def test_f1_is_the_harmonic_mean() -> None:
    found = table({"a": "1", "b": "1", "c": "1"})
    figures = evaluate(found, table({"a": "1", "b": "1", "c": "2"}))
    assert (figures.precision, figures.recall, figures.f1) == (pytest.approx(1 / 3), 1.0, pytest.approx(0.5))


def test_a_record_that_is_in_no_group_stands_alone() -> None:
    figures = evaluate(table({}), table({"a": "1", "b": "1"}))
    assert (figures.pairs_found, figures.recall, figures.largest_group, figures.largest_truth) == (0, 0.0, 1, 2)


def test_records_that_the_truth_does_not_know_do_not_count() -> None:
    figures = evaluate(table({"a": "1", "b": "1", "stranger": "1"}), table({"a": "1", "b": "1"}))
    assert (figures.records, figures.pairs_found, figures.precision) == (2, 1, 1.0)


def test_two_records_without_an_entity_are_not_the_same() -> None:
    assert evaluate(table({"a": None, "b": None}), table({"a": None, "b": None, "c": "", "d": ""})).pairs_true == 0


def test_nothing_to_evaluate_is_no_fault() -> None:
    figures = evaluate(table({}), table({}))
    assert (figures.records, figures.largest_group) == (0, 0)
