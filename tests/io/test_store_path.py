"""A store is a file, whichever link leads to it; where it is not, nothing is said and nothing is made."""

import os
from pathlib import Path

import pytest
from guiyi.cli.app import app
from guiyi.config import Config
from guiyi.decisions import Decision
from guiyi.errors import MissingStoreError, StoreError
from guiyi.io.store.journal import decisions_of, journal_path, open_journal
from guiyi.io.store.lock import run_lock
from guiyi.io.store.path import resolve_store
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.pipelines.setup.doctor import open_to_others
from guiyi.review.desk import Desk
from guiyi.review.guard import Keys

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links ask for rights there")
TABLE = "客户编号,联系人,手机号\n1,张伟,13900001234\n2,张伟,13900001234\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A published store in a folder of its own, and `link.duckdb`, a relative link to it."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (tmp_path / "leads.csv").write_text(TABLE, "utf-8")
    run_nightly([tmp_path / "leads.csv"], folder / "a.duckdb", Config(), "zh")
    (tmp_path / "link.duckdb").symlink_to(Path("data") / "a.duckdb")
    return folder / "a.duckdb"


def guiyi(*arguments: object) -> int:
    """A command in this process → its exit code. Raises what it raises."""
    return int(app([str(a) for a in arguments], standalone_mode=False) or 0)


def test_decisions_through_a_link_and_through_the_file_are_in_one_journal(store: Path, tmp_path: Path) -> None:
    with open_store(store) as opened:
        group = opened.table("duplicate_group")["group_id"][0]
    guiyi("approve", group, "--db", tmp_path / "link.duckdb")
    guiyi("reject", group, "--db", store)
    assert decisions_of(store)["kind"].to_list() == ["must_link", "cannot_link"]
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("link")] == ["link.duckdb"]


def test_the_lock_of_a_store_keeps_out_who_comes_through_a_link(store: Path, tmp_path: Path) -> None:
    with run_lock(store), pytest.raises(StoreError) as fault:
        guiyi("run", tmp_path / "leads.csv", "--quiet", "--db", tmp_path / "link.duckdb")
    assert fault.value.reason == "store.busy"


def test_compacting_through_a_link_leaves_the_link_a_link(store: Path, tmp_path: Path) -> None:
    guiyi("prune", "--keep", 1, "--compact", "--db", tmp_path / "link.duckdb")
    assert (tmp_path / "link.duckdb").is_symlink()
    with open_store(store) as opened:
        assert opened.table("record").height == 2
    assert sorted(p.name for p in store.parent.iterdir()) == ["a.duckdb", "a.duckdb.lock"]


@pytest.mark.parametrize("command", [("run", "leads.csv"), ("prune", "--keep", "1"), ("approve", "x")])
@pytest.mark.parametrize(
    ("target", "reason", "said"),
    [
        pytest.param("gone.duckdb", "store.missing", "gone.duckdb", id="dangling"),
        pytest.param("link.duckdb", "store.missing", "link.duckdb", id="to itself"),
        pytest.param("folder", "store.unwritable", "文件夹", id="folder"),
        pytest.param("pipe", "store.unwritable", "管道", id="pipe"),
    ],
)
def test_a_link_that_leads_to_no_store_is_one_sentence_and_makes_no_file(
    target: str, reason: str, said: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link.duckdb").symlink_to(target)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StoreError) as fault:
        guiyi(*command, "--db", tmp_path / "link.duckdb")
    assert (fault.value.reason, said in fault.value.what.zh) == (reason, True)
    assert sorted(tmp_path.iterdir()) == before


def test_a_path_without_a_link_stays_as_it_was_typed(tmp_path: Path) -> None:
    assert resolve_store(Path("crm/new.duckdb")) == Path("crm/new.duckdb")


@pytest.mark.parametrize(
    "command",
    [("decide", "--file", "d.csv"), ("decide", "--retract", "d1"), ("approve", "x"), ("undo", "x"), ("apply", "p.json"),
     ("prune", "--keep", "1"), ("groups", "--unmask")],
    ids=lambda command: " ".join(command),
)  # fmt: skip
def test_a_command_for_a_store_that_is_not_there_writes_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(MissingStoreError) as fault:
        guiyi(*command, "--db", tmp_path / "moved.duckdb")
    assert (fault.value.exit_code, "moved.duckdb" in fault.value.what.zh) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("act", ["say", "reveal"])
def test_the_page_refuses_a_decision_and_a_look_after_the_store_was_moved_away(act: str, store: Path) -> None:
    desk = Desk(store, "王芳", Keys(), 0.82)
    for path in (store, journal_path(store)):
        path.unlink(missing_ok=True)
    before = sorted(store.parent.iterdir())
    with pytest.raises(MissingStoreError):
        desk.append([Decision("contact", "set_aside", [["a"]])], 0) if act == "say" else desk.reveal("g")
    assert sorted(store.parent.iterdir()) == before


def test_a_journal_without_its_store_is_still_heard_by_the_next_run(store: Path, tmp_path: Path) -> None:
    with open_store(store) as opened:
        keys = opened.table("record")["record_key"].to_list()
    with open_journal(store) as journal:
        journal.append([Decision("contact", "cannot_link", [keys])])
    store.unlink()
    run_nightly([tmp_path / "leads.csv"], store, Config(), "zh")
    with open_store(store) as opened:
        assert opened.table("duplicate_group").filter(level="contact").is_empty()


def test_the_doctor_names_what_is_open_to_others(store: Path) -> None:
    assert open_to_others(store) == []
    store.chmod(0o644)
    store.parent.chmod(0o777)
    assert open_to_others(store) == [store.parent, store]
