"""What is said of a field of a customer: the shape of a line of fields.py, and of one that a plug-in adds."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from .i18n import Text

TEXT, TIME = pl.String(), pl.Datetime("us")


@dataclass(frozen=True)
class Field:
    """label: its heading before people. zh, en: what the column of `record` holds.

    kind: how its cells are cleaned (rules/types.py); None: it comes out of the cells of other fields, and no header means it.
    width: how far the text rules fold full-width signs. headers: words that mean it beyond rules/data/headers.toml.
    mask: how it is masked (reports/masking.py); None: shown. golden: golden records have it. survivorship: its default.
    contested: its value is never chosen by chance. company: of a company rather than of a person. identifies: a row with it is
    somebody's. searched: on the review page. of: the field with whose value it travels.
    added: its place among the columns that `record` got after the first ones, which have 0.
    """

    name: str
    label: Text
    zh: str
    en: str
    kind: str | None = None
    width: Literal["identifier", "name"] = "identifier"
    headers: tuple[str, ...] = ()
    mask: str | None = None
    golden: bool = True
    survivorship: str = "latest"
    contested: bool = False
    company: bool = False
    identifies: bool = False
    searched: bool = False
    of: str | None = None
    added: int = 0
    dtype: pl.DataType = TEXT
