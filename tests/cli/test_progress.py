"""What a run says while it works: lines where nobody watches, a moving line on a terminal, nothing when quiet."""

import io
import os
import pty
import re
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from guiyi.cli.progress import Bar, Lines, Quiet
from guiyi.pipelines.runner import AttentiveListener, Runner
from guiyi.tests.conftest import clean_environment
from rich.console import Console


def test_a_plain_function_still_hears_the_end_of_stages():
    heard = []
    runner = Runner(lambda *told: heard.append(told[:2]))
    with runner.stage("read") as count:
        count(3)
    with runner.stage("plan"):
        pass
    assert heard == [("read", 3), ("plan", None)]
    assert runner.table()["rows"].to_list() == [3, None]


class Attentive:
    """Notes everything."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    def begin(self, name: str, total: int | None) -> None:
        self.heard.append(("begin", name, total))

    def moved(self, rows: int) -> None:
        self.heard.append(("moved", rows))

    def __call__(self, name: str, rows: int | None, seconds: float) -> None:
        self.heard.append(("end", name, rows))


def test_an_attentive_listener_hears_beginning_progress_and_end():
    listener = Attentive()
    with Runner(listener).stage("clean", total=10) as count:
        count(4)
        count(10)
    assert listener.heard == [
        ("begin", "clean", 10),
        ("moved", 4),
        ("moved", 10),
        ("end", "clean", 10),
    ]


def test_a_stage_that_fails_is_not_told_as_finished():
    listener = Attentive()
    with pytest.raises(ValueError), Runner(listener).stage("clean"):
        raise ValueError
    assert listener.heard == [("begin", "clean", None)]


@pytest.mark.parametrize(
    "kind", [Quiet, Lines, lambda: Bar(Console(file=io.StringIO()))], ids=["quiet", "lines", "bar"]
)
def test_every_kind_is_attentive(kind):
    assert isinstance(kind(), AttentiveListener)


def test_lines_say_one_line_per_stage():
    said = io.StringIO()
    with Lines(said) as hear:
        runner = Runner(hear)
        for name, rows in (("read", 1234), ("publish", 5)):
            with runner.stage(name) as count:
                count(rows)
    lines = said.getvalue().splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"  \S+ +1,234 +0\.0 s", lines[0])


def test_a_long_stage_says_that_it_is_alive():
    said = io.StringIO()
    with Lines(said, every=0.1) as hear, Runner(hear).stage("resolve", total=9) as count:
        time.sleep(0.3)
        count(4)
        time.sleep(0.3)
    first, *_, last_beat, end = said.getvalue().splitlines()
    assert re.search(r"(进行中|working) \d+ s$", first)
    assert re.search(r"(进行中|working) 4 / 9 \d+ s$", last_beat)
    assert re.search(r" 4 +\d+\.\d s$", end)


def test_after_a_fault_no_heart_beats():
    said = io.StringIO()
    before = threading.active_count()
    with pytest.raises(ValueError), Lines(said, every=5) as hear, Runner(hear).stage("clean"):
        assert threading.active_count() == before + 1
        raise ValueError
    assert threading.active_count() == before
    assert said.getvalue() == ""


def on_terminal(total: int | None) -> str:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with Bar(console) as hear, Runner(hear).stage("clean", total=total) as count:
        count(50)
        time.sleep(0.25)
    return screen.getvalue()


def test_a_terminal_sees_rows_move_and_a_line_stay():
    screen = on_terminal(total=200)
    assert "50" in screen
    assert re.search(r"50 +\d+\.\d s\n$", screen)
    assert "\x1b[?25h" in screen  # the cursor is back


def test_after_a_fault_the_terminal_is_left_in_order():
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with pytest.raises(ValueError), Bar(console) as hear, Runner(hear).stage("clean"):
        raise ValueError
    assert screen.getvalue().count("\x1b[?25l") == screen.getvalue().count("\x1b[?25h") == 1


def run(folder: Path, samples: Path, *more: str, **pipes: object) -> "subprocess.CompletedProcess[bytes]":
    command = [
        sys.executable,
        "-m",
        "guiyi",
        "run",
        str(samples / "leads.csv"),
        "--db",
        str(folder / "g.duckdb"),
        *more,
    ]
    return subprocess.run(command, cwd=folder, env=clean_environment(TERM="xterm"), timeout=120, **pipes)  # type: ignore[call-overload]


def test_a_run_without_a_terminal_leaves_a_line_per_stage(tmp_path, samples):
    said = run(tmp_path, samples, capture_output=True).stderr.decode()
    lines = [line.split() for line in said.splitlines()]
    assert [name for _, name, *_ in lines][:6] == ["读入", "比对", "清洗", "查重", "合并方案", "发布"]
    assert all(datetime.fromisoformat(time).tzinfo for time, *_ in lines), (
        "where a log collects them, lines have a time"
    )
    assert "\x1b" not in said


def test_a_quiet_run_says_nothing(tmp_path, samples):
    assert run(tmp_path, samples, "--quiet", capture_output=True).stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
def test_a_run_on_a_terminal_moves_and_leaves_the_same_lines(tmp_path, samples):
    master, slave = pty.openpty()
    screen = bytearray()

    def watch() -> None:
        while True:
            try:
                screen.extend(os.read(master, 4096))
            except OSError:  # the other end is closed
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    done = run(tmp_path, samples, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    watcher.join()
    os.close(master)
    text = screen.decode()
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert "\x1b[?25l" in text
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert [name for name in ("读入", "清洗", "查重", "合并方案", "发布") if re.search(rf"  {name} +[\d,]+ +\d+\.\d s", plain)] == [
        "读入", "清洗", "查重", "合并方案", "发布",
    ]  # fmt: skip
