"""The figures of a run, counted in the store before the run counts: those of the report, and what the gates compare."""

import polars as pl

from ...config import Config
from ...io.store.store import Store
from ...reports.quality.measure import EVIDENCE_OFF
from ...reports.quality.measure import measure as measure_report
from ...schemas import METRIC
from ..resolve.previous_run import MOVED

# Beside the report's: what the summary line and the gates ask for.
_COUNTS = """
SELECT 'merge_plans' AS name, status AS scope, count(*)::DOUBLE AS value FROM main.merge_plan GROUP BY status
UNION ALL SELECT 'grouped', l.level, coalesce(sum(g.size), 0)
  FROM (VALUES ('contact'), ('account')) l(level) LEFT JOIN main.duplicate_group g ON g.level = l.level GROUP BY ALL
UNION ALL SELECT 'pairs', level, count(*) FROM main.pair GROUP BY level
"""


def measure(store: Store, config: Config, moved: int, of_packs: pl.DataFrame) -> pl.DataFrame:
    """Tables as they live in the store, the run's own row among them → `metric`; baseline: the figures of the run before.

    moved: rows that were new, changed or gone since everything was compared. of_packs: what packs measured, as `metric`.
    """
    figures = measure_report(store.query, config).drop("baseline")
    told = [(MOVED, "since_whole", float(moved)), *((EVIDENCE_OFF, name, 1.0) for name in sorted(config.evidence.off))]
    own = pl.DataFrame(told, schema=["name", "scope", "value"], orient="row")
    own = pl.concat([store.query(_COUNTS), own]).with_columns(status=pl.lit("none"))
    before = store.query("SELECT name, scope, value AS baseline FROM main.metric")
    figures = pl.concat([METRIC.conform(figures), METRIC.conform(own), of_packs]).drop("baseline")
    return METRIC.conform(figures.join(before, on=["name", "scope"], how="left")).sort("name", "scope")
