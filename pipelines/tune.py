"""Weights re-estimated on the records of the last run: by EM without labels, by regression with them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ..config import Config
from ..dedup import estimate_em, estimate_labels
from ..dedup.blocking import TooManyPairsError
from ..dedup.estimate import Floats, Slots, observe, score, slots_of
from ..dedup.policy import Policy
from ..errors import UsageError
from ..i18n import Text
from ..io.store import Store
from .region import PERSONS
from .resolve import policies, too_many_pairs
from .tune_data import data_of, random_pairs
from .tune_labels import Labels, labelled, read_labels
from .tune_reference import reference_features

SMALLEST = 0.25  # bits: a smaller move is noise, and is not written
_FEATURES = f"""
SELECT f.*, r.source_record_id, p.person FROM main.feature f JOIN main.record r USING (record_key)
LEFT JOIN ({PERSONS}) p USING (record_key) ORDER BY record_key
"""


@dataclass(frozen=True)
class Tuned:
    """One level's outcome.

    weights: `comparison, level, shipped, new, same, different` of every level that can move: pairs on it that are the
    same and that are not, counted where there are labels, expected where there are none. figures: name → (before, after).
    """

    level: str
    candidates: int
    pairs: int
    rounds: int
    change: float
    converged: bool
    weights: pl.DataFrame
    figures: dict[str, tuple[float, float]]

    @property
    def worse(self) -> bool:
        """Whether its own estimate says that the new weights find less: such weights are never written."""
        before, after = self.figures["f1" if "f1" in self.figures else "precision"]
        return after < before

    @property
    def changed(self) -> pl.DataFrame:
        """The levels whose weight moves by more than noise; none where the new weights are worse."""
        if self.worse:
            return self.weights.clear()
        return self.weights.filter((pl.col("new") - pl.col("shipped")).abs() >= SMALLEST)


@dataclass(frozen=True)
class Tuning:
    """The levels tuned, and what from; `labels`: the file's name, None for an estimate without labels."""

    run_id: str
    rows: int
    labels: str | None
    levels: tuple[Tuned, ...]


def tune(store: Store, labels: Path | None, config: Config) -> Tuning:
    """Estimate both levels from the shipped weights. Raises UsageError where there is nothing to estimate from."""
    known = read_labels(labels) if labels else None
    run, features = store.last_run() or {}, store.query(_FEATURES)
    shipped = policies(Config())
    try:
        if known is None:
            reference = reference_features()
            levels = [_by_em(features, reference, policy, config) for policy in shipped]
        else:
            spoken = [p for p in shipped if known.speaks_of(p.level)]
            levels = [_by_labels(features, known, policy, config) for policy in spoken]
    except TooManyPairsError as fault:
        raise too_many_pairs(fault) from None
    return Tuning(str(run.get("run_id", "")), features.height, labels.name if labels else None, tuple(levels))


def _by_em(features: pl.DataFrame, reference: pl.DataFrame, policy: Policy, config: Config) -> Tuned:
    """Shares of true and of chance pairs against those of the reference file, which the shipped weights fit."""
    slots, cut = slots_of(policy), config.thresholds.duplicate
    base, own = (data_of(f, policy, config.max_pairs) for f in (reference, features))
    seen = observe(base.prepared, base.sample, policy)
    true = estimate_em.true_counts(seen, slots, slots.weight, base.prior).share
    usual, here = (estimate_em.chance_counts(random_pairs(d, policy), slots, d.prior) for d in (base, own))
    chance = estimate_em.chance_shift(here, usual.share, slots)
    seen = observe(own.prepared, own.sample, policy)
    found = estimate_em.estimate(seen, slots, own.prior, true, chance)
    before, after = (score(seen, slots, w, own.prior) for w in (slots.weight, found.weight))
    same, every = (estimate_em.count(seen, slots, m).on for m in (after, None))
    weights = _weights(slots, found.weight, same, every - same)
    scale = own.candidates / max(len(seen), 1)
    figures = {
        "pairs": (float((before >= cut).sum()) * scale, float((after >= cut).sum()) * scale),
        "precision": (_expected(before, cut), _expected(after, cut)),
    }
    return Tuned(policy.level, own.candidates, len(seen), found.rounds, found.change, found.converged, weights, figures)


def _expected(scores: Floats, cut: float) -> float:
    """The precision that the scores themselves promise; 1 for no pairs."""
    found = scores[scores >= cut]
    return float(found.mean()) if found.size else 1.0


def _by_labels(features: pl.DataFrame, labels: Labels, policy: Policy, config: Config) -> Tuned:
    """A regression on the labelled pairs; the figures after are those of pairs that the fit has not seen."""
    slots, cut = slots_of(policy), config.thresholds.duplicate
    data = data_of(features, policy, config.max_pairs)
    known = labelled(labels, data, policy.level)
    if not len(known.same):
        what = Text("标注里的记录编号在 {l} 层级一个也没对上。", "No label matches a pair of level {l}.")
        raise UsageError(what.format(l=policy.level), Text("请检查编号。", "Check the record numbers."))
    seen = observe(data.prepared, known.pairs, policy)
    found = estimate_labels.fit(seen, known.same, slots, data.prior)
    apart = estimate_labels.held_out_scores(seen, known.same, known.groups, slots, data.prior)
    before, after = score(seen, slots, slots.weight, data.prior) >= cut, apart >= cut
    rates = [estimate_labels.rates(x, known.same) for x in (before, after)]
    same, every = (estimate_em.count(seen, slots, m).on for m in (known.same.astype(float), None))
    return Tuned(
        policy.level, data.candidates, len(seen), found.rounds, found.change, found.converged,
        _weights(slots, found.weight, same, every - same),
        {name: (getattr(rates[0], name), getattr(rates[1], name)) for name in ("precision", "recall", "f1")},
    )  # fmt: skip


def _weights(slots: Slots, new: Floats, same: Floats, different: Floats) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "comparison": [c for c, _ in slots.names], "level": [x for _, x in slots.names],
            "shipped": slots.weight, "new": np.round(new, 2), "same": same.round().astype(int),
            "different": different.round().astype(int), "movable": slots.movable,
        }
    )  # fmt: skip
    return frame.filter("movable").drop("movable")
