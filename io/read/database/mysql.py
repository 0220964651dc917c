"""A query's rows from MySQL or MariaDB, every value as the text that the server sends."""

from typing import Any
from urllib.parse import parse_qsl, unquote

import polars as pl

from .query import DatabaseQuery, no_connection, wrong_query

_PATIENCE = 10  # seconds for the connection
_BATCH = 50_000
_SESSION = ("SET SESSION TRANSACTION READ ONLY", "START TRANSACTION WITH CONSISTENT SNAPSHOT")


def fetch(source: DatabaseQuery) -> pl.DataFrame:
    """The rows, a String column per column of the query; null stays null. A repeated name gets `_2`."""
    import pymysql

    try:
        connection = pymysql.connect(**_options(source))
    except (pymysql.err.Error, OSError) as fault:
        raise no_connection(_number(fault)) from None
    try:
        with connection.cursor() as cursor:
            for statement in _SESSION:
                cursor.execute(statement)
            cursor.execute(source.query)
            return _rows(cursor)
    except (pymysql.err.Error, OSError) as fault:
        raise wrong_query(_number(fault)) from None
    finally:
        connection.close()


def _rows(cursor: Any) -> pl.DataFrame:
    names = _distinct([str(column[0]) for column in cursor.description or ()])
    schema = dict.fromkeys(names, pl.String)
    frames = [pl.DataFrame(schema=schema)]
    while batch := cursor.fetchmany(_BATCH):
        frames.append(pl.DataFrame([[_text(value) for value in row] for row in batch], schema=schema, orient="row"))
    return pl.concat(frames)


def _distinct(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        turn, text = 1, name
        while text in found:
            turn += 1
            text = f"{name}_{turn}"
        found.append(text)
    return found


def _text(value: str | bytes | None) -> str | None:
    """Binary columns are text where they hold text, else hexadecimal digits as the server's own client prints them."""
    if not isinstance(value, bytes):
        return value
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return "0x" + value.hex().upper()
    return text if text.isprintable() else "0x" + value.hex().upper()


def _options(source: DatabaseQuery) -> dict[str, Any]:
    """For the driver. Without decoders no value is turned into a number or date; local_infile stays off."""
    from pymysql.converters import encoders
    from pymysql.cursors import SSCursor

    parts = source.parts
    options = dict(parse_qsl(parts.query))
    socket = options.get("unix_socket") or options.get("socket")
    return {
        "host": parts.hostname or "localhost",
        "port": parts.port or 3306,
        "user": unquote(parts.username) if parts.username else None,
        "password": (source.secret or "").encode(),  # the driver would encode text as Latin-1
        "database": unquote(parts.path.strip("/")) or None,
        "charset": "utf8mb4",
        "connect_timeout": _PATIENCE,
        "cursorclass": SSCursor,
        "conv": encoders,
        **({"unix_socket": socket} if socket else {}),
    }


def _number(fault: Exception) -> object:
    return fault.args[0] if fault.args and isinstance(fault.args[0], int) else "?"
