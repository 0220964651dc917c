"""Frequent odd dresses of one number whose reading needs no parser: 158.7261.0823, 一八九…, 17951139…, 176****8983.

What stands here must say what `phone_parse.parse` says of the same text; a test holds both together.
"""

import polars as pl

from .numbering_plan import IP_PREFIX, is_mobile
from .parse import NUMERALS

_SPOKEN = {chr(spoken): digit for spoken, digit in NUMERALS.items()}
_MOBILE = (
    rf"^(?:1[0-9]{{2}}\.[0-9]{{4}}\.[0-9]{{4}}|1[0-9]{{2}}/[0-9]{{4}}/[0-9]{{4}}|\(1[0-9]{{2}}\)[0-9]{{4}}-[0-9]{{4}}"
    rf"|{IP_PREFIX}1[3-9][0-9]{{9}}|[{''.join(_SPOKEN)}]{{11}})$"
)
# Masked between its ends, or a mobile that lost a digit: no number in any reading.
_NONE = r"^(?:[0-9]{1,8}\*{2,}[0-9]{0,8}(?:\*{2,})?|1[1-9][0-9]{8})$"


def shaped(texts: pl.Series) -> pl.DataFrame:
    """`folded, number` of the texts whose shape says all: a mobile in E.164, or null for no number. Others are left out."""
    frame = pl.DataFrame({"folded": texts})
    dressed = frame.filter(pl.col("folded").str.contains(_MOBILE))
    digits = pl.col("folded").str.replace_many(list(_SPOKEN), list(_SPOKEN.values())).str.replace_all("[^0-9]", "")
    dressed = dressed.with_columns(number=pl.lit("+86") + digits.str.tail(11))
    nothing = frame.filter(pl.col("folded").str.contains(_NONE)).with_columns(number=pl.lit(None, pl.String))
    return pl.concat([dressed.filter(is_mobile(pl.col("number"))), nothing])
