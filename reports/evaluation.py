"""How good groups and scores are, against a truth: groups are counted from the contingency table, no pair is written out."""

from collections.abc import Mapping
from math import sqrt
from typing import Any, NamedTuple

import polars as pl

from ..i18n import Text
from .terminal import print_json, show_facts, show_frame

BANDS = ("auto", "review")
SCORES = (0.82, 0.9, 0.95, 0.98, 0.99)  # where the bands of the score begin
_Z = 1.959964  # of a normal distribution 95 % lie within so many deviations


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
    groups = found.select("record_id", found="entity").unique("record_id")
    both = _told(truth).join(groups, on="record_id", how="left").with_columns(found=pl.coalesce("found", _OWN))
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


_OWN = pl.format("\x1f{}", "record_id")


def _told(truth: pl.DataFrame) -> pl.DataFrame:
    """`record_id, truth`: a record without an entity is one of its own."""
    return truth.select("record_id", truth=pl.coalesce(pl.when(pl.col("entity") != "").then("entity"), _OWN))


def evaluate_bands(found: pl.DataFrame, truth: pl.DataFrame) -> list[dict[str, Any]]:
    """As `evaluate`, found with `band` → of each band the pairs found and right, precision (of them how many are right) and
    recall (of all true pairs, how many this band has), with their intervals."""
    rows = []
    for band in BANDS:
        own = evaluate(found.filter(pl.col("band") == band), truth)
        precision = interval("precision", own.pairs_right, own.pairs_found)
        recall = interval("recall", own.pairs_right, own.pairs_true)
        rows.append({"band": band, "pairs": own.pairs_found, "right": own.pairs_right, **precision, **recall})
    return rows


def evaluate_scores(pairs: pl.DataFrame, truth: pl.DataFrame) -> list[dict[str, Any]]:
    """pairs: `l, r` (record ids), `score`, `doubt`; → of each band of the score the pairs whose records the truth knows, how many
    are right, and that share. Pairs that something tells apart (`doubt`) stand in one band of their own, `score` "told apart": a
    human looks at them, whatever their score."""
    told = _told(truth).unique("record_id")
    for side in "lr":
        pairs = pairs.join(told.rename({"record_id": side, "truth": f"{side}_truth"}), on=side)
    same, score = pl.col("l_truth") == pl.col("r_truth"), pl.col("score")
    ends = zip(SCORES, (*SCORES[1:], 2.0), strict=True)
    within = {f"{a:g}-{b:g}" if b < 1 else f"{a:g}+": (score >= a) & (score < b) & ~pl.col("doubt") for a, b in ends}
    within["told apart"] = (score >= SCORES[0]) & pl.col("doubt")
    counts = {name: pairs.select(held.sum(), right=(held & same).sum()).row(0) for name, held in within.items()}
    return [
        {"score": name, "pairs": n, "right": right, **interval("precision", right, n)} for name, (n, right) in counts.items()
    ]  # fmt: skip


def interval(name: str, part: int, whole: int) -> dict[str, float | None]:
    """A rate with its 95 % interval after Wilson (1927), as `name, name_low, name_high`; null where the whole is 0."""
    if not whole:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    rate, spread = part / whole, _Z**2 / whole
    middle = (rate + spread / 2) / (1 + spread)
    reach = sqrt(spread * (rate * (1 - rate) + spread / 4)) / (1 + spread)
    return {name: rate, f"{name}_low": max(middle - reach, 0.0), f"{name}_high": min(middle + reach, 1.0)}


def print_evaluation(figures: Mapping[str, Any], form: str) -> None:
    """Print figures by name, and those of `bands` and `scores`, as text or json."""
    if form == "json":
        print_json(dict(figures))
        return
    show_facts({name: value for name, value in figures.items() if not isinstance(value, list)}, form)
    for name in ("bands", "scores"):
        show_frame(pl.DataFrame([_readable(row) for row in figures[name]]), form)


def _readable(row: Mapping[str, Any]) -> dict[str, str]:
    """A row for people: a rate and its interval in one cell."""
    words = {"pairs": Text("记录对", "pairs"), "right": Text("正确", "right"), "precision": Text("精确率（95% 区间）", "precision (95 %)"),
             "recall": Text("召回率（95% 区间）", "recall (95 %)"), "told apart": Text("有不符之处", "told apart")}  # fmt: skip
    shown = {}
    for name, value in row.items():
        if f"{name}_low" in row:
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            shown[str(words[name])] = "–" if value is None else f"{value:.4f} ({low:.4f}–{high:.4f})"
        elif not name.endswith(("_low", "_high")):
            shown[str(words.get(name, name))] = str(words.get(value, value)) if isinstance(value, str) else f"{value:,}"
    return shown


def _pairs(counts: pl.DataFrame) -> int:
    n = pl.col("n").cast(pl.Int64)
    return int(counts.select((n * (n - 1) // 2).sum()).item())


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _largest(counts: pl.DataFrame) -> int:
    return int(counts["n"].max() or 0)  # type: ignore[arg-type]
