"""How much agreement on a value says, in bits, taken from the file itself.

A name's rarity is its surprisal: -log2 of its share among the file's names, smoothed by how common its surname is in
the population. The rarity of an identifying value (phone, e-mail, code …) is log2(size of the file), less a penalty
that grows with its spread, the number of different owners it is seen with: a switchboard, a placeholder that no
list knows, or a bookkeeper's phone says little, and says so by itself.
"""

import math
from collections.abc import Callable, Mapping

import polars as pl

SMALLEST = 2**17  # a file counts as at least this many records: rarity in a file of five rows is no rarity
NAME_CAP = 13.0  # bits; beyond that a typing error or a namesake is likelier than the arithmetic
SMOOTHING = 20_000  # names of the population that are mixed into the file's
GIVEN_ONE, GIVEN_TWO = 400, 15_000  # how many given names of one and two characters compete (order of magnitude)
UNLISTED_SURNAME = 0.002  # percent
ROWS_OF_AN_OWNER = 8  # rows that count as one owner, whoever they name


def size_bits(rows: int) -> float:
    """log2 of the file's size: what a shared identifying value is worth, and the prior takes away."""
    return math.log2(max(rows, SMALLEST))


def name_rarity(names: pl.Expr, seen: pl.Expr, total: pl.Expr, surname_percent: pl.Expr) -> pl.Expr:
    """Bits that two records share by having this name: `seen` of `total` names (term_counts.py). Null where there is no name."""
    expected = _expected_share(names, surname_percent)
    share = (seen + SMOOTHING * expected) / (total + SMOOTHING)
    return pl.when(names.is_not_null()).then((-share.log(2)).clip(1.0, NAME_CAP))


def namesakes(names: pl.Expr, total: pl.Expr, surname_percent: pl.Expr) -> pl.Expr:
    """How many of `total` names (at least SMOOTHING) chance would make this one; null where there is no name."""
    share = _expected_share(names, surname_percent)
    return pl.when(names.is_not_null()).then(share * pl.max_horizontal(total, SMOOTHING))


def _expected_share(names: pl.Expr, surname_percent: pl.Expr) -> pl.Expr:
    """The share of a name that its surname's share of the population, and chance among given names, would make."""
    given = pl.when(names.str.len_chars() <= 2).then(1 / GIVEN_ONE).otherwise(1 / GIVEN_TWO)
    return surname_percent.fill_null(UNLISTED_SURNAME) / 100 * given


def surname_rarity(surname_percent: pl.Expr) -> pl.Expr:
    """Bits that two records share by having this surname, at most 8."""
    return (-(surname_percent.fill_null(UNLISTED_SURNAME) / 100).log(2)).clip(2.0, 8.0)


def worthless(bits: float, penalty: float) -> int:
    """From how many rows on a value is worth nothing, whoever they name."""
    return math.ceil(ROWS_OF_AN_OWNER * 2 ** (bits / penalty))


def rarities(
    frame: pl.DataFrame,
    values: Mapping[str, tuple[str, float, tuple[str, ...]]],
    bits: float | None,
    spread: Callable[..., pl.DataFrame],
) -> dict[str, pl.Series | pl.Expr]:
    """Columns `<name>_rarity`. values: name → the column, its penalty and its owners, counted by `spread` (owners,
    usual_owners). Without bits nothing is worth anything (null)."""
    if bits is None:
        return {f"{name}_rarity": pl.lit(None, pl.Float64) for name in values}
    return {
        f"{name}_rarity": value_rarity(frame, value, bits, penalty, spread(frame, value, *seen_with))
        if frame[value].null_count() < frame.height
        else pl.lit(None, pl.Float64)
        for name, (value, penalty, seen_with) in values.items()
    }


def value_rarity(frame: pl.DataFrame, value: str, bits: float, penalty: float, spread: pl.DataFrame) -> pl.Series:
    """log2(size of the file) less `penalty` bits for each doubling of the spread, never below 0. Null: no value.

    spread: `value, spread` where it is more than 1 (owners, usual_owners).
    """
    known = frame.lazy().select(value).join(spread.lazy(), on=value, how="left", maintain_order="left")
    worth = (bits - penalty * pl.col("spread").fill_null(1.0).log(2)).clip(0.0, bits)
    return known.select(worth=pl.when(pl.col(value).is_not_null()).then(worth)).collect()["worth"]


def listed_rarity(
    frame: pl.DataFrame,
    lists: str,
    bits: float,
    penalty: float,
    spread: Callable[..., pl.DataFrame],
    *seen_with: str,
    only: pl.Series | None = None,
) -> pl.DataFrame:
    """`row`, a column of lists of texts, and who holds them (seen_with) → `row, <lists>, worth`: a row for each text (of `only`), with
    its rarity."""
    wanted = pl.col(lists).is_not_null() if only is None else pl.col(lists).is_in(only.implode())
    each = frame.lazy().select("row", lists, *seen_with).explode(lists).filter(wanted).collect()
    return each.select("row", lists, value_rarity(each, lists, bits, penalty, spread(each, lists, *seen_with)))


def least_rarity(
    frame: pl.DataFrame,
    lists: str,
    bits: float | None,
    penalty: float,
    spread: Callable[..., pl.DataFrame],
    *seen_with: str,
    only: pl.Series | None = None,
) -> pl.Series:
    """As `listed_rarity`: of each row the bits of its most widely shared text; null where it has none, and without bits."""
    if bits is None or (only is not None and only.is_empty()):
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, frame.height)
    each = listed_rarity(frame, lists, bits, penalty, spread, *seen_with, only=only)
    least = each.lazy().group_by("row").agg(pl.col("worth").min())
    return frame.lazy().select("row").join(least, on="row", how="left", maintain_order="left").collect()["worth"]


def owners(frame: pl.DataFrame, value: str, *owners: str) -> pl.DataFrame:
    """`value, spread`: how many different owners a value is seen with, in the column of owners that sees most of them.

    Rows count as well: one owner per eight rows, if they name none. A frame that is only part of the file may bring the
    spread along, as `<value>_spread`.
    """
    return _spread(frame, value, owners, pl.len().cast(pl.Float64))


def usual_owners(frame: pl.DataFrame, value: str, *owners: str) -> pl.DataFrame:
    """As `owners`, but by how often each is seen: one over the chance that two rows name the same.

    A mistyped name among sixty rows is no second owner; two firms with a row each are two.
    """
    n = pl.col("n")
    return _spread(frame, value, owners, n.sum().pow(2) / n.pow(2).sum())


def _spread(frame: pl.DataFrame, value: str, owners: tuple[str, ...], spread: pl.Expr) -> pl.DataFrame:
    """Values with a spread of more than 1. spread: over the owners of a value, each with `n` rows."""
    if (brought := f"{value}_spread") in frame.columns:
        return frame.select(value, spread=brought).drop_nulls().unique(value)
    plan = frame.lazy()
    found = [plan.select(value).drop_nulls().group_by(value).agg(spread=pl.len() / ROWS_OF_AN_OWNER)]
    for owner in owners:
        seen = plan.select(value, owner=owner).drop_nulls().group_by(value, "owner").agg(n=pl.len().cast(pl.Float64))
        found.append(seen.group_by(value).agg(spread=spread))
    several = pl.concat([f.filter(pl.col("spread") > 1) for f in found])
    return several.group_by(value).agg(pl.col("spread").max()).collect()
