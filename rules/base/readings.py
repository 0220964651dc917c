"""Pinyin of Chinese characters, one reading each, as whole columns.

Toneless, `ü` written `u` as people type it. Readings come from pypinyin for the distinct characters of a column and
are applied with one multi-pattern replacement; surnames and place names with readings of their own are handled by
those who know that a text is a name (rules/person_name/clean.py, rules/company_name/clean.py).
"""

import json
import unicodedata
from functools import cache
from importlib.util import find_spec
from itertools import islice, product
from pathlib import Path

import numpy as np
import polars as pl

from ..data import read_toml

HAN = r"\p{Han}"
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))


@cache
def _pinyin() -> dict[str, str]:
    """Code point → readings: the table of pypinyin without its program, whose loading takes five times as long."""
    spec = find_spec("pypinyin")
    (folder,) = (spec and spec.submodule_search_locations) or ("",)
    table: dict[str, str] = json.loads((Path(folder) / "pinyin_dict.json").read_text("utf-8"))
    return table


def _toneless(readings: str) -> str:
    """The first of the readings of a character, without its tone: zhōng,zhòng → zhong, lǚ → lü."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", readings.partition(",")[0]).translate(_TONES))


@cache
def reading(character: str) -> str:
    """The most common reading of one character; the character itself where there is none (𠮷, 㐂)."""
    found = _pinyin().get(str(ord(character)))
    return character if found is None else _toneless(found).replace("ü", "u")


@cache
def pinyin_syllables() -> dict[str, None]:
    """All syllables of Chinese without tones, the longest first; ü as `u`, and as `v`."""
    spoken = {_toneless(first) for first in {r.partition(",")[0] for r in _pinyin().values()}}  # 42,000 share 1,400
    typed = {s.replace("ü", letter) for s in spoken for letter in "uv"}
    return dict.fromkeys(sorted((s for s in typed if s.isascii() and s.isalpha()), key=lambda s: (-len(s), s)))


@cache
def _names() -> dict[str, str]:
    return read_toml("names.toml")


@cache
def words_of_names(table: str) -> dict[str, list[str]]:
    """A table of rules/data/names.toml: word → what stands behind it."""
    lines = _names()[table].replace("\n", " ")
    if ";" not in lines:
        return {word: [] for word in lines.split()}
    return {word: rest for word, *rest in (line.split() for line in lines.split(";"))}


def look_alike(names: pl.Series) -> pl.Series:
    """Names with each sign that is easily taken for another as the first of its group; null where there is none: 季明 → 李朋."""
    groups = _names()["look_alikes"].split()
    signs, first = [c for g in groups for c in g], [g[0] for g in groups for _ in g]
    held = names.str.contains(f"[{''.join(signs)}]").fill_null(False)
    folded = names.filter(held).str.replace_many(signs, first)
    return names.clear(len(names)).scatter(held.arg_true(), folded)


def further_readings(name: str, usual: str) -> str | None:
    """The other readings of a Chinese name, separated by blanks, where one of its characters has several: 谭慧 → qinhui."""
    table = words_of_names("polyphones")
    head = name[:2] if name[:2] in table else name[:1]
    parts = [table.get(part) or [reading(part)] for part in (head, *name[len(head) :])]
    found = {"".join(chosen) for chosen in islice(product(*parts), 16)} - {usual}
    return " ".join(sorted(found)) or None


def characters(texts: pl.Series) -> list[str]:
    """Distinct Chinese characters of a column, sorted."""
    points = np.frombuffer(texts.str.join("").item().encode("utf-32-le"), np.uint32)
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
