"""Pairs of rows that share a key, written out without a join: exact, in memory proportional to the pairs."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Rows = NDArray[np.uint32]


class Pairs(NamedTuple):
    """Row numbers of two records, left always the smaller."""

    left: Rows
    right: Rows


class Blocks(NamedTuple):
    """Rows ordered by key: block `i` is `rows[starts[i]:starts[i] + sizes[i]]`; only blocks of two or more."""

    rows: Rows
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]


NO_BLOCKS = Blocks(np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.int64))


def blocks_of(keys: pl.DataFrame) -> Blocks:
    """`row` (UInt32) and `key` (any type; null: in no block) → rows sorted by key, then row, with block borders."""
    ordered = keys.lazy().select("key", "row").drop_nulls().unique().sort("key", "row").collect()
    rows, told = ordered["row"].to_numpy().astype(np.uint32), ordered["key"].to_numpy()
    if not rows.size:
        return NO_BLOCKS
    starts = np.flatnonzero(np.r_[True, told[1:] != told[:-1]])
    sizes = np.diff(np.r_[starts, rows.size])
    several = sizes > 1
    return Blocks(rows, starts[several], sizes[several])


def count_pairs(sizes: NDArray[np.int64]) -> int:
    """Pairs that all-against-all within the blocks makes."""
    return int((sizes * (sizes - 1) // 2).sum())


def pairs_within(blocks: Blocks, reach: int | None = None) -> Pairs:
    """Every pair inside a block, or, with `reach`, each row with the next `reach` rows of its block."""
    if not blocks.sizes.size:
        return Pairs(np.empty(0, np.uint32), np.empty(0, np.uint32))
    # Position of each row inside its block, and how many partners follow it.
    position = np.arange(blocks.sizes.sum()) - np.repeat(np.cumsum(blocks.sizes) - blocks.sizes, blocks.sizes)
    place = np.repeat(blocks.starts, blocks.sizes) + position
    partners = np.repeat(blocks.sizes, blocks.sizes) - position - 1
    if reach is not None:
        partners = np.minimum(partners, reach)
    left = np.repeat(place, partners)
    step = np.arange(partners.sum()) - np.repeat(np.cumsum(partners) - partners, partners) + 1
    one, other = blocks.rows[left], blocks.rows[left + step]
    return Pairs(np.minimum(one, other), np.maximum(one, other))


def distinct(pairs: list[Pairs]) -> Pairs:
    """The union of several lists of pairs, each pair once, sorted."""
    if not pairs:
        return Pairs(np.empty(0, np.uint32), np.empty(0, np.uint32))
    packed = np.concatenate([p.left.astype(np.uint64) << np.uint64(32) | p.right for p in pairs])
    packed = pl.Series(packed).unique().sort().to_numpy()
    return Pairs((packed >> np.uint64(32)).astype(np.uint32), (packed & np.uint64(0xFFFFFFFF)).astype(np.uint32))


def components(left: NDArray[np.uint32], right: NDArray[np.uint32], rows: int) -> NDArray[np.uint32]:
    """Label of each row's connected component: its smallest row (pointer jumping, whole arrays at a time)."""
    label = np.arange(rows, dtype=np.uint32)
    while True:
        low = np.minimum(label[left], label[right])
        following = label.copy()
        np.minimum.at(following, left, low)
        np.minimum.at(following, right, low)
        following = following[following]
        if np.array_equal(following, label):
            return label
        label = following
