"""A finding: one shape from the reader to the report. What it says, how grave it is and which stage owns it stand in the catalogue.

Stages: `read` (files, sheets, headers, cells, rows as they stand), `text` (text rules), `clean` (fields), `resolve` (who is the same),
`plan` (golden values), `check` (only the gate asks), `rows` (plug-ins, of all clean records), `pack` (tables beside the customers).
Rules of packs are of none of them.
"""

from typing import Literal, get_args

import polars as pl

Stage = Literal["read", "text", "clean", "rows", "resolve", "plan", "check", "pack"]
STAGES: tuple[str, ...] = get_args(Stage)
# field: a field of `record`, or a header; null: the whole row. row_number null: the whole file. severity and message: by the rule
# (rules/catalog.py) where they are null. choices: values that could stand instead. trial: of a rule on trial.
# fields: of a finding about a row, the fields whose cells are at fault.
FINDINGS = pl.Schema(
    {
        "file_id": pl.String(), "row_number": pl.Int64(), "field": pl.String(), "rule": pl.String(), "severity": pl.String(),
        "value": pl.String(), "message": pl.String(), "suggestion": pl.String(), "choices": pl.List(pl.String()),
        "trial": pl.Boolean(), "fields": pl.List(pl.String()),
    }
)  # fmt: skip


def conform_findings(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with exactly the columns of FINDINGS; what is missing becomes null."""
    if frame.is_empty():
        return FINDINGS.to_frame()
    have = set(frame.columns)
    return frame.select(
        (pl.col(name) if name in have else pl.lit(None)).cast(dtype).alias(name) for name, dtype in FINDINGS.items()
    )
