"""What the store holds of the part that a night touches: who hangs together with whom, their pairs, rows and entities."""

import polars as pl

from ...io.store.store import Store
from ...schemas import ENTITY_MEMBER, PAIR, Table

# The contact entities of more than one record: who a company's persons are.
PERSONS = """
SELECT record_key, entity_id AS person FROM main.entity_member WHERE level = 'contact'
QUALIFY count(*) OVER (PARTITION BY entity_id) > 1
"""
# Who hangs together is followed by the hashes of record keys: one scan of the links, and numbers to look up. Two keys of
# one hash would only be judged anew both.
_LINKS = """
SELECT hash(record_key_l) AS one, hash(record_key_r) AS other FROM main.pair WHERE level = ? AND score >= ?
"""
_MATES = """
SELECT hash(record_key) AS code FROM main.entity_member WHERE level = $1 AND entity_id IN
(SELECT entity_id FROM main.entity_member WHERE level = $1 AND hash(record_key) IN (SELECT code FROM edge))
"""
_NAMED = "SELECT record_key FROM main.record WHERE hash(record_key) IN (SELECT code FROM region)"
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
    keys = pl.Series("record_key", sorted(start), dtype=pl.String)
    with store.given(keys.to_frame(), "start"):
        edge = store.query("SELECT hash(record_key) AS code FROM start")["code"]
    links, region = store.query(_LINKS, [level, threshold]), edge.clear()
    while edge.len():
        reached = _linked(links, edge, region)
        region = pl.concat([region, reached])
        with store.given(reached.to_frame(), "edge"):
            mates = store.query(_MATES, [level])["code"]
        edge = mates.filter(~mates.is_in(region.implode())).unique()
    with store.given(region.to_frame(), "region"):
        known = store.query(_NAMED)["record_key"]
    return pl.concat([keys, known]).unique().sort()


def _linked(links: pl.DataFrame, edge: pl.Series, region: pl.Series) -> pl.Series:
    """`code` of the edge and of all beyond the region that links (`one, other`) connect with it."""
    reached = edge
    while edge.len():
        from_one = links.filter(pl.col("one").is_in(edge.implode()))["other"]
        from_other = links.filter(pl.col("other").is_in(edge.implode()))["one"]
        edge = pl.concat([from_one, from_other]).unique().alias("code")
        edge = edge.filter(~edge.is_in(reached.implode()) & ~edge.is_in(region.implode()))
        reached = pl.concat([reached, edge])
    return reached


def pairs_of(store: Store, level: str, keys: pl.Series, both: str) -> pl.DataFrame:
    """Table `pair` of a level with one end (OR) or both (AND) among the keys."""
    if keys.is_empty():
        return PAIR.empty()
    with store.given(keys.alias("record_key").to_frame(), "ends"):
        return PAIR.conform(store.query(_PAIRS.format(both=both), [level]))


def held(store: Store, table: Table, keys: pl.Series, columns: tuple[str, ...] | None = None) -> pl.DataFrame:
    """The rows of these record keys in a table; of all its columns, or of some."""
    names = ", ".join(f'"{c}"' for c in columns or table.names)
    with store.given(keys.alias("record_key").to_frame(), "ends"):
        rows = store.query(_HELD.format(c=names, t=table.name))
    return rows if columns else table.conform(rows)


def members_of(store: Store, level: str, keys: pl.Series) -> pl.DataFrame:
    """Table `entity_member` of a level, for these record keys."""
    with store.given(keys.alias("record_key").to_frame(), "ends"):
        return ENTITY_MEMBER.conform(store.query(f"{_HELD.format(c='*', t='entity_member')} AND level = ?", [level]))


def people(store: Store, keys: pl.DataFrame) -> pl.DataFrame:
    """`record_key` → those that stand with others, with `person`, their contact entity."""
    with store.given(keys, "ends"):
        return store.query(_PERSONS)


def ids_beyond(store: Store, level: str, keys: pl.Series) -> frozenset[str]:
    """Entity ids that are named after one of these records and live in others."""
    with store.given(keys.alias("record_key").to_frame(), "ends"):
        return frozenset(store.query(_TAKEN, [{"contact": "C", "account": "A"}[level]])["entity_id"])
