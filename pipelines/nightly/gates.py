"""The gates before publishing: a run that trips one leaves the run before it live, and says the figure (exit 1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import polars as pl

from ...config import Gates
from ...errors import GuiyiError
from ...i18n import Text
from ...log import warn

FEWEST = 20  # rows set aside, or records, below which a share says nothing


class GateError(GuiyiError):
    """A gate refuses the run; nothing is published (exit 1). found: what it found, without that."""

    exit_code = 1

    def __init__(
        self, what: Text, advice: Text | None = None, *, reason: str = "run.gate", found: Text | None = None
    ) -> None:
        self.found = found or what
        super().__init__(what, advice, reason=reason)


@contextmanager
def heeded(guarded: bool) -> Iterator[None]:
    """A gate inside refuses the run; where it is not guarded (`--accept-change`), that is said and the run goes on."""
    try:
        yield
    except GateError as refused:
        if guarded:
            raise
        words = Text("按 --accept-change 照样发布：{d}", "Published all the same, by --accept-change: {d}")
        warn(Text(words.zh.format(d=refused.found.zh), words.en.format(d=refused.found.en)))


class Rows(NamedTuple):
    """Rows cleaned today, of these set aside; rows known before, of these gone."""

    today: int
    quarantined: int
    known: int = 0
    gone: int = 0


def refuse(metric: pl.DataFrame, rows: Rows, gates: Gates) -> None:
    """metric: the run's figures with those of the run before as baseline. Raises GateError naming every tripped gate."""
    tripped = [
        *_quarantined(rows.today, rows.quarantined, gates),
        *_gone(rows, gates),
        *_null_rates(metric, gates),
        *_links(metric, gates),
        *_largest(metric, gates),
    ]
    if not tripped:
        return
    what = Text("闸门未通过，本次运行未发布：{d}。", "A gate refuses the run, nothing is published: {d}.")
    advice = Text(
        "请检查输入；确认无误后用 --accept-change 运行，或在配置的 [gates] 中放宽。",
        "Check the input; if it is right, run with --accept-change, or widen [gates] in the configuration.",
    )
    found = Text("；".join(t.zh for t in tripped), "; ".join(t.en for t in tripped))
    said = Text(what.zh.format(d=found.zh), what.en.format(d=found.en))
    raise GateError(said, advice, found=found)


def refuse_drift(drift: pl.DataFrame) -> None:
    """drift: FINDINGS about columns. Raises GateError where a column that was there has gone, or means something else."""
    grave = drift.filter(
        pl.col("rule").is_in(["header.gone", "header.field_lost", "header.renamed", "header.type_changed"])
    )
    if grave.is_empty():
        return
    told = "; ".join(
        f"{rule} {field} {value}" if rule == "header.type_changed" else f"{rule} {value or field or ''}".strip()
        for rule, field, value in grave.select("rule", "field", "value").iter_rows()
    )
    what = Text(
        "来源的列有变化，本次运行未发布：{d}。", "The columns of a source have changed, nothing is published: {d}."
    )
    advice = Text(
        "请检查导出；确认无误后用 --accept-change 运行。", "Check the export; if it is right, run with --accept-change."
    )
    raise GateError(what.format(d=told), advice, found=Text(told, told))


def _quarantined(today: int, quarantined: int, gates: Gates) -> Iterator[Text]:
    share = quarantined / today if today else 0.0
    if share > gates.quarantined and quarantined >= FEWEST:
        yield Text(
            f"今日 {today:,} 行中有 {quarantined:,} 行被隔离（{share:.0%}，上限 {gates.quarantined:.0%}）",
            f"{quarantined:,} of today's {today:,} rows are quarantined ({share:.0%}, limit {gates.quarantined:.0%})",
        )


def _gone(rows: Rows, gates: Gates) -> Iterator[Text]:
    """An export that broke off, or is empty, is not a night on which the customers left."""
    share = rows.gone / rows.known if rows.known else 0.0
    if share > gates.gone and rows.gone >= FEWEST:
        yield Text(
            f"全表来源中，已知的 {rows.known:,} 行有 {rows.gone:,} 行消失（{share:.0%}，上限 {gates.gone:.0%}）",
            f"{rows.gone:,} of {rows.known:,} known rows are gone from snapshots ({share:.0%}, limit {gates.gone:.0%})",
        )


def _null_rates(metric: pl.DataFrame, gates: Gates) -> Iterator[Text]:
    clean = metric.filter(pl.col("name") == "rows", pl.col("scope") == "clean")
    if clean.filter(pl.col("value") >= FEWEST, pl.col("baseline") >= FEWEST).is_empty():
        return
    rates = metric.filter(pl.col("name") == "null_rate", pl.col("value") - pl.col("baseline") > gates.null_rate_jump)
    for field, now, before in rates.select("scope", "value", "baseline").iter_rows():
        yield Text(
            f"字段 {field} 的空值率从 {before:.0%} 升到 {now:.0%}",
            f"{field} is empty in {now:.0%} of the records, {before:.0%} before",
        )


def _links(metric: pl.DataFrame, gates: Gates) -> Iterator[Text]:
    """Pairs per record, against the run before: a value that suddenly joins everybody."""
    rows = metric.filter(pl.col("name") == "rows", pl.col("scope") == "clean").select("value", "baseline").rows()
    if not rows or not rows[0][1]:
        return
    grown = rows[0][0] / rows[0][1]
    for level, now, before in (
        metric.filter(pl.col("name") == "pairs", pl.col("baseline") >= 100)
        .select("scope", "value", "baseline")
        .iter_rows()
    ):
        if now > before * grown * gates.links_jump:
            yield Text(
                f"{level} 层级的记录对从 {before:,.0f} 增到 {now:,.0f}",
                f"{level}: {now:,.0f} pairs, {before:,.0f} in the run before",
            )


def _largest(metric: pl.DataFrame, gates: Gates) -> Iterator[Text]:
    for value in metric.filter(pl.col("name") == "largest_group", pl.col("scope") == "contact")["value"]:
        if value > gates.largest_group:
            yield Text(
                f"最大的联系人组有 {value:,.0f} 条记录（上限 {gates.largest_group:,}）",
                f"the largest contact group holds {value:,.0f} records (limit {gates.largest_group:,})",
            )
