"""New rows against what is known, nothing published: the check before a customer is created.

The rows go the way of a nightly run (read, clean, compare where they touch the store), and the answer is what that run
would say of them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ...config import Config
from ...errors import InputError
from ...evidence import DIMENSIONS
from ...i18n import Language, Text
from ...io.store.store import Store, open_store
from ...io.table.source_table import ROW, SourceTable
from ...reports.masking import mask_name
from ..clean.features import features_of
from ..clean.rows import clean_rows
from ..read.intake import Intake, Origin, intake_of, nameless_tables, only, read_all
from .affected import ResolveResult
from .incremental import has_people, resolve_affected
from .previous_run import compare, load_previous_run
from .resolution import Today

_NAMED = 12  # headers that a refusal names
# verdict: new | duplicate (of entity_id, or of row same_as_row) | review (likewise) | known (the very row) | quarantined
# (nobody's row). What each carries: docs/en/merging.md.
ANSWER = pl.Schema(
    {
        "row_number": pl.Int64, "source_record_id": pl.String, "verdict": pl.String, "entity_id": pl.String,
        "score": pl.Float64, "of_record": pl.String,
        "phone_agree": pl.Boolean, "name_similarity": pl.Float64, "code_link": pl.Boolean,
        "reasons": pl.String, "account_id": pl.String,
        "same_as_row": pl.Int64, "record_key": pl.String,
    }
)  # fmt: skip


def match_files(origins: Sequence[Origin], store: Path, config: Config, language: Language) -> pl.DataFrame:
    """Rows of files → ANSWER, one per row, in the order of the rows. Raises InputError, UsageError, StoreError."""
    return _match(read_all(origins, config), store, config, language)


def match_rows(
    rows: Sequence[Mapping[str, Any]] | pl.DataFrame, store: Path, config: Config, language: Language, source: str
) -> pl.DataFrame:
    """Rows in memory (header → value, headers as in a file) → ANSWER; `row_number` counts from 1."""
    frame = (
        rows if isinstance(rows, pl.DataFrame) else pl.DataFrame([dict(row) for row in rows], infer_schema_length=None)
    )
    text = frame.select(pl.all().cast(pl.String, strict=False))
    digest = hashlib.sha256(text.write_ndjson().encode()).hexdigest()
    cells = text.rename({h: f"c{i}" for i, h in enumerate(text.columns)}).with_row_index(ROW, offset=1)
    table = SourceTable(
        source, None, digest, 0, "rows", None, 0, tuple(text.columns), cells.with_columns(pl.col(ROW).cast(pl.Int64))
    )
    return _match(intake_of([(table, Path(source))], config), store, config, language)


def _match(intake: Intake, path: Path, config: Config, language: Language) -> pl.DataFrame:
    _refuse_unread(intake)
    places = intake.raw.select("record_key", "row_number")
    with open_store(path) as store:
        known = load_previous_run(store)
        delta = compare(store, intake, [])
        clean = clean_rows(only(intake, delta.fresh), language, regions=False).by_key()
        today = Today(features_of(clean), clean.record, delta, False)
        contact, account = resolve_affected(today, store, known, config)
        merged = contact if has_people(store, today) else account
        answers = _answers(merged, today.record["record_key"], config.thresholds.auto, places)
        accounts = _known_entities(account, today.record["record_key"]).select("record_key", account_id="entity_id")
        repeated = _repeated(store, places.join(delta.fresh.to_frame(), on="record_key", how="anti"), merged.name)
        numbers = _numbers(store, answers["of_record"])
    nobody = clean.quarantine.select("record_key", verdict=pl.lit("quarantined"))
    told = pl.concat([answers.join(accounts, on="record_key", how="left"), repeated, nobody], how="diagonal_relaxed")
    told = told.join(numbers, on="of_record", how="left").with_columns(of_record=pl.coalesce("number", "of_record"))
    ids = clean.record.select("record_key", "source_record_id")
    told = places.join(told, on="record_key", how="left").join(ids, on="record_key", how="left")
    return told.sort("row_number").select(pl.col(c).cast(t) for c, t in ANSWER.items())


def _refuse_unread(intake: Intake) -> None:
    """A table of which no column says who a row is: every answer would be a guess. Raises InputError naming its headers."""
    for headers in nameless_tables(intake)["header"].to_list():
        names = "、".join(mask_name(header) for header in headers[:_NAMED]) + "…" * (len(headers) > _NAMED)
        raise InputError(
            Text(
                "没有一列能认出客户，不作比对；表头是：{h}。",
                "No column says who a row is, so nothing was compared; headers: {h}.",
            ).format(h=names),
            Text(
                "请用 --config 在 sources.*.headers 里写明各列对应的字段。",
                "Name their fields under sources.*.headers (--config).",
            ),
            reason="file.no_customers",
        )


def _answers(level: ResolveResult, fresh: pl.Series, auto: float, places: pl.DataFrame) -> pl.DataFrame:
    """`record_key, verdict, entity_id, score, of_record, reasons, same_as_row` and DIMENSIONS of the fresh records.

    The strongest pair decides: with a record of the entity it joined (known ones first), else (new) with the known record
    that it came nearest to; another row of the batch, which nobody knows, is named only where `same_as_row` names it.
    """
    new = fresh.implode()
    entity = level.level.members.select("record_key", "entity_id")
    old = _known_entities(level, fresh).select("entity_id", known=pl.lit(True)).unique()
    table = fresh.alias("record_key").to_frame().join(entity, on="record_key", how="left")
    table = table.join(old, on="entity_id", how="left").join(places, on="record_key", how="left")
    first = pl.col("row_number").min().over("entity_id")
    table = table.with_columns(
        known=pl.col("known").fill_null(False), same_as_row=pl.when(pl.col("known").is_null() & (pl.col("row_number") > first)).then(first)
    )  # fmt: skip
    table = table.with_columns(new=~pl.col("known") & pl.col("same_as_row").is_null())
    known = {name: name for name in DIMENSIONS}
    one = level.pairs.select(
        record_key="record_key_l", of_record="record_key_r", score="score", reasons="reasons", **known
    )
    other = level.pairs.select(
        record_key="record_key_r", of_record="record_key_l", score="score", reasons="reasons", **known
    )
    pairs = pl.concat([one, other]).join(table.select("record_key", "entity_id", "new"), on="record_key")
    pairs = pairs.with_columns(old=~pl.col("of_record").is_in(new)).filter(pl.col("old") | ~pl.col("new"))
    pairs = pairs.join(entity.select(of_record="record_key", of_entity="entity_id"), on="of_record", how="left")
    pairs = pairs.with_columns(inside=(pl.col("entity_id") == pl.col("of_entity")).fill_null(False))
    order = ["record_key", "inside", "old", "score", "of_record"]
    best = pairs.sort(order, descending=[False, True, True, True, False]).unique(
        "record_key", keep="first", maintain_order=True
    )
    table = table.join(
        best.select("record_key", "of_record", "score", "reasons", *DIMENSIONS), on="record_key", how="left"
    )
    apart = pairs.filter(pl.col("inside"), pl.col("reasons").str.contains('"contradiction"', literal=True))[
        "record_key"
    ]
    doubtful = pl.col("record_key").is_in(apart.implode())
    sure = pl.when((pl.col("score") >= auto) & ~doubtful).then(pl.lit("duplicate")).otherwise(pl.lit("review"))
    return table.select(
        "record_key", "score", "of_record", "reasons", *DIMENSIONS, "same_as_row",
        verdict=pl.when("new").then(pl.lit("new")).otherwise(sure), entity_id=pl.when("known").then("entity_id"),
    )  # fmt: skip


def _known_entities(level: ResolveResult, fresh: pl.Series) -> pl.DataFrame:
    """`record_key, entity_id` of the fresh records whose entity holds a record that was known before."""
    members = level.level.members.select("record_key", "entity_id")
    old = members.filter(~pl.col("record_key").is_in(fresh.implode())).select("entity_id").unique()
    return members.filter(pl.col("record_key").is_in(fresh.implode())).join(old, on="entity_id", how="semi")


def _repeated(store: Store, same: pl.DataFrame, level: str) -> pl.DataFrame:
    """Rows that the store holds word for word: known, with the entities they belong to."""
    with store.given(same.select("record_key"), "ends"):
        entities = store.query(
            "SELECT record_key, level, entity_id FROM main.entity_member WHERE record_key IN (SELECT record_key FROM ends)"
        )
        aside = store.query("SELECT record_key FROM main.quarantine WHERE record_key IN (SELECT record_key FROM ends)")
    own = entities.filter(pl.col("level") == level).select("record_key", "entity_id", verdict=pl.lit("known"))
    aside = aside.select("record_key", pl.lit(None, pl.String).alias("entity_id"), verdict=pl.lit("quarantined"))
    return pl.concat([own, aside]).join(
        entities.filter(pl.col("level") == "account").select("record_key", account_id="entity_id"),
        on="record_key",
        how="left",
    )


def _numbers(store: Store, keys: pl.Series) -> pl.DataFrame:
    """The CRM's own numbers of records."""
    with store.given(keys.drop_nulls().unique().alias("record_key").to_frame(), "ends"):
        return store.query(
            "SELECT record_key AS of_record, source_record_id AS number FROM main.record WHERE record_key IN (SELECT record_key FROM ends)"
        )
