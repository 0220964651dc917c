"""The quality report of a store: gathered, refused where it cannot be trusted, audited where it shows or forces more."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from ...config import Config
from ...errors import GuiyiError, UsageError
from ...i18n import Language, Text
from ...io.store.store import Store, open_store
from ...reports.masking import with_persons
from ...reports.quality.figures import Figure, catalogue
from ...reports.quality.gather import Quality, gather, masked_cells
from ...reports.quality.measure import measure, trust_parts, with_parts
from ...rules.catalog import catalog
from ..audit import because


class TrustError(GuiyiError):
    """The run's trust score is below the threshold: the report is not exported (exit 1)."""

    exit_code = 1


def make_report(
    path: Path, config: Config, language: Language, *, unmask: bool = False, reason: str | None = None
) -> Quality:
    """The report of the store's last published run."""
    with open_store(path, write=unmask) as store:
        _refuse_empty(store)
        if unmask:
            store.audit("unmask", {"command": "report", **because(reason)})
        words = {rule: entry.text for rule, entry in catalog().items()}
        return gather(store.query, config, words, language, unmask)


def release(quality: Quality, path: Path, form: str, *, force: bool) -> None:
    """Let the report leave as a file: raises TrustError for a run below the trust threshold, unless forced and audited."""
    if quality.trusted:
        return
    trust, limit = quality.trust or 0.0, quality.config.report.trust
    if not force:
        raise TrustError(
            Text(
                "本次运行的可信度 {t:.1%} 低于 {l:.0%}，报告未导出；确要导出请加 --force（会记入审计）。",
                "The run's trust score {t:.1%} is below {l:.0%}: the report was not exported; --force exports it, and is audited.",
            ).format(t=trust, l=limit),
            reason="report.trust",
        )
    with open_store(path, write=True) as store:
        detail = {"run_id": quality.run["run_id"], "trust": round(trust, 4), "threshold": limit, "format": form}
        store.audit("report.force", detail)


class Drilled(NamedTuple):
    """A figure, the first rows behind it, and how many there are."""

    figure: Figure
    rows: pl.DataFrame
    total: int


def drill(
    path: Path, metric: str, config: Config, limit: int, *, unmask: bool = False, reason: str | None = None
) -> Drilled:
    """The rows behind a figure: `null_rate:phone`, or without a scope its usual one. limit 0: all."""
    figures = catalogue(config)
    name, _, scope = metric.partition(":")
    if name not in figures:
        raise UsageError(
            Text("没有指标 {m}。可用的指标：{n}", "There is no metric {m}. Metrics: {n}").format(
                m=name, n=", ".join(figures)
            )
        )
    figure = figures[name]
    with open_store(path, write=unmask) as store:
        _refuse_empty(store)
        if unmask:
            store.audit("unmask", {"command": f"report --drill {name}", **because(reason)})
        figure = figure if name != "trust" else _trust(store, config)
        _refuse_scope(store, figure, scope)
        sql = figure.drill
        bound: list[object] = [scope or figure.drill_scope]
        rows = store.query(f"SELECT * FROM ({sql}) ORDER BY ALL LIMIT {limit or 'ALL'}", bound)
        rows = with_persons(store.query, rows)
        count = store.query(f"SELECT count(*) AS n FROM ({sql})", bound)["n"][0]
    return Drilled(figure, masked_cells(rows, unmask), int(count))


def _trust(store: Store, config: Config) -> Figure:
    figures = catalogue(config)
    return with_parts(figures["trust"], trust_parts(measure(store.query, config), figures))


def _refuse_scope(store: Store, figure: Figure, scope: str) -> None:
    """A scope that the figure does not have; otherwise a slip of the pen would look like a fault that nobody made."""
    if not scope:
        return
    known = store.query(f"SELECT scope FROM ({figure.sql}) WHERE scope IS NOT NULL ORDER BY scope")["scope"].to_list()
    if scope not in known:
        what = Text("指标 {m} 没有范围 {s}。可用的范围：{k}", "{m} has no scope {s}. Scopes: {k}")
        raise UsageError(what.format(m=figure.name, s=scope, k=", ".join(known)))


def _refuse_empty(store: Store) -> None:
    if store.last_run() is None:
        raise UsageError(
            Text("{p} 里还没有运行。", "{p} holds no run yet.").format(p=store.path),
            Text("请先执行 guiyi run。", "Start with guiyi run."),
        )
