"""The daily data-quality report 客户数据质量报告 of a store: everything that its forms (text, HTML, xlsx, JSON) print."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ...config import Config
from ...i18n import Language, Text
from ..cell_masking import visible
from ..masking import masked, with_persons
from .figures import Figure, Listing, Query, catalogue, listings
from .measure import evidence_off, measure, trust_parts, with_parts

TITLE = Text("客户数据质量报告", "Customer data quality report")
LIGHTS = {
    "ok": Text("合格", "within threshold"),
    "warning": Text("超出阈值", "beyond threshold"),
    "none": Text("不设阈值", "no threshold"),
}
_READ, _LONGEST = 1000, 200  # characters of a text that are masked, and of a cell that are shown
_NOBODY = Text("（未填）", "(none)")


@dataclass(frozen=True)
class Quality:
    """The report's data; personal data in it is masked already, unless it was asked for in full.

    figures: METRIC rows in the order of the catalogue. trend: `run_id, finished_at, name, scope, value`, this run last. parts: the
    trust score's terms: figure, weight, how good. lists: the catalogue's lists by name. words: rule → what it says.
    off: evidence that the run had switched off.
    """

    language: Language
    config: Config
    run: Mapping[str, object]
    catalogue: Mapping[str, Figure]
    listings: Mapping[str, Listing]
    figures: pl.DataFrame
    parts: list[tuple[str, float, float | None]]
    trend: pl.DataFrame
    lists: Mapping[str, pl.DataFrame]
    words: Mapping[str, Text]
    previous: str | None
    unmasked: bool
    off: frozenset[str]

    def say(self, text: Text) -> str:
        """The text in the report's language."""
        return text.en if self.language == "en" else text.zh

    def value(self, name: str, scope: str = "run") -> float | None:
        """One figure; None where it cannot be told."""
        found = self.figures.filter(pl.col("name") == name, pl.col("scope") == scope)["value"]
        return float(found[0]) if found.len() and found[0] is not None else None

    def rule(self, rule: str, message: str | None = None) -> str:
        """What a rule says, else the message it left, else its id."""
        return self.say(self.words[rule]) if rule in self.words else (message or rule)

    @property
    def trust(self) -> float | None:
        """The trust score."""
        return self.value("trust")

    @property
    def trusted(self) -> bool:
        """Whether the report may leave the house: an unknown score may."""
        return self.trust is None or self.trust >= self.config.report.trust


def gather(query: Query, config: Config, words: Mapping[str, Text], language: Language, unmask: bool) -> Quality:
    """Measure the live run, and collect the lists beside the figures. query: runs a SELECT on the store."""
    figures, asked = catalogue(config), listings(config)
    metric = measure(query, config)
    before = query("SELECT max(run_id) AS run_id FROM history.run WHERE run_id < (SELECT run_id FROM main.run)")
    previous = before["run_id"][0]
    lists = {n: query(each.sql) for n, each in asked.items() if n != "trend" and (n != "changes" or previous)}
    lists["examples"] = with_persons(query, lists["examples"])
    for name in ("owners", "owner_errors"):
        nobody = _NOBODY.en if language == "en" else _NOBODY.zh
        lists[name] = lists[name].select(pl.col("name").fill_null(nobody).alias("owner"), pl.exclude("name"))
    lists = {n: masked_cells(rows, unmask).rename({"owner": "name"}, strict=False) for n, rows in lists.items()}
    order = {name: place for place, name in enumerate(figures)}
    ordered = metric.sort(pl.col("name").replace_strict(order, return_dtype=pl.Int64), "scope", maintain_order=True)
    run = query("SELECT * FROM main.run").to_dicts()[0]
    parts = trust_parts(metric, figures)
    shown_figures = dict(figures) | {"trust": with_parts(figures["trust"], parts)}
    trend = _trend(query(asked["trend"].sql), metric, run)
    return Quality(
        language, config, run, shown_figures, asked, ordered, parts, trend, lists, words,
        None if previous is None else str(previous), unmask, evidence_off(query),
    )  # fmt: skip


def masked_cells(rows: pl.DataFrame, unmask: bool) -> pl.DataFrame:
    """Rows of any question to the store, personal data masked: by their column's name, or as cells of their `field`.

    Nothing is left in any text that moves a terminal.
    """
    rows = masked(rows if unmask else rows.with_columns(pl.col(pl.String).str.head(_READ)), unmask)
    for column in (c for c, kind in rows.schema.items() if kind == pl.String):
        odd = rows.filter(pl.col(column).str.contains(r"\p{C}"))[column].unique()
        rows = rows.with_columns(pl.col(column).replace({text: visible(text) for text in odd}) if odd.len() else column)
    cells = [c for c in ("value", "before", "after", "suggestion", "id") if rows.schema.get(c) == pl.String]
    return rows.with_columns(pl.col(c).str.head(_LONGEST) for c in cells)


def _trend(history: pl.DataFrame, metric: pl.DataFrame, run: Mapping[str, object]) -> pl.DataFrame:
    """The runs before as they were published, and this one as it is measured now."""
    now = metric.select(
        pl.lit(str(run["run_id"])).alias("run_id"),
        pl.lit(run["finished_at"]).cast(pl.Datetime("us")).alias("finished_at"),
        "name", "scope", "value",
    )  # fmt: skip
    earlier = history.filter(pl.col("run_id") != run["run_id"]).cast(dict(now.schema))  # type: ignore[arg-type]
    return pl.concat([earlier, now])
