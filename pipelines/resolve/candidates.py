"""Which known records today's rows can meet: those that share a value by which records are compared, and no others.

The values are the columns behind the blocking keys and the rarities of both levels (dedup/policy/contact.py, account.py). Every
record that shares one comes along, so that how often a value is met is counted as over the whole file. Names of people
and brands are borne by too many: they are counted, and of their bearers come only those that can be compared.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

import polars as pl

from ...dedup.policy import account, account_keys, contact, contact_keys
from ...dedup.policy.keys import Lookup, asked_keys, held_keys, lookup_columns, signature
from ...dedup.policy.term_frequency import size_bits, worthless
from ...io.store.lookup_keys import HOME
from ...io.store.publish import Change
from ...io.store.store import Store
from ...schemas import FEATURE

LOOKUPS = tuple(dict.fromkeys((*account_keys.LOOKUPS, *contact_keys.LOOKUPS)))
_KNOWN = "main.feature f WHERE f.record_key NOT IN (SELECT record_key FROM superseded)"
# In steps: planned as one query, the store would read every feature of every record first.
_WHO_HOLD = "SELECT DISTINCT record_key FROM {home} WHERE key IN (SELECT key FROM wanted)"
_CROWDED = "SELECT key FROM {home} WHERE key IN (SELECT key FROM wanted) GROUP BY key HAVING count(*) > ?"
_SOME = """
SELECT record_key FROM {home} WHERE key IN (SELECT key FROM crowded) AND record_key NOT IN (SELECT record_key FROM superseded)
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
_NAME = (
    "core, core_pinyin, brand, brand_pinyin, domain, street, company_province, pinyin, company_key, form, company_tail, branch, is_public,"
    " company_region, company_place"
)
_MATES = f"SELECT {_NAME} FROM {_KNOWN} AND f.record_key IN (SELECT record_key FROM met)"


@cache
def _signature() -> str:
    return signature(LOOKUPS)


def write_keys(store: Store, features: Change) -> None:
    """Bring the stored keys to the features that a run has just written, within its transaction."""
    told, scope, rows = _signature(), features.scope, features.rows.lazy()
    if scope is not None and store.keys_signature() != told:
        scope, rows = None, _features(store).lazy()
    store.write_keys(held_keys(rows, LOOKUPS), scope, told)


@contextmanager
def _stored_keys(store: Store) -> Iterator[str]:
    """The table of the keys of the known records: the stored one, or where another version made that, one of now."""
    if store.keys_signature() == _signature():
        yield HOME
        return
    with store.given(held_keys(_features(store), LOOKUPS), "own_key"):
        yield "own_key"


def _features(store: Store) -> pl.DataFrame:
    return store.query(f"SELECT record_key, {', '.join(lookup_columns(LOOKUPS))} FROM main.feature")


def candidate_records(
    store: Store, asked: pl.DataFrame, superseded: pl.Series, rows: int, *, persons: bool = True
) -> pl.DataFrame:
    """Features `asked` → features of the known records that share a value with one of them, themselves left out.

    superseded: keys of known records that are no longer what the store says. rows: of the whole file. persons: also by what only
    persons are compared by. Of a number that thousands share (a placeholder, a switchboard), which says nothing by
    itself, come the rows of the same name, and enough of the others to show that it says nothing.
    """
    lookups = LOOKUPS if persons else account_keys.LOOKUPS
    with (
        _stored_keys(store) as home,
        store.given(superseded.alias("record_key").to_frame(), "superseded"),
        store.given(asked, "asked"),
        store.given(_holders(store, home, asked, lookups, worthless(size_bits(rows), contact.PENALTY)), "met"),
    ):
        return FEATURE.conform(store.query(_MET))


def _holders(store: Store, home: str, asked: pl.DataFrame, lookups: tuple[Lookup, ...], crowd: int) -> pl.DataFrame:
    """`record_key` of those that hold what the rows ask for; of a number that more than `crowd` hold, so many."""
    keys = asked_keys(asked, lookups).select("key").unique()
    numbers = keys.clear()
    if contact_keys.PHONE in lookups:
        with store.given(asked_keys(asked, [contact_keys.PHONE]), "wanted"):
            numbers = store.query(_CROWDED.format(home=home), [crowd])
    met = _who_hold(store, home, keys.join(numbers, on="key", how="anti"))
    if numbers.is_empty():
        return met
    with store.given(numbers, "crowded"):
        return pl.concat([met, store.query(_SOME.format(home=home), [crowd])])


def _who_hold(store: Store, home: str, keys: pl.DataFrame) -> pl.DataFrame:
    """`key` → `record_key` of the records that hold one of them, each once."""
    with store.given(keys, "wanted"):
        return store.query(_WHO_HOLD.format(home=home))


class Counts(NamedTuple):
    """What is counted over the whole file, `fresh` rows included, for a frame that is only part of it.

    totals: rows with a name (dedup/policy/term_counts.py). tables: each a column of the frame, and what is brought along for its values.
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
        return Counts(totals.pop("rows"), totals, (*seen, contact.count_owners(_co_occurring(store, fresh, named))))


def count_companies(store: Store, fresh: pl.DataFrame, superseded: pl.Series, named: pl.DataFrame, rows: int) -> Counts:
    """As `count_people`, of the companies that rows of `named` belong to. rows: of the whole file."""
    with _counting(store, fresh, superseded, named):
        return Counts(rows, {}, account.count_owners(_co_occurring(store, fresh, named)))


def _co_occurring(store: Store, fresh: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """The names of all companies, known and fresh, that share a name or brand with one of `named`, are short for it, or what it is
    short for."""
    alike, short = (account_keys.BRAND, account_keys.COMPANY), (account_keys.SHORT_NAME,)
    keys = (
        pl.concat([held_keys(named, alike), held_keys(named, short), asked_keys(named, short)]).select("key").unique()
    )
    own = held_keys(fresh, (*alike, *short)).join(keys, on="key", how="semi").select("record_key").unique()
    with _stored_keys(store) as home, store.given(_who_hold(store, home, keys), "met"):
        known = store.query(_MATES)
    return pl.concat([known, fresh.join(own, on="record_key", how="semi").select(known.columns)])


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
    frame = frame.with_columns(brand_or_domain=account_keys.BRAND_OR_DOMAIN, body=account_keys.BODY)
    for table in counts.tables:
        frame = frame.join(table, on=table.columns[0], how="left", maintain_order="left")
    seen = [f"{name}_seen" for name in ("name", "pinyin", "bare") if f"{name}_seen" in frame.columns]
    totals = {name: pl.lit(total, pl.Int64) for name, total in counts.totals.items()}
    return frame.with_columns(pl.col(seen).fill_null(1), **totals)
