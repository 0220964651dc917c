"""guiyi tune: the configuration that it writes is accepted, says where it comes from, and is the same each time."""

import json
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.evidence import shipped_weights
from guiyi.io.store.journal import open_journal
from guiyi.io.store.store import Store, open_store
from guiyi.pipelines.nightly.run import Outcome, run_nightly
from guiyi.pipelines.resolve.levels import weights_of
from guiyi.pipelines.tune import reference as tune_reference
from guiyi.pipelines.tune.estimate import Tuning, tune
from guiyi.reports.tune import as_config, print_tuned

Run = tuple[Path, Outcome]


@pytest.fixture(scope="module", autouse=True)
def small_reference() -> Iterator[None]:
    """The reference takes seconds to make; here it is made once, and smaller."""
    made = tune_reference.reference_features(3_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("guiyi.pipelines.tune.estimate.reference_features", lambda: made)
        yield


@pytest.fixture(scope="module")
def by_labels(sample_run: Run, samples: Path) -> Tuning:
    with open_store(sample_run[0]) as store:
        return tune(store, samples / "truth.csv", Config())


@pytest.fixture(scope="module")
def by_em(sample_run: Run) -> Tuning:
    with open_store(sample_run[0]) as store:
        return tune(store, None, Config())


def changed(tuning: Tuning) -> dict[str, dict[str, dict[str, float]]]:
    """The changed weights as a configuration holds them."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for tuned in tuning.levels:
        for row in tuned.changed.iter_rows(named=True):
            table.setdefault(tuned.level, {}).setdefault(row["comparison"], {})[row["level"]] = row["new"]
    return table


def test_config_holds_the_changed_weights_and_nothing_else(by_labels: Tuning) -> None:
    content = tomllib.loads(as_config(by_labels))
    assert content == {"weights": changed(by_labels)}
    config = Config.model_validate(content)
    for level, comparisons in config.weights.items():
        resolved = weights_of(config, level)
        assert all(resolved[c][x] == w for c, names in comparisons.items() for x, w in names.items())


def test_config_says_where_its_weights_come_from(by_labels: Tuning, sample_run: Run) -> None:
    comments = [line for line in as_config(by_labels).splitlines() if line.startswith("#")]
    assert any("truth.csv" in line and str(sample_run[1].run["run_id"]) in line for line in comments)


@pytest.mark.parametrize("kind", ["by_labels", "by_em"])
def test_conflicts_never_move_and_nothing_moves_far(kind: str, request: pytest.FixtureRequest) -> None:
    tuning: Tuning = request.getfixturevalue(kind)
    weights = pl.concat([t.weights for t in tuning.levels])
    assert weights["shipped"].min() > -30  # type: ignore[operator]
    assert weights.filter((pl.col("new") - pl.col("shipped")).abs() > 4.001).is_empty()
    shipped = shipped_weights()
    assert all(shipped[t.level][c][x] == s for t in tuning.levels for c, x, s, *_ in t.weights.iter_rows())


def test_two_estimates_are_the_same_bytes(by_em: Tuning, sample_store: Store) -> None:
    assert as_config(tune(sample_store, None, Config())) == as_config(by_em)


def test_a_small_file_without_labels_keeps_the_policy(by_em: Tuning) -> None:
    moves = pl.concat([t.weights for t in by_em.levels]).select((pl.col("new") - pl.col("shipped")).abs().max()).item()
    assert moves < 1
    assert all(t.converged for t in by_em.levels)


def test_the_command_writes_a_config_and_never_over_one(
    guiyi: Callable[..., "CompletedProcess[str]"], sample_run: Run, samples: Path, tmp_path: Path
) -> None:
    arguments = (
        "tune",
        "--db",
        sample_run[0],
        "--labels",
        samples / "truth.csv",
        "-o",
        "mine.toml",
        "--format",
        "json",
    )
    first, second = guiyi(*arguments), guiyi(*arguments)
    assert (first.returncode, second.returncode) == (0, 2)
    assert {t["level"] for t in json.loads(first.stdout)["levels"]} == {"contact", "account"}
    Config.model_validate(tomllib.loads((tmp_path / "mine.toml").read_text("utf-8")))


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param({"self_estimate": (0.99, 0.97)}, id="by-em"),
        pytest.param({"precision": (0.9, 0.99), "f1": (0.95, 0.9)}, id="by-labels"),
        pytest.param({"f1": (0.95, 0.96), "auto_precision": (0.995, 0.98)}, id="pairs-that-no-human-sees"),
    ],
)
def test_weights_that_are_worse_are_neither_shown_nor_written_and_both_figures_are_said(
    figures: dict[str, tuple[float, float]], by_em: Tuning, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = by_em.levels[0].weights.with_columns(new=pl.col("shipped") + 1.0)
    worse = replace(by_em.levels[0], weights=moved, figures=figures)
    tuning = replace(by_em, levels=(worse,))
    assert "weights" not in tomllib.loads(as_config(tuning))
    print_tuned(tuning, None, "text")
    shown = capsys.readouterr().out
    assert "不采用" in shown
    assert all(f"{before:.4f} → {after:.4f}" in shown for before, after in figures.values())
    better = replace(
        worse, figures={name: (a, a) for name, (a, _) in figures.items()} | {"auto_precision": (0.999, 0.998)}
    )
    assert "weights" in tomllib.loads(as_config(replace(by_em, levels=(better,))))


def test_what_em_promises_of_itself_is_called_an_estimate(by_em: Tuning, capsys: pytest.CaptureFixture[str]) -> None:
    print_tuned(by_em, None, "text")
    assert "自估，不是实测" in capsys.readouterr().out


def test_labels_that_all_say_the_same_judge_nothing(by_labels: Tuning, capsys: pytest.CaptureFixture[str]) -> None:
    moved = by_labels.levels[0].weights.with_columns(new=pl.col("shipped") + 1.0)
    rates = {"f1": (0.9, 1.0), "auto_precision": (1.0, 1.0)}
    blind = replace(by_labels.levels[0], weights=moved, figures=rates, one_sided=True)
    assert blind.changed.is_empty()
    print_tuned(replace(by_labels, levels=(blind,)), None, "text")
    assert "无从判断" in capsys.readouterr().out


def test_figures_before_are_those_of_the_weights_in_force(
    sample_store: Store, samples: Path, by_labels: Tuning
) -> None:
    deaf = Config(weights={"contact": {"phone": {"same": -20.0}}})
    contact = tune(sample_store, samples / "truth.csv", deaf).levels[0]
    before, after = contact.figures["f1"]
    assert before < by_labels.levels[0].figures["f1"][0]
    assert after == by_labels.levels[0].figures["f1"][1], "the shipped weights are what is moved"
    told = contact.changed.filter(pl.col("comparison") == "phone", pl.col("level") == "same")
    assert told["present"].to_list() == [-20.0]


def test_a_table_of_companies_has_no_weights_of_persons_nor_of_what_it_lacks(tmp_path: Path) -> None:
    names = ["星野电子有限公司", "星野电子", "青岚市政工程有限公司", "青岚市政工程公司", "朗月家具厂", "朗月家具"]
    rows = [f"{i},{name},0532-8{i:07}" for i, name in enumerate(names)]
    (tmp_path / "firms.csv").write_text("\n".join(["客户编号,公司名称,电话", *rows]) + "\n", "utf-8")
    run_nightly([tmp_path / "firms.csv"], tmp_path / "firms.duckdb", Config(), "zh")
    with open_store(tmp_path / "firms.duckdb") as store:
        tuned = tune(store, None, Config()).levels
    assert [t.level for t in tuned] == ["account"]
    assert not {"distance", "code", "domain", "shop"} & set(tuned[0].weights["comparison"])
    assert "company" in set(tuned[0].weights["comparison"])


def test_stewards_decisions_are_learnt_from_but_not_those_taken_back(sample_run: Run, tmp_path: Path) -> None:
    db = tmp_path / "own.duckdb"
    shutil.copy(sample_run[0], db)
    with open_store(db) as store:
        pairs = store.query(
            "SELECT record_key_l, record_key_r FROM main.pair WHERE level = 'contact' ORDER BY ALL"
        ).rows()
    apart = [p for p in pairs[1:] if not {*p} & {*pairs[0]}]
    said = [Decision("contact", "must_link", [pairs[0]]), Decision("contact", "split", [[k] for k in apart[0]])]
    said += [Decision("contact", "cannot_link", [apart[-1]])]
    with open_journal(db) as journal:
        *_, last = journal.append(said)
        journal.append([Decision("contact", "retract", [], detail={"decision_id": last})])
    with open_store(db) as store:
        tuning = tune(store, None, Config(), decided=True)
    assert (tuning.decisions, [(t.level, t.pairs) for t in tuning.levels]) == (2, [("contact", 2)])
    assert "# 2 decisions of stewards;" in as_config(tuning)


def test_without_decisions_there_is_nothing_to_learn(
    guiyi: Callable[..., "CompletedProcess[str]"], sample_run: Run
) -> None:
    refused = guiyi("tune", "--db", sample_run[0], "--decisions")
    assert refused.returncode == 2
    assert "没有可学的" in refused.stderr
