"""Coordinates of the report's charts. The drawing itself stands in templates/charts.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin


@dataclass(frozen=True)
class Curve:
    """A line over the runs: `path` and `area` as SVG path data, the last point, and the ends of the value axis."""

    path: str
    area: str
    last: tuple[float, float]
    low: float
    high: float
    limit: float | None


def curve(values: Sequence[float | None], width: float, height: float, limit: float | None = None) -> Curve | None:
    """Values from left to right, a gap where there is none; None for fewer than two. The threshold lies inside the axis."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return None
    low, high = _axis(known, limit)
    step = width / (len(values) - 1)
    points = [None if v is None else (i * step, height * (high - v) / (high - low)) for i, v in enumerate(values)]
    runs = _runs(points)
    path = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run) for run in runs)
    area = "".join(
        f"M{run[0][0]:.1f} {height:g}L"
        + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
        + f"L{run[-1][0]:.1f} {height:g}Z"
        for run in runs
    )
    line = None if limit is None else round(height * (high - limit) / (high - low), 1)
    x, y = runs[-1][-1]
    return Curve(path, area, (round(x, 1), round(y, 1)), low, high, line)


def arc(share: float, radius: float) -> str:
    """An arc from twelve o'clock, clockwise, as SVG path data around (0, 0)."""
    share = min(max(share, 0.0001), 0.9999)
    angle = 2 * pi * share
    x, y = radius * sin(angle), -radius * cos(angle)
    return f"M0 {-radius:g}A{radius:g} {radius:g} 0 {int(share > 0.5)} 1 {x:.2f} {y:.2f}"


def tick(share: float, inner: float, outer: float) -> str:
    """A mark across the ring at a share."""
    x, y = sin(2 * pi * share), -cos(2 * pi * share)
    return f"M{inner * x:.2f} {inner * y:.2f}L{outer * x:.2f} {outer * y:.2f}"


def _axis(known: Sequence[float], limit: float | None) -> tuple[float, float]:
    """Ends of the axis with some air; a flat line lies in the middle."""
    inside = [*known] if limit is None else [*known, limit]
    low, high = min(inside), max(inside)
    air = (high - low) * 0.12 or abs(high) * 0.1 or 0.1
    share = max(inside) <= 1.0
    return max(low - air, 0.0), min(high + air, 1.0) if share and high < 1.0 else high + (0.0 if share else air)


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Stretches without a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
