"""The first figures of a run's quality: what the report and the nightly comparison start from."""

from collections.abc import Mapping

import polars as pl

from ..io.spool import Stored
from ..schemas import GOLDEN_FIELDS, METRIC


def metrics_of(tables: Mapping[str, Stored]) -> pl.DataFrame:
    """Tables of a run → `metric`: null rate per field, duplicate rate per level, changes per rule, groups per band."""
    record, groups = tables["record"].lazy().collect(), tables["duplicate_group"].lazy().collect()
    height = max(record.height, 1)
    rows = [("null_rate", f, record[f].null_count() / height) for f in GOLDEN_FIELDS]
    rows += [("rows", "clean", float(record.height)), ("rows", "quarantined", float(tables["quarantine"].height))]
    for level in ("contact", "account"):
        own = groups.filter(pl.col("level") == level)
        rows.append(("duplicate_rate", level, float(own["size"].sum() - own.height) / height))
        rows += [
            (f"groups_{band}", level, float(own.filter(pl.col("band") == band).height)) for band in ("auto", "review")
        ]
        rows.append(("largest_group", level, float(str(own["size"].max() or 1))))
    cells = tables["cell_change"].lazy().select(pl.struct("record_key", "field").n_unique()).collect().item()
    rows.append(("cells_changed", "run", float(cells)))
    by_rule = tables["cell_change"].lazy().group_by("rule").agg(pl.len()).sort("rule").collect()
    rows += [("cells_changed", rule, float(count)) for rule, count in by_rule.iter_rows()]
    frame = pl.DataFrame(rows, schema={"name": pl.String, "scope": pl.String, "value": pl.Float64}, orient="row")
    return METRIC.conform(frame.with_columns(status=pl.lit("none"))).sort("name", "scope")
