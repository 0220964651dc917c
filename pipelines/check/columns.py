"""How each column of a table will be read, and why: field, confidence, reason, and a profile of its cells."""

from collections.abc import Mapping, Sequence

import polars as pl

from ...config import Config
from ...fields import FIELDS
from ...i18n import Text
from ...io.table.addresses import column_letters
from ...io.table.source_table import SourceTable
from ...reports.cell_masking import visible
from ...reports.masking import mask_name, mask_text, masked_text
from ...rules.columns.column import Column
from ...side_tables import side_tables
from ..packs.read import columns_beside
from ..read.compose import listed
from ..read.intake import Origin, columns_read, source_of, tables_of
from ..setup.init_config import header_line

_TOP, _SHOWN = 3, 24  # values, characters of each
_CATEGORY = 8  # characters; what is longer in a column of no field is somebody's words, and may name anybody
_TEXTS = ("file", "sheet", "column", "header", "field", "label")
PROFILE = pl.Schema(
    {name: pl.String() for name in _TEXTS}
    | {"confidence": pl.Float64(), "reason": pl.String(), "rule": pl.String(), "filled": pl.Float64()}
    | {name: pl.Int64() for name in ("distinct", "shortest", "longest")}
    | {"sample": pl.String(), "top": pl.List(pl.String()), "setting": pl.String()}
)


def profile_columns(origins: Sequence[Origin], config: Config, unmask: bool = False) -> pl.DataFrame:
    """PROFILE, one row per column of every table, in order. Raises InputError.

    filled: share of rows with text. sample: the first value, top: the commonest ones with their counts, masked unless `unmask`.
    setting: the line under `[sources.*.headers]` that says the same; another field, or "", would change it.
    """
    rows = []
    for origin in origins:
        source = source_of(origin, config)
        beside = side_tables().get(source.kind)
        labels = {c.name: c.label for c in (beside.columns if beside else FIELDS)}
        for table in tables_of(origin, config):
            columns = columns_beside(table, source) if beside else columns_read(table, source)
            rows += [_profile(table, column, place, labels, unmask) for place, column in enumerate(columns)]
    return pl.DataFrame(rows, schema=PROFILE)


def _profile(
    table: SourceTable, column: Column, place: int, labels: Mapping[str, Text], unmask: bool
) -> dict[str, object]:
    cells = table.rows[table.columns[place]].str.strip_chars()
    cells = cells.filter(cells.str.len_chars() > 0)
    counts = cells.alias("cell").value_counts(sort=True).head(_TOP)

    def shown(text: str) -> str:
        if column.field is None and not unmask and len(text) > _CATEGORY:
            return str(Text("〔{n} 字〕", "[{n} characters]").format(n=len(text)))
        told = visible(text[:200] if unmask else masked_text(column.field or column.header, text[:200]))
        return told if len(told) <= _SHOWN else told[:_SHOWN] + "…"

    lengths = cells.str.len_chars()
    return {
        "file": mask_name(table.name), "sheet": table.sheet and mask_name(table.sheet),
        "column": column_letters(table.positions[place] if table.positions else place),
        "header": visible(mask_text(column.header)), "field": column.field,
        "label": str(labels[column.field]) if column.field else None,
        "confidence": column.confidence, "reason": str(column.reason), "rule": _rule(column),
        "filled": len(cells) / max(1, table.rows.height), "distinct": cells.n_unique(),
        "shortest": lengths.min(), "longest": lengths.max(), "sample": shown(cells[0]) if len(cells) else None,
        "top": [f"{shown(text)} ×{n}" for text, n in counts.iter_rows()], "setting": header_line(column),
    }  # fmt: skip


def _rule(column: Column) -> str | None:
    """The finding that is made of the column."""
    if column.note is not None:
        return column.note[0]
    return "header.second_contact" if column.role == "second" else None


def sentence(profile: pl.DataFrame) -> str | None:
    """Columns that no field was found for, in one sentence; None: there are none."""
    plain = profile.filter(pl.col("field").is_null() & pl.col("rule").is_null())["header"].to_list()
    if not plain:
        return None
    words = Text(
        "另有 {n} 列没有对应的字段，原样保留：{h}", "{n} more columns have no field and are kept as they are: {h}"
    )
    return str(words.format(n=len(plain), h=listed(plain)))
