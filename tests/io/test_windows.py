"""What Windows does otherwise, as far as it can be had elsewhere: faults by number, locked bytes, closed pipes, shares."""

import errno
import importlib.util
import io
import os
import sqlite3
import sys
import types
from pathlib import Path

import pytest
from guiyi.cli.output import PatientStream
from guiyi.errors import GuiyiError, StoreError
from guiyi.io import in_use
from guiyi.io.read.readers import _bytes_of
from guiyi.io.store import lock
from guiyi.io.store.journal_file import _choose_journal_mode
from guiyi.io.store.store import open_store
from guiyi.io.write.export import write_file


def fault_of_windows(number: int) -> PermissionError:
    fault = PermissionError(errno.EACCES, "另一个程序正在使用此文件，进程无法访问。")
    fault.winerror = number
    return fault


@pytest.mark.parametrize(("number", "replaced"), [(5, True), (32, True), (32, False)])
def test_a_file_open_in_a_spreadsheet_is_to_be_closed_there(
    number: int, replaced: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "复核.xlsx"
    if replaced:
        target.write_text("open")

    def refuse(*_: object) -> None:
        raise fault_of_windows(number)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StoreError) as told:
        write_file(target, b"new")
    assert "open in another program" in told.value.what.en
    assert "关闭" in told.value.advice.zh
    assert list(tmp_path.iterdir()) == ([target] if replaced else [])


def test_a_folder_without_permission_is_not_taken_for_an_open_file(tmp_path: Path) -> None:
    assert not in_use.is_in_use(fault_of_windows(5), tmp_path / "new.xlsx")


def test_a_source_open_in_a_spreadsheet_is_to_be_closed_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "leads.xlsx").write_text("x")

    def refuse(*_: object) -> bytes:
        raise fault_of_windows(32)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(GuiyiError) as told:
        _bytes_of(tmp_path / "leads.xlsx")
    assert "关闭" in told.value.advice.zh


def test_a_busy_store_is_known_by_number_whatever_language_the_system_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "a.duckdb", create=True):
        pass
    plain = Path.open

    def held(path: Path, mode: str = "r", **more: object) -> object:
        if mode == "r+b":
            raise fault_of_windows(32)
        return plain(path, mode, **more)

    def connect(*_: object, **__: object) -> None:
        raise OSError("另一个程序正在使用此文件，进程无法访问。")

    monkeypatch.setattr(Path, "open", held)
    monkeypatch.setattr("duckdb.connect", connect)
    with pytest.raises(StoreError) as told, open_store(tmp_path / "a.duckdb", write=True, patience=0):
        pass
    assert told.value.reason == "store.locked"


def test_the_locked_byte_is_not_among_those_that_name_the_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows nobody else can read a locked byte, and whoever is refused wants to read the holder's number."""
    locked = []
    windows = types.SimpleNamespace(
        LK_NBLCK=2, locking=lambda handle, *_: locked.append(os.lseek(handle, 0, os.SEEK_CUR))
    )
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    monkeypatch.setattr(sys, "platform", "win32")
    found = importlib.util.spec_from_file_location("guiyi.io.store.lock_of_windows", lock.__file__)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    with module.run_lock(tmp_path / "a.duckdb"):
        assert (tmp_path / "a.duckdb.lock").read_text() == str(os.getpid())
    assert locked[0] > 20


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EINVAL])
def test_a_pipe_that_nobody_reads_ends_the_output_not_the_work(number: int, tmp_path: Path) -> None:
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(number, "closed")

        def fileno(self) -> int:
            return file.fileno()

    with (tmp_path / "out").open("w") as file:
        assert PatientStream(Closed(), []).write("never read") == 10


@pytest.mark.skipif(sys.platform == "win32", reason="a file system without shared memory is had by another name there")
def test_where_write_ahead_is_refused_the_journal_is_kept_the_slow_way_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = sqlite3.connect(f"file:{tmp_path}/a.decisions?vfs=unix-dotfile", uri=True)
    _choose_journal_mode(connection, tmp_path / "a.decisions")
    connection.execute("CREATE TABLE kept (x)")
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    connection.close()
    assert "不支持 WAL" in capsys.readouterr().err
