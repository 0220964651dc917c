"""Which file a store is: the one behind a link, so that journal, lock and copy are beside the file and not beside the link."""

import os
from pathlib import Path

from ...errors import MissingStoreError, StoreError
from ...i18n import Text


def resolve_store(path: Path) -> Path:
    """The file that a path means, links followed; a path without a link stays as it was typed.

    Raises StoreError for a link that leads nowhere, and for a folder or a device.
    """
    if path.is_symlink():
        link, path = path, Path(os.path.realpath(path))
        if path.is_symlink() or not path.exists():
            raise StoreError(
                Text(
                    "链接 {l} 指向的文件 {p} 不存在。", "The link {l} leads to {p}, and there is no such file."
                ).format(l=link, p=path),
                Text(
                    "请检查磁盘是否已挂载；第一次运行请用 --db 直接给出文件。",
                    "Is its disk mounted? For a first run, name the file itself with --db.",
                ),
                reason="store.missing",
            )
    if path.is_dir():
        raise StoreError(
            Text("{p} 是文件夹，不是数据库。", "{p} is a folder, not a store.").format(p=path),
            Text("请用 --db 给出文件名。", "Name a file with --db."),
            reason="store.unwritable",
        )
    if path.exists() and not path.is_file():
        raise StoreError(
            Text("{p} 是设备或管道，不是数据库。", "{p} is a device or a pipe, not a store.").format(p=path),
            Text("请用 --db 给出文件名。", "Name a file with --db."),
            reason="store.unwritable",
        )
    return path


def refuse_missing(path: Path) -> None:
    """Raise MissingStoreError where there is no store: nothing but a run makes one."""
    if not path.exists():
        raise MissingStoreError(
            Text("找不到数据库 {p}。", "There is no store {p}.").format(p=path),
            Text("请检查 --db，或先执行 guiyi run。", "Check --db, or start with guiyi run."),
            reason="store.missing",
        )
