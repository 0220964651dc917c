"""The breaker stops a run for a rule beyond its own history, and for nothing else."""

from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.breaker import HISTORY, BreakerError, Tripped, breaker, history_of, refuse_tripped, spoken
from guiyi.pipelines.nightly.run import run_nightly


def found(**counts: int) -> pl.DataFrame:
    """`rule, record_key`: so many rows of each rule, one of them told twice."""
    rows = [(rule.replace("__", "."), f"{rule}{i}") for rule, count in counts.items() for i in [0, *range(count)]]
    return pl.DataFrame(rows, schema={"rule": pl.String, "record_key": pl.String}, orient="row")


def nights(*counts: int | None, rows: int = 1000, rule: str = "phone.invalid") -> pl.DataFrame:
    """One night per count; None: no rule spoke."""
    table = [(f"r{i}", rows, None if count is None else rule, count) for i, count in enumerate(counts)]
    return pl.DataFrame(table, schema=HISTORY, orient="row")


def test_a_rule_far_beyond_its_history_trips() -> None:
    assert breaker(found(phone__invalid=300), 1000, nights(20, 30, 40)) == [Tripped("phone.invalid", 300, 0.3, 0.03)]


@pytest.mark.parametrize(
    ("count", "rows", "history"),
    [
        pytest.param(300, 1000, nights(), id="nothing-to-compare-with"),
        pytest.param(300, 1000, nights(rows=0), id="empty-nights"),
        pytest.param(110, 1000, nights(30, 30, 30), id="less-than-four-times"),
        pytest.param(40, 1000, nights(1, 1, 1), id="under-the-floor"),
        pytest.param(15, 50, nights(0, rule="x.y"), id="too-few-rows"),
        pytest.param(300, 1000, nights(250, 280, 260), id="always-so"),
    ],
)
def test_what_does_not_trip(count: int, rows: int, history: pl.DataFrame) -> None:
    assert breaker(found(phone__invalid=count), rows, history) == []


def test_a_rule_that_never_spoke_is_measured_from_zero() -> None:
    assert breaker(found(email__invalid=80), 1000, nights(20, 20)) == [Tripped("email.invalid", 80, 0.08, 0.0)]


def test_nights_without_the_rule_count_as_zero() -> None:
    history = pl.concat(
        [nights(90, rule="phone.invalid"), nights(None, None, None).with_columns(pl.col("run_id") + "x")]
    )
    assert breaker(found(phone__invalid=100), 1000, history) == [Tripped("phone.invalid", 100, 0.1, 0.0225)]


def test_shares_are_compared_whatever_the_size_of_the_file() -> None:
    assert breaker(found(phone__invalid=300), 10_000, nights(30, 30)) == []
    assert [t.rule for t in breaker(found(phone__invalid=300), 500, nights(30, 30))] == ["phone.invalid"]


def test_the_worst_comes_first_and_order_of_rows_does_not_matter() -> None:
    findings = found(a__x=200, b__y=400, c__z=200)
    tripped = [t.rule for t in breaker(findings, 1000, nights(1))]
    assert tripped == ["b.y", "a.x", "c.z"]
    assert [t.rule for t in breaker(findings.reverse(), 1000, nights(1))] == tripped


def test_findings_of_the_file_are_no_rows() -> None:
    whole = pl.DataFrame(
        {"rule": ["file.bom"] * 500, "record_key": [None] * 500}, schema_overrides={"record_key": pl.String}
    )
    assert breaker(whole, 1000, nights(0, rule="x.y")) == []


def test_hints_do_not_count_quarantined_rows_do() -> None:
    finding = pl.DataFrame({"rule": ["a.x", "b.y"], "record_key": ["1", "2"], "severity": ["info", "warning"]})
    quarantine = pl.DataFrame({"rule": ["c.z"], "record_key": ["3"]})
    assert spoken(finding, quarantine).rows() == [("b.y", "2"), ("c.z", "3")]


def test_the_error_names_rule_count_and_baseline() -> None:
    refuse_tripped([], 1000)
    with pytest.raises(BreakerError) as caught:
        refuse_tripped([Tripped("phone.invalid", 300, 0.3, 0.03)], 1000)
    assert caught.value.exit_code == 1
    for text in (caught.value.what.zh, caught.value.what.en):
        assert "phone.invalid" in text
        assert "300" in text
        assert "3.0%" in text


def test_history_is_read_from_the_store(tmp_path: Path) -> None:
    def night(number: int, phone: str) -> Path:
        path = tmp_path / f"leads_2026-11-{number}.csv"
        path.write_text("编号,联系人,手机号\n" + "".join(f"{i},张伟{i},{phone}{i:02d}\n" for i in range(40)), "utf-8")
        return path

    db = tmp_path / "a.duckdb"
    run_nightly([night(20, "139000012")], db, Config(), "zh")
    run_nightly([night(21, "139000012")], db, Config(), "zh")
    with open_store(db) as store:
        history = history_of(store)
    assert history["run_id"].n_unique() == 2
    assert set(history["rows"]) == {40}
    tables = run_nightly([night(22, "1390000")], tmp_path / "b.duckdb", Config(), "zh").tables
    assert [t.rule for t in breaker(spoken(tables["finding"], tables["quarantine"]), 40, history)] == ["phone.invalid"]
