"""The groups of the last run against a truth."""

from pathlib import Path

import polars as pl

from ...errors import InputError
from ...i18n import Text
from ...io.read.readers import read_tables
from ...io.store.store import Store
from ...reports.evaluation import evaluate, evaluate_bands, evaluate_scores
from ..resolve.levels import SIGNS

_FOUND = """
SELECT m.source_record_id AS record_id, m.entity_id AS entity, g.band
FROM main.entity_member m LEFT JOIN main.duplicate_group g USING (level, entity_id)
WHERE m.level = ? AND m.source_record_id IS NOT NULL
"""
# Two rows neither of which tells a company are no pair of companies (resolve.only_companies).
_PAIRS = f"""
WITH told AS (
SELECT record_key, source_record_id AS id, coalesce({", ".join(SIGNS)}) IS NOT NULL AS named
FROM main.record JOIN main.feature USING (record_key)
) SELECT l.id AS l, r.id AS r, score, json_extract_string(reasons, '$.contradiction.level') IS NOT NULL AS doubt
FROM main.pair JOIN told l ON l.record_key = record_key_l JOIN told r ON r.record_key = record_key_r
WHERE level = ? AND (level = 'contact' OR l.named OR r.named)
"""


def evaluate_run(store: Store, truth: Path, level: str, band: str | None) -> dict[str, object]:
    """truth: a CSV with `record_id, contact, account`. → the figures by name, in order, and `bands`, `scores`
    (reports/evaluation.py). Raises InputError."""
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
    found = store.query(_FOUND, [level])
    asked = found if band is None else found.filter(pl.col("band") == band)
    more = {"bands": evaluate_bands(found, wanted), "scores": evaluate_scores(store.query(_PAIRS, [level]), wanted)}
    return {"level": level, **evaluate(asked, wanted)._asdict(), **more}
