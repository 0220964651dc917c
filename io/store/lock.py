"""One run at a time: an advisory lock on a file beside the store, released by the system when the process ends."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import StoreError
from ...i18n import Text
from ...log import tell

_PAUSE = 0.2  # seconds between two tries

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # what is locked there nobody else can read, so it is not among the bytes that name the holder

    def _take(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


COPY = ".compact"  # behind the store's name: the copy that compacting makes


def remove_copy(store: Path) -> None:
    """Remove a copy of the store that was never put in its place, with its log."""
    for name in (COPY, COPY + ".wal"):
        store.with_name(store.name + name).unlink(missing_ok=True)


@contextmanager
def run_lock(store: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the store's run lock, after `wait` seconds at most; a copy that a killed process left is removed. Raises StoreError
    naming the process that holds it."""
    path = store.with_name(store.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        raise StoreError(
            Text("无法在 {p} 旁创建锁文件。", "Cannot create a lock file beside {p}.").format(p=store),
            Text("请检查该文件夹的写权限和磁盘空间。", "Check write permission and free space of that folder."),
            reason="store.unwritable",
        ) from None
    try:
        _acquire(handle, store, wait)
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        remove_copy(store)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, store: Path, wait: float) -> None:
    deadline = time.monotonic() + wait
    told = False
    while True:
        try:
            _take(handle)
            return
        except OSError:
            left = deadline - time.monotonic()
        if left <= 0:
            raise _busy(handle, store)
        if not told:
            text = Text(
                "另一个运行正在写 {p}，最多等待 {s:g} 秒。", "Another run is writing {p}: waiting for up to {s:g} s."
            )
            tell("waiting", text.format(p=store, s=wait), seconds=wait)
            told = True
        time.sleep(min(_PAUSE, left))


def _busy(handle: int, store: Path) -> StoreError:
    holder = os.read(handle, 20).decode("ascii", "ignore").strip() or "?"
    what = Text("另一个运行正在写 {p}（进程 {h}）。", "Another run is writing {p} (process {h}).")
    advice = Text("请等它结束后再试。", "Try again when it has finished.")
    return StoreError(what.format(p=store, h=holder), advice, reason="store.busy")
