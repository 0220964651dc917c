"""Amounts and yes-or-no cells."""

import polars as pl
import pytest
from guiyi.rules.base.amounts import read_amount, read_yes


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        pytest.param("1234.5", 1234.5, id="plain"),
        pytest.param("¥1,234.50", 1234.5, id="sign_and_commas"),
        pytest.param("12万元", 120_000.0, id="wan"),
        pytest.param("1.2亿", 120_000_000.0, id="yi"),
        pytest.param("35%", 0.35, id="percent"),
        pytest.param("-3", -3.0, id="negative"),
        pytest.param("人民币 500 元", 500.0, id="words"),
        pytest.param("面议", None, id="no_number"),
        pytest.param("10-50万", None, id="range"),
        pytest.param("1.2.3", None, id="no_number_either"),
    ],
)
def test_amount(text: str, amount: float | None) -> None:
    assert pl.select(read_amount(pl.lit(text))).item() == (None if amount is None else pytest.approx(amount))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("是", True),
        ("√", True),
        ("YES", True),
        ("1", True),
        ("否", False),
        ("未成交", False),
        ("0", False),
        ("已签约", True),
        ("待确认", False),
        ("也许", None),
    ],
)
def test_yes(text: str, answer: bool | None) -> None:
    assert pl.select(read_yes(pl.lit(text))).item() is answer
