"""Text rules that every column goes through: invisible characters, formula residue, width, blanks, placeholders.

Sources: Unicode 16 general categories (Cc, Cf, Zl, Zp, Zs) and variation selectors; Excel's error values and its
`_xHHHH_` escapes (ECMA-376 part 1, 22.9.2.19). The rules are idempotent and never touch what a reader can see,
but for the residue they are named after: ㎡, emoji with their joiners, and Chinese punctuation stay as they are.
"""

import re
from functools import cache
from typing import Literal

import polars as pl

from ..data import read_toml
from .mojibake import mend_mojibake
from .trail import Cleaned, Trail

# How far width is folded: `identifier` every full-width ASCII form; `name` letters, digits and &.-@_/+, so that a
# Chinese comma stays one; `free` nothing.
Width = Literal["identifier", "name", "free"]

_JOINERS = "\u200d\ufe0e\ufe0f"  # belong to emoji: removed only where no emoji stands before them
_EMOJI = r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\x{20E3}\x{1F1E6}-\x{1F1FF}]"

# Format (Cf), control (Cc, but for tab, LF, CR), line and paragraph separators, variation selectors, and the
# letters that draw nothing: Hangul fillers, combining grapheme joiner, braille blank, Mongolian selectors.
_UNSEEN = (
    r"\p{Cf}\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{7F}-\x{9F}\x{2028}\x{2029}\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}"
    r"\x{115F}\x{1160}\x{3164}\x{FFA0}\x{34F}\x{2800}\x{180B}-\x{180F}\x{FFFC}\x{FDD0}\x{FDD1}"
)
_ODD_SPACE = r"[\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]"
_SUSPECT = rf"[{_UNSEEN}\x{{A0}}\x{{1680}}\x{{2000}}-\x{{200A}}\x{{202F}}\x{{205F}}\x{{3000}}]"

# Where none of this is, no rule but that of placeholders has anything to do: most cells.
_ODD = (
    rf"[{_UNSEEN}\t\r\n\x{{A0}}\x{{1680}}\x{{2000}}-\x{{200A}}\x{{202F}}\x{{205F}}\x{{3000}}\x{{FF01}}-\x{{FF5E}}]"
    r"|^(?:[\s=+@{#'-]|$)|\s$|  |_x00"
)

_ERROR_VALUE = r"^=?(?:[^=!]+!)?#(?:N/A(?: N/A)?|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA|#+)$"
_QUOTED = r'^=\s*"((?:[^"]|"")*)"$'
_HYPERLINK = r'(?i)^=\s*HYPERLINK\(\s*"([^"]*)"(?:\s*[,;]\s*"([^"]*)")?\s*\)$'
_CALL = r"(?is)^\{?[=+@-]\s*[+-]?(?:_xl\w+\.)*[A-Z][A-Z0-9._]{1,40}\(.*\)?\}?$"
_REFERENCE = r"(?i)^\{?=\s*[+-]?(?:'[^']*'!|[\w.\[\]\x{4E00}-\x{9FFF}]+!)?\$?[A-Z]{1,3}\$?\d{1,7}(?:[-+*/&:,(].*)?\}?$"
_PLAIN_AFTER_EQUALS = r"(?s)^=[=\s]*(.*)$"
_ESCAPE = r"_x00(?:0[0-9A-F]|1[0-9A-F]|7F)_"
_APOSTROPHE = r"^'+"
_RESIDUE = r"^\s*[=+@{#'-]|_x00"  # what every formula begins with, or an escape
_WIDE = r"[\x{FF01}-\x{FF5E}]"

_FEW = 1_000
LONGEST = 1_000  # characters: what is longer is a text and no name, number, address or date
# What may stand around a placeholder word.
_DRESS = " \t.。,，;；:：!！?？()（）[]【】<>《》\"'“”/\\|"

_FULL_WIDTH = {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)}
_FULL_WIDTH_NAME = {k: v for k, v in _FULL_WIDTH.items() if v.isalnum() or v in "&.-@_/+"}


def without_invisible(text: pl.Expr) -> pl.Expr:
    """Drop characters that draw nothing, but for the joiners of emoji; unusual spaces and line ends become plain blanks."""
    # The joiners that stay are fenced by two noncharacters, then every unfenced one goes.
    fenced = (
        text.str.replace_all("[\ufdd0\ufdd1]", "")
        .str.replace_all("([0-9#*])(\ufe0f)(\u20e3)", "${1}\ufdd0${2}\ufdd1${3}")
        .str.replace_all(rf"({_EMOJI})([{_JOINERS}]+)", "${1}\ufdd0${2}\ufdd1")
    )
    seen = (
        fenced.str.replace_all(_ODD_SPACE, " ")
        .str.replace_all(rf"[{_UNSEEN}--{_JOINERS}\ufdd0\ufdd1]", "")
        .str.replace_all(rf"(^|[^\ufdd0{_JOINERS}])[{_JOINERS}]+", "${1}")
        .str.replace_all("[\ufdd0\ufdd1]", "")
    )
    return pl.when(text.str.contains(_SUSPECT)).then(seen).otherwise(text)


def without_formula(text: pl.Expr) -> pl.Expr:
    """One layer of Excel residue: `="x"` and `=HYPERLINK(…,"x")` become x; other formulas and error values become null."""
    link = pl.coalesce(
        text.str.extract(_HYPERLINK, 2), text.str.extract(_HYPERLINK, 1).str.replace(r"(?i)^mailto:|^tel:", "")
    )
    bare = text.str.strip_chars()
    suspect = bare.str.contains(_RESIDUE)
    unescaped = bare.str.replace_all(_ESCAPE, "").str.replace(_APOSTROPHE, "")
    mended = (
        pl.when(bare.str.contains(_ERROR_VALUE)).then(pl.lit(None, pl.String))
        .when(bare.str.contains(_QUOTED)).then(bare.str.extract(_QUOTED).str.replace_all('""', '"'))
        .when(bare.str.contains(_HYPERLINK)).then(link)
        .when(bare.str.contains(_CALL) | bare.str.contains(_REFERENCE)).then(pl.lit(None, pl.String))
        .when(bare.str.contains(_PLAIN_AFTER_EQUALS)).then(bare.str.extract(_PLAIN_AFTER_EQUALS))
        .when(unescaped != bare).then(unescaped)
        .otherwise(text)
    )  # fmt: skip
    return pl.when(suspect).then(mended).otherwise(text)


def fold_width(text: pl.Expr, width: Width) -> pl.Expr:
    """Full-width ASCII forms to half-width, as far as the field allows."""
    if width == "free":
        return text
    table = _FULL_WIDTH if width == "identifier" else _FULL_WIDTH_NAME
    folded = text.str.replace_many(list(table), list(table.values()))
    return pl.when(text.str.contains(_WIDE)).then(folded).otherwise(text)


def trim(text: pl.Expr) -> pl.Expr:
    """No blanks at the ends, none repeated inside; an empty text is null."""
    trimmed = text.str.strip_chars(" \t\r\n").str.replace_all(r"[ \t\r\n]{2,}|[\t\r\n]", " ")
    return pl.when(trimmed != "").then(trimmed)


@cache
def _placeholder_lists() -> dict[str, list[str]]:
    return read_toml("placeholders.toml")


@cache
def placeholders(field: str) -> frozenset[str]:
    """Texts that stand for "nothing" in a field: the common list and the field's own (rules/data/placeholders.toml)."""
    lists = _placeholder_lists()
    typed = [] if field in lists["not_typed"] else lists["typed"]
    return frozenset(word.casefold() for word in [*lists["common"], *typed, *lists.get(field, [])])


@cache
def _placeholder_like(field: str) -> str:
    """A pattern that holds wherever `is_placeholder` does, in one look."""
    dress = f"[{re.escape(_DRESS)}]*"
    words = "|".join(re.escape(word) for word in sorted(placeholders(field)))
    return rf"^(?:(?i:{dress}(?:{words}){dress})|[\s\p{{P}}\p{{S}}]+)$"


def is_placeholder(text: pl.Expr, field: str) -> pl.Expr:
    """True for a text that says nothing: a listed word in any case, or punctuation only."""
    # Bracketed and dotted spellings, (无) or 无。, are the same word.
    core = text.str.strip_chars(_DRESS).str.to_lowercase()
    listed = core.is_in(sorted(placeholders(field))) | text.str.to_lowercase().is_in(sorted(placeholders(field)))
    return listed | text.str.contains(r"^[\s\p{P}\p{S}]+$")


def clean_text(raw: pl.Series, field: str | None, width: Width) -> Cleaned:
    """raw texts → `raw, value`. `field` names the placeholder list; None (unmapped columns) keeps placeholders and long texts.

    Finds and takes away what is too long for any field, so that no rule of a field meets it.
    """
    value, odd = pl.col("value"), pl.col("_odd")
    trail = Trail(raw)
    if field is not None:
        mend_mojibake(trail)
    trail.frame = trail.frame.with_columns(_odd=value.str.contains(_ODD))
    if trail.frame["_odd"].any():
        trail.change("text.invisible", without_invisible(value), where=odd)
        trail.change("text.width", fold_width(value, width), where=odd & value.str.contains(_WIDE))
        trail.peel("text.formula", without_formula(value), where=odd & value.str.contains(_RESIDUE))
        trail.change("text.trim", trim(value), where=odd)
    if field is not None:
        # The pattern takes longer to compile than a few texts to look up.
        nothing = value.str.contains(_placeholder_like(field)) if trail.frame.height > _FEW else None
        trail.change("text.placeholder", pl.when(~is_placeholder(value, field)).then(value), where=nothing)
        long = value.str.len_chars() > LONGEST
        trail.find("text.too_long", long)
        trail.change("text.too_long", pl.lit(None, pl.String), where=long)
    return trail.cleaned()
