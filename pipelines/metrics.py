"""The first figures of a run's quality, counted in the store before the run counts."""

import polars as pl

from ..io.store import Store
from ..schemas import GOLDEN_FIELDS, METRIC

_NULLS = "SELECT count(*) AS rows, " + ", ".join(f'count("{f}") AS "{f}"' for f in GOLDEN_FIELDS) + " FROM main.record"
_COUNTS = """
SELECT 'rows' AS name, 'clean' AS scope, count(*) AS value FROM main.record
UNION ALL SELECT 'rows', 'quarantined', count(*) FROM main.quarantine
UNION ALL SELECT 'findings', severity, count(*) FROM main.finding GROUP BY severity
UNION ALL SELECT 'merge_plans', status, count(*) FROM main.merge_plan GROUP BY status
UNION ALL SELECT 'groups_' || b.band, l.level, count(g.group_id)
  FROM (VALUES ('contact'), ('account')) l(level), (VALUES ('auto'), ('review')) b(band)
  LEFT JOIN main.duplicate_group g ON g.level = l.level AND g.band = b.band GROUP BY ALL
UNION ALL SELECT 'grouped', l.level, coalesce(sum(g.size), 0)
  FROM (VALUES ('contact'), ('account')) l(level) LEFT JOIN main.duplicate_group g ON g.level = l.level GROUP BY ALL
UNION ALL SELECT 'surplus', l.level, coalesce(sum(g.size - 1), 0)
  FROM (VALUES ('contact'), ('account')) l(level) LEFT JOIN main.duplicate_group g ON g.level = l.level GROUP BY ALL
UNION ALL SELECT 'largest_group', l.level, coalesce(max(g.size), 1)
  FROM (VALUES ('contact'), ('account')) l(level) LEFT JOIN main.duplicate_group g ON g.level = l.level GROUP BY ALL
UNION ALL SELECT 'pairs', level, count(*) FROM main.pair GROUP BY level
UNION ALL SELECT 'cells_changed', rule, count(*) FROM main.cell_change GROUP BY rule
UNION ALL SELECT 'cells_changed', 'run', count(*) FROM (SELECT DISTINCT record_key, field FROM main.cell_change)
"""


def measure(store: Store) -> pl.DataFrame:
    """Tables as they live in the store → `metric`: null rate per field, rows, groups, pairs, changes per rule."""
    nulls = store.query(_NULLS).row(0, named=True)
    height = max(nulls["rows"], 1)
    rates = [("null_rate", f, (nulls["rows"] - nulls[f]) / height) for f in GOLDEN_FIELDS]
    counts = store.query(_COUNTS).cast({"value": pl.Float64})
    surplus = counts.filter(pl.col("name") == "surplus").with_columns(
        pl.col("value") / height, name=pl.lit("duplicate_rate")
    )
    frame = pl.concat([pl.DataFrame(rates, schema=counts.schema, orient="row"), counts, surplus])
    before = store.query("SELECT name, scope, value AS baseline FROM main.metric")
    known = frame.join(before, on=["name", "scope"], how="left")
    return METRIC.conform(known.with_columns(status=pl.lit("none"))).sort("name", "scope")
