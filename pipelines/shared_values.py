"""Values that too many share to be a ground for merging (`dedup.shared_value`), counted over the whole file.

Where everything is compared they fall out of the comparison; in a night that touches few rows they are counted in the store.
"""

import polars as pl

from ..dedup import account, contact
from ..dedup.rarity import owners, size_bits, usual_owners, value_rarity
from ..io.blocking_keys import REACH
from ..io.store import Store
from ..schemas import FINDING
from .resolution import Today
from .resolve import shared_value

# Of each column that is told of, what its rarity is counted from (VALUES of a level).
_COUNTED = {"phone": "reach", "email": "email", "landline": "landline", "code": "code"}
_COLUMNS = "phone, email, email_partial, landline, code, pinyin, surname, brand"
_EVERYBODY = f"""
SELECT {_COLUMNS} FROM main.feature WHERE record_key NOT IN (SELECT record_key FROM superseded)
UNION ALL SELECT {_COLUMNS} FROM fresh
"""
_ROWS = f"SELECT count(*) AS rows FROM ({_EVERYBODY})"
_CROWD = f"""
WITH everybody AS MATERIALIZED (SELECT *, {{value}} AS counted FROM ({_EVERYBODY}))
SELECT * EXCLUDE (counted) FROM everybody
WHERE counted IN (SELECT counted FROM everybody WHERE counted IS NOT NULL GROUP BY counted HAVING count(*) >= ?)
"""


_STOOD = "SELECT field, value, suggestion FROM main.finding WHERE rule = 'dedup.shared_value'"


def count_shared(store: Store, today: Today, *, people: bool) -> pl.DataFrame | None:
    """Table `finding` (without words) of the shared values of all that lives after today; None: what is said of them stands.

    people: whether anything that lives names a person.
    """
    found = _counted(store, today, people=people)
    stood = store.query(_STOOD)
    told = found.select(stood.columns).unique()
    return None if told.sort(told.columns).equals(stood.sort(stood.columns)) else found


def _counted(store: Store, today: Today, *, people: bool) -> pl.DataFrame:
    levels = [(account.VALUES, usual_owners), *([(contact.VALUES, owners)] if people else [])]
    found = [FINDING.empty()]
    with store.given(today.delta.superseded().to_frame(), "superseded"), store.given(today.features, "fresh"):
        rows = int(store.query(_ROWS)["rows"][0])
        for column, name in _COUNTED.items():
            for value, penalty, seen_with, spread in ((*v[name], s) for v, s in levels if name in v):
                # A value is seen with no more owners than it has rows: fewer cannot take all its worth.
                least = int(2 ** (size_bits(rows) / penalty))
                if least > rows:
                    continue
                sql = _CROWD.format(value=REACH if value == "reach" else value)
                crowd = store.query(sql, [least]).with_columns(reach=contact.REACH)
                worth = value_rarity(crowd, value, size_bits(rows), penalty, spread(crowd, value, *seen_with))
                found.append(shared_value(crowd.with_columns(worth), column, "worth"))
    return pl.concat(found)
