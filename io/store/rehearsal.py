"""A store to rehearse on: a copy that a run may write, while the store itself keeps its bytes."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from .journal import copy_journal, journal_path
from .lock import run_lock
from .spool import staging_folder
from .store import hold_still, translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def rehearse_on_copy(store: Path, wait: float = 0.0) -> Iterator[Path]:
    """A copy of a store and of its journal, removed afterwards; holds the run lock meanwhile. Raises StoreError."""
    with run_lock(store, wait):
        folder = staging_folder(store)
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
        try:
            folder.mkdir(mode=0o700)
            _copy(store, folder / store.name)
            yield folder / store.name
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _copy(store: Path, copy: Path) -> None:
    try:
        if store.exists():
            with hold_still(store):
                for name in (store.name, store.name + ".wal"):
                    if (source := store.with_name(name)).exists():
                        shutil.copyfile(source, copy.with_name(name))
    except (duckdb.Error, OSError) as fault:
        raise translated(fault, store) from fault
    if journal_path(store).exists():
        copy_journal(store, copy)
