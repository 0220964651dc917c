"""The rows of a query against PostgreSQL or MySQL as a table. Nothing that is said here holds a password or a row."""

import hashlib
from importlib.util import find_spec

import polars as pl

from ....errors import UsageError
from ....i18n import Text
from ...table.reasons import refuse
from ...table.source_table import ROW, SourceTable
from ..typed_tables import typed_layout
from .query import DatabaseQuery

_DRIVERS = {"postgresql": "adbc_driver_postgresql", "mysql": "pymysql"}


def read_query(source: DatabaseQuery) -> SourceTable:
    """The query's rows, numbered from 1 in the order of the database, every value as the text that it prints.

    Raises UsageError (driver missing, query wrong) and InputError (no connection).
    """
    _need_driver(source.kind)
    if source.kind == "postgresql":
        from .postgresql import fetch
    else:
        from .mysql import fetch
    layout = typed_layout(fetch(source))
    texts = layout.rows.drop(ROW)
    size = sum(int(texts[name].str.len_bytes().sum() or 0) for name in texts.columns)
    if not texts.width:
        refuse("file.empty")
    return SourceTable(
        name=source.name,
        sheet=None,
        sha256=_digest(layout.headers, texts),
        bytes=size,
        format=source.kind,
        encoding=None,
        header_row=0,
        headers=layout.headers,
        rows=layout.rows,
        positions=layout.positions,
    )


def _need_driver(kind: str) -> None:
    if find_spec(_DRIVERS[kind]) is None:
        raise UsageError(
            Text(f"读取 {kind} 需要另装驱动。", f"Reading {kind} needs a driver that is not installed."),
            Text("请运行：pip install 'guiyi[db]'", "Run: pip install 'guiyi[db]'"),
        )


def _digest(headers: tuple[str, ...], texts: pl.DataFrame) -> str:
    """Stands for a file's hash: the same rows in the same order have the same one."""
    hasher = hashlib.sha256("\x1f".join(headers).encode())
    for name in texts.columns:
        column = texts[name]
        hasher.update(b"\x1e" + column.str.len_bytes().cast(pl.Int64).fill_null(-1).to_numpy().tobytes())
        hasher.update("".join(column.drop_nulls().to_list()).encode())
    return hasher.hexdigest()
