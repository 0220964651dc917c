"""What an operator asks of `guiyi run`: rehearse, wait for another run, speak JSON, tell a monitoring system."""

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from guiyi.io.store.lock import run_lock
from guiyi.io.store.store import open_store
from guiyi.pipelines.steward.decide import set_aside
from guiyi.tests.first_night import first_night

Command = Callable[..., "subprocess.CompletedProcess[str]"]
FIRST = "客户编号,联系人,手机号\n1,张伟强,13951880734\n2,李娜,13867302915\n"
SECOND = "客户编号,联系人,手机号\n3,张伟强,13951880734\n4,王芳,13740826193\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of one run with a decision that waits in the journal, and a second file."""
    (tmp_path / "leads.csv").write_text(FIRST, "utf-8")
    (tmp_path / "more.csv").write_text(SECOND, "utf-8")
    store = tmp_path / "guiyi.duckdb"
    first_night([tmp_path / "leads.csv"], store)
    set_aside(store, ["2"], "contact", None, None)
    return store


def prints(folder: Path) -> dict[str, str]:
    """Every file of a folder and its content's hash; the lock file tells only who held it last."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_a_rehearsal_says_what_would_be_published_and_leaves_every_byte(guiyi: Command, store: Path) -> None:
    before = prints(store.parent)
    rehearsed = guiyi("run", "more.csv", "--quiet", "--dry-run", "--report", "/dev/null")
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert prints(store.parent) == before
    done = guiyi("run", "more.csv", "--quiet")
    assert rehearsed.stdout == f"（演练）{done.stdout}", "the same figures, the same run id"
    assert done.stdout.startswith("r000002-")


def test_a_rehearsal_reports_its_runs_as_not_published(guiyi: Command, store: Path) -> None:
    done = guiyi("run", "more.csv", "--dry-run", "--report", "rehearsed.json", "--metrics-file", "a.prom")
    assert "没有发布" in done.stdout
    assert not (store.parent / "a.prom").exists()
    (run,) = json.loads((store.parent / "rehearsed.json").read_text("utf-8"))["runs"]
    assert (run["published"], run["run"]["number"]) == (False, 2)


def test_a_first_run_can_be_rehearsed(guiyi: Command, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(FIRST, "utf-8")
    done = guiyi("run", "leads.csv", "--quiet", "--dry-run")
    assert (done.returncode, done.stdout[:12]) == (0, "（演练）r000001-")
    assert prints(tmp_path).keys() == {"leads.csv"}


def test_a_rehearsal_sends_no_alarm_and_ends_as_the_run_would(guiyi: Command, store: Path) -> None:
    (store.parent / "guiyi.toml").write_text(
        '[gates]\nlargest_group = 2\n[channel.hook]\nkind = "webhook"\nurl_env = "NOWHERE"\n'
        '[[alarm]]\nwhen = {event = "failed"}\nto = ["hook"]\n', "utf-8"
    )  # fmt: skip
    rows = "".join(f"{n},张伟强,13951880734\n" for n in range(10, 14))
    (store.parent / "many.csv").write_text("客户编号,联系人,手机号\n" + rows, "utf-8")
    rehearsed = guiyi("run", "many.csv", "--quiet", "--dry-run")
    done = guiyi("run", "many.csv", "--quiet")
    assert (rehearsed.returncode, done.returncode) == (1, 1)
    assert "告警没有送到" in done.stderr
    assert done.stderr.endswith(rehearsed.stderr)


def test_a_killed_rehearsal_leaves_nothing_for_the_next_run_to_trip_over(guiyi: Command, store: Path) -> None:
    folder = store.with_name("guiyi.duckdb.staging")
    folder.mkdir()
    (folder / "guiyi.duckdb").write_text("half a copy")
    assert guiyi("run", "more.csv", "--quiet", "--dry-run").returncode == 0
    assert not folder.exists()


HOLD = """
import sys, time
from pathlib import Path
from guiyi.io.store.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(1)
"""


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """A store whose run lock another process holds for a second."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "a.duckdb")], stdout=-1, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield tmp_path / "a.duckdb"


def test_whoever_waits_gets_the_lock_when_it_is_free(held: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with run_lock(held, wait=60):
        assert capfd.readouterr().err.count("\n") == 1, "one line says that it waits"


def test_whoever_waits_too_short_is_told_who_holds_it(guiyi: Command, held: Path, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(FIRST, "utf-8")
    with run_lock(tmp_path / "b.duckdb"):
        start = time.monotonic()
        done = guiyi("run", "leads.csv", "--db", "b.duckdb", "--quiet", "--wait", "0.5")
    assert done.returncode == 4
    assert time.monotonic() - start > 0.5
    waiting, refused = done.stderr.splitlines()
    assert "最多等待 0.5 秒" in waiting
    assert "进程" in refused


def test_a_json_log_holds_an_object_per_line_and_the_run_of_each(guiyi: Command, store: Path) -> None:
    done = guiyi("run", "more.csv", "--log-format", "json")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert all(set(x) == {"time", "level", "event", "run_id", "message", "figures"} for x in lines)
    assert all(datetime.fromisoformat(x["time"]).tzinfo for x in lines)
    with open_store(store) as opened:
        run = opened.last_run() or {}
    stages = [x["figures"]["stage"] for x in lines if x["event"] == "stage"]
    assert stages == ["read", "compare", "clean", "resolve", "plan", "publish"]
    assert {x["run_id"] for x in lines if x["figures"].get("stage") not in ("read", "compare")} == {run["run_id"]}
    figures = lines[-1]["figures"]
    assert (lines[-1]["event"], figures["rows_today"], figures["rows_new"]) == ("published", 2, 2)


def test_a_failed_run_ends_its_json_log_with_the_reason(guiyi: Command, tmp_path: Path) -> None:
    done = guiyi("run", "nowhere.csv", "--log-format", "json", "--quiet")
    last = json.loads(done.stderr.splitlines()[-1])
    assert (done.returncode, last["level"], last["event"]) == (3, "error", "failed")
    assert last["figures"] == {"reason": "file.missing", "exit_code": 3}
    assert "nowhere.csv" in last["message"]


SAMPLE = re.compile(r'guiyi_[a-z_]+\{store="guiyi"(,[a-z]+="[^"\n]*")*\} -?[0-9.e+-]+')


def test_metrics_are_in_the_format_of_the_exporter_and_agree_with_the_store(guiyi: Command, store: Path) -> None:
    assert guiyi("run", "more.csv", "--quiet", "--metrics-file", "crm.prom").returncode == 0
    path = store.parent / "crm.prom"
    text = path.read_text("utf-8")
    assert all(SAMPLE.fullmatch(line) for line in text.splitlines() if not line.startswith("# "))
    assert text.count("# TYPE ") == len(set(re.findall(r"^guiyi_[a-z_]+", text, re.MULTILINE)))
    for sample in ('guiyi_job_exit_code{store="guiyi"} 0', 'guiyi_run_rows{store="guiyi",state="today"} 2.0',
                   'guiyi_run_number{store="guiyi"} 2.0', 'guiyi_figure{store="guiyi",name="rows",scope="clean"} 4.0'):  # fmt: skip
        assert f"{sample}\n" in text, sample
    assert path.stat().st_mode & 0o777 == 0o644, "the exporter runs as another user"
    assert "leads" not in text, "names of files may be names of people"
    finished = float(re.findall(r"^guiyi_run_finished_timestamp_seconds\{.*\} (.*)$", text, re.MULTILINE)[0])
    assert abs(finished - time.time()) < 300


def test_metrics_of_a_failed_job_keep_the_last_published_run(guiyi: Command, store: Path) -> None:
    assert guiyi("run", "nowhere.csv", "--quiet", "--metrics-file", "crm.prom").returncode == 3
    text = (store.parent / "crm.prom").read_text("utf-8")
    assert 'guiyi_job_exit_code{store="guiyi"} 3\n' in text
    assert 'guiyi_run_number{store="guiyi"} 1.0\n' in text


@pytest.mark.parametrize("name", ["crm.txt", "none/crm.prom"])
def test_a_metrics_file_that_nobody_would_read_is_refused_before_the_work(
    name: str, guiyi: Command, store: Path
) -> None:
    done = guiyi("run", "more.csv", "--quiet", "--metrics-file", name)
    assert (done.returncode, done.stdout) == (2, "")
