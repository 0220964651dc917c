"""The catalogue of the quality report: every figure and list with its words, formula and SQL (reports/data/*.toml)."""

import textwrap
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from ...config import Config
from ...fields import GOLDEN_FIELDS
from ...i18n import Text

Query = Callable[[str], pl.DataFrame]

SECTIONS = {
    "trust": Text("可信度", "Trust"), "rows": Text("行数", "Rows"), "completeness": Text("完整性", "Completeness"),
    "validity": Text("有效性", "Validity"), "duplicates": Text("重复", "Duplicates"),
    "identity": Text("标识与人工", "Identity and manual work"),
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure: `sql` gives `scope, value` (and `judged`), `drill` the rows behind scope $1.

    unit: share | count. better: the good direction, lower | higher | "". light: held to `report.<name>` of the configuration.
    """

    name: str
    section: str
    unit: str
    better: str
    light: bool
    title: Text
    formula: Text
    repair: Text | None
    sql: str
    drill: str
    drill_scope: str


@dataclass(frozen=True)
class Listing:
    """A list of the report beside its figures."""

    name: str
    title: Text
    sql: str


def catalogue(config: Config) -> dict[str, Figure]:
    """Figures by name, in the order of the report, with this configuration's numbers in their SQL."""
    places = _places(config)
    return {name: _figure(name, entry, places) for name, entry in _data("figures").items()}


def listings(config: Config) -> dict[str, Listing]:
    """Lists by name."""
    places = _places(config)
    return {
        name: Listing(name, Text(e["zh"], e["en"]), e["sql"].format(**places).strip())
        for name, e in _data("lists").items()
    }


def trust_weights() -> Mapping[str, float]:
    """Figure → its weight in the trust score; the figure counts with its scope `run`."""
    weights: dict[str, float] = _data("figures")["trust"]["weights"]
    return weights


def advice(rule: str) -> Text:
    """What to do about a rule's findings."""
    known = _data("advice")
    entry = known.get(rule) or known.get(rule.partition(".")[0]) or known["other"]
    return Text(entry["zh"], entry["en"])


@cache
def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((files("guiyi.reports.data") / f"{name}.toml").read_text("utf-8"))


def _figure(name: str, entry: Mapping[str, Any], places: Mapping[str, str]) -> Figure:
    weights = Text(places["weights_zh"], places["weights_en"])
    repair = Text(entry["repair_zh"], entry["repair_en"]) if "repair_zh" in entry else None
    return Figure(
        name=name,
        section=entry["section"],
        unit=entry["unit"],
        better=entry.get("better", ""),
        light=entry.get("light", False),
        title=Text(entry["zh"], entry["en"]),
        formula=Text(
            entry["formula_zh"].format(**places, weights=weights.zh),
            entry["formula_en"].format(**places, weights=weights.en),
        ),
        repair=repair,
        sql=entry["sql"].format(**places).strip(),
        drill=entry["drill"].format(**places).strip(),
        drill_scope=entry.get("drill_scope", "run"),
    )


def _places(config: Config) -> dict[str, str]:
    """What stands for the braces in the data files. All of it is our own names and numbers: nothing a user typed."""
    figures = _data("figures")
    terms = [(("−" if figures[n].get("better") == "lower" else ""), figures[n], w) for n, w in trust_weights().items()]
    return {
        "fields": _wrapped(GOLDEN_FIELDS),
        "counts": _wrapped([f"count({f}) AS {f}" for f in GOLDEN_FIELDS]),
        "empty": _wrapped([f"CASE WHEN {f} IS NULL THEN '{f}' END" for f in GOLDEN_FIELDS]),
        "optional": _listed(config.report.optional),
        "shared_ids": _listed(config.report.shared_ids),
        "duplicate": f"{config.thresholds.duplicate:g}",
        "auto": f"{config.thresholds.auto:g}",
        "parts": "{parts}",  # filled in when the parts are known
        "weights_zh": "，".join(f"{sign}{e['zh']} {w:g}" for sign, e, w in terms),
        "weights_en": ", ".join(f"{sign}{e['en'].lower()} {w:g}" for sign, e, w in terms),
    }


def _listed(names: Sequence[str]) -> str:
    """Names as an SQL list; one that nothing equals where there are none."""
    return ", ".join(f"'{name}'" for name in names) or "''"


def _wrapped(terms: Sequence[str]) -> str:
    """Terms in lines that a reader can take in."""
    return "\n    ".join(textwrap.wrap(", ".join(terms), 110, break_long_words=False, break_on_hyphens=False))
