"""Phone numbers, by the Chinese phone model: E.164 only where libphonenumber calls the number valid.

Columns in: `raw` (cell text) and `area` (the row's area code such as "025", or null), any number of rows.
Columns out, one row per distinct (raw, area) with raw not null: see `VALUES`. Null `value`: no number, and a change
of the cell says why. No digit is repaired but the 0 of an area code that Excel took, and an area code is never invented. `area` may be the
code of Hong Kong, Macau or Taiwan (+852), whose numbers are then read by their own plans.

The usual dress of a single number is read by polars expressions (`phone_text`), what is left of the distinct texts
by a parser (`phone_parse`); `phone_choice` picks one number of several, `phone_trail` tells the story of the cell.
"""

import polars as pl

from ..base.trail import Cleaned
from .beyond import parse_beyond
from .choice import chosen
from .numbering_plan import is_chinese
from .parse import Found, parse
from .shapes import shaped
from .text import folded, is_filler, is_power, undressed
from .trail import changes, findings

KEY = ("raw", "area")
# raw, area: the key. value: E.164, the mobile first. kind: see `phone_region.kind`. region: 归属地. partial: a masked
# number as 138****1234. landline: the first landline in the cell. others: further numbers, E.164, comma separated.
VALUES = (*KEY, "value", "extension", "kind", "region", "partial", "landline", "landline_extension", "others")


def clean_phones(cells: pl.DataFrame, regions: bool = True) -> Cleaned:
    """Clean `raw` with the help of `area`; values, changes and findings carry both columns.

    Without `regions`, `region` stays null: the table of prefixes takes half a second to read.
    """
    keys = cells.select(pl.col(KEY).cast(pl.String)).drop_nulls("raw").unique(maintain_order=True).with_row_index("key")
    beyond = pl.col("area").str.starts_with("+").fill_null(False)
    read = _read(keys.filter(~beyond))
    alone = read.filter(pl.col("number").is_not_null())
    # Most columns hold nothing but numbers in usual dress.
    parsed = [
        numbers(cells)
        for numbers, cells in ((_parsed, read.filter(pl.col("number").is_null())), (parse_beyond, keys.filter(beyond)))
        if cells.height
    ]
    outcome = chosen(alone, pl.concat(parsed, how="diagonal") if parsed else alone.clear(), regions)
    return Cleaned(outcome.select(VALUES), changes(outcome), findings(outcome))


def _read(keys: pl.DataFrame) -> pl.DataFrame:
    """Add `folded`, and `number`, `extension` where the cell is one number in usual dress (`number` as in `Found`)."""
    plain = pl.col("raw").str.contains(r"^(?:1[0-9]{10}|0[0-9]{9,11})$")
    nothing = pl.lit(None, pl.String)
    simple = keys.filter(plain).with_columns(folded="raw", digits="raw", extension=nothing)
    if (dressed := keys.filter(~plain)).height:
        dressed = dressed.with_columns(folded=folded(pl.col("raw")))
        simple = pl.concat([simple, pl.concat([dressed, undressed(dressed["folded"])], how="horizontal")])
    digits = pl.col("digits")
    domestic = pl.lit("+86") + digits.str.strip_prefix("0")
    number = pl.when(digits.str.len_chars() <= 8).then(digits).when(is_chinese(domestic)).then(domestic)
    return simple.with_columns(number=number).drop("digits")


def _parsed(cells: pl.DataFrame) -> pl.DataFrame:
    """The numbers of cells in other dress, one row each with `position` and `fax`; one row of nulls where none is."""
    hopeless = is_power(pl.col("folded")) | is_filler(pl.col("folded"))
    texts = cells.filter(~hopeless)["folded"].unique(maintain_order=True)
    known = shaped(texts)
    odd = texts.filter(~texts.is_in(known["folded"].implode()))
    rows = [(text, place, *found) for text in odd for place, found in enumerate(parse(text))]
    columns = {
        "folded": pl.String,
        "position": pl.UInt32,
        **dict.fromkeys(Found._fields[:2], pl.String),
        "fax": pl.Boolean,
    }
    alone = known.drop_nulls("number").with_columns(
        position=pl.lit(0, pl.UInt32), extension=pl.lit(None, pl.String), fax=pl.lit(False)
    )
    found = pl.concat([pl.DataFrame(rows, schema=columns, orient="row"), alone.select(list(columns))])
    return cells.drop("number", "extension").join(found, on="folded", how="left", maintain_order="left_right")
