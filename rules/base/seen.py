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


def holds_where(text: pl.Expr, look: str, pattern: str) -> pl.Expr:
    """Whether `pattern` is found, asked only where the cheap `look` is; null counts as no.

    A pattern of many words or signs takes milliseconds to compile, in every thread anew.
    """

    def held(texts: pl.Series) -> pl.Series:
        found = texts.str.contains(look).fill_null(False)
        return found.scatter(found.arg_true(), texts.filter(found).str.contains(pattern)) if found.any() else found

    return text.map_batches(held, return_dtype=pl.Boolean, is_elementwise=True)
