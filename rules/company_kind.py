"""What tells two bodies of one core apart: their kind (医院, 小学, 协会, 公司 …), their ordinal (第一, 二) and, where both are
written in traditional script, signs that one simplified sign stands for (昇, 陞)."""

import tomllib
from functools import cache
from importlib.resources import files

import polars as pl

from .script import simplified

_NUMERALS = "一二三四五六七八九十百零〇0-9"
# 第一中学, 市二院, 三建公司, 5号店: a numeral counts bodies only before such a word; 三一重工 and 五粮液 are brands.
_ORDINAL = rf"第[{_NUMERALS}]+|[{_NUMERALS}]{{1,3}}(?:中|小|院|医院|建|局|处|厂|分|分店|店|号|号店|队|村|公司)"


@cache
def _kinds() -> tuple[dict[str, str], frozenset[str]]:
    """Ending → kind; and the kinds that are public bodies."""
    text = (files(__package__) / "data" / "company_kinds.toml").read_text("utf-8")
    lists: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    endings = {word: kind for kinds in lists.values() for kind, words in kinds.items() for word in words}
    return endings, frozenset(lists["public"])


def public_kinds() -> frozenset[str]:
    """The kinds of which a place has one of a name."""
    return _kinds()[1]


def kind_words() -> frozenset[str]:
    """The words that names of bodies end with."""
    return frozenset(_kinds()[0])


def with_kind(frame: pl.DataFrame) -> pl.DataFrame:
    """`_flat` (name without punctuation, simplified), `form`, `core` and `value` → `kind`, `ordinal`, `variants`; null: none.

    医院有限公司 is a hospital: of a legal form, the body in front of it is asked first.
    """
    legal = pl.when(pl.col("form").str.contains("公司|集团|有限")).then(
        pl.col("_flat").str.strip_suffix(pl.col("form"))
    )
    word = pl.coalesce(legal.str.extract(_ending(True)), pl.col("_flat").str.extract(_ending(False)))
    numbered = pl.col("core").str.extract_all(_ORDINAL).list.join("").str.replace_all(rf"[^{_NUMERALS}]", "")
    return frame.with_columns(
        kind=word.replace_strict(_kinds()[0], default=None, return_dtype=pl.String),
        ordinal=pl.when(numbered != "").then(numbered),
        variants=_traditional_signs(frame["value"]),
    )


@cache
def _ending(before_legal_form: bool) -> str:
    """Endings as a regular expression, longest first; of those before a legal form only what still names a body there."""
    kinds = _kinds()[0]
    words = [w for w in kinds if not before_legal_form or (len(w) > 1 and kinds[w] not in ("公司", "中心", "服务中心"))]
    return f"({'|'.join(sorted(words, key=lambda w: (-len(w), w)))})$"


def _traditional_signs(names: pl.Series) -> pl.Series:
    """The signs of each name that simplified script writes otherwise, joined; null: none."""
    simple = simplified(names)
    other = (simple != names).fill_null(False)
    found = [
        "".join(sign for sign, plain in zip(name, short, strict=False) if sign != plain) or None
        for name, short in zip(names.filter(other).to_list(), simple.filter(other).to_list(), strict=True)
    ]
    empty = pl.Series("variants", [None], dtype=pl.String).new_from_index(0, names.len())
    return empty.scatter(other.arg_true(), pl.Series(found, dtype=pl.String))
