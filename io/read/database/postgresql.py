"""A query's rows from PostgreSQL, every value cast to text by the server."""

import re
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlunsplit

import polars as pl

from .query import DatabaseQuery, no_connection, wrong_query

_PATIENCE = "10"  # seconds for the connection
# One snapshot, nothing written, and the same text whatever the server's settings are.
_SESSION = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET bytea_output = 'hex'",
)


def fetch(source: DatabaseQuery) -> pl.DataFrame:
    """The rows, a String column per column of the query; null stays null."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    try:
        connection = dbapi.connect(_address(source))
    except Error as fault:
        raise no_connection(fault.sqlstate) from None
    try:
        with connection.cursor() as cursor:
            for statement in _SESSION:
                cursor.execute(statement)
            connection.commit()
            return _rows(cursor, re.sub(r"[;\s]+$", "", source.query))
    except Error as fault:
        raise wrong_query(fault.sqlstate or "?") from None
    except pl.exceptions.DuplicateError:
        raise wrong_query("42701") from None
    except pl.exceptions.PolarsError:  # the server refused a row, and the message quotes it
        raise wrong_query("22") from None
    finally:
        connection.close()


def _rows(cursor: Any, query: str) -> pl.DataFrame:
    """Names come first, without rows; then the rows, whose columns are cast under names of ours."""
    cursor.execute(f"SELECT * FROM ({query}\n) AS q LIMIT 0")
    names = pl.Schema(cursor.fetch_arrow()).names()
    if not names:
        return pl.DataFrame()
    own = [f"c{i}" for i in range(len(names))]
    cursor.execute(f"SELECT {', '.join(f'{c}::text' for c in own)} FROM ({query}\n) AS q({', '.join(own)})")
    frame = pl.DataFrame(cursor.fetch_arrow())
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def _address(source: DatabaseQuery) -> str:
    """The address for libpq: with a time limit, and the password of the environment variable."""
    parts = source.parts
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    options.setdefault("connect_timeout", _PATIENCE)
    options.setdefault("client_encoding", "UTF8")
    place = parts.netloc.rpartition("@")[2]
    user = (parts.username or "") + (f":{quote(source.secret, safe='')}" if source.secret is not None else "")
    netloc = f"{user}@{place}" if user else place
    return urlunsplit(("postgresql", netloc, parts.path, urlencode(options, quote_via=quote), ""))
