"""The ways to write a value: each form is an expression over the value and what stands beside it in the row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from .draw import Draw
from .words import load_words

# Kinds, as they stand in dirty.csv. `variant`: another way of writing the right value, which can be had back.
# `damaged`: it cannot be had back from the cell. `placeholder`: stands for nothing. `shared`: somebody else's, under
# many names. `wrong`: well-formed, but not this customer's: nobody can know.
CLEAN, VARIANT, DAMAGED, PLACEHOLDER, SHARED, WRONG = "clean", "variant", "damaged", "placeholder", "shared", "wrong"

INVISIBLE = (
    "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202c", "\u202d", "\u2060", "\u2063", "\u2066",
    "\u2069", "\ufeff", "\u00ad", "\u180e", "\u061c", "\ufe0f", "\u00a0", "\u202f", "\x07", "\x0b", "\x1f", "\x7f",
)  # fmt: skip
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "=VLOOKUP(A2,客户!A:F,3,0)", '=IFERROR(B2,"")')

VALUE = pl.col("value")  # the right value
NOISE = pl.col("noise")  # a whole number drawn per row, for what a form varies within itself

_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_FULL_WIDTH = "".join(chr(ord(c) + 0xFEE0) for c in _ASCII)


@dataclass(frozen=True)
class Form:
    """`write` may give null where the form does not apply to a row: the value is written as it is."""

    kind: str
    weight: float
    write: pl.Expr


def write_forms(
    frame: pl.DataFrame, draw: Draw, column: str, forms: Sequence[Form], extra: Mapping[str, pl.Series] | None = None
) -> pl.DataFrame:
    """Columns `cell`, `kind` for every row of `frame`; null values stay null. `extra`: more columns for `write`."""
    chosen = draw.index(f"{column} form", [form.weight for form in forms])
    noisy = frame.with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        pl.col(column).alias("value"),
        pl.Series("chosen", chosen).cast(pl.UInt8),
        pl.Series("noise", draw.number(f"{column} noise", 0, 2**31)),
        draw.pick(f"{column} invisible", INVISIBLE).alias("invisible"),
        **(extra or {}),
    ).lazy()
    written = [
        noisy.filter((pl.col("chosen") == number) & VALUE.is_not_null()).select(
            "row", form.write.cast(pl.String).alias("cell"), VALUE.cast(pl.String), pl.lit(form.kind).alias("kind")
        )
        for number, form in enumerate(forms)
    ]
    cells = pl.concat(pl.collect_all(written)).select(
        "row",
        pl.coalesce("cell", "value").alias("cell"),
        pl.when(pl.col("cell").is_null() | (pl.col("cell") == pl.col("value")))
        .then(pl.lit(CLEAN))
        .otherwise("kind")
        .alias("kind"),
    )
    rows = pl.DataFrame({"row": pl.int_range(frame.height, dtype=pl.UInt32, eager=True)})
    return rows.join(cells, on="row", how="left", maintain_order="left").drop("row")


def full_width(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list(_ASCII), list(_FULL_WIDTH))


def traditional(text: pl.Expr) -> pl.Expr:
    pairs = load_words().traditional
    return text.str.replace_many(list(pairs), list(pairs.values()))


def with_invisible(text: pl.Expr) -> pl.Expr:
    """One character that no eye sees, anywhere."""
    at = NOISE % (text.str.len_chars() + 1)
    return text.str.slice(0, at) + pl.col("invisible") + text.str.slice(at)


def misheard(text: pl.Expr) -> pl.Expr:
    """One character replaced by one that sounds the same, where there is one."""
    sounds = load_words().homophones
    following = {c: group[(group.index(c) + 1) % len(group)] for c, group in sounds.items()}
    at = NOISE % text.str.len_chars()
    return text.str.slice(0, at) + text.str.slice(at, 1).replace(following) + text.str.slice(at + 1)


def dropped(text: pl.Expr) -> pl.Expr:
    """One character missing."""
    at = NOISE % text.str.len_chars()
    return text.str.slice(0, at) + text.str.slice(at + 1)


def one_of(options: Sequence[str]) -> pl.Expr:
    return pl.lit(pl.Series(list(options))).gather(NOISE % len(options))


def quoted_formula(text: pl.Expr) -> pl.Expr:
    """="…", which keeps Excel from reading digits as a number."""
    return pl.lit('="') + text + '"'


def text_forms(weight: float, text: pl.Expr = VALUE) -> tuple[Form, ...]:
    """What happens to any text: blanks, invisible characters, formula residue; `weight` in all."""
    share = weight / 8
    return (
        Form(VARIANT, 3 * share, with_invisible(text)),
        Form(VARIANT, share, text + " "),
        Form(VARIANT, share, pl.lit("\u3000") + text),
        Form(VARIANT, share, quoted_formula(text)),
        Form(VARIANT, share / 2, pl.lit("'") + text),
        Form(VARIANT, share / 2, text + "_x000D_"),
        Form(VARIANT, share / 2, text + "\n"),
        Form(VARIANT, share / 2, full_width(text)),
    )
