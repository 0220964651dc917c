"""How much agreement on a value says, in bits, taken from the file itself.

A name's rarity is its surprisal: -log2 of its share among the file's names, smoothed by how common its surname is in
the population. The rarity of an identifying value (phone, e-mail, code …) is log2(size of the file), less a penalty
that grows with its spread, the number of different owners it is seen with: a switchboard, a placeholder that no
list knows, or a bookkeeper's phone says little, and says so by itself.
"""

import math

import polars as pl

SMALLEST = 2**17  # a file counts as at least this many records: rarity in a file of five rows is no rarity
NAME_CAP = 13.0  # bits; beyond that a typing error or a namesake is likelier than the arithmetic
SMOOTHING = 20_000  # names of the population that are mixed into the file's
GIVEN_ONE, GIVEN_TWO = 400, 15_000  # how many given names of one and two characters compete (order of magnitude)
UNLISTED_SURNAME = 0.002  # percent


def size_bits(rows: int) -> float:
    """log2 of the file's size: what a shared identifying value is worth, and the prior takes away."""
    return math.log2(max(rows, SMALLEST))


def name_rarity(names: pl.Expr, seen: pl.Expr, total: pl.Expr, surname_percent: pl.Expr) -> pl.Expr:
    """Bits that two records share by having this name: `seen` of `total` names (census.py). Null where there is no name."""
    given = pl.when(names.str.len_chars() <= 2).then(1 / GIVEN_ONE).otherwise(1 / GIVEN_TWO)
    expected = surname_percent.fill_null(UNLISTED_SURNAME) / 100 * given
    share = (seen + SMOOTHING * expected) / (total + SMOOTHING)
    return pl.when(names.is_not_null()).then((-share.log(2)).clip(1.0, NAME_CAP))


def surname_rarity(surname_percent: pl.Expr) -> pl.Expr:
    """Bits that two records share by having this surname, at most 8."""
    return (-(surname_percent.fill_null(UNLISTED_SURNAME) / 100).log(2)).clip(2.0, 8.0)


def spread(value: str, owner: str) -> pl.Expr:
    """How many different owners a value is seen with; rows without an owner count as one owner per eight rows."""
    owners = pl.col(owner).drop_nulls().n_unique().over(value)
    return pl.max_horizontal(owners, pl.len().over(value) / 8, pl.lit(1.0))


def value_rarity(value: str, owner: str, bits: float, penalty: float) -> pl.Expr:
    """log2(size of the file) less `penalty` bits for each doubling of the spread, never below 0. Null: no value."""
    worth = (bits - penalty * spread(value, owner).log(2)).clip(0.0, bits)
    return pl.when(pl.col(value).is_not_null()).then(worth)
