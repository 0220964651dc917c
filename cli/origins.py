"""What commands read from: files, and databases with a query."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..i18n import Text

if TYPE_CHECKING:
    from ..io.read.database.query import DatabaseQuery


def origins(names: list[str], query: str | None, command: str) -> "list[Path | DatabaseQuery]":
    """Files and database addresses; a query belongs to an address, and an address needs one. Raises UsageError."""
    if query is None and not any("://" in name for name in names):
        return [Path(name) for name in names]
    from ..io.read.database.query import DatabaseQuery, is_address

    addresses = [name for name in names if is_address(name)]
    if len(addresses) > 1 or bool(addresses) != (query is not None):
        raise UsageError(
            Text("--query 要与恰好一个数据库地址一起使用。", "--query goes with exactly one database address."),
            Text(
                'guiyi {c} postgresql://用户@主机/库 --query "select * from 表"',
                'guiyi {c} postgresql://user@host/database --query "select * from t"',
            ).format(c=command),
        )
    return [DatabaseQuery(name, query) if query is not None and is_address(name) else Path(name) for name in names]
