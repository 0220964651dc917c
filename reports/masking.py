"""Personal data as it is shown: 138****5678, 张*, zh***@qq.com. Company names and credit codes are public."""

import re

import polars as pl

from ..custom_columns import header_of, is_custom

_MOBILE = re.compile(r"(?<!\d)(\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
MASKED_FIELDS = ("person_name", "phone", "landline", "email", "address", "phone_others", "phone_partial")


def mask(field: str, value: str | None) -> str | None:
    """One value of a field as it may be shown; null stays null, public fields stay as they are."""
    if value is None:
        return None
    field = header_of(field)
    if field in ("phone", "landline", "phone_others"):
        return ",".join(_number(v) for v in value.split(","))
    if field == "person_name":
        return value[:1] + "*"
    if field == "email":
        local, at, domain = value.partition("@")
        return local[:2] + "***" + at + domain
    if field == "address":
        return value[:6] + "…" if len(value) > 6 else value
    return value if field == "phone_partial" else mask_text(value)


def _number(value: str) -> str:
    return value[:-8] + "****" + value[-4:] if len(value) > 10 else value[: max(len(value) - 4, 0)] + "****"


def mask_text(text: str) -> str:
    """Mobile numbers inside any text, masked."""
    return _MOBILE.sub(lambda m: f"{m.group(1) or ''}{m.group(2)}****{m.group(3)}", text)


def masked(frame: pl.DataFrame, unmask: bool = False) -> pl.DataFrame:
    """A frame with its personal columns masked; Python calls on distinct values only."""
    if unmask:
        return frame
    columns = [c for c in frame.columns if c in MASKED_FIELDS or is_custom(c)]
    for column in columns:
        distinct = frame[column].drop_nulls().unique().to_list()
        table = {v: mask(column, v) for v in distinct}
        frame = frame.with_columns(pl.col(column).replace_strict(table, default=None, return_dtype=pl.String))
    return frame
