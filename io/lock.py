"""One run at a time: an advisory lock on a file beside the store, released by the system when the process ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError
from ..i18n import Text

if os.name == "nt":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

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
def run_lock(store: Path) -> Iterator[None]:
    """Hold the store's run lock; a copy that a killed process left is removed. Raises StoreError naming who holds it."""
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
        _take(handle)
    except OSError:
        holder = os.read(handle, 20).decode("ascii", "ignore").strip() or "?"
        os.close(handle)
        raise StoreError(
            Text("另一个运行正在写 {p}（进程 {h}）。", "Another run is writing {p} (process {h}).").format(
                p=store, h=holder
            ),
            Text("请等它结束后再试。", "Try again when it has finished."),
            reason="store.busy",
        ) from None
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0) if hasattr(os, "pwrite") else os.write(
            handle, str(os.getpid()).encode()
        )
        remove_copy(store)
        yield
    finally:
        os.close(handle)
