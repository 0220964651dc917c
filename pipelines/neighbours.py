"""Which known records today's rows can meet: those that share a value by which records are compared, and no others.

The values are the columns behind the blocking keys and the rarities of both levels (dedup/contact.py, account.py). Every
record that shares one comes along, so that how often a value is met is counted as over the whole file; names, of which
only the frequency is asked, are counted in the store.
"""

from typing import NamedTuple

import polars as pl

from ..io.store import Store
from ..schemas import FEATURE

_LOCAL = "regexp_extract(coalesce(email, email_partial), '^([^@]*[0-9][^@]*[0-9][^@]*[0-9][^@]*)@', 1)"
_SHAPE = "coalesce(phone_partial, substr(phone, 4, 3) || '****' || right(phone, 4))"
_REACH = "coalesce(phone, '+86' || nullif(regexp_extract(coalesce(email, email_partial), '^(1[3-9][0-9]{9})@', 1), ''))"
_BRAND = (
    r"CASE WHEN core IS NULL THEN nullif(regexp_extract(domain, '^([a-z0-9-]{4,})\.', 1), '') ELSE brand_pinyin END"
)
_STREET = "CASE WHEN length(street) >= 5 THEN street END"
_UNCROWDED = f"CASE WHEN {_REACH} NOT IN (SELECT value FROM crowded) THEN {_REACH} END"
# What two records must share to be compared as companies or as persons, or to count for each other's rarities.
_COMPANIES = ("code", "org_code", "code_partial", "core_pinyin", "brand_pinyin", _BRAND, "domain", "landline", _STREET)
_PERSONS = (
    _UNCROWDED, "email", "email_partial", f"pinyin || '|' || {_SHAPE}",
    # Only where somebody of this name is asked for: the pattern is the dearest of all.
    f"CASE WHEN pinyin IN (SELECT pinyin FROM asked WHERE {_LOCAL} <> '') THEN pinyin || '|' || nullif({_LOCAL}, '') END",
)  # fmt: skip
_KNOWN = "main.feature f WHERE f.record_key NOT IN (SELECT record_key FROM moved)"
CROWD = 1_000  # rows of one number: an eighth of them counts as owners, which leaves no weight at any size of file
_CROWDED = f"""
SELECT {_REACH} AS value FROM {_KNOWN} AND {_REACH} IN (SELECT {_REACH} FROM asked) GROUP BY ALL HAVING count(*) > {CROWD}
"""
_WHO = f"{_REACH} || '|' || coalesce(pinyin, surname)"
_SAME_NAME = f"({_REACH} IN (SELECT value FROM crowded) AND {_WHO} IN (SELECT {_WHO} FROM asked))"
_SOME = f"""
SELECT record_key FROM {_KNOWN} AND {_REACH} IN (SELECT value FROM crowded)
QUALIFY row_number() OVER (PARTITION BY {_REACH} ORDER BY record_key) <= {CROWD}
"""
_ALL = f"(SELECT name, pinyin, name_kind, surname FROM {_KNOWN} UNION ALL SELECT name, pinyin, name_kind, surname FROM fresh)"
_TOTALS = f"""
SELECT count(name) AS names, count(pinyin) AS pinyins, count(CASE WHEN name_kind = 'surname' THEN surname END) AS bares,
       count(*) AS rows FROM {_ALL}
"""
_BARE = f"""
SELECT surname AS value, count(*) AS seen FROM {_ALL} WHERE name_kind = 'surname' AND surname IS NOT NULL GROUP BY ALL
"""
_SEEN = f"SELECT {{c}} AS value, count(*) AS seen FROM {_ALL} WHERE {{c}} IN (SELECT {{c}} FROM named) GROUP BY ALL"


def neighbours(store: Store, asked: pl.DataFrame, moved: pl.Series, *, persons: bool = True) -> pl.DataFrame:
    """Features `asked` → features of the known records that share a value with one of them, themselves left out.

    moved: keys of records that are no longer what the store says. persons: also by what only persons are compared by. Of
    a number that thousands share (a placeholder, a switchboard), which says nothing by itself, come the rows of the same
    name, and enough of the others to show that it says nothing.
    """
    values = (*_COMPANIES, *_PERSONS) if persons else _COMPANIES
    shared = [f"{v} IN (SELECT {v} FROM asked WHERE {v} IS NOT NULL)" for v in values]
    shared += [_SAME_NAME, f"f.record_key IN ({_SOME})"] if persons else []
    with (
        store.given(moved.alias("record_key").to_frame(), "moved"),
        store.given(asked, "asked"),
        store.given(store.query(_CROWDED), "crowded"),
    ):
        met = f"SELECT f.* FROM {_KNOWN} AND f.record_key NOT IN (SELECT record_key FROM asked)"
        return FEATURE.conform(store.query(f"{met} AND ({' OR '.join(shared)})"))


class Counts(NamedTuple):
    """Rows of the whole file, `fresh` ones included, and what dedup/census.py counts over them."""

    rows: int
    totals: dict[str, int]
    tables: dict[str, pl.DataFrame]


def count_names(store: Store, fresh: pl.DataFrame, moved: pl.Series, named: pl.DataFrame) -> Counts:
    """Counts over the known records (but those moved) and the fresh ones, of the names that rows of `named` bear: nobody
    compares the others."""
    with (
        store.given(moved.alias("record_key").to_frame(), "moved"),
        store.given(fresh, "fresh"),
        store.given(named, "named"),
    ):
        totals = store.query(_TOTALS).row(0, named=True)
        tables = {"surname": store.query(_BARE)} | {c: store.query(_SEEN.format(c=c)) for c in ("name", "pinyin")}
    return Counts(totals.pop("rows"), totals, tables)


def with_counts(frame: pl.DataFrame, counts: Counts) -> pl.DataFrame:
    """Features with the columns of dedup/census.py as over the whole file; without names to ask for (companies), as they are."""
    if not counts.tables:
        return frame
    for column, name in (("name", "name_seen"), ("pinyin", "pinyin_seen"), ("surname", "bare_seen")):
        table = counts.tables[column].rename({"value": column, "seen": name})
        frame = frame.join(table, on=column, how="left", maintain_order="left").with_columns(pl.col(name).fill_null(1))
    return frame.with_columns(**{name: pl.lit(total, pl.Int64) for name, total in counts.totals.items()})
