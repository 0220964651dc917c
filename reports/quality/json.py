"""The report for programs: JSON with every figure, its formula and SQL, the lists and the trend."""

import json
from typing import Any

from .figures import advice
from .gather import Quality

VERSION = 1  # of this form: raised when a key changes its meaning


def render_json(quality: Quality) -> str:
    """The whole report; the same report gives the same bytes."""
    return json.dumps(_report(quality), ensure_ascii=False, indent=2, default=str) + "\n"


def _report(quality: Quality) -> dict[str, Any]:
    limits = quality.config.report
    lists = {name: frame.to_dicts() for name, frame in quality.lists.items()}
    for row in lists["top_findings"]:
        row["advice"] = quality.say(advice(row["rule"]))
    return {
        "version": VERSION,
        "language": quality.language,
        "run": dict(quality.run),
        "previous_run": quality.previous,
        "evidence_off": sorted(quality.off),
        "trust": {
            "score": quality.trust,
            "threshold": limits.trust,
            "trusted": quality.trusted,
            "parts": [{"name": n, "weight": w, "value": v} for n, w, v in quality.parts],
        },
        "figures": quality.figures.to_dicts(),
        "catalogue": [_entry(quality, name) for name in quality.catalogue],
        "lists": lists,
        "list_sql": {name: each.sql for name, each in quality.listings.items()},
        "trend": quality.trend.to_dicts(),
    }


def _entry(quality: Quality, name: str) -> dict[str, object]:
    figure = quality.catalogue[name]
    return {
        "name": name, "title": quality.say(figure.title), "formula": quality.say(figure.formula), "unit": figure.unit,
        "better": figure.better or None, "threshold": getattr(quality.config.report, name) if figure.light else None,
        "repair": quality.say(figure.repair) if figure.repair else None, "sql": figure.sql, "drill": figure.drill,
    }  # fmt: skip
