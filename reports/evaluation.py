"""How good groups are, against a truth: counted from the contingency table, no pair is written out."""

from typing import NamedTuple

import polars as pl


class Evaluation(NamedTuple):
    """Pairwise and B-cubed precision, recall, F1 (0..1); sizes in records. A rate of nothing is 1."""

    records: int
    pairs_true: int
    pairs_found: int
    pairs_right: int
    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float
    largest_group: int
    largest_truth: int


def evaluate(found: pl.DataFrame, truth: pl.DataFrame) -> Evaluation:
    """found: `record_id, entity`; truth: `record_id, entity` (null or empty: on its own) → figures over truth's records.

    A record of the truth that is in no group, or missing from `found`, counts as a group of its own.
    """
    empty = pl.when(pl.col("entity") != "").then("entity")
    both = truth.select("record_id", truth=empty).join(
        found.select("record_id", found="entity").unique("record_id"), on="record_id", how="left"
    )
    own = pl.format("\x1f{}", "record_id")
    both = both.with_columns(truth=pl.coalesce("truth", own), found=pl.coalesce("found", own))
    cells = both.group_by("truth", "found").len("n")
    rows, columns = cells.group_by("truth").agg(pl.col("n").sum()), cells.group_by("found").agg(pl.col("n").sum())
    right, true, guessed = _pairs(cells), _pairs(rows), _pairs(columns)
    weighed = cells.join(rows.rename({"n": "t"}), on="truth").join(columns.rename({"n": "f"}), on="found")
    b3 = weighed.select(p=(pl.col("n") ** 2 / pl.col("f")).sum(), r=(pl.col("n") ** 2 / pl.col("t")).sum())
    total = max(both.height, 1)
    precision, recall = _rate(right, guessed), _rate(right, true)
    b3_precision, b3_recall = b3["p"][0] / total, b3["r"][0] / total
    return Evaluation(
        both.height, true, guessed, right, precision, recall, _f1(precision, recall), b3_precision, b3_recall,
        _f1(b3_precision, b3_recall), _largest(columns), _largest(rows),
    )  # fmt: skip


def _pairs(counts: pl.DataFrame) -> int:
    n = pl.col("n").cast(pl.Int64)
    return int(counts.select((n * (n - 1) // 2).sum()).item())


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _largest(counts: pl.DataFrame) -> int:
    return int(counts["n"].max() or 0)  # type: ignore[arg-type]
