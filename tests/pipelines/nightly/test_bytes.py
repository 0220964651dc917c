"""Every table of three kinds of run, cell by cell: the samples, five nights of one CRM, the import that crashes.

What a change of the code must not move shows here in one line a table. Where it is meant to move:

    GUIYI_GOLDEN=write python -m pytest tests/pipelines/nightly/test_bytes.py && git diff tests/data/golden/tables.csv
"""

import csv
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.io.store.store import open_store
from guiyi.pipelines.context import RunOptions
from guiyi.pipelines.nightly.run import Outcome, run_nightly
from guiyi.sample_data.crash import write_crash
from guiyi.sample_data.nights import write_nights
from guiyi.schemas import TABLES

GOLDEN = Path(__file__).parents[2] / "data/golden/tables.csv"
# What tells of the program, the clock or the user, and not of the rows.
OTHERS = ("audit_event", "stage")
SETTINGS = ("run_id", "version", "config_hash", "rules_hash", "input_hash")


def digests(store: Path) -> Iterator[tuple[str, int, str]]:
    """table, rows and digest of what the last run shows; floats to six places, since processors differ beyond."""
    with open_store(store) as opened:
        for table in TABLES:
            if table.name in OTHERS:
                continue
            names = [c.name for c in table.columns if not c.clock and c.name not in SETTINGS]
            frame = opened.table(table.name).select(names).with_columns(pl.col(pl.Float64).round(6))
            text = frame.sort(names, nulls_last=True).write_csv(float_precision=6)
            yield table.name, frame.height, hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, sample_run: tuple[Path, Outcome]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bytes")
    write_nights(400, 1, 5, folder)
    for night in range(1, 6):
        run_nightly(
            [folder / f"night-{night}.csv"], folder / "nights.duckdb", Config(), "zh", options=RunOptions(breaker=False)
        )
    write_crash(folder / "crash.csv")
    run_nightly([folder / "crash.csv"], folder / "crash.duckdb", Config(), "zh")
    return {"samples": sample_run[0], "nights": folder / "nights.duckdb", "crash": folder / "crash.duckdb"}


@pytest.mark.parametrize("name", ["samples", "nights", "crash"])
def test_every_table_is_what_it_was(name: str, stores: dict[str, Path]) -> None:
    found = [[name, table, str(rows), digest] for table, rows, digest in digests(stores[name])]
    known = list(csv.reader(GOLDEN.read_text("utf-8").splitlines())) if GOLDEN.exists() else []
    if os.environ.get("GUIYI_GOLDEN") == "write":
        known = sorted([row for row in known if row[0] != name] + found)
        GOLDEN.write_text("".join(",".join(row) + "\n" for row in known), "utf-8")
    assert sorted(found) == sorted(row for row in known if row[0] == name)
