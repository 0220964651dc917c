"""Volume and freshness: the rows of each source today against the nights before. A form that nobody can send is seen here."""

from datetime import datetime, timedelta

import polars as pl

from ...config import Volume
from ...io.store.store import Store
from ...rules.catalog import described
from ...schemas import FINDING
from ..context import RunContext

RULES = ("volume.drop", "volume.spike", "volume.none")
HISTORY = pl.Schema({"source": pl.String(), "rows": pl.Float64(), "at": pl.Datetime("us")})
# A file stands from the run that read it first; one that comes again unchanged brings nothing new.
_HISTORY = """
SELECT f.source, sum(f.rows)::DOUBLE AS rows, r.started_at + INTERVAL 8 HOUR AS at
FROM versions.source_file f JOIN history.run r ON r.number = f.since GROUP BY ALL
"""


def volume_findings(run: RunContext, files: pl.DataFrame, before: Store | None) -> pl.DataFrame:
    """files: table `source_file` of today → table `finding`."""
    today = files.group_by("source").agg(pl.col("rows").sum().cast(pl.Float64))
    history = HISTORY.to_frame() if before is None else before.query(_HISTORY).cast(dict(HISTORY))  # type: ignore[arg-type]
    found = judge_volume(today, history, run.now, run.config.volume)
    return FINDING.conform(described(found, run.language), field=pl.lit("source"))


def judge_volume(today: pl.DataFrame, history: pl.DataFrame, now: datetime, limits: Volume) -> pl.DataFrame:
    """today: `source, rows`; history: HISTORY → `rule`, `value` (the source), `suggestion` (rows today / usually).

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
    rows = (pl.col(name).fill_null(0).round(0).cast(pl.Int64) for name in ("rows", "usual"))
    told = both.select(rule=rule, value="source", suggestion=pl.format("{} / ≈{}", *rows))
    return told.drop_nulls("rule").sort("value")
