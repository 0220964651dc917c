"""Expensive expressions for the few texts that need them: polars evaluates both arms of when/then on every row."""

from collections.abc import Callable

import polars as pl


def where_seen(text: pl.Expr, pattern: str, change: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """`change(text)` where the pattern is found, the text itself elsewhere; null stays null.

    Texts without a find cost one look, and where no text has any, the expression is not even built.
    """

    def changed(texts: pl.Series) -> pl.Series:
        found = texts.str.contains(pattern).fill_null(False)
        if not found.any():
            return texts
        some = texts.filter(found).to_frame("text").select(change(pl.col("text"))).to_series()
        return texts.scatter(found.arg_true(), some)

    return text.map_batches(changed, return_dtype=pl.String, is_elementwise=True)
