"""The page where the journal cannot be written or read: reading goes on, what is said is true, nothing is taken that is not kept."""

import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.io.store.journal import audits_of, decisions_of, journal_path, open_journal
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.review import desk
from guiyi.review.guard import Keys
from guiyi.tests.review_server import Served, page, review_run, review_store, serve

__all__ = ["page", "review_run", "review_store", "serve"]

READABLE = ("/", "/history", "/bulk", "/?q=nothing", "/group/{group}", "/nowhere")


def is_read(served: Served) -> list[str]:
    """The addresses that do not answer as they should."""
    group = served.groups(band="review")[0]["group_id"]
    answers = {path: served.get(path.format(group=group)).status for path in READABLE}
    return [path for path, status in answers.items() if status != (404 if path == "/nowhere" else 200)]


def refused(served: Served, act: str = "approve") -> str:
    """What the page says to a decision that it cannot store; the journal is as before, and so is what can be read."""
    group = served.groups(band="review")[1]["group_id"]
    answer = served.decide(group, act)
    assert answer.status == 503
    assert "没有保存" in answer.text
    assert f"/group/{group}" in answer.text
    assert answer.headers["content-security-policy"]
    assert is_read(served) == []
    return answer.text


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 16 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)], capture_output=True).returncode:
        pytest.skip("only root may mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take every byte that is left."""
    with (folder / "full").open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 8, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return folder / "full"


def test_on_a_full_disk_reading_goes_on_and_a_decision_is_refused(serve: Callable[..., Served], review_run, small_disk):
    served = serve(store=Path(shutil.copy(review_run, small_disk / "guiyi.duckdb")))
    served.decide(served.groups(band="review")[0]["group_id"], "reject")
    filler = fill(small_disk)
    assert is_read(served) == []
    assert "磁盘空间不足" in refused(served)
    group = served.groups(band="review")[2]["group_id"]
    assert served.post(f"/group/{group}/reveal", act="show").status == 503
    assert served.kinds() == ["cannot_link"]
    filler.unlink()
    assert served.decide(group, "approve").status == 303
    assert served.kinds() == ["cannot_link", "must_link"]
    assert 'role="alert"' not in served.get("/").text


def test_a_page_that_starts_on_a_full_disk_shows_what_was_decided(serve: Callable[..., Served], review_run, small_disk):
    store = Path(shutil.copy(review_run, small_disk / "guiyi.duckdb"))
    one = serve(store=store)
    one.decide(one.groups(band="review")[0]["group_id"], "reject")
    fill(small_disk)
    served = serve(store=store)
    assert "已驳回" in served.get("/?state=all").text
    assert "磁盘空间不足" in refused(served)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit of a file's size")
def test_where_files_may_not_grow_reading_goes_on_and_a_decision_is_refused(start, review_store: Path, serve):
    here = serve()
    here.decide(here.groups(band="review")[0]["group_id"], "reject")
    process = start("review", "--db", review_store, "--port", 0, "--as", "李雷",
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)))  # fmt: skip
    link = process.stdout.readline().strip()
    keys = Keys()
    served = Served(review_store, "李雷", int(link.split("/")[2].rsplit(":", 1)[1]), keys, here.app)
    opened = served.ask("GET", "/" + link.split("/", 3)[3]).headers
    served.cookie, keys.root = opened["set-cookie"].partition(";")[0], opened["location"].rstrip("/")
    assert "磁盘空间不足" in refused(served)
    assert served.kinds() == ["cannot_link"]


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xff no database " * 4_000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def gone(path: Path) -> None:
    path.unlink()


def spoilt_text(path: Path) -> None:
    """A line that the journal's own program never writes."""
    with sqlite3.connect(path) as connection:
        connection.execute(
            'INSERT INTO decision (decision_id, level, kind, record_keys, "by", "at", detail)'
            " VALUES ('dx', 'contact', 'must_link', '[\"a\", ', '王芳', '2026-01-01T00:00:00.000000', '{}')"
        )
    connection.close()


DAMAGES = pytest.mark.parametrize("damage", [garbage, cut, emptied, gone, spoilt_text])


@DAMAGES
def test_a_journal_that_is_damaged_meanwhile_is_said_and_what_was_read_stays(page, damage):
    group = page.groups(band="review")[0]["group_id"]
    page.decide(group, "reject")
    damage(journal_path(page.store))
    text = page.get("/").text
    assert 'role="alert"' in text
    assert "读不到决定日志" in text
    assert "已驳回" in page.get("/?state=all").text
    assert "决定日志" in refused(page)


@pytest.mark.parametrize("damage", [garbage, cut, spoilt_text])
def test_a_page_starts_beside_a_damaged_journal_with_what_the_last_run_heard(serve, review_store: Path, damage):
    here = serve()
    group = here.groups(band="review")[0]
    here.decide(group["group_id"], "reject")
    run_nightly(
        [review_store.with_name("records.csv")], review_store, Config(), "zh", options=RunOptions(breaker=False)
    )
    damage(journal_path(review_store))
    served = serve()
    text = served.get("/history").text
    assert "上次运行已采纳的决定" in text
    assert "驳回" in text
    assert "损坏" in refused(served)


HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def hold() -> Iterator[Callable[..., None]]:
    """Another process that holds a journal until the end of the test."""
    running: list[subprocess.Popen[str]] = []

    def take(store: Path, *statements: str) -> None:
        command = [sys.executable, "-c", HOLD, str(journal_path(store)), *statements]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert running[-1].stdout.readline() == "held\n"

    yield take
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["BEGIN IMMEDIATE"], id="a writer that does not end"),
        pytest.param(["PRAGMA locking_mode = EXCLUSIVE", "BEGIN IMMEDIATE", "DELETE FROM spoken_of WHERE 0", "COMMIT"],
                     id="a program that lets nobody read either"),
    ],
)  # fmt: skip
def test_a_journal_that_another_process_holds_delays_no_page_and_takes_no_decision(page, hold, statements, monkeypatch):
    monkeypatch.setattr(desk, "PATIENCE", 1.0)
    page.decide(page.groups(band="review")[0]["group_id"], "reject")
    hold(page.store, *statements)
    assert "占用" in refused(page)
    assert "已驳回" in page.get("/?state=all").text


def test_a_folder_that_may_not_be_written_is_read(serve: Callable[..., Served], review_run, small_disk):
    store = Path(shutil.copy(review_run, small_disk / "guiyi.duckdb"))
    one = serve(store=store)
    one.decide(one.groups(band="review")[0]["group_id"], "reject")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    served = serve(store=store)
    assert "已驳回" in served.get("/?state=all").text
    assert "无法" in refused(served)


def test_a_fault_of_our_own_in_a_form_does_not_promise_that_something_was_stored(page, monkeypatch):
    def fail(*_: object) -> None:
        raise ValueError

    hidden = page.get("/")
    monkeypatch.setattr("guiyi.review.posts.neighbours", fail)
    answer = page.decide(page.groups(band="review")[0]["group_id"], "approve", page=hidden)
    assert answer.status == 500
    assert "核对" in answer.text
    assert "没有丢失" not in answer.text


def test_forty_looks_leave_the_store_as_it_is_and_stand_in_the_audit_of_the_next_run(page):
    before = (page.store.stat().st_size, page.store.stat().st_mtime_ns)
    group = page.groups(level="contact", band="review")[0]["group_id"]
    hidden = page.get("/")
    for _ in range(40):
        assert page.post(f"/group/{group}/reveal", act="show", page=hidden).status == 303
    assert (page.store.stat().st_size, page.store.stat().st_mtime_ns) == before
    assert audits_of(page.store)["action"].to_list() == ["unmask"] * 40
    file = [page.store.with_name("records.csv")]
    page.decide(group, "approve")  # a run without anything new publishes nothing
    run_nightly(file, page.store, Config(), "zh", options=RunOptions(breaker=False))
    assert looks(page.store) == 40
    page.decide(group, "reject")
    page.post(f"/group/{group}/reveal", act="show", page=hidden)
    page.desk.reader.wait()  # in one process, DuckDB does not read and write a file at once
    run_nightly(file, page.store, Config(), "zh", options=RunOptions(breaker=False))
    assert looks(page.store) == 41


def looks(store: Path) -> int:
    """The events of showing personal data in a store's audit."""
    with open_store(store) as opened:
        return opened.table("audit_event")["action"].to_list().count("unmask")


def test_a_journal_of_an_older_version_takes_a_note(tmp_path: Path):
    store = tmp_path / "guiyi.duckdb"
    with open_store(store, create=True):
        pass
    with open_journal(store) as journal:
        journal.append([Decision("contact", "set_aside", [["a"]])])
    with sqlite3.connect(journal_path(store)) as connection:
        connection.execute("DROP TABLE audit_event")
    connection.close()
    assert audits_of(store).is_empty()
    with open_journal(store) as journal:
        journal.audit("unmask", {"command": "review g1"})
    assert audits_of(store)["detail"].to_list() == ['{"command": "review g1"}']
    assert decisions_of(store).height == 1
