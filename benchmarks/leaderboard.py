"""guiyi and four peers on one seeded Chinese CRM, contact level: who finds how much, and what it costs."""

import json
from pathlib import Path

from .measure import run_measured, show
from .side_by_side import environment, export_columns, quality_of, side_by_side
from .whole_run import whole_run

# BTrees 6 took a method away that dedupe 3.0.3 calls.
PEERS = {
    "recordlinkage": ("recordlinkage==0.16", "networkx", "pyarrow"),
    "goldenmatch": ("goldenmatch==3.22.0", "polars", "pandas", "pyarrow"),
    "dedupe": ("dedupe==3.0.3", "BTrees<6", "pandas", "pyarrow"),
}
NOTES = {
    "recordlinkage": "ECM, no labels", "goldenmatch": "no configuration", "dedupe": "true pairs of 1,500 records",
}  # fmt: skip


def leaderboard(rows: int, seed: int, folder: Path, limit: float) -> None:
    """Run all, best F1 first. guiyi reads the raw file and resolves both levels; the others get the columns that it has cleaned."""
    ran = whole_run(rows, seed, folder)
    source, script = export_columns(ran), Path(__file__).with_name("peers.py")
    told = [("guiyi", "raw file, both levels", *ran.quality["contact"], ran.cost.cpu)]
    splink = side_by_side(ran, folder, limit)
    told.append(("Splink 5", "EM, no labels", *splink.quality["0.82"], sum(splink.cpu.values())))
    for name, packages in PEERS.items():
        out, log = ran.folder / f"{name}.parquet", ran.folder / f"{name}.log"
        command = [environment(folder, *packages), script, name, source, ran.folder / "truth.csv", out]
        run_measured(command, log, limit)
        cpu = json.loads(log.read_text().splitlines()[-1])["cpu"]
        told.append((name, NOTES[name], *quality_of(out, ran), cpu))
    told.sort(key=lambda row: -row[4])
    heads = ("", "given", "precision", "recall", "F1", "largest", "CPU seconds")
    show(f"leaderboard, {rows:,} rows, seed {seed}", heads, told)
