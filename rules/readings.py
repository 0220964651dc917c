"""Pinyin of Chinese characters, one reading each, as whole columns.

Toneless, `ü` written `u` as people type it. Readings come from pypinyin for the distinct characters of a column and
are applied with one multi-pattern replacement; surnames and place names with readings of their own are handled by
those who know that a text is a name (rules/person_name.py, rules/company_name.py).
"""

from functools import cache

import numpy as np
import polars as pl
from pypinyin import Style, pinyin

HAN = r"\p{Han}"


@cache
def reading(character: str) -> str:
    """The most common reading of one character; the character itself where there is none (𠮷, 㐂)."""
    found = pinyin(character, style=Style.NORMAL, errors="default", v_to_u=False)[0][0]
    return found.replace("ü", "u").replace("lv", "lu").replace("nv", "nu")


def characters(texts: pl.Series) -> list[str]:
    """Distinct Chinese characters of a column, sorted."""
    points = np.frombuffer("".join(texts.drop_nulls().to_list()).encode("utf-32-le"), np.uint32)
    found = pl.Series([chr(point) for point in np.flatnonzero(np.bincount(points))], dtype=pl.String)
    return found.filter(found.str.contains(HAN)).to_list()


def syllables(texts: pl.Series) -> pl.Series:
    """Texts with each Chinese character replaced by its reading and a space: 张伟 → `zhang wei`; null stays null."""
    known = characters(texts)
    readings = [f" {reading(c)} " for c in known]
    spelled = texts.str.replace_many(known, readings) if known else texts
    return spelled.str.replace_all(r"\s+", " ").str.strip_chars()


def joined(texts: pl.Series) -> pl.Series:
    """The syllables without any space: 张伟 → `zhangwei`; null stays null."""
    known = characters(texts)
    spelled = texts.str.replace_many(known, [reading(c) for c in known]) if known else texts
    spaced = spelled.str.contains(r"\s").fill_null(False)
    return spelled.scatter(spaced.arg_true(), spelled.filter(spaced).str.replace_all(r"\s+", ""))
