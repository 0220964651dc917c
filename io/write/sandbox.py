"""A copy of a table for reports and experiments: it joins and adds up as the original does, and names nobody.

Only what is listed here is let through; every other text is left out, so that a new column can tell nothing by accident.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

import polars as pl

from ...errors import UsageError
from ...i18n import Text
from ...schemas import SIDE_TABLES, Table
from .export import write_file

_NAMES = {"person_name": "客户", "company_name": "公司", "source": "来源"} | dict.fromkeys(
    ("owner", "owner_id", "set_by", "staff_name", "staff_id", "manager_id"), "员工"
)
_PHONES = ("phone", "landline")
_IDS = ("record_key", "credit_code")  # and whatever ends like a number of something
_KEPT = (
    "level", "province", "city", "channel", "phone_kind", "company_size", "customer_status", "campaign_id", "utm_source", "utm_medium",
    "utm_campaign", "band", "action", "region", "industry", "budget", "status", "stage", "type", "order_type",
    "origin", "raw_type", "product", "tag", "team", "role",
)  # fmt: skip
_AMOUNTS = ("amount",)
TABLES = ("record", "entity_member", "duplicate_group", *(table.name for table in SIDE_TABLES.values()))


def sandbox(table: Table, rows: pl.DataFrame, secret: bytes) -> pl.DataFrame:
    """The rows with names as numbers, phones as stand-ins of the same beginning, numbers of rows as others that join alike, amounts by
    one factor, times moved by whole weeks; all by the secret. Other texts are null. Raises UsageError for a table that is no list."""
    if table.name not in TABLES:
        what = Text("表 {t} 不能脱敏导出。可用的表：{n}", "Table {t} has no sandbox copy. Tables: {n}")
        raise UsageError(what.format(t=table.name, n=", ".join(TABLES)))
    return rows.select(_column(column, dtype, rows, secret) for column, dtype in rows.schema.items())


def sandbox_secret(store: Path) -> bytes:
    """The secret of a store's copies, made at the first one and kept beside it for its owner alone: copies of two days join.
    Raises StoreError."""
    path = store.with_name(store.name + ".sandbox-key")
    if not path.exists():
        write_file(path, secrets.token_bytes(32))  # whole or not at all: half a secret is none
    return path.read_bytes()


def _column(column: str, dtype: pl.DataType, rows: pl.DataFrame, secret: bytes) -> pl.Expr | pl.Series:
    cells = pl.col(column)
    if dtype == pl.Datetime:
        return cells + pl.duration(weeks=1 + _number(secret, "weeks", "") % 51)
    if column in _AMOUNTS:
        return (cells * (0.5 + _number(secret, "amount", "") % 1500 / 1000)).round(2)
    if dtype != pl.String or column in _KEPT:
        return cells
    if column in _NAMES:
        return _by_text(
            rows[column], lambda text: f"{_NAMES[column]}{_number(secret, _NAMES[column], text) % 10**8:08d}"
        )
    if column in _PHONES:
        return _by_text(rows[column], lambda text: f"{text[:6]}{_number(secret, 'phone', text) % 10**8:08d}")
    if column == "email":
        return _by_text(rows[column], lambda text: f"u{_number(secret, 'email', text) % 10**10:010d}@example.com")
    if column in _IDS or column.endswith("_id"):
        return _by_text(rows[column], lambda text: f"N{_number(secret, 'id', text) % 10**12:012d}")
    return pl.lit(None, dtype).alias(column)


def _by_text(cells: pl.Series, made: Callable[[str], str]) -> pl.Series:
    distinct = cells.drop_nulls().unique()
    shown = pl.Series([made(text) for text in distinct], dtype=pl.String)
    return cells.replace_strict(distinct, shown, default=None, return_dtype=pl.String)


def _number(secret: bytes, kind: str, text: str) -> int:
    """The same number for the same text, which tells nothing of it without the secret."""
    return int.from_bytes(hmac.digest(secret, f"{kind}\x1f{text}".encode(), hashlib.sha256)[:8], "big")
