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
from ..io.blocking_keys import BRAND, COMPANIES, HOME, PERSONS, keys_asked, keys_held
from ..io.store import Store
from ..schemas import FEATURE

_KNOWN = "main.feature f WHERE f.record_key NOT IN (SELECT record_key FROM superseded)"
# In steps: planned as one query, the store would read every feature of every record first.
_WHO_HOLD = f"SELECT DISTINCT record_key FROM {HOME} WHERE key IN (SELECT key FROM wanted)"
_CROWDED = f"""
SELECT key FROM {HOME} WHERE key IN (SELECT key FROM ({keys_asked("asked", ["reach"])})) GROUP BY key HAVING count(*) > ?
"""
_SOME = f"""
SELECT record_key FROM {HOME} WHERE key IN (SELECT key FROM crowded) AND record_key NOT IN (SELECT record_key FROM superseded)
QUALIFY row_number() OVER (PARTITION BY key ORDER BY record_key) <= ?
"""
_MET = f"""
SELECT f.* FROM {_KNOWN} AND f.record_key NOT IN (SELECT record_key FROM asked) AND f.record_key IN (SELECT record_key FROM met)
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
_NAME = "core, core_pinyin, brand, brand_pinyin, domain, form, branch, street, company_province, pinyin"
_MATES = f"""
SELECT {_NAME} FROM {_KNOWN} AND f.record_key IN (SELECT record_key FROM met)
UNION ALL SELECT {_NAME} FROM fresh
WHERE {BRAND} IN (SELECT {BRAND} FROM named) OR core_pinyin IN (SELECT core_pinyin FROM named)
"""


def neighbours(
    store: Store, asked: pl.DataFrame, superseded: pl.Series, rows: int, *, persons: bool = True
) -> pl.DataFrame:
    """Features `asked` → features of the known records that share a value with one of them, themselves left out.

    superseded: keys of known records that are no longer what the store says. rows: of the whole file. persons: also by what only
    persons are compared by. Of a number that thousands share (a placeholder, a switchboard), which says nothing by
    itself, come the rows of the same name, and enough of the others to show that it says nothing.
    """
    kinds = [*COMPANIES, *(PERSONS if persons else ())]
    with (
        store.given(superseded.alias("record_key").to_frame(), "superseded"),
        store.given(asked, "asked"),
        store.given(_holders(store, kinds, worthless(size_bits(rows), contact.PENALTY)), "met"),
    ):
        return FEATURE.conform(store.query(_MET))


def _holders(store: Store, kinds: list[str], crowd: int) -> pl.DataFrame:
    """`record_key` of those that hold what rows `asked` ask for; of a reach that more than `crowd` hold, so many."""
    keys = store.query(keys_asked("asked", kinds)).select("key").unique()
    crowded = store.query(_CROWDED, [crowd]) if "reach" in kinds else keys.clear()
    met = _who_hold(store, keys.join(crowded, on="key", how="anti"))
    if crowded.is_empty():
        return met
    with store.given(crowded, "crowded"):
        return pl.concat([met, store.query(_SOME, [crowd])])


def _who_hold(store: Store, keys: pl.DataFrame) -> pl.DataFrame:
    """`key` → `record_key` of the records that hold one of them, each once."""
    with store.given(keys, "wanted"):
        return store.query(_WHO_HOLD)


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
        return Counts(totals.pop("rows"), totals, (*seen, contact.census(_mates(store))))


def count_companies(store: Store, fresh: pl.DataFrame, superseded: pl.Series, named: pl.DataFrame, rows: int) -> Counts:
    """As `count_people`, of the companies that rows of `named` belong to. rows: of the whole file."""
    with _counting(store, fresh, superseded, named):
        return Counts(rows, {}, account.census(_mates(store)))


def _mates(store: Store) -> pl.DataFrame:
    """The names of all companies, known and fresh, that share a name or brand with one of `named`."""
    keys = store.query(keys_held("named", ["brand", "company"])).select("key").unique()
    with store.given(_who_hold(store, keys), "met"):
        return store.query(_MATES)


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
    frame = frame.with_columns(brand_or_domain=account.BRAND_OR_DOMAIN, body=account.BODY)
    for table in counts.tables:
        frame = frame.join(table, on=table.columns[0], how="left", maintain_order="left")
    seen = [f"{name}_seen" for name in ("name", "pinyin", "bare") if f"{name}_seen" in frame.columns]
    totals = {name: pl.lit(total, pl.Int64) for name, total in counts.totals.items()}
    return frame.with_columns(pl.col(seen).fill_null(1), **totals)
