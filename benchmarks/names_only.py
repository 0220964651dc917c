"""How often two different names alone are taken for one customer. It must be never; pinyin alone would do it often."""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from guiyi.config import Config
from guiyi.dedup.pairs import Pairs
from guiyi.dedup.policy.base import Policy
from guiyi.dedup.policy.term_frequency import size_bits
from guiyi.dedup.scoring import gather, weigh
from guiyi.pipelines.clean.features import features_of
from guiyi.pipelines.clean.rows import clean_rows
from guiyi.pipelines.read.intake import read_all
from guiyi.pipelines.resolve.levels import policies
from guiyi.sample_data.world import make_world
from pypinyin import lazy_pinyin
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

from .measure import show

PAIRS = 2_000_000
ROWS = 40_000


def names_only(seed: int) -> None:
    """Random pairs of distinct names, with nothing else known of either."""
    world, rows = make_world(ROWS, seed), []
    columns = ("联系人", world.people["name"], "contact"), ("客户名称", world.companies["company"], "account")
    for policy, (header, names, level) in zip(policies(Config()), columns, strict=True):
        distinct = names.drop_nulls().unique(maintain_order=True)
        found, sounds, pairs = _rates(header, distinct, policy)
        rows.append((level, len(distinct), pairs, found, sounds))
    heads = ("", "distinct names", "random pairs", "linked at 0.82", "pinyin Jaro-Winkler ≥ 0.82")
    show("share of random distinct name pairs taken for the same", heads, rows)


def _rates(header: str, names: pl.Series, policy: Policy) -> tuple[float, float, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.csv"
        pl.DataFrame({"客户编号": [str(i) for i in range(len(names))], header: names}).write_csv(path)
        clean = clean_rows(read_all([path], Config()), "en")
    features = features_of(clean).with_columns(person=pl.lit(None, pl.UInt32))
    prepared = policy.prepare(features.with_row_index("row"), size_bits(features.height))
    ends = np.random.default_rng(1).integers(0, features.height, (2, PAIRS), dtype=np.uint32)
    ends = ends[:, ends[0] != ends[1]]
    chosen = [Pairs(part.min(axis=0), part.max(axis=0)) for part in np.array_split(ends, 8, axis=1)]
    linked = sum(int((weigh(gather(prepared, p, policy.columns), policy)["score"] >= 0.82).sum()) for p in chosen)
    sound = pl.Series(["".join(lazy_pinyin(n)) for n in names.to_list()])
    alike = cpdist(sound[ends[0]].to_list(), sound[ends[1]].to_list(), scorer=JaroWinkler.similarity)
    return linked / ends.shape[1], float((alike >= 0.82).mean()), ends.shape[1]
