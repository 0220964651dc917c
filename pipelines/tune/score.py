"""Pairs that somebody names, scored in bulk against a published run: how anybody measures us, and looks before a merge."""

from pathlib import Path

import polars as pl

from ...config import Config
from ...dedup.explain import weigh_pairs
from ...dedup.scoring import reasons
from ...errors import InputError
from ...evidence import DIMENSIONS, key_words
from ...i18n import Text
from ...io.read.readers import read_tables
from ...io.store.store import Store
from ..resolve.component import PERSONS
from ..resolve.levels import policies

# band: auto (no human needed) | review | apart | unknown (a name of no record, or of several). met: the keys that the two share, by
# which a run compares them; empty: a run never does. reasons: as in table `pair`.
SCORED = pl.Schema(
    {"a": pl.String, "b": pl.String, "score": pl.Float64, "band": pl.String, "phone_agree": pl.Boolean, "name_similarity": pl.Float64,
     "code_link": pl.Boolean, "met": pl.String, "reasons": pl.String}
)  # fmt: skip
# A record's own number where one record only bears it, or its key.
_NAMES = """
SELECT source_record_id AS name, min(record_key) AS record_key FROM main.record WHERE source_record_id IS NOT NULL
GROUP BY 1 HAVING count(*) = 1 UNION ALL SELECT record_key AS name, record_key FROM main.record
"""


def score_file(store: Store, path: Path, config: Config, level: str) -> pl.DataFrame:
    """A table with the columns `a, b` or `record_key_l, record_key_r` (numbers or keys of records) → SCORED, a row each, in its
    order. Raises InputError."""
    table = read_tables(path)[0]
    named = {"record_key_l": "a", "record_key_r": "b"}  # as table `pair` calls them
    headers = (header.strip().casefold() for header in table.headers)
    columns = {named.get(header, header): column for header, column in zip(headers, table.columns, strict=True)}
    if not {"a", "b"} <= columns.keys():
        raise InputError(
            Text("{p} 缺少 a、b 两列。", "{p} lacks the columns a and b.").format(p=path.name),
            Text("每行写两条记录的编号或记录键。", "Each row names two records, by number or key."),
            reason="pairs.columns",
        )
    pairs = table.rows.select(a=pl.col(columns["a"]).str.strip_chars(), b=pl.col(columns["b"]).str.strip_chars())
    return score_pairs_of(store, pairs, config, level)


def score_pairs_of(store: Store, pairs: pl.DataFrame, config: Config, level: str) -> pl.DataFrame:
    """`a, b` → SCORED; whether a run compares two records or not, they are weighed."""
    policy = policies(config)[level == "account"]
    features = store.table("feature")
    if level == "account":
        features = features.join(store.query(PERSONS), on="record_key", how="left", maintain_order="left")
    rows = features.select("record_key").with_row_index("row")
    names = store.query(_NAMES).unique("name", keep="none").join(rows, on="record_key").select("name", "row")
    placed = pairs.with_row_index("place")
    for side, end in (("a", "one"), ("b", "other")):
        placed = placed.join(names.rename({"name": side, "row": end}), on=side, how="left", maintain_order="left")
    known = placed.drop_nulls(["one", "other"]).with_columns(
        left=pl.min_horizontal("one", "other"), right=pl.max_horizontal("one", "other")
    )
    weighed = weigh_pairs(features, known.select("left", "right"), policy)
    limits, words = config.thresholds, {name: str(told) for name, told in key_words()[level].items()}
    sure = (pl.col("score") >= limits.auto) & ~policy.doubt
    told = weighed.select(
        "score", *DIMENSIONS, reasons=reasons(policy.comparisons),
        band=pl.when(sure).then(pl.lit("auto")).when(pl.col("score") >= limits.duplicate).then(pl.lit("review"))
        .otherwise(pl.lit("apart")),
        met=pl.col("met").list.eval(pl.element().replace(words)).list.join("; "),
    )  # fmt: skip
    scored = pl.concat([known.select("place"), told], how="horizontal")
    whole = placed.select("place", "a", "b").join(scored, on="place", how="left", maintain_order="left")
    return whole.select(pl.col(c).cast(t) for c, t in SCORED.items()).with_columns(pl.col("band").fill_null("unknown"))
