"""Weights without labels: on pairs drawn from known shares EM finds them again, and few pairs move nothing."""

import numpy as np
import pytest
from guiyi.dedup.estimate.em import (
    ROUNDS,
    TOLERANCE,
    Estimate,
    chance_counts,
    chance_shift,
    count,
    estimate,
    shift,
    true_counts,
)
from guiyi.dedup.estimate.vectors import CONFLICT, REACH, Seen, Slots, bounds

PRIOR = -4.0  # one pair in 17 is the same
# comparison → level → share of true pairs, share of chance pairs
TRUTH = {
    "name": {"same": (0.80, 0.01), "near": (0.15, 0.04), "different": (0.05, 0.95)},
    "phone": {"same": (0.60, 0.002), "different": (0.40, 0.998)},
    "place": {"same": (0.90, 0.20), "different": (0.10, 0.80)},
    "mail": {"same": (0.70, 0.005), "different": (0.30, 0.995)},
}
# What the weights held before: another file's true pairs.
BEFORE = {"name": (0.5, 0.2, 0.3), "phone": (0.85, 0.15), "place": (0.7, 0.3), "mail": (0.4, 0.6)}
NAMES = [(c, x) for c in TRUTH for x in ("null", *TRUTH[c])]


def per_slot(of: dict[str, tuple[float, ...]]) -> np.ndarray:
    return np.array([x for c in TRUTH for x in (0.0, *of[c])])


M = per_slot({c: tuple(m for m, _ in levels.values()) for c, levels in TRUTH.items()})
U = per_slot({c: tuple(u for _, u in levels.values()) for c, levels in TRUTH.items()})
M_BEFORE = per_slot(BEFORE)
SPEAKS = M > 0


def slots_with(weight: np.ndarray, rare: bool = False) -> Slots:
    place = np.array([list(TRUTH).index(c) for c, _ in NAMES])
    null = np.array([x == "null" for _, x in NAMES])
    least = np.full(len(NAMES), -np.inf)
    return Slots(place, NAMES, np.where(null, 0.0, weight), least, np.full(len(NAMES), rare), null)


def log_ratio(m: np.ndarray, u: np.ndarray) -> np.ndarray:
    return np.log2(np.where(SPEAKS, m, 1.0) / np.where(SPEAKS, u, 1.0))


def draw(pairs: int, seed: int, missing: float = 0.1) -> Seen:
    """Pairs of two kinds, their levels independent of each other; a tenth of the values is missing."""
    rng = np.random.default_rng(seed)
    same = rng.random(pairs) < 1 / (1 + 2**-PRIOR)
    columns, start = [], 0
    for levels in TRUTH.values():
        at = slice(start + 1, start + 1 + len(levels))
        true, chance = (start + 1 + rng.choice(len(levels), pairs, p=p[at] / p[at].sum()) for p in (M, U))
        columns.append(np.where(rng.random(pairs) < missing, start, np.where(same, true, chance)))
        start = at.stop
    rows = np.arange(pairs, dtype=np.uint32)
    return Seen(np.stack(columns, axis=1), np.zeros((pairs, len(TRUTH))), 2 * rows, 2 * rows + 1)


@pytest.fixture(scope="module")
def found() -> Estimate:
    return estimate(draw(400_000, 1), slots_with(log_ratio(M_BEFORE, U)), PRIOR, M_BEFORE, np.zeros(len(NAMES)))


def test_em_finds_the_shares_that_the_pairs_were_drawn_from(found: Estimate) -> None:
    assert found.counts.share[SPEAKS] == pytest.approx(M[SPEAKS], abs=0.02)


def test_em_finds_the_weights(found: Estimate) -> None:
    assert found.weight[SPEAKS] == pytest.approx(log_ratio(M, U)[SPEAKS], abs=0.25)


def test_em_says_that_it_converged(found: Estimate) -> None:
    assert found.converged
    assert found.change < TOLERANCE
    assert 1 < found.rounds < ROUNDS


def test_an_estimate_that_was_stopped_early_is_not_called_converged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guiyi.dedup.estimate.em.ROUNDS", 1)
    early = estimate(draw(20_000, 1), slots_with(log_ratio(M_BEFORE, U)), PRIOR, M_BEFORE, np.zeros(len(NAMES)))
    assert not early.converged


def test_chance_levels_are_found_from_random_pairs() -> None:
    """Although one in seventeen of them is a true pair."""
    slots = slots_with(log_ratio(M, U))
    moved = chance_shift(chance_counts(draw(300_000, 2), slots, PRIOR), np.where(SPEAKS, U * 2, 0.0), slots)
    place = [i for i, (c, _) in enumerate(NAMES) if c == "place" and SPEAKS[i]]
    assert moved[place] == pytest.approx(-1.0, abs=0.1)


def test_rarity_speaks_for_chance_where_it_is_added() -> None:
    slots = slots_with(log_ratio(M, U), rare=True)
    assert not chance_shift(count(draw(1_000, 2), slots), np.full(len(NAMES), 0.9), slots).any()


def test_a_file_like_the_reference_changes_nothing() -> None:
    slots, seen = slots_with(log_ratio(M, U)), draw(50_000, 3)
    reference = true_counts(seen, slots, slots.weight, PRIOR).share
    again = estimate(seen, slots, PRIOR, reference, np.zeros(len(NAMES)))
    assert again.weight == pytest.approx(slots.weight, abs=1e-9)
    assert again.rounds == 1


def test_a_handful_of_pairs_moves_next_to_nothing() -> None:
    slots = slots_with(log_ratio(M_BEFORE, U))
    few = estimate(draw(300, 4), slots, PRIOR, M_BEFORE, np.zeros(len(NAMES)))
    assert np.abs(few.weight - slots.weight).max() < 0.5


def test_many_pairs_of_one_customer_count_as_its_records() -> None:
    """Forty records of one person make 780 pairs, which repeat each other."""
    slots, rows = slots_with(log_ratio(M, U)), np.arange(40, dtype=np.uint32)
    left, right = (x.ravel() for x in np.meshgrid(rows, rows, indexing="ij"))
    agreeing = [i for i, (_, x) in enumerate(NAMES) if x == "same"]
    crowd = Seen(np.tile(agreeing, (780, 1)), np.zeros((780, 4)), left[left < right], right[left < right])
    assert true_counts(crowd, slots, slots.weight, PRIOR).on[agreeing] == pytest.approx(20, rel=0.01)


def test_no_pairs_move_nothing() -> None:
    slots = slots_with(log_ratio(M, U))
    none = estimate(draw(0, 1), slots, PRIOR, M, np.zeros(len(NAMES)))
    assert (none.weight == slots.weight).all()
    assert none.converged


def test_shift_is_drawn_to_zero_where_little_is_expected() -> None:
    found = count(draw(5, 1), slots_with(log_ratio(M, U)))
    assert np.abs(shift(found, U)).max() < 0.2


def test_bounds_hold_conflicts_reach_and_sign() -> None:
    weight = np.zeros(len(NAMES))
    weight[1:4] = (CONFLICT, 2.0, -1.5)
    low, high = bounds(slots_with(weight))
    assert (low[1], high[1]) == (CONFLICT, CONFLICT)
    assert (low[2], high[2]) == (0.0, 2.0 + REACH), "agreement never speaks against"
    assert (low[3], high[3]) == (-1.5 - REACH, 0.0), "difference never speaks for"
    assert (low[0], high[0]) == (0.0, 0.0), "a missing value says nothing"


def test_an_estimate_stays_within_its_bounds() -> None:
    slots = slots_with(log_ratio(M, U))
    wild = estimate(draw(20_000, 5), slots, PRIOR, M, np.full(len(NAMES), 50.0))
    low, high = bounds(slots)
    assert ((low <= wild.weight) & (wild.weight <= high)).all()


def test_same_pairs_same_weights() -> None:
    slots, seen = slots_with(log_ratio(M_BEFORE, U)), draw(10_000, 6)
    one, other = (estimate(seen, slots, PRIOR, M_BEFORE, np.zeros(len(NAMES))) for _ in range(2))
    assert one.weight.tobytes() == other.weight.tobytes()
