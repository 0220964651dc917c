"""Large tables of a run that no later stage needs wait on disk until they are published.

The files lie beside the store, hold what the store will hold, and are the owner's alone; a folder left by a killed
run is removed by the next one, which holds the run lock.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import StoreError
from ...i18n import Text

SMALL = 100_000  # rows: fewer are not worth a file


@dataclass(frozen=True)
class Waiting:
    """A table in a Parquet file."""

    path: Path
    height: int

    def lazy(self) -> pl.LazyFrame:
        """The rows, read when asked for: the same call that a frame answers."""
        return pl.scan_parquet(self.path)


Stored = pl.DataFrame | Waiting
Keep = Callable[[str, pl.DataFrame], Stored]


def in_memory(_name: str, frame: pl.DataFrame) -> Stored:
    """The keeper of runs that publish nothing."""
    return frame


def staging_folder(store: Path) -> Path:
    """Where a run puts down what is not published yet; whoever holds the run lock may remove it."""
    return store.with_name(store.name + ".staging")


@contextmanager
def spool(store: Path) -> Iterator[Keep]:
    """`keep(name, frame)`: large frames to a file, small ones as they are. Raises StoreError on a full disk."""
    folder = staging_folder(store)
    shutil.rmtree(folder, ignore_errors=True)

    def keep(name: str, frame: pl.DataFrame) -> Stored:
        if frame.height < SMALL:
            return frame
        path = folder / f"{name}.parquet"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            frame.write_parquet(path, compression="lz4", statistics=False)
        except (OSError, pl.exceptions.PolarsError) as fault:
            raise StoreError(
                Text("{p} 所在磁盘空间不足或不可写。", "The disk of {p} is full or cannot be written.").format(p=store),
                Text(
                    "请清理空间后重试；上一次发布的结果完好。",
                    "Free some space and try again; the last published run is intact.",
                ),
                reason="store.full",
            ) from fault
        return Waiting(path, frame.height)

    try:
        yield keep
    finally:
        shutil.rmtree(folder, ignore_errors=True)
