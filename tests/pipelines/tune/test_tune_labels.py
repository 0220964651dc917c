"""Weights from labels: what the shipped policy gets wrong on the labelled file improves, on another file too."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from guiyi.config import Config
from guiyi.dedup.cluster_links import cluster_links
from guiyi.dedup.estimate.regression import fit, held_out_scores, rates
from guiyi.dedup.estimate.vectors import REVIEW_ONLY, Seen, bounds, observe, score, slots_of
from guiyi.dedup.pairs import Pairs
from guiyi.dedup.policy.base import Policy
from guiyi.dedup.policy.term_frequency import NAME_CAP, SMALLEST
from guiyi.dedup.scoring import gather, weigh
from guiyi.errors import InputError
from guiyi.pipelines.resolve.levels import SIGNS, policies
from guiyi.pipelines.tune.labels import Labels, labelled, read_labels
from guiyi.pipelines.tune.reference import reference_features
from guiyi.pipelines.tune.sample import Data, data_of
from guiyi.reports.evaluation import evaluate
from guiyi.sample_data.world import make_world
from guiyi.schemas import DECISION

ROWS = 4_000
LEVELS = ("contact", "account")


def truth_of(seed: int) -> Labels:
    world = make_world(ROWS, seed)
    truth = world.truth(np.arange(ROWS, dtype=np.int64))
    return Labels(truth=truth)


@pytest.fixture(scope="session")
def files() -> dict[int, pl.DataFrame]:
    """Features of two files of other people: weights are fitted on one and tried on the other."""
    return {seed: reference_features(ROWS, seed) for seed in (31, 32)}


def of_level(level: str) -> Policy:
    return policies(Config())[LEVELS.index(level)]


def f1(data: Data, truth: Labels, policy: Policy, weight: np.ndarray) -> float:
    seen = observe(data.prepared, data.sample, policy)
    scores = score(seen, slots_of(policy), weight, data.prior)
    links = pl.DataFrame({"left": seen.left, "right": seen.right, "score": scores}).filter(pl.col("score") >= 0.82)
    labels = pl.Series(cluster_links(data.prepared, links, policy).labels).cast(pl.String)
    found = pl.DataFrame({"record_id": data.prepared["source_record_id"], "entity": labels})
    return evaluate(found, truth.truth.select("record_id", entity=policy.level)).f1


@pytest.mark.parametrize("level", LEVELS)
def test_labels_improve_or_keep_groups_of_a_file_they_do_not_speak_of(
    level: str, files: dict[int, pl.DataFrame]
) -> None:
    policy = of_level(level)
    slots, known, other = slots_of(policy), data_of(files[31], policy, 10**7), data_of(files[32], policy, 10**7)
    pairs = labelled(truth_of(31), known, policy, 10**7)
    found = fit(observe(known.prepared, pairs.pairs, policy), pairs.same, slots, known.prior)
    assert found.converged
    assert f1(other, truth_of(32), policy, found.weight) >= f1(other, truth_of(32), policy, slots.weight) - 0.002


@pytest.mark.parametrize("level", LEVELS)
def test_slots_give_the_score_of_the_policy(level: str, files: dict[int, pl.DataFrame]) -> None:
    policy = of_level(level)
    data = data_of(files[31], policy, 10**7)
    some = Pairs(data.sample.left[:5_000], data.sample.right[:5_000])
    expected = weigh(gather(data.prepared, some, policy.columns), policy)["score"].to_numpy()
    slots = slots_of(policy)
    assert score(observe(data.prepared, some, policy), slots, slots.weight, data.prior) == pytest.approx(expected)


def test_no_estimate_can_make_a_name_enough_on_its_own() -> None:
    """A rare whole name may be looked at by somebody (review): it never merges unseen, whatever is estimated."""
    policy = of_level("contact")
    slots = slots_of(policy)
    rarity = {level.name: NAME_CAP if level.rarity else 0.0 for level in policy.comparisons[0].levels}
    rarity |= dict.fromkeys(REVIEW_ONLY, np.log2(SMALLEST))
    names = [(high, level) for high, (c, level) in zip(bounds(slots)[1], slots.names, strict=True) if c == "name"]
    best = {level: 1 / (1 + 2 ** (np.log2(SMALLEST) - high - rarity.get(level, 0.0))) for high, level in names}
    limits = Config().thresholds
    assert max(best.pop(level) for level in REVIEW_ONLY) < limits.auto
    assert max(best.values()) < limits.duplicate


def synthetic(labels: int) -> tuple[Seen, np.ndarray]:
    """Pairs that agree on a phone and nothing else; every one of them is two people."""
    names = slots_of(of_level("contact")).names
    null = {c: i for i, (c, x) in enumerate(names) if x == "null"}
    row = [null.get(c, names.index((c, "else"))) for c in dict.fromkeys(c for c, _ in names)]
    row[1] = names.index(("phone", "same"))
    rows = np.arange(labels, dtype=np.uint32)
    rarity = np.zeros((labels, len(row)))
    rarity[:, 1] = 17.0
    return Seen(np.tile(row, (labels, 1)), rarity, rows, rows + 1), np.zeros(labels, bool)


@pytest.mark.parametrize(("labels", "least", "most"), [(1, 0.0, 3.0), (2_000, 3.0, 4.0)])
def test_many_labels_move_a_weight_further_than_one(labels: int, least: float, most: float) -> None:
    slots = slots_of(of_level("contact"))
    seen, same = synthetic(labels)
    moved = slots.weight - fit(seen, same, slots, -17.0).weight
    at = slots.names.index(("phone", "same"))
    assert least < moved[at] <= most
    assert np.flatnonzero(np.abs(moved) > 1e-6).tolist() == [at], "levels that no label speaks of stay"


def test_held_out_scores_come_from_weights_that_have_not_seen_the_pair() -> None:
    slots = slots_of(of_level("contact"))
    seen, same = synthetic(100)
    together = held_out_scores(seen, same, np.zeros(100, np.intp), slots, -17.0)
    assert together == pytest.approx(score(seen, slots, slots.weight, -17.0)), (
        "one group: nothing is left to learn from"
    )
    assert (held_out_scores(seen, same, np.arange(100), slots, -17.0) < together).all()


def test_rates_of_nothing_are_one() -> None:
    nothing = np.zeros(3, bool)
    assert rates(nothing, nothing) == (1.0, 1.0)
    assert rates(np.array([True, True, False]), np.array([True, False, True])).f1 == pytest.approx(0.5)


def test_labelled_pairs_are_read_in_both_forms(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("record_id_l,record_id_r,same\nb,a,1\na,c,否\na,a,1\nx,a,1\n", "utf-8")
    (tmp_path / "truth.csv").write_text("record_id,contact\na,1\nb,1\nc,\n", "utf-8")
    keys = {"row": [0, 1, 2], "source_record_id": ["a", "b", "c"], "record_key": ["x1", "x2", "x3"]}
    rows = pl.DataFrame(keys, schema_overrides={"row": pl.UInt32})
    ends = np.array([0, 0, 1], np.uint32), np.array([1, 2, 2], np.uint32)
    data = Data(rows, Pairs(*ends), 3, -17.0)
    policy = of_level("contact")
    listed = labelled(read_labels(tmp_path / "pairs.csv"), data, policy, 10**7)
    assert [*zip(listed.pairs.left, listed.pairs.right, listed.same, strict=True)] == [(0, 1, True), (0, 2, False)]
    truth = read_labels(tmp_path / "truth.csv")
    assert labelled(truth, data, policy, 10**7).same.tolist() == [True, False, False]
    listed_later = read_labels(tmp_path / "pairs.csv")._replace(truth=truth.truth)
    assert labelled(listed_later, data, policy, 10**7).same.tolist() == [True, False, False], (
        "the list has the last word"
    )
    assert not truth.speaks_of("account")


def test_two_rows_that_tell_no_company_are_no_label_of_companies(files: dict[int, pl.DataFrame]) -> None:
    data = data_of(files[31], of_level("account"), 10**7)
    told = labelled(truth_of(31), data, of_level("account"), 10**7).pairs
    firm = data.prepared.select(pl.coalesce(SIGNS).is_not_null()).to_series().to_numpy()
    assert (~firm[data.sample.left] & ~firm[data.sample.right]).any()
    assert (firm[told.left] | firm[told.right]).all()


def test_two_of_a_confirmed_group_that_share_no_key_say_nothing(files: dict[int, pl.DataFrame]) -> None:
    policy = of_level("contact")
    data = data_of(files[31], policy, 10**7)
    keys, met = data.prepared["record_key"], {*zip(data.sample.left.tolist(), data.sample.right.tolist(), strict=True)}
    one, other = min(met)
    stranger = next(row for row in range(other + 1, len(keys)) if not {(one, row), (other, row)} & met)
    named = json.dumps([keys[row] for row in (one, other, stranger)])
    row = {"decision_id": "d", "level": "contact", "kind": "must_link", "record_keys": named, "sequence": 1}
    told = labelled(Labels(decisions=DECISION.conform(pl.DataFrame([row]))), data, policy, 10**7)
    assert [*zip(told.pairs.left, told.pairs.right, told.same, strict=True)] == [(one, other, True)]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "record_id_l,record_id_r,same\na,b,maybe\n", "record_id,x\na,1\n"])
def test_labels_of_another_form_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(text, "utf-8")
    with pytest.raises(InputError):
        read_labels(tmp_path / "labels.csv")
