"""Similarities of texts, in bulk and once per distinct pair of texts.

rapidfuzz does the arithmetic, always in float64 (its default float32 moves pairs across a threshold); jellyfish hears
whether two Latin names sound alike.
"""

from collections.abc import Callable
from typing import Any

import jellyfish
import numpy as np
import polars as pl
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein
from rapidfuzz.process import cpdist


def _on_distinct(
    pairs: pl.DataFrame, feature: str, when: pl.Expr, measure: Callable[[list[str], list[str]], Any], dtype: pl.DataType
) -> pl.Series:
    """A measure of `<feature>_l` against `<feature>_r` where both are there and `when` holds; null elsewhere."""
    left, right = f"{feature}_l", f"{feature}_r"
    asked = pairs.lazy().select(left, right, _when=when.fill_null(False))
    wanted = asked.filter("_when").select(left, right).drop_nulls().unique().collect()
    if wanted.is_empty():
        return pl.repeat(None, pairs.height, dtype=dtype, eager=True).alias("_measure")
    measured = pl.Series(measure(wanted[left].to_list(), wanted[right].to_list()), dtype=dtype, strict=False)
    table = wanted.lazy().with_columns(_measure=measured)
    found = asked.join(table, on=[left, right], how="left", maintain_order="left")
    return found.select(_measure=pl.when("_when").then("_measure")).collect()["_measure"]


def jaro_winkler(pairs: pl.DataFrame, feature: str, when: pl.Expr) -> pl.Series:
    """Jaro-Winkler similarity, 0..1."""
    return _on_distinct(
        pairs, feature, when,
        lambda a, b: cpdist(a, b, scorer=JaroWinkler.similarity, dtype=np.float64, workers=-1), pl.Float64(),
    )  # fmt: skip


def edits(pairs: pl.DataFrame, feature: str, when: pl.Expr) -> pl.Series:
    """Levenshtein distance in characters."""
    return _on_distinct(
        pairs, feature, when,
        lambda a, b: cpdist(a, b, scorer=Levenshtein.distance, dtype=np.float64, workers=-1), pl.Float64(),
    )  # fmt: skip


def one_slip(pairs: pl.DataFrame, feature: str, when: pl.Expr) -> pl.Series:
    """Whether one character is another, too many or missing, or two that stand side by side are exchanged."""
    return _on_distinct(
        pairs,
        feature,
        when,
        lambda a, b: cpdist(a, b, scorer=OSA.distance, score_cutoff=1, workers=-1) == 1,
        pl.Boolean(),
    )


def share_word(pairs: pl.DataFrame, feature: str, when: pl.Expr) -> pl.Series:
    """Whether two texts have a word in common."""
    return _on_distinct(
        pairs, feature, when, lambda a, b: [not set(x.split()).isdisjoint(y.split()) for x, y in zip(a, b, strict=True)],
        pl.Boolean(),
    )  # fmt: skip


def family_fit(pairs: pl.DataFrame, when: pl.Expr) -> pl.Series:
    """Feature `family` of two names: `other` (no surname in common), `open` (one, and of just one side the given name
    tells nothing), `same`."""
    return _on_distinct(
        pairs, "family", when, lambda a, b: [_fit(x, y) for x, y in zip(a, b, strict=True)], pl.String()
    )


def _fit(one: str, other: str) -> str:
    left, right = ({w.rstrip("?"): w.endswith("?") for w in side.split()} for side in (one, other))
    common = left.keys() & right.keys()
    return "open" if any(left[w] != right[w] for w in common) else "same" if common else "other"


def sounds_alike(pairs: pl.DataFrame, feature: str, when: pl.Expr) -> pl.Series:
    """Whether two Latin names sound alike word by word, in some order of the words (Match Rating Approach)."""
    return _on_distinct(
        pairs, feature, when, lambda a, b: [_alike(x, y) for x, y in zip(a, b, strict=True)], pl.Boolean()
    )


def _alike(one: str, other: str) -> bool:
    left, right = sorted(one.split()), sorted(other.split())
    if len(left) != len(right) or len(left) < 2:
        return False
    rest = list(right)
    for word in left:
        match = next((r for r in rest if _sound_same(word, r)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def _sound_same(word: str, other: str) -> bool:
    """The rating alone takes kevin for david; the letters must be close as well."""
    if word == other:
        return True
    near = jellyfish.jaro_winkler_similarity(word, other) >= 0.84
    return bool(near and jellyfish.match_rating_comparison(word, other))
