"""Where to ask a database and what, and how its refusals are told: without a password or a row."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from ....errors import InputError, UsageError
from ....i18n import Text

_KINDS = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
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
