"""Traditional and variant characters to simplified ones, for keys and look-ups only: the stored text is never rewritten."""

from functools import cache
from typing import Any

import polars as pl

# Variant forms that OpenCC leaves alone and people type for the same character.
_FOLDED = {"峯": "峰", "陞": "升", "甯": "宁"}


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified_text(text: str) -> str:
    """One text in simplified script."""
    return str(_converter().convert(text)).translate(str.maketrans("".join(_FOLDED), "".join(_FOLDED.values())))


def simplified(texts: pl.Series) -> pl.Series:
    """Texts in simplified script; null stays null. One call for the column: texts are joined by line feeds."""
    flat = texts.str.replace_all(r"[\r\n]", " ")
    present = flat.drop_nulls()
    if present.is_empty():
        return flat
    converted = pl.Series([_converter().convert(present.str.join("\n").item())]).str.split("\n").explode()
    folded = converted.str.replace_many(list(_FOLDED), list(_FOLDED.values()))
    return flat.scatter(flat.is_not_null().arg_true(), folded).rename(texts.name)
