"""Precision and recall of groups, against a count over every pair."""

from itertools import combinations

import polars as pl
import pytest
from guiyi.reports.evaluation import evaluate, evaluate_bands, evaluate_scores, interval, print_evaluation
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


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        pytest.param(9, 10, 0.5958, 0.9821, id="few"),
        pytest.param(990, 1000, 0.9817, 0.9946, id="many"),
        pytest.param(10, 10, 0.7225, 1.0, id="all-right"),
        pytest.param(0, 10, 0.0, 0.2775, id="none-right"),
    ],
)
def test_intervals_are_those_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    told = interval("rate", part, whole)
    assert told == {
        "rate": part / whole,
        "rate_low": pytest.approx(low, abs=1e-4),
        "rate_high": pytest.approx(high, abs=1e-4),
    }


def test_the_bands_share_out_the_pairs_found_and_a_band_of_nothing_promises_nothing() -> None:
    found = table({"a": "1", "b": "1", "c": "2", "d": "2", "e": "2"}).with_columns(
        band=pl.Series(["auto"] * 2 + ["review"] * 3)
    )
    truth = table({"a": "1", "b": "1", "c": "2", "d": "2", "e": "3"})
    auto, review = evaluate_bands(found, truth)
    assert (auto["pairs"], auto["right"], auto["precision"], auto["recall"]) == (1, 1, 1.0, 0.5)
    assert (review["pairs"], review["right"], review["precision"], review["recall"]) == (
        3,
        1,
        pytest.approx(1 / 3),
        0.5,
    )
    assert evaluate_bands(found.filter(pl.col("band") == "auto"), truth)[1]["precision"] is None


def test_scored_pairs_are_counted_by_score_and_those_told_apart_by_themselves() -> None:
    rows = [("a", "b", 0.995, False), ("a", "c", 0.9, False), ("b", "c", 0.8999, False), ("c", "d", 0.99, True)]
    rows += [("a", "d", 0.81, False), ("a", "stranger", 0.99, False), ("d", "e", 0.96, False)]
    pairs = pl.DataFrame(rows, schema=["l", "r", "score", "doubt"], orient="row")
    truth = table({"a": "1", "b": "1", "c": "2", "d": "2", "e": None})
    counts = {row["score"]: (row["pairs"], row["right"]) for row in evaluate_scores(pairs, truth)}
    expected = {"0.82-0.9": (1, 0), "0.9-0.95": (1, 0), "0.95-0.98": (1, 0), "0.98-0.99": (0, 0), "0.99+": (1, 1)}
    assert counts == expected | {"told apart": (1, 1)}


def test_people_read_a_rate_and_its_interval_in_one_cell(capsys: pytest.CaptureFixture[str]) -> None:
    rate = {"pairs": 10, "right": 9, **interval("precision", 9, 10)}
    bands = [
        {"band": "auto", **rate, **interval("recall", 9, 12)},
        {"band": "review", **rate, **interval("recall", 0, 0)},
    ]
    print_evaluation({"f1": 0.9, "bands": bands, "scores": [{"score": "told apart", **rate}]}, "text")
    shown = capsys.readouterr().out
    assert "0.9000 (0.5958–0.9821)" in shown
    assert "有不符之处" in shown
