"""One run at a time: the lock beside the store."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from guiyi.errors import StoreError
from guiyi.io.store.lock import run_lock

HOLD = """
import sys
from pathlib import Path
from guiyi.io.store.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(store)], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as fault, run_lock(store):
            pass
        holder.communicate("")
    assert fault.value.reason == "store.busy"
    assert str(holder.pid) in fault.value.what.en


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(store)], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
    with run_lock(store):
        assert str(os.getpid()) in store.with_name("a.duckdb.lock").read_text()


def test_the_lock_is_free_again_after_a_fault(tmp_path: Path) -> None:
    store = tmp_path / "a.duckdb"
    with pytest.raises(ZeroDivisionError), run_lock(store):
        raise ZeroDivisionError
    with run_lock(store):
        pass


def test_two_stores_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with run_lock(tmp_path / "a.duckdb"), run_lock(tmp_path / "b.duckdb"):
        pass


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as fault, run_lock(tmp_path / "file/a.duckdb"):
        pass
    assert fault.value.reason == "store.unwritable"
