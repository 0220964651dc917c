"""How figures read, and where a chart's line runs."""

import pytest
from guiyi.reports.quality.charts import arc, curve
from guiyi.reports.quality.figures import advice
from guiyi.reports.quality.view import number
from guiyi.rules.catalog import catalog


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param(None, "share", "—", id="nothing-to-tell"),
        pytest.param(0.05, "share", "5.0%", id="one-decimal"),
        pytest.param(1.0, "share", "100.0%", id="all"),
        pytest.param(0.99999, "share", ">99.9%", id="nearly-all-is-not-all"),
        pytest.param(0.0, "share", "0.0%", id="none"),
        pytest.param(0.00001, "share", "<0.1%", id="nearly-none-is-not-none"),
        pytest.param(1234567.0, "count", "1,234,567", id="thousands"),
    ],
)
def test_numbers(value: float | None, unit: str, expected: str) -> None:
    assert number(value, unit) == expected


def test_a_line_has_a_gap_where_a_run_has_no_figure() -> None:
    drawn = curve([0.1, 0.2, None, 0.4], 90, 10)
    assert drawn is not None
    assert drawn.path.count("M") == 2
    assert drawn.last[0] == 90


def test_the_highest_value_lies_above_the_lowest_and_the_threshold_inside() -> None:
    drawn = curve([0.1, 0.3], 100, 100, limit=0.5)
    assert drawn is not None
    first, last = drawn.path.removeprefix("M").split("L")
    assert float(first.split()[1]) > float(last.split()[1])
    assert drawn.limit is not None
    assert 0 < drawn.limit < 100
    assert drawn.high <= 1.0


@pytest.mark.parametrize("values", [[], [0.5], [None, 0.5], [None, None]])
def test_fewer_than_two_points_make_no_line(values: list[float | None]) -> None:
    assert curve(values, 100, 100) is None


@pytest.mark.parametrize("flat", [0.0, 0.5, 1.0, 12345.0])
def test_a_flat_line_is_drawn_within_its_box(flat: float) -> None:
    drawn = curve([flat, flat], 100, 100)
    assert drawn is not None
    assert 0 <= drawn.last[1] <= 100
    assert drawn.low <= flat <= drawn.high


def test_an_arc_of_more_than_half_takes_the_long_way() -> None:
    assert " 0 0 1 " in arc(0.25, 50)
    assert " 0 1 1 " in arc(0.75, 50)


def test_every_rule_has_advice_of_its_area() -> None:
    other = advice("nothing.known")
    assert [rule for rule in catalog() if advice(rule) == other] == []
