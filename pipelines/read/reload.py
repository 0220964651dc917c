"""Rows read in earlier nights, rebuilt from `raw_record`, so that they can be cleaned again by today's rules."""

import json

import polars as pl

from ...config import Config
from ...findings import conform_findings
from ...io.store.store import Store
from ...rules.catalog import rules_of
from ...rules.columns.column import unread_persons
from ...rules.columns.content import remembered
from ...rules.columns.headers import read_columns
from ...schemas import RAW_RECORD, SOURCE_FILE
from .compose import field_cells
from .intake import Intake, columns_of, mapping_of, source_of_name

_FILES = "SELECT * FROM main.source_file f WHERE EXISTS (SELECT 1 FROM main.raw_record r WHERE r.file_id = f.file_id) ORDER BY file_id"
_RAW = """
SELECT r.record_key, r.file_id, r.row_number, CAST(r."values" AS VARCHAR) AS "values", q.rule
FROM main.raw_record r LEFT JOIN main.quarantine q ON q.record_key = r.record_key AND q.rule <> 'row.no_identity'
WHERE r.file_id = ? AND r.record_key NOT IN (SELECT record_key FROM moved) ORDER BY r.record_key
"""
# What the reader said of cells and rows, which cannot be told from the values any more.
_NOTES = """
SELECT file_id, row_number, field, rule, value, suggestion FROM main.finding
WHERE file_id = ? AND row_number IS NOT NULL AND record_key NOT IN (SELECT record_key FROM moved)
  AND rule IN (SELECT unnest(?))
"""


def recalled(store: Store, today: Intake, gone: pl.Series, config: Config) -> Intake:
    """Today's intake together with every known row that it neither repeats nor takes away."""
    moved = pl.concat([today.raw["record_key"], gone]).to_frame()
    with store.given(moved, "moved"):
        files = SOURCE_FILE.conform(store.query(_FILES)).to_dicts()
        known = [_one_file(store, file, config) for file in files]
    parts = [today, *known]
    read = set(today.files["file_id"])
    tables = [today.files, *(p.files for p in known if p.files["file_id"][0] not in read)]
    return Intake(
        rows=[table for part in parts for table in part.rows],
        raw=pl.concat([p.raw.select(RAW_RECORD.names) for p in parts]),
        files=pl.concat(tables),
        set_aside=pl.concat([p.set_aside for p in parts]),
        notes=pl.concat([p.notes for p in parts]),
        columns=pl.concat([p.columns for p in parts]).unique(maintain_order=True),
    )


def _one_file(store: Store, file: dict[str, object], config: Config) -> Intake:
    raw = store.query(_RAW, [file["file_id"]])
    known: dict[str, str | None] = json.loads(str(file["mapping"]))
    # What the cells decided when the file was read holds: most of them may have moved to later files since.
    columns = read_columns(list(known), source_of_name(str(file["name"]), config).headers, remembered(known))
    kept = raw.filter(pl.col("rule").is_null())
    cells = pl.col("values").str.json_decode(pl.Struct(dict.fromkeys(known, pl.String)))
    cell = {h: pl.col("_cells").struct.field(h) for h in known}
    rows = kept.with_columns(_cells=cells).select(
        pl.lit(str(file["source"])).alias("source"), "file_id", "row_number",
        *field_cells(columns, cell),
        pl.lit(bool(unread_persons(columns))).alias("unread"),
        pl.lit(file["day_first"], pl.Boolean).alias("day_first"),
        "record_key",
    )  # fmt: skip
    aside = raw.filter(pl.col("rule").is_not_null()).select("record_key", "rule", "file_id", "row_number")
    notes = conform_findings(store.query(_NOTES, [file["file_id"], rules_of("read")]))
    own = pl.DataFrame([{**file, "mapping": mapping_of(columns)}], schema=SOURCE_FILE.polars)
    told = columns_of(str(file["file_id"]), columns)
    return Intake(rows=[rows], raw=raw, files=own, set_aside=aside, notes=notes, columns=told)
