"""Which pairs are looked at: blocking by several keys, with a budget that is counted before a pair is made.

A block larger than `LARGE` is refined by its second key, and what stays large after that is chained (each row with
the next few of its block), so that no row is dropped: `report` says what was refined and what was chained.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from .pairs import Blocks, Pairs, blocks_of, count_pairs, distinct, pairs_within

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


@dataclass(frozen=True)
class Block:
    """A blocking key: rows with equal `keys` (all of them present) are compared; `refine` splits oversize blocks.

    agree: two rows that both have it are compared only where it is the same. size: a column that says how many rows of the
    file hold the key, in a frame that is only part of it and need not hold those that do not agree.
    """

    name: str
    keys: tuple[pl.Expr, ...]
    refine: pl.Expr | None = None
    agree: pl.Expr | None = None
    size: str | None = None

    def key(self) -> pl.Expr:
        """One text per row, null where a part is missing; of a column of lists as many as it holds."""
        if len(self.keys) == 1:
            return self.keys[0]
        return pl.concat_str([k.cast(pl.String) for k in self.keys], separator="\x1f", ignore_nulls=False)


class Candidates(NamedTuple):
    pairs: Pairs
    report: pl.DataFrame  # block, keys, largest, pairs, refined, chained


class TooManyPairsError(Exception):
    """The budget would be exceeded; carries how many pairs and which block is the largest."""

    def __init__(self, pairs: int, budget: int, block: str) -> None:
        super().__init__(f"{pairs} pairs over the budget of {budget}, most of them from block {block}")
        self.pairs, self.budget, self.block = pairs, budget, block


def candidate_pairs(
    features: pl.DataFrame, blocks: tuple[Block, ...], budget: int, fresh: pl.Series | None = None
) -> Candidates:
    """features (with `row`) → distinct pairs of all blocks. Raises TooManyPairsError before anything is joined.

    fresh: only blocks that hold one of these rows (UInt32) are paired.
    """
    planned = [(block, *_plan(features, block, fresh)) for block in blocks]
    sizes = {
        block.name: count_pairs(whole.sizes) + int(chained.sizes.sum()) * REACH for block, whole, chained, _ in planned
    }
    total = sum(sizes.values())
    if total > budget:
        raise TooManyPairsError(total, budget, max(sizes, key=sizes.__getitem__))
    made = [_agreeing(features, block, pairs_within(whole)) for block, whole, _, _ in planned]
    made += [_agreeing(features, block, pairs_within(chained, REACH)) for block, _, chained, _ in planned]
    report = pl.DataFrame(
        [(b.name, len(w.sizes) + len(c.sizes), int(max([0, *w.sizes, *c.sizes])), sizes[b.name], refined, len(c.sizes))
         for b, w, c, refined in planned],
        schema=REPORT, orient="row",
    )  # fmt: skip
    return Candidates(distinct(made), report)


def _plan(features: pl.DataFrame, block: Block, fresh: pl.Series | None) -> tuple[Blocks, Blocks, int]:
    """Blocks to pair whole, blocks to chain, and how many oversize blocks were refined."""
    told = pl.col(block.size) if block.size in features.columns else pl.lit(0, pl.UInt32)
    keyed = features.select("row", key=block.key(), refine=_text(block.refine), told=told)
    keyed = (keyed.explode("key") if keyed.schema["key"] == pl.List(pl.String) else keyed).filter(
        pl.col("key").is_not_null()
    )
    if fresh is not None:
        asked = keyed.filter(pl.col("row").is_in(fresh.implode())).select("key").unique()
        keyed = keyed.join(asked, on="key", how="semi", maintain_order="left")
    size = pl.max_horizontal(pl.len().over("key"), "told")
    keyed = keyed.with_columns(key=pl.col("key").rank("dense"), _size=size).filter(pl.col("_size") > 1)
    small = blocks_of(keyed.filter(pl.col("_size") <= LARGE).select("row", "key"))
    large = keyed.filter(pl.col("_size") > LARGE)
    refined = large["key"].n_unique()
    if not large.height:
        return small, blocks_of(large.select("row", "key")), 0
    if block.refine is not None:
        large = large.with_columns(key=pl.struct("key", pl.col("refine").fill_null("")).rank("dense"))
    parts = blocks_of(large.select("row", "key"))
    fits = parts.sizes <= LARGE
    return _joined(small, parts, fits), Blocks(parts.rows, parts.starts[~fits], parts.sizes[~fits]), refined


def _agreeing(features: pl.DataFrame, block: Block, pairs: Pairs) -> Pairs:
    """The pairs of a block that do not differ in what must agree."""
    if block.agree is None:
        return pairs
    told = features.select(block.agree.rank("dense").cast(pl.Int64).fill_null(0)).to_series().to_numpy()
    left, right = told[pairs.left], told[pairs.right]
    kept = (left == right) | (left == 0) | (right == 0)
    return Pairs(pairs.left[kept], pairs.right[kept])


def _text(expression: pl.Expr | None) -> pl.Expr:
    return pl.lit(None, pl.String) if expression is None else expression.cast(pl.String)


def _joined(small: Blocks, parts: Blocks, fits: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Blocks:
    starts = np.concatenate([small.starts, parts.starts[fits] + small.rows.size])
    return Blocks(np.concatenate([small.rows, parts.rows]), starts, np.concatenate([small.sizes, parts.sizes[fits]]))
