"""Packs asked over tables: findings, figures, plans and points."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl

from ...errors import UsageError
from ...i18n import Language
from ...io.store.locked_sql import locked_sql
from ...rules.catalog import STORED, described
from ...rules.pack.sections import Check, Figure, Plan, Section
from ...schemas import FINDING, METRIC, PLAN_ITEM, SCORE_CARD, Table
from ...side_tables import side_tables
from .loading import LoadedPack

FAILED, SKIPPED = "pack.failed", "pack.skipped"
_NUMBERS = {side.name: side.number.name for side in side_tables().values()}


class PackResult(NamedTuple):
    """Tables of these names; metric without baselines."""

    finding: pl.DataFrame
    metric: pl.DataFrame
    plan_item: pl.DataFrame
    score_card: pl.DataFrame


def ask_packs(
    packs: Sequence[LoadedPack], tables: Mapping[str, pl.DataFrame], now: datetime, language: Language = STORED
) -> PackResult:
    """What packs say of tables (name → rows). A pack whose tables are empty is skipped, and one that cannot be run says so: both as
    findings; the others are asked all the same."""
    parts = [_ask(pack, tables, now, language) for pack in packs]
    schemas = PackResult(FINDING.empty(), METRIC.empty(), PLAN_ITEM.empty(), SCORE_CARD.empty())
    return PackResult(*(pl.concat([empty, *each]) for empty, *each in zip(schemas, *parts, strict=True)))


def _ask(loaded: LoadedPack, tables: Mapping[str, pl.DataFrame], now: datetime, language: Language) -> PackResult:
    pack, given = loaded.pack, {"now": now, **loaded.given}
    absent = [name for name in pack.needs if name not in tables or tables[name].is_empty()]
    if absent == ["field_event"]:
        return _nothing(FINDING.empty())  # a night that changed nothing
    if absent:
        return _nothing(_told(SKIPPED, loaded.name, ", ".join(absent)))
    wanted = {name: tables[name] for name in (*pack.needs, *pack.reads) if name in tables}
    found = [[frame] for frame in _nothing(FINDING.empty())]
    with locked_sql(wanted) as sql:
        for section in pack.sections():
            try:
                place, rows = _read(section, sql.ask(section.id, section.sql, given), wanted, given, language)
                found[place].append(rows.with_columns(pack=pl.lit(loaded.name)) if place else rows)
            except (UsageError, pl.exceptions.PolarsError) as fault:
                found[0].append(_told(FAILED, section.id, str(fault).splitlines()[0]))
    return PackResult(*(pl.concat(frames) for frames in found))


def _read(
    section: Section,
    rows: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    given: Mapping[str, object],
    language: Language,
) -> tuple[int, pl.DataFrame]:
    """What a section found → its place in PackResult, and rows of that table."""
    if isinstance(section, Check):
        return 0, _findings(section, rows, tables[section.table], given, language)
    if isinstance(section, Figure):
        return 1, _figures(section, rows, given)
    if isinstance(section, Plan):
        return 2, _named(PLAN_ITEM, rows, plan=section.id)
    return 3, _named(SCORE_CARD, rows, card=section.id)


def _nothing(finding: pl.DataFrame) -> PackResult:
    return PackResult(finding, METRIC.empty(), PLAN_ITEM.empty(), SCORE_CARD.empty())


def _told(rule: str, what: str, why: str) -> pl.DataFrame:
    """A finding about a pack itself."""
    return FINDING.conform(described(pl.DataFrame({"rule": [rule], "value": [what], "suggestion": [why]}), STORED))


def _findings(
    check: Check, found: pl.DataFrame, table: pl.DataFrame, given: Mapping[str, object], language: Language
) -> pl.DataFrame:
    """Rows of a check → findings at their places, in the order of file and row."""
    if "record_key" not in found.columns:
        raise pl.exceptions.ColumnNotFoundError("record_key")
    number = _NUMBERS.get(check.table, "source_record_id")
    places = [c for c in ("file_id", "row_number") if c in table.columns]
    own = table.select("record_key", *places, source_record_id=pl.col(number).cast(pl.String))
    rows = found.join(own, on="record_key", how="inner", suffix="_own", maintain_order="left")
    rows = rows.unique("record_key", keep="first", maintain_order=True)
    words = [check.words(language, {**given, **row}) for row in rows.to_dicts()]
    texts = pl.DataFrame(words, schema={"message": pl.String, "suggestion": pl.String}, orient="row")
    value = pl.col("value").cast(pl.String) if "value" in rows.columns else pl.lit(None, pl.String)
    rows = rows.with_columns(value=value).select("record_key", "source_record_id", "value", *places)
    told = rows.hstack(texts).with_columns(rule=pl.lit(check.id), severity=pl.lit(check.severity))
    return FINDING.conform(told).sort("file_id", "row_number", "record_key")


def _figures(figure: Figure, found: pl.DataFrame, given: Mapping[str, object]) -> pl.DataFrame:
    """Rows of a figure → table `metric`. A scope that is null stands for all that have none."""
    has = set(found.columns)
    numerator, denominator = (
        pl.col(n).cast(pl.Float64) if n in has else pl.lit(None, pl.Float64) for n in ("numerator", "denominator")
    )
    share = pl.when(denominator != 0).then(numerator / denominator)
    value = pl.col("value").cast(pl.Float64) if "value" in has else share
    scope = pl.col("scope").cast(pl.String).fill_null("") if "scope" in has else pl.lit("run")
    limits = [given.get(w) if isinstance(w, str) else w for w in (figure.above, figure.below)]
    above, below = (pl.lit(x, pl.Float64) for x in limits)
    warned = (pl.col("value") > above).fill_null(False) | (pl.col("value") < below).fill_null(False)
    usual = "none" if limits == [None, None] else "ok"
    frame = found.with_columns(value=value, scope=scope, numerator=numerator, denominator=denominator)
    return METRIC.conform(
        frame, name=pl.lit(figure.id), status=pl.when(warned).then(pl.lit("warning")).otherwise(pl.lit(usual)),
        unit=pl.lit(figure.unit), population=pl.lit(figure.population.zh),
    ).unique(["name", "scope"], keep="first", maintain_order=True).sort("scope")  # fmt: skip


def _named(table: Table, found: pl.DataFrame, **names: str) -> pl.DataFrame:
    """Rows of a plan or a card, each once, with the section that said so."""
    frame = table.conform(found, pack=pl.lit(""), **{k: pl.lit(v) for k, v in names.items()})
    return frame.drop_nulls([c.name for c in table.columns if c.required]).unique(
        list(table.key), keep="first", maintain_order=True
    )
