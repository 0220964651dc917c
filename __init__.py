"""guiyi 归一: one clean customer from many dirty rows of Chinese CRM spreadsheets."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

__version__ = "0.2.0.dev0"
__all__ = ["__version__", "match"]


def match(
    rows: "Sequence[Mapping[str, Any]] | pl.DataFrame",
    store: "str | Path",
    config: "str | Path | None" = None,
    source: str = "match",
) -> "pl.DataFrame":
    """Who of these rows is known already? One row of answer per row given, nothing stored.

    rows: header → value, with headers as in a file (姓名, 手机号, 公司名称 …). store: the DuckDB store of `guiyi run`.
    source: the source the rows belong to, if the store knows it: rows with a known number then count as updates.
    Answer: `row_number` (from 1), `verdict` (new, duplicate, review, known, quarantined), `entity_id`, `score`, `of_record`,
    `reasons` (JSON), `account_id`, `same_as_row` (an earlier row of these), `record_key`. Raises errors.GuiyiError.
    """
    from pathlib import Path

    from .config import load_config
    from .i18n import language
    from .io.store.path import resolve_store
    from .pipelines.resolve.match import match_rows

    settings = load_config(Path(config) if config is not None else None)
    return match_rows(rows, resolve_store(Path(store)), settings, settings.language or language(), source)
