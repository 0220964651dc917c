"""The rows of a query against PostgreSQL or MySQL as a table. Nothing that is said here holds a password or a row."""

import hashlib
import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import SplitResult, unquote, urlsplit

import polars as pl

from ..errors import InputError, UsageError
from ..i18n import Text
from .reasons import refuse
from .source_table import ROW, SourceTable
from .typed_tables import typed_layout

_KINDS = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
_DRIVERS = {"postgresql": "adbc_driver_postgresql", "mysql": "pymysql"}
_TABLE = re.compile(r"""\bfrom\s+((?:["`]?[\w$]+["`]?\s*\.\s*)*)["`]?([\w$]+)["`]?""", re.IGNORECASE)


@dataclass(frozen=True)
class DatabaseQuery:
    """Where to ask, and what. The address may hold a password, so it is never part of a text."""

    address: str = field(repr=False)
    query: str
    password: str | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """postgresql or mysql."""
        return _KINDS[self.address.partition("://")[0].lower()]

    @property
    def name(self) -> str:
        """The table that the query reads first, else the database."""
        table = _TABLE.search(self.query)
        return table.group(2) if table else self.parts.path.strip("/") or self.kind

    @property
    def parts(self) -> SplitResult:
        """Raises UsageError where the address cannot be taken apart."""
        try:
            parts = urlsplit(self.address)
            parts.port  # noqa: B018 - the property checks the number
        except ValueError:
            raise UsageError(
                Text("数据库地址写错了。", "The address of the database is malformed."),
                Text("例如 postgresql://用户@主机:5432/库名。", "Such as postgresql://user@host:5432/database."),
            ) from None
        return parts

    @property
    def secret(self) -> str | None:
        """The password: from the environment variable that the user named, else from the address."""
        inside = self.parts.password
        return self.password if self.password is not None else unquote(inside) if inside else None


def is_address(text: str) -> bool:
    """Whether this names a database and not a file."""
    return text.partition("://")[0].lower() in _KINDS and "://" in text


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


def no_connection(code: object) -> InputError:
    """`code`: SQLSTATE or the server's error number; their messages may quote the address."""
    told = f"（{code}）" if code else ""
    return InputError(
        Text(f"连不上数据库{told}。", f"No connection to the database{told and f' ({code})'}."),
        Text(
            "请检查主机、端口、库名、用户和密码；密码可用 --password-env 给出。",
            "Check host, port, database, user and password; --password-env names the variable with the password.",
        ),
        reason="file.unreadable",
    )


def wrong_query(code: object) -> UsageError:
    """`code`: SQLSTATE or the server's error number; their messages may quote rows."""
    return UsageError(
        Text(f"数据库拒绝了查询（{code}）。", f"The database refused the query ({code})."),
        Text(
            "请先在数据库客户端里试运行；只允许一条只读的 SELECT，列名不能重复。",
            "Try it in a database client first; one reading SELECT is allowed, and no two columns of one name.",
        ),
    )
