"""Tables beside the customers (side_tables.toml): what their columns are, and the headers that mean them."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from .i18n import Text


class SideColumn(NamedTuple):
    """type: text, time, number, yes, holder, phone or email."""

    name: str
    type: str
    label: Text
    headers: frozenset[str]


class SideTable(NamedTuple):
    """kind: what a source that holds it says of itself. columns: the first one is the row's own number."""

    name: str
    kind: str
    about: Text
    columns: tuple[SideColumn, ...]

    @property
    def number(self) -> SideColumn:
        """The row's own number."""
        return self.columns[0]

    def read_header(self, header: str) -> str | None:
        """The column that a header means; None: it stays among the row's values."""
        plain = plain_header(header)
        for text in (plain, re.sub(r"^(?:客户|联系人|线索|商机|订单|员工)", "", plain)):
            if (found := next((column.name for column in self.columns if text in column.headers), None)) is not None:
                return found
        own = re.fullmatch(rf"{self.about.zh}(?:记录)?(?:编号|编码|代码|id|号|单号|流水号|no|number)", plain)
        return self.number.name if own else None


def plain_header(header: str) -> str:
    """A header without what tells nothing: （必填）, numbers in front, blanks and signs; lower case."""
    text = unicodedata.normalize("NFKC", header).lower()
    return re.sub(r"^\d+[.、]|\(.*?\)|[\W_]", "", text)


@cache
def side_tables() -> dict[str, SideTable]:
    """Kind → table."""
    told = tomllib.loads((files(__package__) / "side_tables.toml").read_text("utf-8"))
    return {
        table["kind"]: SideTable(
            name, table["kind"], Text(table["zh"], table["en"]), tuple(map(_column, table["columns"]))
        )
        for name, table in told.items()
    }


def _column(told: list[object]) -> SideColumn:
    name, kind, zh, en, headers = told
    assert isinstance(headers, list)
    plain = frozenset(plain_header(str(header)) for header in (name, zh, *headers))
    return SideColumn(str(name), str(kind), Text(str(zh), str(en)), plain)
