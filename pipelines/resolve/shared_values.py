"""Values that too many share to be a ground for merging (`dedup.shared_value`), counted over the whole file.

Where everything is compared they fall out of the comparison; in a night that touches few rows they are counted in the store.
"""

from collections.abc import Collection, Mapping

import polars as pl

from ...dedup.policy import account, contact, contact_keys
from ...dedup.policy.term_frequency import owners, size_bits, usual_owners, value_rarity
from ...io.store.store import Store
from ...schemas import FINDING
from .levels import shared_value
from .resolution import Today

# Of each column that is told of, what its rarity is counted from (VALUES of a level).
_COUNTED = {"phone": "reach", "email": "email", "landline": "landline", "code": "code"}
_COLUMNS = "phone, email, email_partial, identifiers, landline, code, pinyin, surname, brand"
_EVERYBODY = """
(SELECT record_key, {c} FROM main.feature WHERE record_key NOT IN (SELECT record_key FROM superseded)
 UNION ALL SELECT record_key, {c} FROM fresh)
"""
_ROWS = f"SELECT count(*) AS rows FROM {_EVERYBODY.format(c='code')}"
_CROWD = f"SELECT {_COLUMNS} FROM {_EVERYBODY.format(c=_COLUMNS)} WHERE record_key IN (SELECT record_key FROM crowd)"


_STOOD = "SELECT field, value, suggestion FROM main.finding WHERE rule = 'dedup.shared_value'"


def count_shared(store: Store, today: Today, off: Collection[str], *, people: bool) -> pl.DataFrame | None:
    """Table `finding` (without words) of the shared values of all that lives after today; None: what is said of them stands.

    off: columns that are switched off as evidence. people: whether anything that lives names a person.
    """
    found = _counted(store, today, {c: v for c, v in _COUNTED.items() if c not in off}, people=people)
    stood = store.query(_STOOD)
    told = found.select(stood.columns).unique()
    return None if told.sort(told.columns).equals(stood.sort(stood.columns)) else found


def _counted(store: Store, today: Today, counted: Mapping[str, str], *, people: bool) -> pl.DataFrame:
    levels = [(account.VALUES, usual_owners), *([(contact.VALUES, owners)] if people else [])]
    found = [FINDING.empty()]
    with store.given(today.delta.superseded().to_frame(), "superseded"), store.given(today.features, "fresh"):
        rows = int(store.query(_ROWS)["rows"][0])
        for column, name in counted.items():
            for value, penalty, seen_with, spread in ((*v[name], s) for v, s in levels if name in v):
                # A value is seen with no more owners than it has rows: fewer cannot take all its worth.
                least = int(2 ** (size_bits(rows) / penalty))
                if least > rows:
                    continue
                crowd = _crowd(store, value, least)
                worth = value_rarity(crowd, value, size_bits(rows), penalty, spread(crowd, value, *seen_with))
                found.append(FINDING.conform(shared_value(crowd.lazy().with_columns(worth), column, "worth").collect()))
    return pl.concat(found)


def _crowd(store: Store, value: str, least: int) -> pl.DataFrame:
    """_COLUMNS and `value` of all that lives, where at least so many hold the same value."""
    held = contact_keys.REACH if value == "reach" else pl.col(value)
    columns = held.meta.root_names()
    some = " OR ".join(f"{column} IS NOT NULL" for column in columns)
    rows = store.query(f"SELECT * FROM {_EVERYBODY.format(c=', '.join(columns))} WHERE {some}")
    rows = rows.select("record_key", value=held).drop_nulls()
    often = rows.group_by("value").len().filter(pl.col("len") >= least)
    with store.given(rows.join(often, on="value", how="semi").select("record_key"), "crowd"):
        return store.query(_CROWD).with_columns(held.alias(value))
