"""What a figure's light says, what it is compared with, and how stewards' work shows in it."""

from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.io.store.store import Store, open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.reports.quality.measure import measure
from guiyi.schemas import METRIC
from guiyi.tests.report_store import measured, nights, two_sources

__all__ = ["nights", "two_sources"]


def status(store: Store, name: str, scope: str, **report: object) -> str:
    frame = measure(store.query, Config.model_validate({"report": report}))
    return str(frame.row(by_predicate=(pl.col("name") == name) & (pl.col("scope") == scope), named=True)["status"])


@pytest.mark.parametrize(
    ("name", "scope", "report", "expected"),
    [
        pytest.param("null_rate", "phone", {}, "warning", id="a-null-rate-above-5-percent-is-grey"),
        pytest.param("null_rate", "person_name", {}, "ok", id="below-it-is-not"),
        pytest.param("null_rate", "phone", {"null_rate": 0.5}, "ok", id="the-threshold-is-the-configuration's"),
        pytest.param("null_rate", "phone", {"optional": ["phone"]}, "none", id="an-optional-field-has-no-light"),
        pytest.param("null_rate", "city", {}, "none", id="a-field-without-a-column-has-no-light"),
        pytest.param("null_rate", "phone_extension", {}, "none", id="parts-of-other-fields-have-no-light"),
        pytest.param("validity_rate", "phone", {}, "warning", id="validity-below-95-percent-is-grey"),
        pytest.param("duplicate_rate", "contact", {}, "none", id="no-threshold-no-light"),
        pytest.param("trust", "run", {"trust": 0.99}, "warning", id="trust-below-its-threshold-is-grey"),
    ],
)  # fmt: skip
def test_lights(name: str, scope: str, report: dict[str, object], expected: str, sample_store: Store) -> None:
    assert status(sample_store, name, scope, **report) == expected


def test_a_value_on_the_threshold_is_within_it(two_sources: Path) -> None:
    exact = measured(two_sources)["id_match_rate", "run"]
    with open_store(two_sources) as store:
        assert status(store, "id_match_rate", "run", id_match_rate=exact) == "ok"
        assert status(store, "id_match_rate", "run", id_match_rate=0.92) == "warning"


def test_metrics_are_a_valid_table_with_unique_keys(sample_store: Store) -> None:
    frame = measure(sample_store.query, Config())
    assert frame.schema == METRIC.polars
    assert frame.select("name", "scope").is_unique().all()
    assert frame.equals(frame.sort("name", "scope"))


def test_the_names_of_the_first_version_stay(sample_store: Store) -> None:
    first = {"null_rate", "rows", "duplicate_rate", "groups_auto", "groups_review", "largest_group", "cells_changed"}
    now = measure(sample_store.query, Config())
    assert first <= set(now["name"])
    old = sample_store.table("metric").filter(pl.col("name").is_in(first)).select("name", "scope", old="value")
    both = old.join(now, on=["name", "scope"], how="left")
    assert (both["old"] - both["value"]).abs().max() < 1e-12  # type: ignore[operator]


def test_the_baseline_is_the_run_before(tmp_path: Path) -> None:
    source, db = tmp_path / "leads.csv", tmp_path / "a.duckdb"
    rows = "客户编号,联系人,手机号\n1,张伟,13900001234\n2,李娜,\n"
    source.write_text(rows, "utf-8")
    run_nightly([source], db, Config(), "zh")
    assert baseline(db, "null_rate", "phone") is None
    source.write_text(rows + "3,王芳,13900005678\n4,赵敏,13900007890\n", "utf-8")
    run_nightly([source], db, Config(), "zh", options=RunOptions(breaker=False))
    assert baseline(db, "null_rate", "phone") == 0.5
    assert measured(db)["null_rate", "phone"] == 0.25


def baseline(db: Path, name: str, scope: str) -> float | None:
    with open_store(db) as store:
        frame = measure(store.query, Config()).filter(pl.col("name") == name, pl.col("scope") == scope)
    return frame["baseline"][0]


def test_a_store_with_one_source_has_no_id_match(tmp_path: Path) -> None:
    source, db = tmp_path / "leads.csv", tmp_path / "a.duckdb"
    source.write_text("客户编号,联系人,手机号\n1,张伟,13900001234\n2,李娜,13900005678\n", "utf-8")
    run_nightly([source], db, Config(), "zh")
    own = measured(db)
    assert own["id_match_rate", "run"] is None
    assert own["certain_rate", "run"] is None
    assert [s for n, s in own if n == "fragmentation_rate"] == ["run"]
    with open_store(db) as store:
        assert status(store, "id_match_rate", "run") == "none"
        assert status(store, "trust", "run") == "ok"


def test_golden_values_and_groups_decided_by_hand_are_manual_changes(two_sources: Path) -> None:
    with open_store(two_sources, write=True) as store:
        connection = store._connection
        member = store.query("SELECT record_key FROM main.entity_member JOIN main.duplicate_group USING (level, entity_id)"
                             " WHERE level = 'contact' ORDER BY entity_id, record_key")["record_key"].to_list()  # fmt: skip
        say(connection, "d1", "must_link", f'["{member[0]}", "{member[1]}"]', None, 1)
        say(connection, "d2", "split", f'[["{member[2]}"], ["{member[3]}"]]', None, 2)
        say(connection, "d3", "retract", "[]", '{"decision_id": "d2"}', 3)
        connection.execute(
            "UPDATE versions.golden_value SET rule = 'survivorship.steward' WHERE field = 'phone' AND entity_id ="
            " (SELECT min(entity_id) FROM main.golden_value WHERE field = 'phone')"
        )
        values, groups = (
            int(store.query(f"SELECT count(*) AS n FROM main.{t}")["n"][0]) for t in ("golden_value", "duplicate_group")
        )
    own = measured(two_sources)
    assert own["manual_rate", "golden_value"] == pytest.approx(1 / values)
    assert own["manual_rate", "group"] == pytest.approx(1 / groups)  # d1; d2, of the other group, was taken back
    assert own["manual_rate", "run"] == pytest.approx(2 / (values + groups))


def say(connection: object, name: str, kind: str, keys: str, detail: str | None, sequence: int) -> None:
    connection.execute(  # type: ignore[attr-defined]
        'INSERT INTO history.decision (decision_id, level, kind, record_keys, "by", "at", detail, sequence)'
        " VALUES (?, 'contact', ?, ?, 'steward', now()::TIMESTAMP, ?, ?)",
        [name, kind, keys, detail, sequence],
    )


def test_measuring_works_within_the_transaction_that_publishes(nights: Path, tmp_path: Path) -> None:
    """The new run's row and tables are there, its metrics are not: the baseline is still the run before."""
    with open_store(nights) as store:
        runs = store.query("SELECT run_id FROM history.run ORDER BY run_id")["run_id"].to_list()
        before = store.query(
            f"SELECT value FROM history.metric WHERE run_id = '{runs[-2]}' AND name = 'rows' AND scope = 'clean'"
        )["value"][0]
        store._connection.execute("BEGIN")
        frame = measure(store.query, Config())
        store._connection.execute("ROLLBACK")
    assert (
        frame.row(by_predicate=(pl.col("name") == "rows") & (pl.col("scope") == "clean"), named=True)["baseline"]
        == before
    )


def test_what_a_run_keeps_is_what_is_asked_of_it_afterwards(nights: Path) -> None:
    """Figures are stored before the run counts: they must be its own, and not those of the run before."""
    with open_store(nights) as store:
        kept = store.table("metric").select("name", "scope", "value", "baseline")
        asked = measure(store.query, Config()).select("name", "scope", "value", "baseline")
    both = asked.join(kept, on=["name", "scope"], how="left", suffix="_kept")
    differ = both.filter(
        pl.col("value").ne_missing(pl.col("value_kept")) | pl.col("baseline").ne_missing(pl.col("baseline_kept"))
    )
    assert differ.rows() == []
