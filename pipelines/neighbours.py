"""Which known records today's rows can meet: those that share a value by which records are compared, and no others.

The values are the columns behind the blocking keys and the rarities of both levels (dedup/contact.py, account.py). Every
record that shares one comes along, so that how often a value is met is counted as over the whole file. Names of people
and brands are borne by too many: they are counted, and of their bearers come only those that can be compared.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import polars as pl

from ..dedup import account, contact
from ..dedup.rarity import size_bits, worthless
from ..io.store import Store
from ..schemas import FEATURE

_LOCAL = "regexp_extract(coalesce(email, email_partial), '^([^@]*[0-9][^@]*[0-9][^@]*[0-9][^@]*)@', 1)"
_REACH = "coalesce(phone, '+86' || nullif(regexp_extract(coalesce(email, email_partial), '^(1[3-9][0-9]{9})@', 1), ''))"
_BRAND = (
    r"CASE WHEN core IS NULL THEN nullif(regexp_extract(domain, '^([a-z0-9-]{4,})\.', 1), '') ELSE brand_pinyin END"
)
_STREET = "CASE WHEN length(street) >= 5 THEN street END"
_UNCROWDED = f"CASE WHEN {_REACH} NOT IN (SELECT value FROM crowded) THEN {_REACH} END"
# What two records must share to be compared as companies or as persons, or to count for each other's rarities.
_COMPANIES = (
    "code", "org_code", "code_partial", "core_pinyin", "domain", "landline", _STREET,
    # A brand, unless both are known to be elsewhere.
    f"{_BRAND} || company_province",
)  # fmt: skip
_UNPLACED = (
    f"CASE WHEN company_province IS NULL THEN {_BRAND} END IN (SELECT {_BRAND} FROM asked)",
    f"{_BRAND} IN (SELECT {_BRAND} FROM asked WHERE company_province IS NULL)",
)
_PERSONS = (
    _UNCROWDED, "email", "email_partial", "pinyin || '|' || brand_pinyin",
    # Of a masked or whole number the last four digits, at half the cost of its whole shape.
    "pinyin || '|' || right(coalesce(phone_partial, phone), 4)",
    # Only where somebody of this name is asked for: the pattern is the dearest of all.
    f"CASE WHEN pinyin IN (SELECT pinyin FROM asked WHERE {_LOCAL} <> '') THEN pinyin || '|' || nullif({_LOCAL}, '') END",
)  # fmt: skip
_KNOWN = "main.feature f WHERE f.record_key NOT IN (SELECT record_key FROM superseded)"
_CROWDED = f"""
SELECT {_REACH} AS value FROM {_KNOWN} AND {_REACH} IN (SELECT {_REACH} FROM asked) GROUP BY ALL HAVING count(*) > $1
"""
_WHO = f"{_REACH} || '|' || coalesce(pinyin, surname)"
_SAME_NAME = f"({_REACH} IN (SELECT value FROM crowded) AND {_WHO} IN (SELECT {_WHO} FROM asked))"
_SOME = f"""
SELECT record_key FROM {_KNOWN} AND {_REACH} IN (SELECT value FROM crowded)
QUALIFY row_number() OVER (PARTITION BY {_REACH} ORDER BY record_key) <= $1
"""
_ALL = f"(SELECT name, pinyin, name_kind, surname FROM {_KNOWN} UNION ALL SELECT name, pinyin, name_kind, surname FROM fresh)"
_TOTALS = f"""
SELECT count(name) AS names, count(pinyin) AS pinyins, count(CASE WHEN name_kind = 'surname' THEN surname END) AS bares,
       count(*) AS rows FROM {_ALL}
"""
_BARE = f"""
SELECT surname, count(*) AS bare_seen FROM {_ALL} WHERE name_kind = 'surname' AND surname IS NOT NULL GROUP BY ALL
"""
_SEEN = f"SELECT {{c}}, count(*) AS {{c}}_seen FROM {_ALL} WHERE {{c}} IN (SELECT {{c}} FROM named) GROUP BY ALL"
_NAME = "core, core_pinyin, brand, brand_pinyin, domain, form, company_province, pinyin"
_MATES = f"""
SELECT {_NAME} FROM (SELECT {_NAME} FROM {_KNOWN} UNION ALL SELECT {_NAME} FROM fresh)
WHERE {_BRAND} IN (SELECT {_BRAND} FROM named) OR core_pinyin IN (SELECT core_pinyin FROM named)
"""


def neighbours(
    store: Store, asked: pl.DataFrame, superseded: pl.Series, rows: int, *, persons: bool = True
) -> pl.DataFrame:
    """Features `asked` → features of the known records that share a value with one of them, themselves left out.

    superseded: keys of known records that are no longer what the store says. rows: of the whole file. persons: also by what only
    persons are compared by. Of a number that thousands share (a placeholder, a switchboard), which says nothing by
    itself, come the rows of the same name, and enough of the others to show that it says nothing.
    """
    crowd = worthless(size_bits(rows), contact.PENALTY)
    values = (*_COMPANIES, *_PERSONS) if persons else _COMPANIES
    shared = [f"{v} IN (SELECT {v} FROM asked WHERE {v} IS NOT NULL)" for v in values]
    shared += [*_UNPLACED, *([_SAME_NAME, f"f.record_key IN ({_SOME})"] if persons else [])]
    with (
        store.given(superseded.alias("record_key").to_frame(), "superseded"),
        store.given(asked, "asked"),
        store.given(store.query(_CROWDED, [crowd]), "crowded"),
    ):
        met = f"SELECT f.* FROM {_KNOWN} AND f.record_key NOT IN (SELECT record_key FROM asked)"
        return FEATURE.conform(store.query(f"{met} AND ({' OR '.join(shared)})", [crowd] if persons else None))


class Counts(NamedTuple):
    """What is counted over the whole file, `fresh` rows included, for a frame that is only part of it.

    totals: rows with a name (dedup/census.py). tables: each a column of the frame, and what is brought along for its values.
    """

    rows: int
    totals: dict[str, int]
    tables: tuple[pl.DataFrame, ...]


def count_people(store: Store, fresh: pl.DataFrame, superseded: pl.Series, named: pl.DataFrame) -> Counts:
    """Counts over the known records (but those superseded) and the fresh ones, of the names and brands that rows of `named`
    bear: nobody compares the others."""
    with _counting(store, fresh, superseded, named):
        totals = store.query(_TOTALS).row(0, named=True)
        seen = (store.query(_BARE), *(store.query(_SEEN.format(c=c)) for c in ("name", "pinyin")))
        return Counts(totals.pop("rows"), totals, (*seen, contact.census(store.query(_MATES))))


def count_companies(store: Store, fresh: pl.DataFrame, superseded: pl.Series, named: pl.DataFrame, rows: int) -> Counts:
    """As `count_people`, of the companies that rows of `named` belong to. rows: of the whole file."""
    with _counting(store, fresh, superseded, named):
        return Counts(rows, {}, account.census(store.query(_MATES)))


@contextmanager
def _counting(store: Store, fresh: pl.DataFrame, superseded: pl.Series, named: pl.DataFrame) -> Iterator[None]:
    with (
        store.given(superseded.alias("record_key").to_frame(), "superseded"),
        store.given(fresh, "fresh"),
        store.given(named, "named"),
    ):
        yield


def with_counts(frame: pl.DataFrame, counts: Counts) -> pl.DataFrame:
    """Features with what was counted of their values; names that nobody asked for count as met once."""
    frame = frame.with_columns(brand_or_domain=account.BRAND_OR_DOMAIN)
    for table in counts.tables:
        frame = frame.join(table, on=table.columns[0], how="left", maintain_order="left")
    seen = [f"{name}_seen" for name in ("name", "pinyin", "bare") if f"{name}_seen" in frame.columns]
    totals = {name: pl.lit(total, pl.Int64) for name, total in counts.totals.items()}
    return frame.with_columns(pl.col(seen).fill_null(1), **totals)
