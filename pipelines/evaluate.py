"""The groups of the last run against a truth."""

from pathlib import Path

import polars as pl

from ..errors import InputError
from ..i18n import Text
from ..io.readers import read_tables
from ..io.store import Store
from ..reports.evaluation import Evaluation, evaluate

_FOUND = """
SELECT m.source_record_id AS record_id, m.entity_id AS entity
FROM main.entity_member m LEFT JOIN main.duplicate_group g USING (level, entity_id)
WHERE m.level = ? AND m.source_record_id IS NOT NULL AND (? IS NULL OR g.band = ?)
"""


def evaluate_run(store: Store, truth: Path, level: str, band: str | None) -> dict[str, object]:
    """truth: a CSV with `record_id, contact, account`. → the figures by name, in order. Raises InputError."""
    table = read_tables(truth)[0]
    columns = dict(zip(table.headers, table.columns, strict=True))
    missing = [c for c in ("record_id", level) if c not in columns]
    if missing:
        raise InputError(
            Text("答案文件缺少列 {c}。", "The truth lacks the column {c}.").format(c="、".join(missing)),
            Text("需要 record_id, contact, account 三列。", "It has the columns record_id, contact, account."),
            reason="truth.columns",
        )
    wanted = table.rows.select(record_id=pl.col(columns["record_id"]), entity=pl.col(columns[level]))
    figures: Evaluation = evaluate(store.query(_FOUND, [level, band, band]), wanted)
    return {"level": level, **figures._asdict()}
