"""What the gate shows of a cell: personal data masked, and what no eye sees made visible.

Cells come as they were read, so a number may stand among words, twice in a cell, or in a column that nobody mapped.
"""

import re
import unicodedata
from functools import cache

import polars as pl

from .masking import masked, masked_text

# Rules that speak of the sheet, not of what a person typed into the cell.
_OF_SHEET = r"^(?:sheet|header|file|row)\.|^cell\.(?:formula|formula_empty|error)$"
_LONGEST = 200
_READ = 1000  # characters that are masked before the first _LONGEST of them are shown: none is cut in the middle of a number


def shown(findings: pl.DataFrame, unmask: bool) -> pl.DataFrame:
    """`value` and `suggestion` as they may be shown; Python calls on distinct texts only.

    Where there is a column `person`, the name of the person of the finding's row is hidden in them.
    """
    person = pl.col("person") if "person" in findings.columns else pl.lit(None, pl.String)
    of_sheet = pl.col("rule").str.contains(_OF_SHEET)
    field = pl.when(~of_sheet).then("field").fill_null("")
    findings = findings.with_columns(_value=field, _suggestion=pl.when(pl.col("choices").is_not_null()).then(field))
    for column in ("value", "suggestion"):
        keys = findings.select(
            field=f"_{column}", text=pl.col(column).str.head(_READ),
            who=pl.when(pl.col(column).str.contains(person, literal=True)).then(person),
        )  # fmt: skip
        distinct = keys.unique().drop_nulls("text")
        texts = [visible(t if unmask else masked_text(f or "", t, who)) for f, t, who in distinct.iter_rows()]
        distinct = distinct.with_columns(shown=pl.Series(texts, dtype=pl.String).str.head(_LONGEST))
        found = keys.join(distinct, on=keys.columns, how="left", nulls_equal=True, maintain_order="left")
        findings = findings.with_columns(found["shown"].alias(column))
    findings = findings.drop("_value", "_suggestion")
    names = masked(findings.select("file", "sheet", "header", "field", "message"), unmask)
    return findings.with_columns(names).with_columns(_seen(names[name]) for name in ("file", "sheet", "header"))


def _seen(names: pl.Series) -> pl.Series:
    """Names from the file, which may hold anything."""
    odd = {name: visible(name) for name in names.drop_nulls().unique().to_list() if visible(name) != name}
    return names.replace(odd) if odd else names


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
