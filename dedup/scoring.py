"""Scores with reasons: candidate pairs → the sum of their levels' weights, less the prior, as a probability."""

import polars as pl

from .pairs import Pairs
from .policy.base import Policy
from .policy.comparisons import Comparison

CHUNK = 150_000  # pairs gathered at once: with sixty columns twice, about 300 MB


def gather(features: pl.DataFrame, pairs: Pairs, columns: tuple[str, ...]) -> pl.DataFrame:
    """One row per pair: `left, right` and each feature twice, `<feature>_l` and `<feature>_r`."""
    chosen = features.select(columns)
    left = chosen[pairs.left].rename({c: f"{c}_l" for c in columns})
    right = chosen[pairs.right].rename({c: f"{c}_r" for c in columns})
    ends = pl.DataFrame({"left": pairs.left, "right": pairs.right})
    return pl.concat([ends, left, right], how="horizontal")


def probability(bits: pl.Expr) -> pl.Expr:
    """Log2 odds to probability."""
    return 1 / (1 + pl.lit(2.0).pow(-bits.clip(-60, 60)))


def weigh(pairs: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Gathered pairs → `left, right, score`, and `<comparison>_level`, `<comparison>_weight` of each comparison."""
    if pairs.is_empty():
        return _nothing(policy)
    measured = policy.measure(pairs)
    # Lazily, so that a condition which several levels ask for is evaluated once; all together would take half as long again.
    lazy = measured.lazy()
    places = [lazy.select(comparison.place()).collect().to_series() for comparison in policy.comparisons]
    columns = [c for comparison in policy.comparisons for c in comparison.columns()]
    weighed = measured.with_columns(places).select("left", "right", "size_l", *columns)
    total = pl.sum_horizontal(f"{c.name}_weight" for c in policy.comparisons) - pl.col("size_l")
    return weighed.with_columns(score=probability(total)).drop("size_l")


def _nothing(policy: Policy) -> pl.DataFrame:
    """What `weigh` makes of no pairs; most nights of few rows have many of these."""
    told = [
        (f"{c.name}_{end}", kind)
        for c in policy.comparisons
        for end, kind in (("level", pl.String), ("weight", pl.Float64))
    ]
    return pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32, **dict(told), "score": pl.Float64})


def _coded(features: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Texts that are only equal or not as categories: numbers are gathered and compared in half the time, if often enough."""
    chosen = features.select(policy.columns)
    codes = [c for c, kind in chosen.schema.items() if kind == pl.String and c not in policy.texts]
    return chosen.with_columns(pl.col(codes).cast(pl.Categorical))


def score_pairs(features: pl.DataFrame, pairs: Pairs, policy: Policy, floor: float) -> pl.DataFrame:
    """Prepared features and candidate pairs → weighed pairs with score ≥ floor, sorted by `left, right`."""
    kept = []
    coded = _coded(features, policy) if len(pairs.left) > 2 * features.height else features
    for start in range(0, max(len(pairs.left), 1), CHUNK):
        part = Pairs(pairs.left[start : start + CHUNK], pairs.right[start : start + CHUNK])
        weighed = weigh(gather(coded, part, policy.columns), policy)
        kept.append(weighed.filter(pl.col("score") >= floor))
    return pl.concat(kept).sort("left", "right")


def _speaks(name: str) -> pl.Expr:
    level, weight = pl.col(f"{name}_level"), pl.col(f"{name}_weight")
    return (level != "else") if name == "contradiction" else (level != "null") & (weight != 0)


def reasons(comparisons: tuple[Comparison, ...]) -> pl.Expr:
    """JSON text: comparison → level and weight, without the comparisons that say nothing.

    A contradiction says something even where it weighs nothing: it sends the pair to a human.
    """
    parts = [
        pl.when(_speaks(c.name)).then(
            # pl.format would read every brace of the JSON as a place.
            pl.concat_str(
                pl.lit(f'"{c.name}": {{"level": "'), f"{c.name}_level", pl.lit('", "weight": '),
                pl.col(f"{c.name}_weight").round(2).cast(pl.String), pl.lit("}"),
            )
        )
        for c in comparisons
    ]  # fmt: skip
    return pl.concat_str([pl.lit("{"), pl.concat_str(parts, separator=", ", ignore_nulls=True), pl.lit("}")])
