"""The figures of a run, measured on the store: SQL of the catalogue → table `metric`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from ...config import Config
from ...schemas import METRIC
from .figures import Figure, Query, catalogue, trust_weights

EVIDENCE_OFF = "evidence_off"  # a figure for each dimension (scope) that the run had switched off
# Within the transaction that publishes, the new run is the last one already and has no figures yet.
_BASELINE = """
SELECT name, scope, value AS baseline FROM history.metric
WHERE run_id = (SELECT max(run_id) FROM history.run WHERE run_id < (SELECT run_id FROM main.run))
"""


def measure(query: Query, config: Config) -> pl.DataFrame:
    """Table `metric` of the live run: every figure, the value of the run before, and its light.

    query: runs a SELECT on the store, inside a transaction or not. A figure that cannot be told (no shared ids, no groups)
    has a null value or no row. status: `ok`; `warning` beyond its threshold (shown grey); `none` without one.
    """
    figures = catalogue(config)
    frame = _asked(query, [figure for name, figure in figures.items() if name != "trust"])
    trust = with_parts(figures["trust"], trust_parts(frame, figures))
    frame = (
        pl.concat([frame, _asked(query, [trust])])
        .drop_nulls("scope")
        .unique(["name", "scope"], keep="first", maintain_order=True)
    )
    frame = frame.join(query(_BASELINE), on=["name", "scope"], how="left", maintain_order="left")
    return METRIC.conform(frame.with_columns(status=_status(figures, config))).sort("name", "scope")


def evidence_off(query: Query) -> frozenset[str]:
    """The dimensions (evidence.SWITCHES) that the live run had switched off."""
    return frozenset(query(f"SELECT scope FROM main.metric WHERE name = '{EVIDENCE_OFF}'")["scope"])


def trust_parts(frame: pl.DataFrame, figures: Mapping[str, Figure]) -> list[tuple[str, float, float | None]]:
    """The terms of the trust score: figure, weight, and how good it is, 0 … 1 (null: could not be told)."""
    run = dict(frame.filter(pl.col("scope") == "run").select("name", "value").iter_rows())
    parts = []
    for name, weight in trust_weights().items():
        value = run.get(name)
        good = value if value is None or figures[name].better == "higher" else 1.0 - value
        parts.append((name, weight, good))
    return parts


def with_parts(trust: Figure, parts: list[tuple[str, float, float | None]]) -> Figure:
    """The trust score with the measured parts in its SQL, as it is shown and run."""
    rows = (f"('{name}', {weight!r}::DOUBLE, {'NULL' if v is None else repr(v)}::DOUBLE)" for name, weight, v in parts)
    listed = ", ".join(rows)
    return replace(trust, sql=trust.sql.format(parts=listed), drill=trust.drill.format(parts=listed))


def _asked(query: Query, figures: Sequence[Figure]) -> pl.DataFrame:
    """The rows of figures: `name, scope, value, judged`."""
    each = (
        f"SELECT '{f.name}' AS name, * REPLACE (scope::VARCHAR AS scope, value::DOUBLE AS value) FROM ({f.sql})"
        for f in figures
    )
    found = query(" UNION ALL BY NAME ".join(each))
    judged = pl.col("judged").fill_null(True) if "judged" in found.columns else pl.lit(True)
    return found.select("name", "scope", "value", judged=judged)


def _status(figures: Mapping[str, Figure], config: Config) -> pl.Expr:
    """The light of each figure."""
    status = pl.lit("none")
    for figure in figures.values():
        if not figure.light:
            continue
        limit, value = float(getattr(config.report, figure.name)), pl.col("value")
        beyond = value > limit if figure.better == "lower" else value < limit
        light = pl.when(beyond).then(pl.lit("warning")).otherwise(pl.lit("ok"))
        held = (pl.col("name") == figure.name) & pl.col("judged") & value.is_not_null()
        status = pl.when(held).then(light).otherwise(status)
    return status
