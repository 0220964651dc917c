"""Which pairs are looked at: blocking by several keys, with a budget that is counted before a pair is made.

A block larger than `LARGE` is split by the key's second part, and what stays large after that is chained (each row with
the next few of its block), so that no row is dropped: `report` says what was refined and what was chained.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from .pairs import NO_BLOCKS, Blocks, Pairs, blocks_of, count_pairs, distinct, pairs_within
from .policy.keys import Key, explode_lists

LARGE = 60  # rows: 1,770 pairs; a block of more rows shares a junk value, or is a very large company
REACH = 8  # partners of each row in a chained block

REPORT = pl.Schema(
    {
        "block": pl.String,
        "keys": pl.Int64,
        "largest": pl.Int64,
        "pairs": pl.Int64,
        "refined": pl.Int64,
        "chained": pl.Int64,
    }
)


class Candidates(NamedTuple):
    pairs: Pairs
    report: pl.DataFrame  # block, keys, largest, pairs, refined, chained


class TooManyPairsError(Exception):
    """The budget would be exceeded; carries how many pairs and which block is the largest."""

    def __init__(self, pairs: int, budget: int, block: str) -> None:
        super().__init__(f"{pairs} pairs over the budget of {budget}, most of them from block {block}")
        self.pairs, self.budget, self.block = pairs, budget, block


def candidate_pairs(
    features: pl.DataFrame, keys: tuple[Key, ...], budget: int, fresh: pl.Series | None = None
) -> Candidates:
    """features (with `row`) → distinct pairs of all keys. Raises TooManyPairsError before anything is joined.

    fresh: only blocks that hold one of these rows (UInt32) are paired.
    """
    planned = [(key, *_plan(features, key, fresh)) for key in keys]
    sizes = {
        key.name: count_pairs(whole.sizes) + int(chained.sizes.sum()) * REACH for key, whole, chained, _ in planned
    }
    total = sum(sizes.values())
    if total > budget:
        raise TooManyPairsError(total, budget, max(sizes, key=sizes.__getitem__))
    made = [_agreeing(features, key, pairs_within(whole)) for key, whole, _, _ in planned]
    made += [_agreeing(features, key, pairs_within(chained, REACH)) for key, _, chained, _ in planned]
    report = pl.DataFrame(
        [(k.name, len(w.sizes) + len(c.sizes), int(max([0, *w.sizes, *c.sizes])), sizes[k.name], refined, len(c.sizes))
         for k, w, c, refined in planned],
        schema=REPORT, orient="row",
    )  # fmt: skip
    return Candidates(distinct(made), report)


def _plan(features: pl.DataFrame, key: Key, fresh: pl.Series | None) -> tuple[Blocks, Blocks, int]:
    """Blocks to pair whole, blocks to chain, and how many oversize blocks were refined."""
    told = pl.col(key.size) if key.size in features.columns else pl.lit(0, pl.UInt32)
    held = features.lazy().select("row", key=key.value(), split=_text(key.split), told=told)
    held = explode_lists(held, held.collect_schema()["key"])
    if fresh is not None:
        asked = held.filter(pl.col("row").is_in(fresh.implode())).select("key").unique()
        held = held.join(asked, on="key", how="semi", maintain_order="left")
    held = held.with_columns(_size=pl.max_horizontal(pl.len().over("key"), "told")).filter(pl.col("_size") > 1)
    keyed = held.with_columns(key=pl.col("key").rank("dense")).collect()
    fits_whole = keyed["_size"].to_numpy() <= LARGE
    if fits_whole.all():
        return blocks_of(keyed), NO_BLOCKS, 0
    small, large = blocks_of(keyed.filter(fits_whole)), keyed.filter(~fits_whole)
    refined = large["key"].n_unique()
    if key.split is not None:
        large = large.with_columns(key=pl.struct("key", pl.col("split").fill_null("")).rank("dense"))
    parts = blocks_of(large)
    fits = parts.sizes <= LARGE
    return _joined(small, parts, fits), Blocks(parts.rows, parts.starts[~fits], parts.sizes[~fits]), refined


def _agreeing(features: pl.DataFrame, key: Key, pairs: Pairs) -> Pairs:
    """The pairs of a block that do not differ in what must agree."""
    if key.agree is None:
        return pairs
    told = features.select(key.agree.rank("dense").cast(pl.Int64).fill_null(0)).to_series().to_numpy()
    left, right = told[pairs.left], told[pairs.right]
    kept = (left == right) | (left == 0) | (right == 0)
    return Pairs(pairs.left[kept], pairs.right[kept])


def _text(expression: pl.Expr | None) -> pl.Expr:
    return pl.lit(None, pl.String) if expression is None else expression.cast(pl.String)


def _joined(small: Blocks, parts: Blocks, fits: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Blocks:
    starts = np.concatenate([small.starts, parts.starts[fits] + small.rows.size])
    return Blocks(np.concatenate([small.rows, parts.rows]), starts, np.concatenate([small.sizes, parts.sizes[fits]]))
