"""How the report's figures read: labels, numbers, lights, and what moved. Shared by its four forms."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ...i18n import Text
from ..terminal import HEADINGS
from .figures import Figure
from .gather import Quality

SCOPES = {
    "run": Text("合计", "overall"), "read": Text("读入", "read"), "clean": Text("干净", "clean"),
    "quarantined": Text("隔离", "quarantined"), "contact": Text("同一联系人", "same person"),
    "account": Text("同一公司", "same company"), "error": Text("错误", "errors"), "warning": Text("警告", "warnings"),
    "info": Text("提示", "hints"), "golden_value": Text("黄金值", "golden values"), "group": Text("重复组", "groups"),
    "source_record_id": Text("客户编号", "customer number"),
}  # fmt: skip
CHANGES = {
    "records_new": Text("新记录", "new records"), "records_gone": Text("不再出现的记录", "records gone"),
    "groups_new": Text("新的或变化的重复组", "new or changed groups"),
    "groups_gone": Text("消失或变化的重复组", "groups gone or changed"),
}  # fmt: skip
POINT = Text("百分点", "pp")


@dataclass(frozen=True)
class Line:
    """One figure of one scope as it is printed. trend: `better`, `worse`, `same`, or empty (no baseline, no good direction)."""

    figure: Figure
    scope: str
    label: str
    value: float | None
    text: str
    status: str
    limit: str
    baseline: float | None
    delta: str
    trend: str


def lines(quality: Quality, name: str | None = None) -> list[Line]:
    """Every figure (or one figure's scopes) in the order of the catalogue, the whole run first."""
    rows = quality.figures if name is None else quality.figures.filter(pl.col("name") == name)
    made = [_line(quality, row) for row in rows.iter_rows(named=True)]
    order = {n: i for i, n in enumerate(quality.catalogue)}
    return sorted(made, key=lambda line: (order[line.figure.name], line.scope != "run"))


def line(quality: Quality, name: str, scope: str = "run") -> Line | None:
    """One figure, where it has this scope."""
    return next((one for one in lines(quality, name) if one.scope == scope), None)


def label(quality: Quality, scope: str) -> str:
    """What a scope is called: field, level, rule, source."""
    known = SCOPES.get(scope) or HEADINGS.get(scope)
    if known is not None:
        return quality.say(known)
    return quality.rule(scope)


def number(value: float | None, unit: str) -> str:
    """A share as percent with one decimal, a count with its thousands; a dash where there is none."""
    if value is None:
        return "—"
    if unit == "share":  # what rounds to a whole without being one is not shown as one
        text = f"{value:.1%}"
        if value != 1 and text == "100.0%":
            return ">99.9%"
        return "<0.1%" if value != 0 and text == "0.0%" else text
    return f"{value:,.0f}"


def limit_of(quality: Quality, figure: Figure) -> str:
    """The threshold as it reads: `≤ 5%`."""
    if not figure.light:
        return ""
    limit = float(getattr(quality.config.report, figure.name))
    return f"{'≤' if figure.better == 'lower' else '≥'} {limit * 100:g}%"


def movements(quality: Quality) -> list[Line]:
    """Figures that moved since the last run, the largest first: shares by points, then counts by their ratio."""
    moved = [one for one in lines(quality) if one.trend and one.trend != "same"]
    shares = sorted((m for m in moved if m.figure.unit == "share"), key=_moved, reverse=True)
    counts = sorted((m for m in moved if m.figure.unit != "share"), key=_moved, reverse=True)
    return [*shares, *counts]


def started(quality: Quality) -> Iterator[Line]:
    """Rules that speak now and did not in the last run (of a store whose last run measured findings)."""
    before = quality.figures.filter(pl.col("name") == "findings", pl.col("scope") == "run")["baseline"]
    if before.len() and before[0] is not None:
        yield from (
            one for one in lines(quality, "findings") if one.baseline is None and one.value and "." in one.scope
        )


def _moved(one: Line) -> float:
    step = abs((one.value or 0.0) - (one.baseline or 0.0))
    return step if one.figure.unit == "share" else step / max(abs(one.baseline or 0.0), 1.0)


def _line(quality: Quality, row: dict[str, object]) -> Line:
    figure, scope = quality.catalogue[str(row["name"])], str(row["scope"])
    value, baseline = (None if row[k] is None else float(str(row[k])) for k in ("value", "baseline"))
    limit = limit_of(quality, figure) if row["status"] != "none" else ""
    delta, trend = _delta(quality, figure, value, baseline)
    return Line(
        figure, scope, label(quality, scope), value, number(value, figure.unit), str(row["status"]), limit, baseline, delta, trend
    )  # fmt: skip


def _delta(quality: Quality, figure: Figure, value: float | None, baseline: float | None) -> tuple[str, str]:
    """What changed since the last run, in words and as good or bad news."""
    if value is None or baseline is None:
        return "", ""
    step = value - baseline
    if abs(step) < 5e-5 if figure.unit == "share" else step == 0:
        return "±0", "same"
    digits = 1 if abs(step) >= 5e-4 else 2
    text = f"{step * 100:+.{digits}f} {quality.say(POINT)}" if figure.unit == "share" else f"{step:+,.0f}"
    if not figure.better:
        return text, "moved"
    return text, "better" if (step < 0) == (figure.better == "lower") else "worse"
