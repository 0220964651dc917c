"""Volume and freshness: the rows of each source today against the nights before. A form that nobody can send is seen here."""

from datetime import datetime, timedelta

import polars as pl

from ...config import Volume
from ...io.store.store import Store
from ...rules.catalog import described
from ...schemas import FINDING, METRIC
from ..context import RunContext

ROWS = "volume.rows"
RULES = ("volume.drop", "volume.spike", "volume.none")
HISTORY = pl.Schema({"source": pl.String(), "rows": pl.Float64(), "at": pl.Datetime("us")})
_HISTORY = f"""
SELECT m.scope AS source, m.value AS rows, r.started_at + INTERVAL 8 HOUR AS at FROM history.metric m JOIN history.run r USING (run_id)
WHERE m.name = '{ROWS}'
"""


def volume_of(run: RunContext, files: pl.DataFrame, before: Store | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """files: table `source_file` of today → table `finding`, and the rows by source as table `metric`."""
    today = files.group_by("source").agg(pl.col("rows").sum().cast(pl.Float64)).sort("source")
    history = HISTORY.to_frame() if before is None else before.query(_HISTORY).cast(dict(HISTORY))  # type: ignore[arg-type]
    found = judge_volume(today, history, run.now, run.config.volume)
    figures = METRIC.conform(
        today, name=pl.lit(ROWS), scope=pl.col("source"), value=pl.col("rows"), status=pl.lit("none")
    )
    return FINDING.conform(described(found, run.language)), figures


def judge_volume(today: pl.DataFrame, history: pl.DataFrame, now: datetime, limits: Volume) -> pl.DataFrame:
    """today: `source, rows`; history: HISTORY → `rule, field` (the source), `value` (rows today), `suggestion` (rows usually).

    Compared with the mean of the same weekday in the last nights, where there are two of them, else with that of all these nights.
    """
    recent = history.filter(pl.col("at") >= now - timedelta(days=limits.nights), pl.col("at") < now)
    weekday = pl.col("at").dt.weekday() == now.isoweekday()
    usual = recent.group_by("source").agg(
        nights=pl.col("at").dt.date().n_unique(), last=pl.col("at").max(),
        usual=pl.when(weekday.sum() >= 2).then(pl.col("rows").filter(weekday).mean()).otherwise(pl.col("rows").mean()),
    )  # fmt: skip
    both = usual.join(today, on="source", how="left").filter(
        pl.col("nights") >= limits.least_nights, pl.col("usual") >= limits.least_rows
    )
    silent = pl.col("rows").is_null() & (pl.col("last") < now - timedelta(hours=limits.silent_hours))
    rule = (
        pl.when(silent).then(pl.lit("volume.none"))
        .when(pl.col("rows") < pl.col("usual") * (1 - limits.drop)).then(pl.lit("volume.drop"))
        .when(pl.col("rows") > pl.col("usual") * limits.spike).then(pl.lit("volume.spike"))
    )  # fmt: skip
    told = both.select(
        rule=rule, field="source", value=pl.col("rows").fill_null(0).cast(pl.Int64).cast(pl.String),
        suggestion=pl.format("≈{}", pl.col("usual").round(0).cast(pl.Int64)),
    )  # fmt: skip
    return told.drop_nulls("rule").sort("field")
