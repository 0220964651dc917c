"""Rows of a source against the nights before: a form that nobody can send any more is seen."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config, Volume
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.nightly.volume import HISTORY, judge_volume

NOW = datetime(2026, 3, 16, 2, 0)  # a Monday


def history(*rows: float, source: str = "官网", ago: int = 1) -> pl.DataFrame:
    """The rows of the nights before, yesterday's first."""
    told = [(source, float(n), NOW - timedelta(days=ago + day)) for day, n in enumerate(rows)]
    return pl.DataFrame(told, schema=HISTORY, orient="row")


def judged(today: dict[str, float], past: pl.DataFrame, **limits: float) -> list[tuple[str, str, str]]:
    columns = {"source": pl.String, "rows": pl.Float64}
    return judge_volume(
        pl.DataFrame({"source": list(today), "rows": list(today.values())}, schema=columns), past, NOW, Volume(**limits)
    ).rows()


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        pytest.param(100.0, None, id="as_usual"),
        pytest.param(50.0, None, id="half"),
        pytest.param(49.0, "volume.drop", id="less_than_half"),
        pytest.param(400.0, None, id="four_times"),
        pytest.param(401.0, "volume.spike", id="more_than_four_times"),
    ],
)
def test_today_is_compared_with_what_is_usual(rows: float, rule: str | None) -> None:
    told = judged({"官网": rows}, history(*[100.0] * 10))
    assert told == ([] if rule is None else [(rule, "官网", f"{rows:.0f} / ≈100")])


def test_a_weekday_is_compared_with_its_like() -> None:
    week = [40.0] * 6 + [400.0] + [40.0] * 6 + [400.0]  # yesterday … last Monday, … the Monday before that
    assert judged({"官网": 400.0}, history(*week)) == []
    assert judged({"官网": 40.0}, history(*week)) == [("volume.drop", "官网", "40 / ≈400")]


def test_a_source_that_does_not_come_is_told_after_a_day() -> None:
    assert judged({}, history(*[100.0] * 10, ago=2)) == [("volume.none", "官网", "0 / ≈100")]
    late = history(*[100.0] * 10).with_columns(pl.col("at") + pl.duration(hours=2))
    assert judged({}, late) == [], "it came less than a day ago"


@pytest.mark.parametrize(
    "past", [history(*[100.0] * 3), history(*[5.0] * 10), HISTORY.to_frame()], ids=["few_nights", "few_rows", "first"]
)
def test_nothing_is_said_where_nothing_is_usual(past: pl.DataFrame) -> None:
    assert judged({"官网": 1.0}, past) == []


def test_a_night_tells_and_the_next_takes_it_back(tmp_path: Path) -> None:
    config = Config.model_validate({"volume": {"least_nights": 1, "least_rows": 3}})
    found = []
    for night, rows in enumerate((6, 1, 6)):
        lines = [f"{night}{n},沈知遥{n},1370000{night}{n:03}" for n in range(rows)]
        (tmp_path / "leads.csv").write_text("客户编号,姓名,手机号\n" + "\n".join(lines), "utf-8")
        options = RunOptions(breaker=False, as_of=datetime.now() + timedelta(days=1 + night, hours=8))
        run_nightly([tmp_path / "leads.csv"], tmp_path / "a.duckdb", config, "zh", options=options)
        with open_store(tmp_path / "a.duckdb") as store:
            found.append(
                store.query("SELECT rule, value, suggestion FROM main.finding WHERE rule LIKE 'volume.%'").rows()
            )
    assert found == [[], [("volume.drop", "leads", "1 / ≈6")], []]
