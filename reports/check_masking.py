"""What the gate shows of a cell: personal data masked, and what no eye sees made visible.

Cells come as they were read, so a number may stand among words, twice in a cell, or in a column that nobody mapped.
"""

import re
import unicodedata
from functools import cache

import polars as pl

from .masking import mask

_DIGIT = "[0-9０-９〇零一二三四五六七八九幺]"
# Seven digits or more with whatever people write between them: phones, identity cards, QQ numbers.
_NUMBER = re.compile(rf"{_DIGIT}(?:[\s\-‐-―－()（）.·]{{0,2}}{_DIGIT}){{6,}}")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9A-Za-z])")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])[1-8][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9A-Za-z])")
# A run of letters that is no address is taken whole, so that no letter of it is looked at twice.
_ADDRESS = re.compile(r"([\w.+-]{1,2})[\w.+-]*+(@[\w-]++(?:\.[\w-]++)+)|[\w.+-]++")
# Rules that speak of the sheet, not of what a person typed into the cell.
_OF_SHEET = r"^(?:sheet|header|file|row)\.|^cell\.(?:formula|formula_empty|error)$"
_LONGEST = 200
_LOOKED_AT = _LONGEST + 100  # a number or address that begins among the shown characters is masked whole


def shown(findings: pl.DataFrame, unmask: bool) -> pl.DataFrame:
    """`value` and `suggestion` as they may be shown; Python calls on distinct (field, text) only."""
    of_sheet = pl.col("rule").str.contains(_OF_SHEET)
    field = pl.when(~of_sheet).then("field").fill_null("")
    findings = findings.with_columns(_value=field, _suggestion=pl.when(pl.col("choices").is_not_null()).then(field))
    for column in ("value", "suggestion"):
        key = f"_{column}"
        distinct = findings.select(key, column).filter(pl.col(column).is_not_null()).unique()
        cut = distinct.select(key, pl.col(column).str.head(_LOOKED_AT))
        texts = [visible(text if unmask else masked_text(name or "", text)) for name, text in cut.iter_rows()]
        distinct = distinct.with_columns(_shown=pl.Series(texts, dtype=pl.String).str.head(_LONGEST))
        findings = findings.join(distinct, on=[key, column], how="left", nulls_equal=True, maintain_order="left")
        findings = findings.with_columns(pl.col("_shown").alias(column)).drop("_shown", key)
    return findings.with_columns(_seen(findings[name]) for name in ("file", "sheet", "header"))


def _seen(names: pl.Series) -> pl.Series:
    """Names from the file, which may hold anything."""
    odd = {name: visible(name) for name in names.drop_nulls().unique().to_list() if visible(name) != name}
    return names.replace(odd) if odd else names


def masked_text(field: str, text: str) -> str:
    """A cell of a field with personal data masked; of other columns only what looks like a number or an address."""
    if field in ("person_name", "address"):
        return mask(field, text) or ""
    if field == "email":
        hidden = _ADDRESS.sub(_with_local_hidden, text)
        return hidden if hidden != text else text[:2] + "***"
    if field in ("phone", "landline", "phone_others"):
        return _NUMBER.sub(_starred, text)
    hidden = _ADDRESS.sub(_with_local_hidden, text)
    return _IDENTITY.sub(_starred, _MOBILE.sub(_starred, hidden))


def _with_local_hidden(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else f"{match[1]}***{match[2]}"


def _starred(match: re.Match[str]) -> str:
    """The first three and last four digits stay: 138 **** 5678."""
    text = match[0]
    places = [i for i, char in enumerate(text) if char.isalnum()]
    first = 5 if text.startswith("86") and len(places) >= 12 else 3
    hidden = set(places[first:-4]) if len(places) >= 10 else set(places[:-4])
    return "".join("*" if i in hidden else char for i, char in enumerate(text))


def visible(text: str) -> str:
    """Control and invisible characters by their numbers: 张⟨U+200B⟩伟. Nothing is left that moves a terminal."""
    if text.isprintable() and not _DRAWS_NOTHING.search(text):
        return text
    return "".join(f"⟨U+{ord(char):04X}⟩" if _unseen(char) else char for char in text)


_DRAWS_NOTHING = re.compile("[\u115f\u1160\u3164\uffa0\u034f\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]")


@cache
def _unseen(char: str) -> bool:
    category = unicodedata.category(char)
    return (
        category in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")
        or (category == "Zs" and char != " ")
        or _DRAWS_NOTHING.match(char) is not None
    )
