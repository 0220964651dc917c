"""A store after its first run, made once for all tests that begin with the same files and settings."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from guiyi.config import Config
from guiyi.io.store.journal import journal_path
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import Outcome, run_nightly

_MADE: dict[str, Outcome] = {}


def first_night(
    files: Sequence[Path], store: Path, config: Config | None = None, options: RunOptions | None = None
) -> Outcome:
    """What `run_nightly` leaves in a store that is not there yet. For tests of what comes after; not of runs themselves."""
    settings, wished = config or Config(), options or RunOptions()
    told = [
        settings.model_dump_json(),
        repr(wished),
        store.name,
        *(f"{f.name}/{hashlib.sha256(f.read_bytes()).hexdigest()}" for f in files),
    ]
    key = hashlib.sha256("\n".join(told).encode()).hexdigest()
    kept = _folder() / key / store.name
    if key not in _MADE:
        kept.parent.mkdir()
        _MADE[key] = run_nightly(list(files), kept, settings, "zh", options=wished)
    for one, other in ((kept, store), (journal_path(kept), journal_path(store))):
        if one.exists():
            shutil.copy(one, other)
    return _MADE[key]


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="guiyi-tests-")
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: list["tempfile.TemporaryDirectory[str]"] = []  # removed when the process ends
