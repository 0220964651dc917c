"""`guiyi run` on generated rows, in a process of its own: stage by stage, and how time grows with the file."""

import re
from pathlib import Path
from typing import NamedTuple

import polars as pl
from guiyi.config import Config
from guiyi.dedup.blocking import candidate_pairs
from guiyi.dedup.policy.term_frequency import size_bits
from guiyi.io.store.store import open_store
from guiyi.pipelines.resolve.component import PERSONS
from guiyi.pipelines.resolve.levels import policies
from guiyi.reports.evaluation import evaluate

from .measure import PYTHON, Cost, gigabytes, run_measured, show

_FEATURES = f"SELECT * FROM main.feature LEFT JOIN ({PERSONS}) USING (record_key)"
_FOUND = "SELECT source_record_id AS record_id, entity_id AS entity FROM main.entity_member WHERE level = ?"
LEVELS = ("contact", "account")


class Ran(NamedTuple):
    """A run of the whole pipeline; stages: `name, rows, seconds`; candidates: pairs compared, by level."""

    rows: int
    cost: Cost
    stages: pl.DataFrame
    candidates: dict[str, int]
    quality: dict[str, tuple[float, float, float, int]]
    folder: Path


def generated(rows: int, seed: int, folder: Path) -> Path:
    """A folder with records.csv and truth.csv of so many rows; made once."""
    target = folder / f"rows-{rows}-seed-{seed}"
    if not (target / "truth.csv").exists():
        made = ["-m", "guiyi.sample_data.generate", "--rows", str(rows), "--seed", str(seed), "--out", target]
        target.mkdir(parents=True, exist_ok=True)
        run_measured([PYTHON, *made], target / "generate.log")
    return target


def whole_run(rows: int, seed: int, folder: Path) -> Ran:
    """Generate, run and look at what was published."""
    target = generated(rows, seed, folder)
    db = target / "guiyi.duckdb"
    db.unlink(missing_ok=True)
    log = target / "run.log"
    cost = run_measured([PYTHON, "-m", "guiyi", "--lang", "en", "run", target / "records.csv", "--db", db], log)
    with open_store(db) as store:
        stages = pl.concat([store.table("stage").select("name", "rows", "seconds"), _publishing(log)])
        features = store.query(_FEATURES)
        found = {level: store.query(_FOUND, [level]) for level in LEVELS}
    quality = {level: _quality(found[level], target / "truth.csv", level) for level in LEVELS}
    return Ran(rows, cost, stages, _candidates(features), quality, target)


def _publishing(log: Path) -> pl.DataFrame:
    """The last stage: the run cannot write into the store how long writing took, but says it."""
    said = re.search(r"^ +publish +([\d,]+) +([\d.]+) s$", log.read_text(), re.MULTILINE)
    rows = [("publish", int(said[1].replace(",", "")), float(said[2]))] if said else []
    return pl.DataFrame(rows, schema={"name": pl.String, "rows": pl.Int64, "seconds": pl.Float64}, orient="row")


def _candidates(features: pl.DataFrame) -> dict[str, int]:
    """Pairs that blocking proposes, counted again from the stored features."""
    counts = {}
    for policy in policies(Config()):
        prepared = policy.prepare(features.with_row_index("row"), size_bits(features.height))
        counts[policy.level] = len(candidate_pairs(prepared, policy.keys, Config().max_pairs).pairs.left)
    return counts


def _quality(found: pl.DataFrame, truth: Path, level: str) -> tuple[float, float, float, int]:
    wanted = pl.read_csv(truth, infer_schema=False).select("record_id", entity=level)
    figures = evaluate(found, wanted)
    return figures.precision, figures.recall, figures.f1, figures.largest_group


def show_run(ran: Ran) -> None:
    """The stage table of one run."""
    rows: list[tuple[object, ...]] = [tuple(r) for r in ran.stages.rows()]
    rows += [("wall, with start-up", ran.rows, ran.cost.wall), ("CPU", "", ran.cost.cpu)]
    show(f"guiyi run, {ran.rows:,} raw rows; peak {gigabytes(ran.cost.peak)}", ("stage", "rows", "seconds"), rows)
    levels = [(level, ran.candidates[level], *ran.quality[level]) for level in LEVELS]
    show("levels", ("level", "candidate pairs", "precision", "recall", "F1", "largest"), levels)


def show_growth(small: Ran, large: Ran) -> None:
    """How much more than its share a stage of the larger file takes; 1 is linear."""
    factor = large.rows / small.rows
    before = dict(small.stages.select("name", "seconds").rows())
    after = large.stages.select("name", "seconds").rows()
    stages = [(n, before[n], s, s / before[n] / factor) for n, s in after if before[n]]
    both = (("wall", small.cost.wall, large.cost.wall), ("CPU", small.cost.cpu, large.cost.cpu))
    whole = [(n, a, b, b / a / factor) for n, a, b in both]
    pairs = [(f"{x} pairs", small.candidates[x], large.candidates[x],
              large.candidates[x] / small.candidates[x] / factor) for x in LEVELS]  # fmt: skip
    heads = ("", f"{small.rows:,} rows", f"{large.rows:,} rows", "× linear")
    show(f"growth by {factor:g}", heads, [*stages, *whole, *pairs])
