"""Splink 5 on the same rows: the contact level of columns that guiyi has cleaned and freed of junk for it."""

import json
import venv
from pathlib import Path
from typing import NamedTuple

import polars as pl
from guiyi.io.store.store import open_store
from guiyi.reports.evaluation import evaluate

from .measure import gigabytes, run_measured, show
from .whole_run import Ran

SPLINK = "splink==5.0.0"
JUNK = 30  # rows: a phone that more records carry is nobody's; left in, Splink pairs each of them with each
_COLUMNS = """
SELECT r.source_record_id AS unique_id, f.name, f.pinyin, f.phone, f.email, f.core, f.brand, f.code, f.domain,
       f.landline, f.street, f.province
FROM main.feature f JOIN main.record r USING (record_key) ORDER BY unique_id
"""


class Side(NamedTuple):
    """seconds, cpu: by step; quality: cut → precision, recall, F1, largest group."""

    seconds: dict[str, float]
    cpu: dict[str, float]
    peak: int
    pairs: int
    quality: dict[str, tuple[float, float, float, int]]


def environment(folder: Path, *packages: str) -> Path:
    """An environment with a peer, made once: each pins libraries of its own (Splink duckdb and pyarrow), so none can share guiyi's."""
    home = folder / f"env-{packages[0].partition('=')[0]}"
    python = home / "bin/python"
    if not python.exists():
        venv.create(home, with_pip=True)
        # From a folder without packages of its own, so that pip looks nowhere but in the index.
        run_measured([python, "-m", "pip", "install", "--quiet", *packages], folder / "pip.log")
    return python


def side_by_side(ran: Ran, folder: Path, limit: float) -> Side:
    """Export, train, predict, cluster; and measure the groups at each cut against the truth."""
    source = export_columns(ran)
    script, log = Path(__file__).with_name("splink_contact.py"), ran.folder / "splink.log"
    run_measured([environment(folder, SPLINK), script, source, ran.folder, str(ran.rows)], log, limit)
    told = json.loads(log.read_text().splitlines()[-1])
    cuts = sorted(ran.folder.glob("splink-*.parquet"))
    quality = {path.stem.removeprefix("splink-"): quality_of(path, ran) for path in cuts}
    return Side(told["seconds"], told["cpu"], told["peak"], told["pairs"], quality)


def export_columns(ran: Ran) -> Path:
    """The columns that guiyi has cleaned, as a peer asks for them."""
    source = ran.folder / "peers.parquet"
    with open_store(ran.folder / "guiyi.duckdb") as store:
        columns = store.query(_COLUMNS)
    junk = pl.len().over("phone") > JUNK
    columns.with_columns(phone=pl.when(~junk).then("phone")).write_parquet(source)
    return source


def quality_of(path: Path, ran: Ran) -> tuple[float, float, float, int]:
    """Precision, recall, F1 and largest group of `unique_id, cluster_id` at contact level."""
    truth = pl.read_csv(ran.folder / "truth.csv", infer_schema=False).select("record_id", entity="contact")
    found = pl.read_parquet(path).select(record_id="unique_id", entity=pl.col("cluster_id").cast(pl.String))
    figures = evaluate(found, truth)
    return figures.precision, figures.recall, figures.f1, figures.largest_group


def show_sides(ran: Ran, side: Side) -> None:
    """Seconds and quality side by side, and the ratio of the two."""
    wall, cpu = sum(side.seconds.values()), sum(side.cpu.values())
    rows = [(name, side.seconds[name], side.cpu[name]) for name in side.seconds]
    rows += [("Splink, contact level, clean columns", wall, cpu)]
    rows += [("guiyi run, both levels, raw file, published", ran.cost.wall, ran.cost.cpu)]
    rows += [("ratio guiyi / Splink", ran.cost.wall / wall, ran.cost.cpu / cpu)]
    peaks = f"peak {gigabytes(side.peak)} against {gigabytes(ran.cost.peak)}"
    show(f"Splink 5 and guiyi, {ran.rows:,} rows; {peaks}", ("", "seconds", "CPU seconds"), rows)
    best = max(side.quality, key=lambda c: side.quality[c][2])
    figures = [(f"Splink at {c}" + (" (its best)" if c == best else ""), *q) for c, q in side.quality.items()]
    figures += [("guiyi at 0.82", *ran.quality["contact"])]
    title = f"contact level; Splink compares {side.pairs:,} pairs above 0.5"
    show(title, ("", "precision", "recall", "F1", "largest"), figures)
