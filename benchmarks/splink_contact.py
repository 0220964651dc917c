"""Splink 5 on the contact level; runs in Splink's own environment: python splink_contact.py IN.parquet OUT_DIR ROWS.

Given cleaned, junk-free columns, which is what it asks for. Prints one line of JSON: seconds by step, pairs.
"""

import json
import resource
import sys
import time
from pathlib import Path

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

CUTS = (0.5, 0.82, 0.9, 0.95, 0.99)
NAME = cl.CustomComparison(
    output_column_name="name",
    comparison_levels=[
        cll.NullLevel("pinyin"),
        cll.ExactMatchLevel("name", term_frequency_adjustments=True),
        cll.ExactMatchLevel("pinyin", term_frequency_adjustments=True),
        cll.JaroWinklerLevel("pinyin", 0.92),
        cll.ElseLevel(),
    ],
)
COMPANY = cl.CustomComparison(
    output_column_name="company",
    comparison_levels=[
        cll.NullLevel("core"),
        cll.ExactMatchLevel("code"),
        cll.ExactMatchLevel("core"),
        cll.ExactMatchLevel("brand"),
        cll.ElseLevel(),
    ],
)
PREDICTING = [
    block_on("phone"), block_on("email"), block_on("pinyin", "core"), block_on("pinyin", "brand"),
    block_on("pinyin", "code"), block_on("pinyin", "domain"), block_on("pinyin", "landline"),
    block_on("pinyin", "street"), block_on("landline", "street"),
]  # fmt: skip
SETTINGS = SettingsCreator(
    link_type="dedupe_only",
    comparisons=[
        NAME,
        cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
        cl.ExactMatch("email"),
        COMPANY,
        cl.ExactMatch("street"),
        cl.ExactMatch("province"),
    ],
    blocking_rules_to_generate_predictions=PREDICTING,
    retain_matching_columns=False,
)


def main(source: Path, out: Path, rows: int) -> None:
    """Train, predict, cluster at 0.82 (timed), then at the other cuts (not)."""
    api, seconds, cpu = DuckDBAPI(), {}, {}
    linker = Linker(api.register(api._con.read_parquet(str(source))), SETTINGS)
    started = time.perf_counter(), time.process_time()

    def lap(name: str) -> None:
        nonlocal started
        now = time.perf_counter(), time.process_time()
        seconds[name], cpu[name] = now[0] - started[0], now[1] - started[1]
        started = now

    train(linker, rows)
    lap("train")
    predicted = linker.inference.predict(threshold_match_probability=min(CUTS))
    lap("predict")
    clusters = {0.82: linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, 0.82)}
    lap("cluster at 0.82")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for cut in CUTS:
        made = clusters.get(cut) or linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, cut)
        made.as_duckdbpyrelation().select("unique_id, cluster_id").write_parquet(str(out / f"splink-{cut}.parquet"))
    pairs = predicted.as_duckdbpyrelation().aggregate("count(*)").fetchall()[0][0]
    print("\n" + json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "pairs": pairs}))


def train(linker: Linker, rows: int) -> None:
    """As its documentation recommends: u from random pairs, m by EM once per blocking rule."""
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("phone", "pinyin"), block_on("email"), block_on("pinyin", "code")], recall=0.8
    )
    training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    share = min(1.0, 200_000 / rows)  # enough for EM at any size
    for rule in (block_on("phone"), block_on("pinyin", "core"), block_on("email")):
        training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=share)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
