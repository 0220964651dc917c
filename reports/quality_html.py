"""The report as one HTML file: no script, no request, its own SVG charts, light and dark, fit for print."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..i18n import Text
from .charts import arc, curve, tick
from .figures import advice
from .quality import TITLE, Quality
from .quality_view import CHANGES, Line, label, line, limit_of, lines, movements, number, started
from .quality_words import BANDS, LEVELS, SEVERITIES, THEMES, WORDS

_CARDS = (
    ("rows", "read"), ("quarantine_rate", "run"), ("null_rate", "run"), ("validity_rate", "run"), ("abnormal_rate", "run"),
    ("duplicate_rate", "contact"), ("duplicate_rate", "account"), ("fragmentation_rate", "run"), ("id_match_rate", "run"),
    ("manual_rate", "run"),
)  # fmt: skip
_TRENDS = (
    ("trust", "run"), ("null_rate", "run"), ("validity_rate", "run"), ("abnormal_rate", "run"), ("duplicate_rate", "contact"),
    ("rows", "clean"),
)  # fmt: skip
_FINDINGS, _RANKED, _MOVES = 15, 10, 6


def render_html(quality: Quality) -> str:
    """The whole page; the same report gives the same bytes."""
    environment = _environment()
    css = environment.get_template("quality.css").render()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    page = environment.get_template("quality.html").render(
        lang="en" if quality.language == "en" else "zh-CN", css=Markup(css), css_hash=digest, run=quality.run,
        t=_words(quality), trusted=quality.trusted, trust=_trust(quality), parts=_parts(quality),
        moves=list(_moves(quality)), changes_sql=quality.listings["changes"].sql if quality.previous else "",
        cards=list(_cards(quality)), repairs=list(_repairs(quality)), nulls=_bars(quality, "null_rate"),
        validity=_bars(quality, "validity_rate"), bands=_bands(quality), findings=list(_findings(quality)),
        more_findings=_more(quality), lists={n: each.sql for n, each in quality.listings.items()},
        owners=_ranking(quality, "owners", "owner_errors"), sources=_ranking(quality, "sources", "source_errors"),
        trends=list(_trends(quality)), figures=list(_figures(quality)), files=list(_files(quality)),
    )  # fmt: skip
    return page.strip() + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=lambda name: name is None or name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _words(quality: Quality) -> dict[str, Any]:
    """Fixed words and the sentences that hold this run's numbers."""
    say, run = quality.say, quality.run
    limit = f"{quality.config.report.trust * 100:g}%"
    trusted = Text("本次运行可信：不低于 {l} 的阈值", "This run can be trusted: it reaches {l}")
    doubtful = Text("本次运行不可信：低于 {l} 的阈值", "This run cannot be trusted: it is below {l}")
    verdict = (trusted if quality.trusted else doubtful).format(l=limit)
    if quality.trust is None:
        verdict = Text("可信度无法计算", "The trust score cannot be told")
    score = number(quality.trust, "share")
    subtitle = Text("运行 {r} · {d} UTC · 读入 {n:,} 行", "run {r} · {d} UTC · {n:,} rows read")
    made = Text("由 guiyi {v} 根据数据库本身生成，不含任何外部请求。配置 {c}，输入 {i}。",
                "Made by guiyi {v} from the store alone; the page asks for nothing outside. Configuration {c}, input {i}.")  # fmt: skip
    return {name: say(text) for name, text in WORDS.items()} | {
        "title": say(TITLE),
        "subtitle": say(subtitle).format(r=run["run_id"], d=str(run["finished_at"])[:16], n=run["rows_read"]),
        "themes": [(name, say(text)) for name, text in THEMES.items()],
        "verdict": say(verdict),
        "watermark": say(Text("可信度 {s} · {r}", "trust {s} · {r}")).format(s=score, r=run["run_id"]),
        "still": say(
            Text("没有变化。", "Nothing has changed.")
            if quality.previous
            else Text("这是第一次运行，还没有可比的。", "This is the first run: nothing to compare with yet.")
        ),
        "foot": say(made).format(v=run["version"], c=run["config_hash"], i=run["input_hash"]),
    }


def _trust(quality: Quality) -> dict[str, object]:
    share, limit = quality.trust or 0.0, quality.config.report.trust
    return {
        "share": share,
        "limit": limit,
        "text": number(quality.trust, "share"),
        "path": arc(share, 50),
        "mark": tick(limit, 43, 57),
    }


def _parts(quality: Quality) -> list[dict[str, object]]:
    """The terms of the trust score, each as it counts: the better, the fuller."""
    sign = {True: "1 − ", False: ""}
    return [
        {
            "label": sign[quality.catalogue[name].better == "lower"] + quality.say(quality.catalogue[name].title),
            "value": value,
            "text": number(value, "share"),
        }
        for name, _, value in quality.parts
    ]


def _moves(quality: Quality) -> Iterator[dict[str, str]]:
    """What changed: records and groups, rules that speak for the first time, then the figures that moved most."""
    if not quality.previous:
        return
    for what, count in quality.lists["changes"].iter_rows():
        if count:
            yield {"label": quality.say(CHANGES[what]), "text": f"{count:,}", "delta": "", "trend": "moved"}
    for one in list(started(quality))[:3]:
        yield {"label": one.label, "text": one.text, "delta": quality.say(Text("新问题", "new")), "trend": "worse"}
    moved = [m for m in movements(quality) if m.figure.unit == "share"][:_MOVES]
    for one in moved:
        scope = "" if one.scope == "run" else f" · {one.label}"
        yield {
            "label": quality.say(one.figure.title) + scope,
            "text": one.text,
            "delta": one.delta,
            "trend": one.trend,
        }


def _history(quality: Quality, name: str, scope: str) -> pl.DataFrame:
    """`run_id, finished_at, value` of every run of the trend, null where a run has no such figure."""
    runs = quality.trend.select("run_id", "finished_at").unique("run_id").sort("run_id")
    own = quality.trend.filter(pl.col("name") == name, pl.col("scope") == scope).select("run_id", "value")
    return runs.join(own, on="run_id", how="left").sort("run_id")


def _cards(quality: Quality) -> Iterator[dict[str, object]]:
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


def _repairs(quality: Quality) -> Iterator[dict[str, str]]:
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


def _bars(quality: Quality, name: str) -> list[dict[str, object]]:
    """A figure's fields, those of the files' columns only, the worst first."""
    limit = float(getattr(quality.config.report, name))
    judged = [one for one in lines(quality, name) if one.scope != "run" and one.status != "none"]
    worst = sorted(judged, key=lambda one: one.value or 0.0, reverse=quality.catalogue[name].better == "lower")
    return [{"line": one, "limit": limit} for one in worst]


def _bands(quality: Quality) -> list[dict[str, object]]:
    titles = {"pairs": Text("记录对", "Pairs"), "groups": Text("重复组", "Duplicate groups")}
    sides = []
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


def _findings(quality: Quality) -> Iterator[dict[str, object]]:
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


def _more(quality: Quality) -> str:
    hidden = quality.lists["top_findings"].height - _FINDINGS
    text = Text("另有 {n} 条规则，见 guiyi report --drill findings", "{n} more rules: guiyi report --drill findings")
    return quality.say(text).format(n=hidden) if hidden > 0 else ""


def _ranking(quality: Quality, name: str, errors: str) -> list[dict[str, object] | None]:
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


def _trends(quality: Quality) -> Iterator[dict[str, object]]:
    for name, scope in _TRENDS:
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


def _figures(quality: Quality) -> Iterator[dict[str, object]]:
    """Every figure with its formula, SQL and scopes."""
    for name, figure in quality.catalogue.items():
        scopes = lines(quality, name)
        main = next((one for one in scopes if one.scope == figure.drill_scope), scopes[0] if scopes else None)
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


def _files(quality: Quality) -> Iterator[dict[str, object]]:
    for row in quality.lists["files"].iter_rows(named=True):
        about = " · ".join(str(row[k]) for k in ("sheet", "format", "encoding") if row[k])
        yield {"name": row["name"], "about": about, "sha256": row["sha256"], "source": row["source"], "rows": f"{row['rows']:,}"}  # fmt: skip
