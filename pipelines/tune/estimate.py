"""Weights re-estimated on the records of the last run: by EM without labels, by regression with them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ...config import Config
from ...decisions import active_decisions
from ...dedup.blocking import TooManyPairsError
from ...dedup.estimate import em, regression
from ...dedup.estimate.vectors import Floats, Seen, Slots, observe, score, slots_of
from ...dedup.policy.base import Policy
from ...errors import UsageError
from ...i18n import Text
from ...io.store.store import Store
from ..clean.features import has_people
from ..resolve.component import PERSONS
from ..resolve.levels import policies, too_many_pairs
from ..resolve.previous_run import load_previous_run
from .labels import Labels, labelled, read_labels
from .reference import reference_features
from .sample import data_of, random_pairs

SMALLEST = 0.25  # bits: a smaller move is noise, and is not written
_FEATURES = f"""
SELECT f.*, r.source_record_id, r.person_name, p.person FROM main.feature f JOIN main.record r USING (record_key)
LEFT JOIN ({PERSONS}) p USING (record_key) ORDER BY record_key
"""


# Figures that must not fall, or not so low; that of an estimate without labels is what its weights think of themselves.
_JUDGED = {"f1": 1.0, "auto_precision": 0.99, "self_estimate": 1.0}


@dataclass(frozen=True)
class Tuned:
    """One level's outcome.

    weights: `comparison, level, shipped, present, new, same, different` of every level that can move and that a pair of the table
    reaches: pairs on it that are the same and that are not, counted where there are labels, expected where there are none.
    figures: name → (with the present weights, with the new ones); of pairs that the new ones were not fitted on, but
    `self_estimate`. one_sided: all labels say the same, so that no figure can judge.
    """

    level: str
    candidates: int
    pairs: int
    rounds: int
    change: float
    converged: bool
    weights: pl.DataFrame
    figures: dict[str, tuple[float, float]]
    one_sided: bool = False

    @property
    def worse(self) -> bool:
        """Whether a figure that must not fall falls: such weights are never written."""
        told = ((*self.figures[name], least) for name, least in _JUDGED.items() if name in self.figures)
        return any(after < min(before, least) for before, after, least in told)

    @property
    def changed(self) -> pl.DataFrame:
        """The levels whose weight moves by more than noise, or has moved before; none where the new weights are refused."""
        if self.worse or self.one_sided:
            return self.weights.clear()
        moves = ((pl.col("new") - pl.col(was)).abs() >= SMALLEST for was in ("shipped", "present"))
        return self.weights.filter(pl.any_horizontal(*moves))


@dataclass(frozen=True)
class Tuning:
    """The levels tuned, and what from; `labels`: the file's name, `decisions`: how many; None for an estimate without labels."""

    run_id: str
    rows: int
    labels: str | None
    levels: tuple[Tuned, ...]
    decisions: int | None = None

    @property
    def labelled(self) -> bool:
        return (self.labels, self.decisions) != (None, None)


def tune(store: Store, labels: Path | None, config: Config, decided: bool = False) -> Tuning:
    """Estimate the levels that the table has from the shipped weights; decided: learn from stewards' decisions. Raises UsageError
    where there is nothing to estimate from."""
    known = read_labels(labels) if labels else Labels()
    if decided:
        known = known._replace(decisions=active_decisions(load_previous_run(store).decisions))
    run, features = store.last_run() or {}, store.query(_FEATURES)
    there = policies(Config(evidence=config.evidence))[0 if has_people(features, features) else 1 :]
    features = features.drop("person_name")
    try:
        if labels is None and not decided:
            reference = reference_features()
            levels = [_by_em(features, reference, policy, config) for policy in there]
        else:
            levels = [_by_labels(features, known, policy, config) for policy in there if known.speaks_of(policy.level)]
    except TooManyPairsError as fault:
        raise too_many_pairs(fault) from None
    if not levels:
        raise UsageError(Text("没有可学的标注或决定。", "There are no labels and no decisions to learn from."))
    count = known.decisions.height if decided else None
    return Tuning(str(run.get("run_id", "")), features.height, labels.name if labels else None, tuple(levels), count)


def _by_em(features: pl.DataFrame, reference: pl.DataFrame, policy: Policy, config: Config) -> Tuned:
    """Shares of true and of chance pairs against those of the reference file, which the shipped weights fit."""
    slots, cut = slots_of(policy), config.thresholds.duplicate
    base, own = (data_of(f, policy, config.max_pairs) for f in (reference, features))
    seen = observe(base.prepared, base.sample, policy)
    true = em.true_counts(seen, slots, slots.weight, base.prior).share
    usual, here = (em.chance_counts(random_pairs(d, policy), slots, d.prior) for d in (base, own))
    chance = em.chance_shift(here, usual.share, slots)
    seen = observe(own.prepared, own.sample, policy)
    found = em.estimate(seen, slots, own.prior, true, chance)
    present = _present(policy, config)
    before, after = (score(seen, slots, w, own.prior) for w in (present, found.weight))
    weights = _weights(slots, present, found.weight, seen, after)
    scale = own.candidates / max(len(seen), 1)
    figures = {
        "pairs": (float((before >= cut).sum()) * scale, float((after >= cut).sum()) * scale),
        "self_estimate": (_expected(before, cut), _expected(after, cut)),
    }
    return Tuned(policy.level, own.candidates, len(seen), found.rounds, found.change, found.converged, weights, figures)


def _expected(scores: Floats, cut: float) -> float:
    """The precision that the scores themselves promise; 1 for no pairs."""
    found = scores[scores >= cut]
    return float(found.mean()) if found.size else 1.0


def _by_labels(features: pl.DataFrame, labels: Labels, policy: Policy, config: Config) -> Tuned:
    """A regression on the labelled pairs; the figures after are those of pairs that the fit has not seen."""
    slots, limits, present = slots_of(policy), config.thresholds, _present(policy, config)
    data = data_of(features, policy, config.max_pairs)
    known = labelled(labels, data, policy, config.max_pairs)
    if not len(known.same):
        what = Text("标注或决定与 {l} 层级的记录都对不上。", "No label or decision matches a pair of level {l}.")
        raise UsageError(what.format(l=policy.level), Text("请检查编号。", "Check the record numbers."))
    seen = observe(data.prepared, known.pairs, policy)
    found = regression.fit(seen, known.same, slots, data.prior)
    apart = regression.held_out_scores(seen, known.same, known.groups, slots, data.prior)
    scores = (score(seen, slots, present, data.prior), apart)
    rates, sure = ([regression.rates(x >= cut, known.same) for x in scores] for cut in (limits.duplicate, limits.auto))
    figures = {name: (getattr(rates[0], name), getattr(rates[1], name)) for name in ("precision", "recall", "f1")}
    return Tuned(
        policy.level, data.candidates, len(seen), found.rounds, found.change, found.converged,
        _weights(slots, present, found.weight, seen, known.same.astype(float)),
        figures | {"auto_precision": (sure[0].precision, sure[1].precision)}, bool(known.same.all() or not known.same.any()),
    )  # fmt: skip


def _present(policy: Policy, config: Config) -> Floats:
    """The weights of the policy's slots that the configuration has in force."""
    return slots_of(policies(config)[policy.level == "account"]).weight


def _weights(slots: Slots, present: Floats, new: Floats, seen: Seen, mass: Floats) -> pl.DataFrame:
    """mass: how far each pair is the same. A level that no pair reaches is left out: nothing is known of it."""
    same, every = (em.count(seen, slots, m).on for m in (mass, None))
    frame = pl.DataFrame(
        {
            "comparison": [c for c, _ in slots.names], "level": [x for _, x in slots.names], "shipped": slots.weight,
            "present": present, "new": np.round(new, 2), "same": same.round().astype(int),
            "different": (every - same).round().astype(int), "told": slots.movable & (every > 0),
        }
    )  # fmt: skip
    return frame.filter("told").drop("told")
