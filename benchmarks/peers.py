"""Peers of the contact level, each in an environment of its own: python peers.py NAME IN.parquet TRUTH.csv OUT.parquet.

All are given the same columns, cleaned by guiyi. `unique_id, cluster_id` goes to OUT; one line of JSON: CPU seconds. recordlinkage and
GoldenMatch learn without labels; dedupe cannot, and is given the truth of a sample of 1,500 records (TRUTH.csv).
"""

import csv
import json
import sys
import time
from itertools import combinations
from pathlib import Path
from typing import Any

TEXTS = ("name", "pinyin", "phone", "email", "core", "brand", "street", "province")
LABELLED = 1_500
BLOCKS = (["phone"], ["email"], ["pinyin", "core"], ["pinyin", "brand"], ["pinyin", "code"], ["pinyin", "street"])


def run_recordlinkage(source: Path, _truth: Path) -> list[tuple[str, Any]]:
    """Blocks by the same keys as Splink, compares texts, ECM without labels; connected components of what it calls a match."""
    import networkx
    import pandas
    import recordlinkage

    frame = pandas.read_parquet(source).set_index("unique_id")
    pairs = recordlinkage.Index()
    for block in BLOCKS:
        pairs.block(block)
    candidates = pairs.index(frame)
    compare = recordlinkage.Compare()
    compare.string("pinyin", "pinyin", method="jarowinkler", threshold=0.92, label="pinyin")
    for column in ("name", "phone", "email", "core", "street"):
        compare.exact(column, column, label=column)
    vectors = compare.compute(candidates, frame)
    links = recordlinkage.ECMClassifier(binarize=0.5).fit_predict(vectors.fillna(0))
    graph = networkx.Graph(list(links))
    graph.add_nodes_from(frame.index)
    return [(key, i) for i, part in enumerate(networkx.connected_components(graph)) for key in part]


def run_goldenmatch(source: Path, _truth: Path) -> list[tuple[str, Any]]:
    """As its first page advises: no configuration at all, but for the number of the row, which is no evidence."""
    import goldenmatch
    import polars

    frame = polars.read_parquet(source)
    ids = frame["unique_id"].to_list()
    found = goldenmatch.dedupe_df(frame.drop("unique_id"), confidence_required=False, allow_red_config=True)
    labels: dict[int, Any] = dict(enumerate(range(-len(ids), 0)))
    for number, cluster in found.clusters.items():
        labels.update(dict.fromkeys(cluster["members"], number))
    return [(ids[row], labels[row]) for row in range(len(ids))]


def run_dedupe(source: Path, truth: Path) -> list[tuple[str, Any]]:
    """Learns weights and blocking rules from the true pairs of a sample, then partitions at 0.5."""
    import random

    import dedupe
    import pandas

    frame = pandas.read_parquet(source)
    rows = {
        row["unique_id"]: {c: row[c] if isinstance(row[c], str) and row[c] else None for c in TEXTS}
        for row in frame.to_dict("records")
    }
    with truth.open(encoding="utf-8", newline="") as text:
        entity = {row["record_id"]: row["contact"] for row in csv.DictReader(text)}
    variables = [dedupe.variables.String(c, has_missing=True) for c in TEXTS]
    model = dedupe.Dedupe(variables, num_cores=1)
    chance = random.Random(1)
    sample = chance.sample([key for key in rows if key in entity], min(LABELLED, len(rows)))
    model.prepare_training({key: rows[key] for key in sample}, sample_size=LABELLED)
    by: dict[str, list[str]] = {}
    for key in sample:
        by.setdefault(entity[key], []).append(key)
    match = [(rows[a], rows[b]) for keys in by.values() for a, b in combinations(keys, 2)][:500]
    drawn = (chance.sample(sample, 2) for _ in range(len(match) * 2))
    distinct = [(rows[a], rows[b]) for a, b in drawn if entity[a] != entity[b]]
    model.mark_pairs({"match": match, "distinct": distinct})
    model.train(recall=0.95)
    return [(key, i) for i, (keys, _) in enumerate(model.partition(rows, 0.5)) for key in keys]


PEERS = {"recordlinkage": run_recordlinkage, "goldenmatch": run_goldenmatch, "dedupe": run_dedupe}


def main(name: str, source: Path, truth: Path, out: Path) -> None:
    import pandas

    started = time.process_time()
    found = PEERS[name](source, truth)
    cpu = time.process_time() - started
    frame = pandas.DataFrame(found, columns=["unique_id", "cluster_id"]).astype({"unique_id": str, "cluster_id": str})
    frame.to_parquet(out)
    print("\n" + json.dumps({"cpu": cpu}))


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
