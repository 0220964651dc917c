"""What this installation is made of, and whether a store is in order."""

import glob
import os
import platform
import shutil
import stat
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ... import __version__
from ...config import Config
from ...io.store.store import open_store
from ...plugins import POINTS, load_added
from ...schemas import SCHEMA_VERSION, TABLES

_PARTS = (
    "polars",
    "duckdb",
    "phonenumbers",
    "rapidfuzz",
    "jellyfish",
    "pypinyin",
    "pandera",
    "typer",
    "rich",
)


def open_to_others(store: Path) -> list[Path]:
    """The store's folder where others may write (they could put another file in its place), its files where they may read.

    Empty on Windows, where other rights decide.
    """
    if os.name == "nt":
        return []
    folder = store.absolute().parent
    mode = folder.stat().st_mode
    shared = [folder] if mode & 0o022 and not mode & stat.S_ISVTX else []
    files = sorted(file for file in folder.glob(f"{glob.escape(store.name)}*") if file.stat().st_mode & 0o077)
    return shared + files


def _plugins() -> dict[str, str]:
    """`plugin.<name>` → its version and what it adds. Raises UsageError for a plug-in that cannot be used, wherever it would be."""
    found: dict[str, list[str]] = {}
    for plugin, name, _ in (added for point in POINTS for added in load_added(point)):
        found.setdefault(f"plugin.{plugin.owner}", [plugin.version]).append(f"{plugin.point} {name}")
    if found:
        _ask_every_home()
    return {name: ", ".join(told) for name, told in found.items()}


def _ask_every_home() -> None:
    from ...io.read.readers import plugged_readers
    from ...io.write.export import plugged_writers
    from ...reports import masking  # noqa: F401
    from ...rules.catalog import catalog
    from ...rules.columns.header_words import vocabulary
    from ..clean.packs import plugged_packs
    from ..resolve.levels import policies

    policies(Config())
    for read in (vocabulary, catalog, plugged_readers, plugged_writers, plugged_packs):
        read()


def examine(db: Path | None) -> dict[str, object]:
    """Versions, plug-ins, free space, and the rows of every table of the store's last run."""
    facts: dict[str, object] = {"guiyi": __version__, "python": platform.python_version(), "schema": SCHEMA_VERSION}
    for part in _PARTS:
        try:
            facts[part] = version(part)
        except PackageNotFoundError:
            facts[part] = "missing"
    facts |= _plugins()
    facts["free_gb"] = round(shutil.disk_usage((db.parent if db else Path()).resolve()).free / 1e9, 1)
    if db is not None:
        with open_store(db) as store:
            run = store.last_run()
            facts["last_run"] = run["run_id"] if run else None
            for table in TABLES:
                facts[f"rows.{table.name}"] = store.query(f'SELECT count(*) AS n FROM main."{table.name}"')["n"][0]
    return facts
