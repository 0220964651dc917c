"""A level's whole policy: how its features are weighed, which pairs are looked at, how they are compared."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from .comparisons import Comparison
from .keys import Key


@dataclass(frozen=True)
class Policy:
    """prepare: features (and bits, where they are to be weighed) → columns of levels and rarities; measure: pairs → with similarities.

    identity: the columns that say who a record is; conflict: over weighed pairs, true where two identities can never
    stand in one group; contradiction: the comparison that says what tells two apart, over `doubt_columns`.
    texts: the columns whose characters a comparison reads; the other texts are only equal or not. off: the dimensions that are
    switched off (switches.py).
    """

    level: str
    prepare: Callable[[pl.DataFrame, float | None], pl.DataFrame]
    keys: tuple[Key, ...]
    columns: tuple[str, ...]
    texts: tuple[str, ...]
    measure: Callable[[pl.DataFrame], pl.DataFrame]
    comparisons: tuple[Comparison, ...]
    identity: tuple[str, ...]
    conflict: pl.Expr
    contradiction: Comparison
    doubt_columns: tuple[str, ...]
    off: frozenset[str] = frozenset()

    @property
    def doubt(self) -> pl.Expr:
        """Over weighed pairs: something tells the two apart, so that a human looks, whatever the score."""
        return pl.col(f"{self.contradiction.name}_level") != "else"
