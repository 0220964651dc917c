"""Columns of the input that no field stands for: `record.extra` holds them as JSON, everything else calls them `extra:<header>`.

The prefix keeps a header from hiding a field: a column called `phone` that is not the phone is `extra:phone`.
"""

import io
import json

import polars as pl

EXTRA = "extra:"


def is_custom(name: str) -> bool:
    """Whether this is the name of a custom column, and not of a field."""
    return name.startswith(EXTRA) and name != EXTRA


def header_of(name: str) -> str:
    """The header of a custom column; the name of a field stays."""
    return name.removeprefix(EXTRA)


def cells_of(extra: str | None) -> dict[str, str]:
    """`extra` of one record → `extra:<header>` → text, of the cells that hold something, by header."""
    cells = json.loads(extra) if extra else {}
    return {EXTRA + header: str(text) for header, text in sorted(cells.items()) if text}


def unpacked(records: pl.DataFrame) -> pl.DataFrame:
    """Rows with `extra` (JSON or null) → the same rows with a column `extra:<header>` instead, for every header under which
    one of them holds something, by header."""
    texts, rest = records["extra"].fill_null("{}"), records.drop("extra")
    if (texts == "{}").all():
        return rest
    # The fastest of polars' ways to read JSON, by several times; each text is one line.
    cells = pl.read_ndjson(io.BytesIO("\n".join(texts.to_list()).encode()), infer_schema_length=None)
    held = sorted(name for name in cells.columns if cells[name].null_count() < cells.height)
    return rest.hstack([cells[name].cast(pl.String).alias(EXTRA + name) for name in held])
