"""The keys by which the store finds records that can meet: one narrow row for each value that two of them must share.

The values are those behind the blocking keys and the rarities of both levels (dedup/contact.py, account.py), hashed; a
few rows too many (one hash of two values) do no harm. What is derived from the live rows of `feature` alone is no table
of the contract: whoever writes features refreshes it, and should another DuckDB hash otherwise, it is made anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bridge import scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

HOME = "versions.blocking_key"
REACH = "coalesce(phone, '+86' || nullif(regexp_extract(coalesce(email, email_partial), '^(1[3-9][0-9]{9})@', 1), ''))"
BRAND = r"CASE WHEN core IS NULL THEN nullif(regexp_extract(domain, '^([a-z0-9-]{4,})\.', 1), '') ELSE brand_pinyin END"
_LOCAL = "regexp_extract(coalesce(email, email_partial), '^([^@]*[0-9][^@]*[0-9][^@]*[0-9][^@]*)@', 1)"
# kind → what two records share, over the columns of `feature`
COMPANIES = {
    "code": "code", "organisation": "org_code", "code text": "code_partial", "company": "core_pinyin", "domain": "domain",
    "landline": "landline", "street": "CASE WHEN length(street) >= 5 THEN street END",
    "brand": BRAND, "brand in place": f"{BRAND} || '|' || company_province",
    "brand unplaced": f"CASE WHEN company_province IS NULL THEN {BRAND} END",
}  # fmt: skip
PERSONS = {
    "reach": REACH, "reach and name": f"{REACH} || '|' || coalesce(pinyin, surname)",
    "email": "email", "email text": "email_partial", "name and brand": "pinyin || '|' || brand_pinyin",
    # Of a masked or whole number the last four digits, at half the cost of its whole shape.
    "name and digits": "pinyin || '|' || right(coalesce(phone_partial, phone), 4)",
    "name and mail": f"pinyin || '|' || nullif({_LOCAL}, '')",
}  # fmt: skip
_KINDS = COMPANIES | PERSONS
# A brand is asked for where the company can be: in its place and where none is told; everywhere, if itself tells none.
_ASKED = _KINDS | {"brand": _KINDS["brand unplaced"], "brand unplaced": BRAND}
_PROBE = "SELECT CAST(hash('brand', 'guiyi') AS VARCHAR)"


def keys_held(source: str, kinds: Iterable[str] = tuple(_KINDS)) -> str:
    """SELECT `record_key, key` of what the rows of a source (table `feature`) hold."""
    return _keys(source, {kind: _KINDS[kind] for kind in kinds})


def keys_asked(source: str, kinds: Iterable[str]) -> str:
    """SELECT `record_key, key` by which the rows of a source find those that they can meet."""
    return _keys(source, {kind: _ASKED[kind] for kind in kinds})


def _keys(source: str, values: dict[str, str]) -> str:
    hashes = ", ".join(f"CASE WHEN ({sql}) IS NOT NULL THEN hash('{kind}', {sql}) END" for kind, sql in values.items())
    return f"SELECT record_key, key FROM (SELECT record_key, unnest([{hashes}]) AS key FROM {source}) WHERE key IS NOT NULL"


def refresh(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Bring the keys to the features as run `number` has written them, within its transaction."""
    connection.execute(
        f"DELETE FROM {HOME} WHERE record_key IN (SELECT record_key FROM versions.feature WHERE until = {number})"
    )
    connection.execute(f"INSERT INTO {HOME} {keys_held(f'versions.feature WHERE since = {number} AND until IS NULL')}")


def make(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the keys of all live features, from nothing."""
    connection.execute(f"CREATE OR REPLACE TABLE {HOME} AS {keys_held('versions.feature WHERE until IS NULL')}")
    connection.execute(f"INSERT OR REPLACE INTO history.guiyi VALUES ('key_probe', ({_PROBE}))")


def are_current(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether keys are there, and hashed as this DuckDB hashes."""
    told = scalar(connection, "SELECT value FROM history.guiyi WHERE name = 'key_probe'")
    return told is not None and told == scalar(connection, _PROBE)
