"""Comparisons as ordered tuples of levels: the first level that holds gives its weight (log2 odds), null comes first.

A level's weight may grow with the rarity of what agrees: `rarity` names a feature column (bits, see term_frequency.py) that is
added, so that 尉迟恭 says more than 王伟 and a phone of one person more than the phone of an office.
"""

from dataclasses import dataclass, replace

import polars as pl

from ...evidence import Weights


@dataclass(frozen=True)
class Level:
    """`when` is an expression over the columns `<feature>_l` and `<feature>_r` of a pair; null counts as false.

    Its weight and its words stand in evidence.toml, under the comparison and its name.
    """

    name: str
    when: pl.Expr
    rarity: str | None = None
    least: float | None = None
    weight: float = 0.0

    def bits(self) -> pl.Expr:
        """The weight of the level for a pair: with rarity, the smaller of the two sides' (they may differ)."""
        if self.rarity is None:
            return pl.lit(self.weight, pl.Float64)
        total = pl.min_horizontal(f"{self.rarity}_l", f"{self.rarity}_r").fill_null(0.0) + self.weight
        return total if self.least is None else pl.max_horizontal(total, pl.lit(self.least))


@dataclass(frozen=True)
class Comparison:
    """A dimension of evidence. Pairs for which no level holds get level `else` and weight 0."""

    name: str
    levels: tuple[Level, ...]

    def weighed(self, weights: Weights) -> "Comparison":
        """The comparison with the weights of its levels; those that weigh nothing are left out of them."""
        own = weights.get(self.name, {})
        return Comparison(self.name, tuple(replace(x, weight=own.get(x.name, 0.0)) for x in self.levels))

    def place(self) -> pl.Expr:
        """Column `<name>_place`: the position of the first level that holds (UInt8), null where none does."""
        held = (pl.when(x.when.fill_null(False)).then(pl.lit(i, pl.UInt8)) for i, x in enumerate(self.levels))
        return pl.coalesce(held).alias(f"{self.name}_place")

    def columns(self) -> tuple[pl.Expr, pl.Expr]:
        """From `<name>_place`: `<name>_level` (String) and `<name>_weight` (Float64, log2 odds)."""
        place = pl.col(f"{self.name}_place")
        level = place.replace_strict(
            list(range(len(self.levels))), [x.name for x in self.levels], default="else", return_dtype=pl.String
        )
        weighty = [(i, x) for i, x in enumerate(self.levels) if x.weight or x.rarity]
        weight = pl.coalesce([*(pl.when(place == i).then(x.bits()) for i, x in weighty), pl.lit(0.0)])
        return level.alias(f"{self.name}_level"), weight.alias(f"{self.name}_weight")


def both(feature: str) -> pl.Expr:
    """Both sides have the feature."""
    return pl.col(f"{feature}_l").is_not_null() & pl.col(f"{feature}_r").is_not_null()


def missing(feature: str) -> pl.Expr:
    """At least one side lacks the feature."""
    return ~both(feature)


def same(feature: str) -> pl.Expr:
    """Both sides have the feature and it is equal."""
    return pl.col(f"{feature}_l") == pl.col(f"{feature}_r")


def differ(feature: str) -> pl.Expr:
    """Both sides have the feature and it is not equal."""
    return pl.col(f"{feature}_l") != pl.col(f"{feature}_r")


def crossed(one: str, other: str) -> pl.Expr:
    """One side's `one` equals the other side's `other`."""
    return (pl.col(f"{one}_l") == pl.col(f"{other}_r")) | (pl.col(f"{other}_l") == pl.col(f"{one}_r"))


def among(one: str, many: str) -> pl.Expr:
    """One side's `one` is among the texts, joined by commas, of the other side's `many`; null where no side can tell."""
    comma = pl.lit(",")
    return pl.any_horizontal(
        (comma + pl.col(f"{many}_{b}") + comma).str.contains(comma + pl.col(f"{one}_{a}") + comma, literal=True)
        for a, b in ("lr", "rl")
    )
