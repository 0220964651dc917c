"""The breaker: a rule that suddenly speaks of far more rows than it used to stops the run, before the day's leads are lost.

Pure: `breaker` looks at frames, `history_of` reads them from a store, `refuse_tripped` raises what the run ends with.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from ...i18n import Text
from ...io.store.publish import Change
from ...io.store.store import Store
from ...rules.catalog import rules_of
from .gates import GateError

RUNS = 14  # nights that the baseline is the mean of
FACTOR = 4.0  # times the baseline that is still called a bad day
FLOOR = 0.05  # share of the rows below which nothing trips: a rule that never spoke may speak
FEWEST = 20  # rows below which nothing trips, however small the file

HISTORY = pl.Schema({"run_id": pl.String, "rows": pl.Int64, "rule": pl.String, "count": pl.Int64})
_HISTORY = """
WITH told AS (
  SELECT run_id, rule, record_key FROM history.finding
  WHERE record_key IS NOT NULL AND severity IN ('error', 'warning') AND rule NOT IN (SELECT unnest($2))
  UNION SELECT run_id, rule, record_key FROM history.quarantine
), counted AS (SELECT run_id, rule, count(*) AS count FROM told GROUP BY ALL),
last AS (SELECT run_id, rows_read AS rows FROM history.run ORDER BY run_id DESC LIMIT $1)
SELECT run_id, rows, rule, count FROM last LEFT JOIN counted USING (run_id) ORDER BY run_id, rule
"""


class Tripped(NamedTuple):
    """A rule beyond its history: rows now, their share, and the mean share of the nights before."""

    rule: str
    rows: int
    share: float
    baseline: float


class BreakerError(GateError):
    """A rule trips the breaker; nothing is published (exit 1)."""


def breaker(
    findings: pl.DataFrame,
    rows: int,
    history: pl.DataFrame,
    *,
    factor: float = FACTOR,
    floor: float = FLOOR,
    fewest: int = FEWEST,
) -> list[Tripped]:
    """The rules to stop for, the worst first; none without a night to compare with.

    findings: `rule, record_key` of this run's errors, warnings and quarantined rows (see `spoken`). history: HISTORY, one
    row per night and rule; a night without a rule counts as zero for it, its `rule` null where no rule spoke at all.
    """
    nights = history.select("run_id", "rows").unique("run_id").filter(pl.col("rows") > 0)
    if nights.is_empty() or rows <= 0:
        return []
    past = history.drop_nulls("rule").filter(pl.col("rows") > 0)
    baseline = past.group_by("rule").agg(baseline=(pl.col("count") / pl.col("rows")).sum() / nights.height)
    now = findings.drop_nulls("record_key").group_by("rule").agg(count=pl.col("record_key").n_unique().cast(pl.Int64))
    table = now.join(baseline, on="rule", how="left").with_columns(
        pl.col("baseline").fill_null(0.0), share=pl.col("count") / rows
    )
    beyond = table.filter(
        pl.col("count") >= fewest, pl.col("share") > floor, pl.col("share") > factor * pl.col("baseline")
    )
    beyond = beyond.sort(pl.col("share") - pl.col("baseline"), "rule", descending=[True, False])
    return [Tripped(*row) for row in beyond.select("rule", "count", "share", "baseline").iter_rows()]


def refuse_sudden_change(tables: Mapping[str, Change], rows: int, before: Store | None) -> None:
    """Stop (exit 1) where a rule speaks of far more rows than in the runs before, instead of swallowing the day's leads."""
    if before is None:
        return
    found, aside = tables["finding"].rows.lazy().collect(), tables["quarantine"].rows.lazy().collect()
    refuse_tripped(breaker(spoken(found, aside), rows, history_of(before)), rows)


def spoken(finding: pl.DataFrame, quarantine: pl.DataFrame) -> pl.DataFrame:
    """Tables `finding` and `quarantine` of a run → what `breaker` looks at: rules of cells and rows, not of groups."""
    grave = finding.filter(pl.col("severity").is_in(["error", "warning"]), ~pl.col("rule").is_in(rules_of("resolve")))
    return pl.concat([grave.select("rule", "record_key"), quarantine.select("rule", "record_key")])


def history_of(store: Store, runs: int = RUNS) -> pl.DataFrame:
    """HISTORY of the last published runs."""
    return store.query(_HISTORY, [runs, rules_of("resolve")]).cast(dict(HISTORY))  # type: ignore[arg-type]


def refuse_tripped(tripped: Sequence[Tripped], rows: int) -> None:
    """Raise BreakerError naming rule, count and baseline; nothing where no rule tripped."""
    if not tripped:
        return
    one = Text("{r}：{c:,} 行（{s:.1%}），以往平均 {b:.1%}", "{r}: {c:,} rows ({s:.1%}), {b:.1%} on average before")
    told = [one.format(r=t.rule, c=t.rows, s=t.share, b=t.baseline) for t in tripped[:5]]
    what = Text(
        "规则报警突增，本次 {n:,} 行未发布：{d}。",
        "Rules speak of far more rows than ever; nothing of {n:,} rows is published: {d}.",
    )
    found = Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))
    advice = Text(
        "请用 guiyi check 检查输入是否换了格式；确认无误后用 --accept-change 运行。",
        "See with guiyi check whether the input has changed its form; if it is right, run with --accept-change.",
    )
    said = Text(what.zh.format(n=rows, d=found.zh), what.en.format(n=rows, d=found.en))
    raise BreakerError(said, advice, reason="run.breaker", found=found)
