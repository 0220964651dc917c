"""Interrupted and killed runs: the store opens, the last published run is whole, the next run succeeds."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.sample_data.table import write_table
from guiyi.schemas import TABLES

Start = Callable[..., "subprocess.Popen[str]"]
ROWS = 700


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("table")
    write_table(ROWS, 3, folder)
    return folder / "records.csv"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A store whose last run is that of a small file."""
    (tmp_path / "small.csv").write_text("客户编号,联系人,手机号\n1,张伟,13900001234\n2,张伟,13900001234\n", "utf-8")
    run_nightly([tmp_path / "small.csv"], tmp_path / "a.duckdb", Config(), "zh")
    return tmp_path / "a.duckdb"


def heights(store: Path) -> tuple[str, dict[str, int]]:
    with open_store(store) as opened:
        run = opened.last_run() or {}
        return str(run["run_id"]), {t.name: opened.table(t.name).height for t in TABLES if t.name != "audit_event"}


def wait_for(process: "subprocess.Popen[str]", stage: str) -> None:
    """Until the run says that a stage is finished."""
    assert process.stderr is not None
    for line in process.stderr:
        if stage in line.split():  # behind the time
            return
    pytest.fail(f"the run ended before the stage {stage}")


@pytest.mark.parametrize(
    ("sent", "stage"),
    [pytest.param(signal.SIGINT, "读入", id="ctrl-c"), pytest.param(signal.SIGTERM, "合并方案", id="terminate")],
)
def test_an_interrupted_run_says_so_and_publishes_nothing(
    sent: signal.Signals, stage: str, table: Path, published: Path, start: Start
) -> None:
    before = heights(published)
    process = start("run", table, "--db", published)
    wait_for(process, stage)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    if process.returncode == 0:
        assert stage == "合并方案", "only the last stage may be over before the signal is heard"
        assert heights(published)[1]["raw_record"] >= ROWS
        return
    assert (process.returncode, out) == (130, "")
    assert "已中断" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert heights(published) == before


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_run_leaves_the_last_run_whole(seed: int, table: Path, published: Path, start: Start) -> None:
    """Two kills somewhere in the run, two while it publishes."""
    chance = random.Random(seed)
    before = heights(published)
    process = start("run", table, "--db", published)
    if seed < 2:
        wait_for(process, chance.choice(["读入", "清洗", "查重"]))
        time.sleep(chance.uniform(0.0, 0.3))
    else:
        wait_for(process, "合并方案")
        time.sleep(chance.uniform(0.0, 0.15))
    process.kill()
    process.communicate()
    after = heights(published)
    assert after == before or after[1]["raw_record"] >= ROWS, "either the old run or the new one, never part of it"
    outcome = run_nightly([published.with_name("small.csv")], published, Config(), "zh")
    number, counts_now = heights(published)
    assert number == outcome.run["run_id"]
    assert _lasting(counts_now) == _lasting(after[1])
    with open_store(published) as opened:
        counts = opened.query(
            "SELECT rows_clean = (SELECT count(*) FROM history.record c WHERE c.run_id = r.run_id) AS whole FROM history.run r"
        )
    assert counts["whole"].all(), "every run that is listed has all of its records"


def _lasting(heights: dict[str, int]) -> dict[str, int]:
    """What a run over the same rows leaves as it is; figures and stages are each run's own."""
    return {table: rows for table, rows in heights.items() if table not in ("stage", "metric", "run")}
