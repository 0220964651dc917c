"""What the cells of columns are, whatever their headers say: the share of them that are a phone, a mail, a person, a place …

Looked at are at most SAMPLE distinct texts of the first ROWS rows (CELLS in all) of each column, all columns together, so that 87 of
them cost little more than one. The looks are cheaper than the field types: a mistaken cell counts little in a share.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import polars as pl

from ..address.places import city_names, county_cities, province_names
from ..base.surnames import compound, surnames
from ..codes.check_digits import ALPHABET, credit_holds, flags
from ..company_name.words import kinds
from ..phone.text import folded

ROWS, CELLS, SAMPLE = 2_000, 1_000_000, 200
LONGEST = 120  # signs of a text that are looked at
_MANY = 1_000
_TELLING = 2  # dates beyond the twelfth that tell the order of day and month

_TAIL = r"(?:$|[^\dA-Za-z@年月.:%].{0,24}$)"
_MOBILE = rf"^\D{{0,6}}(?:0{{0,2}}86[- ]?)?1[3-9](?:[ -]?\d){{9}}{_TAIL}"
# With its area code, or grouped like a hotline.
_DIALLED = (
    rf"^\D{{0,6}}(?:(?:\+?86[- ]?)?\(?0[1-9]\d{{1,2}}\)?[- ]?[2-8]\d{{2,3}}[- ]?\d{{4}}"
    rf"|[48]00[- ]\d{{3,4}}[- ]?\d{{3,4}}|\+\d[\d -]{{7,16}}){_TAIL}"
)
_LOCAL = rf"^\D{{0,6}}(?:[1-9]\d{{1,2}}[- ])?(?:[2-8]\d{{2,3}}[- ]?\d{{4}}|[48]00\d{{7}}){_TAIL}"
_MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_CODE = rf"^[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}$"
# Of organisation (GB 11714), registration, tax and credit codes: 9, 13 or 15, or 15 to 20 signs.
_NUMBERED = r"^(?:[0-9A-Za-z]{8}-?[0-9A-Za-z]|\d{13}|[0-9A-Za-z]{15,20})$"
_DATE = r"^(?:(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}[-/]\d{1,2}[-/](?:19|20)\d\d)"
_DAY_FIRST, _MONTH_FIRST = (
    r"^(?:1[3-9]|2\d|3[01])[-/.]\d{1,2}[-/.](?:19|20)\d\d",
    r"^\d{1,2}[-/.](?:1[3-9]|2\d|3[01])[-/.](?:19|20)\d\d",
)
_STREET = r"\p{Han}{1,}.*(?:路|街|道|巷|村|镇|乡|里|号|弄|大厦|广场|园区|工业园|室|栋|幢|楼)|\d+ .*(?i:road|street|avenue|rd|st|ave)\b"
# 华东, 西南大区, 海外, 一区: where a seller sells, and no place of an address.
_TERRITORY = (
    r"^(?:华[东南西北中]|东北|西北|西南|东南|[东南西北中]部|[东南西北中一二三四五六七八九A-Z]区|海外|境外|国内|国际|全国|总部)"
    r"(?:地区|大?区|区域|片区|战区|[一二三四五六1-6]?部|[一二三四五六1-6]区)?$"
)
_LATIN_ORG = (
    r"(?i)\b(?:ltd|limited|inc|co|corp|llc|gmbh|company|group|university|hospital|school|hotel|bank|association)\b\.?"
)
_LATIN_NAME = r"^\p{Lu}\p{L}*[.'’-]?(?:[ ,]{1,2}\p{Lu}\p{L}*[.'’-]?){1,3}$"
# The kind of a field's cells.
KINDS = {
    "phone": "phone", "landline": "phone", "phone_others": "phone", "email": "email", "credit_code": "credit_code",
    "company_name": "organisation", "person_name": "person", "province": "province", "city": "city", "address": "address",
    "created_at": "date", "updated_at": "date", "first_touch_at": "date",
}  # fmt: skip


class Content(NamedTuple):
    """distinct: texts looked at. shares: kind → share of them, 0..1, of the kinds that any is."""

    distinct: int
    shares: Mapping[str, float]

    def share(self, kind: str) -> float:
        """0 where no cell is of the kind."""
        return self.shares.get(kind, 0.0)


NOTHING = Content(0, {})


def contents_of(rows: pl.DataFrame, columns: Mapping[str, str]) -> dict[str, Content]:
    """header → Content; columns: header → column of `rows`, whose cells are texts. Deterministic: the first rows count."""
    head = rows.head(min(ROWS, CELLS // max(1, len(columns)))).select(
        pl.col(column).alias(str(i)) for i, column in enumerate(columns.values())
    )
    cells = head.unpivot(variable_name="place", value_name="cell").with_columns(
        pl.col("place").cast(pl.UInt32), cell=pl.col("cell").str.head(LONGEST).str.strip_chars(" \t\r\n　")
    )
    cells = cells.filter(pl.col("cell").str.len_chars() > 0).unique(maintain_order=True)
    cells = cells.group_by("place", maintain_order=True).head(SAMPLE)
    looked = cells.with_columns(_looks(cells["cell"]))
    shares = looked.group_by("place").agg(pl.len().alias("n"), *(pl.col(k).mean() for k in _kinds()))
    found = {row["place"]: Content(row["n"], {k: row[k] for k in _kinds() if row[k]}) for row in shares.to_dicts()}
    return {header: found.get(i, NOTHING) for i, header in enumerate(columns)}


def is_day_first(contents: Sequence[Content]) -> bool | None:
    """Whether a table writes 13/04/2025 (true) or 04/13/2025 (false); None: it does neither, or both."""
    found = [sum(round(c.share(kind) * c.distinct) for c in contents) for kind in ("day_first", "month_first")]
    return None if (found[0] > 0) == (found[1] > 0) or max(found) < _TELLING else found[0] > 0


def remembered(mapping: Mapping[str, str | None]) -> dict[str, Content]:
    """Content from what a table was read as before: header → field."""
    found = {}
    for header, field in mapping.items():
        kind = KINDS.get(field or "")
        also = {"phone": ("mobile", "dialled"), "credit_code": ("numbered",)}.get(kind or "", ())
        if kind is not None:
            found[header] = Content(_MANY, dict.fromkeys((kind, "letters", *also), 1.0))
        else:  # what had no field has none again, whatever its header says
            found[header] = NOTHING if field else Content(_MANY, {"territory": 1.0})
    return found


def _kinds() -> tuple[str, ...]:
    """dialled: a phone that nothing else is; phone: a local number too. numbered: as long as a code of a firm. letters: any sign of
    a script."""
    numbers = ("mobile", "dialled", "phone", "email", "credit_code", "numbered", "date", "day_first", "month_first")
    return (*numbers, "organisation", "person", "province", "city", "territory", "address", "letters")


def _looks(texts: pl.Series) -> list[pl.Series]:
    """A Boolean column per kind."""
    frame = pl.DataFrame({"cell": texts}).with_columns(number=folded(pl.col("cell")))
    cell, number = pl.col("cell"), pl.col("number")
    mobile, dated = number.str.contains(_MOBILE), cell.str.contains(_DATE)
    dialled = mobile | (number.str.contains(_DIALLED) & ~dated)
    bare = cell.str.replace_all(r"[\(（\[【][^\)）\]】]*[\)）\]】]?", "").str.strip_chars(" *＊")
    places = _places()
    looks = frame.select(
        mobile=mobile,
        dialled=dialled,
        phone=dialled | (number.str.contains(_LOCAL) & ~dated),
        email=cell.str.contains(_MAIL),
        numbered=bare.str.replace_all(r"[\s-]", "").str.contains(_NUMBERED),
        date=dated,
        day_first=cell.str.contains(_DAY_FIRST),
        month_first=cell.str.contains(_MONTH_FIRST),
        organisation=bare.str.contains(_organisation()) | cell.str.contains(_LATIN_ORG),
        person=bare.str.contains(_person()) & ~bare.is_in(places["place"]),
        province=cell.is_in(places["province"]),
        city=cell.is_in(places["city"]) | cell.is_in(places["county"]),
        territory=cell.str.contains(_TERRITORY),
        address=(cell.str.len_chars() > 4) & cell.str.contains(_STREET),
        letters=cell.str.contains(r"\p{L}"),
    )
    codes = flags(texts.str.to_uppercase(), _CODE, 18, credit_holds).alias("credit_code")
    return [codes, *looks.get_columns()]


@cache
def _places() -> dict[str, list[str]]:
    provinces, cities = sorted(province_names()), city_names()["name"].to_list()
    counties = [name + end for name in county_cities() for end in ("", "市")]
    return {"province": provinces, "city": cities, "county": counties, "place": [*provinces, *cities]}


@cache
def _organisation() -> str:
    """A word of two signs and more that names a kind of body, somewhere; one of a single sign at the end."""
    words = kinds()[0]
    long = "|".join(map(re.escape, sorted(w for w in words if len(w) > 1)))
    short = "|".join(sorted({w for w in words if len(w) == 1} | {"行", "社", "馆", "城", "部", "场"}))
    return rf"{long}|\p{{Han}}{{2,}}(?:{short})$"


@cache
def _person() -> str:
    single = "".join(surnames().filter(pl.col("surname").str.len_chars() == 1)["surname"].to_list())
    family = f"(?:{'|'.join(compound())}|[{single}])"
    title = "(?:先生|女士|小姐|经理|老师|医生|主任|总|工|生)"
    return rf"^{family}(?:\p{{Han}}{{1,2}}|[*＊xX某]{{1,2}}\p{{Han}}?|{title})$|^\p{{Han}}{{2,8}}[·•・]\p{{Han}}{{2,8}}$|{_LATIN_NAME}"
