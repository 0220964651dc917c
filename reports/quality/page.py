"""What the report's page shows, section by section, as templates/quality.html wants it."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from ...i18n import Text
from .charts import arc, curve, tick
from .figures import advice
from .gather import Quality
from .view import CHANGES, Line, label, limit_of, line, lines, movements, number, started
from .words import BANDS, LEVELS, SEVERITIES, WORDS

_CARDS = (
    ("rows", "read"), ("quarantine_rate", "run"), ("null_rate", "run"), ("validity_rate", "run"), ("abnormal_rate", "run"),
    ("duplicate_rate", "contact"), ("duplicate_rate", "account"), ("fragmentation_rate", "run"), ("id_match_rate", "run"),
    ("manual_rate", "run"),
)  # fmt: skip
TRENDS = (
    ("trust", "run"), ("null_rate", "run"), ("validity_rate", "run"), ("abnormal_rate", "run"), ("duplicate_rate", "contact"),
    ("rows", "clean"),
)  # fmt: skip
_FINDINGS, _RANKED, _MOVES = 15, 10, 8


def trust(quality: Quality) -> dict[str, object]:
    share, limit = quality.trust or 0.0, quality.config.report.trust
    return {
        "share": share,
        "limit": limit,
        "text": number(quality.trust, "share"),
        "path": arc(share, 50),
        "mark": tick(limit, 43, 57),
    }


def parts(quality: Quality) -> list[dict[str, object]]:
    """The terms of the trust score, each as it counts: the better, the fuller."""
    return [
        {
            "label": _term(quality, name),
            "value": value,
            "text": number(value, "share"),
        }
        for name, _, value in quality.parts
    ]


def _term(quality: Quality, name: str) -> str:
    figure = quality.catalogue[name]
    title = quality.say(figure.title)
    return f"1 − {title.lower()}" if figure.better == "lower" else title


def moves(quality: Quality) -> list[dict[str, str]]:
    """What changed: records and groups, rules that speak for the first time, then the figures that moved most."""
    if not quality.previous:
        return []
    new = quality.say(Text("新问题", "new"))
    said = [
        {"label": quality.say(CHANGES[what]), "text": f"{count:,}", "delta": "", "trend": "moved"}
        for what, count in quality.lists["changes"].iter_rows()
        if count
    ]
    said += [{"label": o.label, "text": o.text, "delta": new, "trend": "worse"} for o in list(started(quality))[:2]]
    for one in movements(quality):
        if one.figure.unit == "share" and len(said) < _MOVES:
            title = quality.say(one.figure.title) + ("" if one.scope == "run" else f" · {one.label}")
            said.append({"label": title, "text": one.text, "delta": one.delta, "trend": one.trend})
    return said


def _history(quality: Quality, name: str, scope: str) -> pl.DataFrame:
    """`run_id, finished_at, value` of every run of the trend, null where a run has no such figure."""
    runs = quality.trend.select("run_id", "finished_at").unique("run_id").sort("run_id")
    own = quality.trend.filter(pl.col("name") == name, pl.col("scope") == scope).select("run_id", "value")
    return runs.join(own, on="run_id", how="left").sort("run_id")


def cards(quality: Quality) -> Iterator[dict[str, object]]:
    for name, scope in _CARDS:
        one = line(quality, name, scope)
        if one is None:
            continue
        title = quality.say(one.figure.title) + ("" if scope == "run" else f" · {one.label}")
        values = _history(quality, name, scope)["value"].to_list()
        yield {"line": one, "title": title, "light": _against(quality, one), "curve": curve(values, 120, 28)}


def _against(quality: Quality, one: Line) -> str:
    """A figure and its threshold in words."""
    if one.status != "warning":
        return f"{quality.say(WORDS['threshold'])} {one.limit}"
    word = Text("高于", "above") if one.figure.better == "lower" else Text("低于", "below")
    return f"{quality.say(word)} {one.limit[2:]}"


def repairs(quality: Quality) -> Iterator[dict[str, str]]:
    """The repair guide of every grey figure."""
    for name, figure in quality.catalogue.items():
        grey = [one for one in lines(quality, name) if one.status == "warning"]
        if grey and figure.repair is not None:
            comma = ", " if quality.language == "en" else "、"
            scopes = comma.join(one.label for one in grey[:4] if one.scope != "run")
            yield {
                "title": quality.say(figure.title) + (f" ({scopes})" if scopes else ""),
                "text": quality.say(figure.repair),
            }


def bars(quality: Quality, name: str) -> list[dict[str, object]]:
    """A figure's fields, those of the files' columns only, the worst first."""
    limit = float(getattr(quality.config.report, name))
    judged = [one for one in lines(quality, name) if one.scope != "run" and one.status != "none"]
    worst = sorted(judged, key=lambda one: one.value or 0.0, reverse=quality.catalogue[name].better == "lower")
    return [{"line": one, "limit": limit} for one in worst]


def bands(quality: Quality) -> list[dict[str, object]]:
    titles = {"pairs": Text("记录对", "Pairs"), "groups": Text("重复组", "Duplicate groups")}
    sides: list[dict[str, object]] = []
    for what, bands in (("pairs", ("auto", "review", "below")), ("groups", ("auto", "review"))):
        rows = []
        for level, word in LEVELS.items():
            parts = [(band, quality.value(f"{what}_{band}", level) or 0.0) for band in bands]
            total = sum(count for _, count in parts)
            words = " · ".join(f"{quality.say(BANDS[band])} {count:,.0f}" for band, count in parts)
            rows.append({"label": quality.say(word), "total": f"{total:,.0f}", "count": total, "parts": parts, "words": words})  # fmt: skip
        legend = [(band, quality.say(BANDS[band])) for band in bands]
        sides.append({"id": what, "title": quality.say(titles[what]), "rows": rows, "legend": legend})
    return sides


def findings(quality: Quality) -> Iterator[dict[str, object]]:
    examples = quality.lists["examples"].partition_by("rule", as_dict=True)
    share = Text("占 {s} 的行", "{s} of rows")
    for row in quality.lists["top_findings"].head(_FINDINGS).iter_rows(named=True):
        shown = examples.get((row["rule"],))
        yield {
            "rule": row["rule"],
            "severity": row["severity"],
            "severity_word": quality.say(SEVERITIES[row["severity"]]),
            "title": quality.rule(row["rule"], row["message"]),
            "count": f"{row['findings']:,}",
            "share": quality.say(share).format(s=number(row["share"], "share")) if row["records"] else "",
            "advice": quality.say(advice(row["rule"])),
            "examples": [] if shown is None else [_example(quality, e) for e in shown.iter_rows(named=True)],
        }


def _example(quality: Quality, row: Mapping[str, Any]) -> dict[str, object]:
    at = quality.say(Text("第 {n} 行", "row {n}")).format(n=row["row_number"]) if row["row_number"] else ""
    field = label(quality, str(row["field"])) if row["field"] else ""
    place = " ".join(str(p) for p in (row["file"], at, row["source_record_id"], field) if p)
    return {"place": place, "value": row["value"], "suggestion": row["suggestion"]}


def more(quality: Quality) -> str:
    hidden = quality.lists["top_findings"].height - _FINDINGS
    text = Text("另有 {n} 条规则，见 guiyi report --drill findings", "{n} more rules: guiyi report --drill findings")
    return quality.say(text).format(n=hidden) if hidden > 0 else ""


def ranking(quality: Quality, name: str, errors: str) -> list[dict[str, object] | None]:
    """Best first; of a long list both ends, with a gap (None) between."""
    top = quality.lists[errors].group_by("name", maintain_order=True).agg("rule", "findings")
    of = {n: list(zip(r, c, strict=True)) for n, r, c in top.iter_rows()}
    records = Text("{n:,} 条", "{n:,} records")
    rows: list[dict[str, object] | None] = []
    for rank, (who, count, share) in enumerate(quality.lists[name].iter_rows(), start=1):
        said = [f"{quality.rule(rule)} {n:,}" for rule, n in of.get(who, [])]
        about = " · ".join([quality.say(records).format(n=count), *said])
        rows.append({"rank": rank, "name": who, "completeness": share, "text": number(share, "share"), "about": about})
    return rows if len(rows) <= 2 * _RANKED else [*rows[:_RANKED], None, *rows[-_RANKED:]]


def trends(quality: Quality) -> Iterator[dict[str, object]]:
    for name, scope in TRENDS:
        figure, history = quality.catalogue[name], _history(quality, name, scope)
        limit = float(getattr(quality.config.report, name)) if figure.light else None
        drawn = curve(history["value"].to_list(), 276, 96, limit)
        if drawn is None:
            continue
        title = quality.say(figure.title) + ("" if scope == "run" else f" · {label(quality, scope)}")
        ends = [f"{str(run)[:7]} · {str(at)[:10]}" for run, at in history.select("run_id", "finished_at").iter_rows()]
        now = number(quality.value(name, scope), figure.unit)
        yield {
            "title": title, "now": now, "curve": drawn, "top": number(drawn.high, figure.unit),
            "bottom": number(drawn.low, figure.unit), "first": ends[0], "last": ends[-1], "aria": f"{title} {now}",
        }  # fmt: skip


def figures(quality: Quality) -> Iterator[dict[str, object]]:
    """Every figure with its formula, SQL and scopes."""
    for name, figure in quality.catalogue.items():
        scopes = lines(quality, name)
        main = next((one for one in scopes if one.scope in ("run", "read", "contact")), scopes[0] if scopes else None)
        status = "warning" if any(one.status == "warning" for one in scopes) else (main.status if main else "none")
        yield {
            "name": name, "title": quality.say(figure.title), "formula": quality.say(figure.formula), "sql": figure.sql,
            "limit": limit_of(quality, figure), "status": status, "value": main.text if main else "—", "open": False,
            "repair": quality.say(figure.repair) if figure.repair and status == "warning" else "",
            "lines": [_scope(one) for one in scopes], "drill": _drill(name, scopes),
        }  # fmt: skip


def _scope(one: Line) -> dict[str, str]:
    before = number(one.baseline, one.figure.unit) if one.baseline is not None else ""
    return {"label": one.label, "scope": one.scope, "text": one.text, "status": one.status, "before": before,
            "delta": one.delta, "trend": one.trend}  # fmt: skip


def _drill(name: str, scopes: list[Line]) -> str:
    worst = next((one.scope for one in scopes if one.status == "warning" and one.scope != "run"), "")
    return f"{name}:{worst}" if worst else name


def files(quality: Quality) -> Iterator[dict[str, object]]:
    for row in quality.lists["files"].iter_rows(named=True):
        about = " · ".join(str(row[k]) for k in ("sheet", "format", "encoding") if row[k])
        yield {"name": row["name"], "about": about, "sha256": row["sha256"], "source": row["source"],
               "rows": f"{row['rows']:,}"}  # fmt: skip
