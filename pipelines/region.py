"""What the store holds of the part that a night touches: who hangs together with whom, their pairs, rows and entities."""

import polars as pl

from ..io.store import Store
from ..schemas import PAIR, Table

_ADJACENT = """
SELECT record_key_r AS record_key FROM main.pair WHERE level = $1 AND score >= $2 AND record_key_l IN (SELECT record_key FROM edge)
UNION SELECT record_key_l FROM main.pair WHERE level = $1 AND score >= $2 AND record_key_r IN (SELECT record_key FROM edge)
UNION SELECT m.record_key FROM main.entity_member m JOIN main.entity_member e USING (level, entity_id)
  WHERE level = $1 AND e.record_key IN (SELECT record_key FROM edge)
"""
_PAIRS = """
SELECT * FROM main.pair WHERE level = ?
AND (record_key_l IN (SELECT record_key FROM ends) {both} record_key_r IN (SELECT record_key FROM ends))
"""
_HELD = "SELECT {c} FROM main.{t} WHERE record_key IN (SELECT record_key FROM ends)"
_PERSONS = """
SELECT m.record_key, m.entity_id AS person FROM main.entity_member m
JOIN main.duplicate_group g USING (level, entity_id)
WHERE level = 'contact' AND m.record_key IN (SELECT record_key FROM ends)
"""
_TAKEN = """
SELECT DISTINCT entity_id FROM main.entity_member
WHERE entity_id IN (SELECT ? || record_key FROM ends) AND record_key NOT IN (SELECT record_key FROM ends)
"""


def connected(store: Store, level: str, start: set[str], threshold: float) -> pl.Series:
    """All record keys that links or entities of the store connect with the start."""
    region: set[str] = set()
    edge = start
    while edge:
        region |= edge
        with store.given(pl.DataFrame({"record_key": sorted(edge)}, schema={"record_key": pl.String}), "edge"):
            edge = set(store.query(_ADJACENT, [level, threshold])["record_key"]) - region
    return pl.Series("record_key", sorted(region), dtype=pl.String)


def pairs_of(store: Store, level: str, keys: pl.Series, both: str) -> pl.DataFrame:
    """Table `pair` of a level with one end (OR) or both (AND) among the keys."""
    with store.given(keys.alias("record_key").to_frame(), "ends"):
        return PAIR.conform(store.query(_PAIRS.format(both=both), [level]))


def held(store: Store, table: Table, keys: pl.Series, columns: tuple[str, ...] | None = None) -> pl.DataFrame:
    """The rows of these record keys in a table; of all its columns, or of some."""
    names = ", ".join(f'"{c}"' for c in columns or table.names)
    with store.given(keys.alias("record_key").to_frame(), "ends"):
        rows = store.query(_HELD.format(c=names, t=table.name))
    return rows if columns else table.conform(rows)


def people(store: Store, keys: pl.DataFrame) -> pl.DataFrame:
    """`record_key` → those that stand with others, with `person`, their contact entity."""
    with store.given(keys, "ends"):
        return store.query(_PERSONS)


def ids_beyond(store: Store, level: str, keys: pl.Series) -> frozenset[str]:
    """Entity ids that are named after one of these records and live in others."""
    with store.given(keys.alias("record_key").to_frame(), "ends"):
        return frozenset(store.query(_TAKEN, [{"contact": "C", "account": "A"}[level]])["entity_id"])
