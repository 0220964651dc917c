"""Rows to clean records: every cell through its field's rules, on distinct values, with every change kept."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import polars as pl

from ...custom_columns import EXTRA
from ...fields import FIELDS, TIME
from ...i18n import Language
from ...rules.address.clean import place_districts
from ...rules.address.places import ONE_AREA
from ...rules.base.mojibake import garbled_columns
from ...rules.base.regions import regions
from ...rules.base.text import clean_text
from ...rules.base.trail import Cleaned
from ...rules.catalog import described
from ...rules.codes.identifiers import clean_identifiers
from ...rules.company_name.clean import PARTS as COMPANY_PARTS
from ...rules.email.clean import ADDRESSES
from ...rules.phone.clean import KEY, VALUES, clean_phones
from ...rules.types import FIELD_TYPES, GATHERED, KINDS, clean_field
from ...schemas import CELL_CHANGE, FINDING, QUARANTINE, RECORD
from ..read.intake import Intake

# A row without any of these is nobody's.
IDENTIFYING = (*(f.name for f in FIELDS if f.identifies), "credit_code.partial", "email.partial")


# Rows cleaned at once: distinct values repay themselves within it, and what they need fits in a gigabyte.
SLICE = 200_000
# Fields cleaned at a time. More would take more memory, and polars keeps further processors busy by itself.
WORKERS = 2
FEW = 1_000  # rows that are cleaned faster than two threads agree
_TOLD = tuple(name for name in FIELD_TYPES if name not in GATHERED)  # fields whose cells are those of one column
# What the rules found beside the values, as far as features are made of it (pipelines/clean/features.py).
PARTS = (
    "person_name.kind", "person_name.name_key", "person_name.surname", "person_name.pinyin",
    "person_name.pinyin_turned", "person_name.sound_key", "email.domain", "email.public", "email.partial",
    "credit_code.org_code", "credit_code.partial", "person_name.mask", "person_name.readings", "person_name.family",
    "person_name.nickname", "person_name.shape", "address.rest", "unread", *(f"company_name.{part}" for part in COMPANY_PARTS),
)  # fmt: skip


@dataclass(frozen=True)
class Clean:
    """record, changes, findings, quarantine: the tables of these names. parts: PARTS beside each record.

    nobody: rows that name no customer, as they would stand in `record`: the rules of packs speak of them too.
    """

    record: pl.DataFrame
    parts: pl.DataFrame
    changes: pl.DataFrame
    findings: pl.DataFrame
    quarantine: pl.DataFrame
    nobody: pl.DataFrame

    def by_key(self) -> "Clean":
        """Records in the order of their keys: ties between equal scores go by position, not by the file's order."""
        order = self.record["record_key"].arg_sort()
        return replace(self, record=self.record[order], parts=self.parts[order])


@dataclass
class _Log:
    changes: list[pl.DataFrame] = field(default_factory=list)
    findings: list[pl.DataFrame] = field(default_factory=list)

    def take(
        self, rows: pl.DataFrame, name: str, column: str, cleaned: Cleaned, on: tuple[str, ...] = ("raw",)
    ) -> None:
        """Bring the changes and findings of distinct values back to the rows whose `column` held them."""
        if cleaned.changes.is_empty() and cleaned.findings.is_empty():
            return
        keys = rows.select("row", raw=column, **({"area": "area"} if "area" in on else {}))
        field = pl.lit(name).alias("field")
        if cleaned.changes.height:
            changed = keys.join(cleaned.changes, on=on, how="inner", nulls_equal=True)
            # A phone cell comes twice: its text rules first, then its number with the row's area code.
            step = pl.col("step").cast(pl.Int64) + (200 if "area" in on else 0)
            self.changes.append(changed.select("row", field, "rule", "before", "after", step))
        if cleaned.findings.height:
            found = keys.join(cleaned.findings, on=on, how="inner", nulls_equal=True)
            self.findings.append(found.select("row", field, "rule", "suggestion", value="raw"))


def clean_rows(intake: Intake, language: Language, *, regions: bool = True) -> Clean:
    """Clean every table of the intake. Rows that cannot be anybody's are quarantined, none is dropped.

    Without `regions` nobody is told where a phone was issued, which saves half a second.
    """
    slices = [_clean_slice(tables, regions) for tables in _slices(intake.rows)]
    ids = pl.concat([s.ids for s in slices])
    # A remark may be about a row that was set aside, which no slice has.
    aside = intake.set_aside.with_columns(source_record_id=pl.lit(None, pl.String))
    ids = pl.concat([ids, aside.select(ids.columns)])
    reported = intake.notes.join(ids, on=["file_id", "row_number"], how="left", maintain_order="left")
    numbered = ids.join(intake.files.select("file_id", "source"), on="file_id", how="left", maintain_order="left")
    found = [s.findings for s in slices]
    told = (repeated_numbers(numbered), *found, garbled_columns(pl.concat(found), _filled_cells(intake.rows)), reported)
    findings = pl.concat(map(FINDING.conform, told))
    set_aside = aside.select("record_key", "source_record_id", "rule")
    quarantine = described(pl.concat([*(s.lost for s in slices), set_aside]), language).rename({"message": "reason"})
    return Clean(
        record=pl.concat([s.record for s in slices], rechunk=True),
        parts=pl.concat([s.parts for s in slices], rechunk=True),
        changes=pl.concat([s.changes for s in slices]),
        findings=FINDING.conform(described(findings.drop("severity", "message"), language)),
        quarantine=QUARANTINE.conform(quarantine),
        nobody=pl.concat([s.nobody for s in slices]),
    )


def _filled_cells(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """`file_id, field, cells`: how many cells of each field are filled."""
    counts = [
        t.group_by("file_id")
        .agg(pl.col(*FIELD_TYPES).count())
        .unpivot(index="file_id", variable_name="field", value_name="cells")
        for t in tables
    ]
    return pl.concat(counts)


def repeated_numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """`record_key, source, source_record_id, file_id, row_number` → `row.duplicate_id` for each row whose number another row of
    its source has; without words."""
    numbered = rows.filter(pl.col("source_record_id").is_not_null())
    several = numbered.filter(pl.len().over("source", "source_record_id") > 1)
    return several.with_columns(
        field=pl.lit("source_record_id"), rule=pl.lit("row.duplicate_id"), value="source_record_id"
    )


class _Slice(NamedTuple):
    """What cleaning makes of some rows: tables as in `Clean`, `lost` rows, and the `ids` of all."""

    record: pl.DataFrame
    parts: pl.DataFrame
    changes: pl.DataFrame
    findings: pl.DataFrame
    lost: pl.DataFrame
    nobody: pl.DataFrame
    ids: pl.DataFrame


def _slices(tables: list[pl.DataFrame]) -> Iterator[list[pl.DataFrame]]:
    """The tables in portions of at most SLICE rows: small tables together, large ones cut."""
    waiting: list[pl.DataFrame] = []
    for table in tables:
        for part in table.iter_slices(SLICE) if table.height else [table]:
            if waiting and sum(t.height for t in waiting) + part.height > SLICE:
                yield waiting
                waiting = []
            waiting.append(part)
    yield waiting


def _clean_slice(tables: list[pl.DataFrame], regions: bool) -> _Slice:
    log = _Log()
    numbered = _numbered(tables)
    extras = [_clean_extra(table, log) for table in numbered]
    rows = pl.concat([t.drop([c for c in t.columns if c.startswith(EXTRA)]) for t in numbered])
    rows = rows.with_columns(extra=pl.concat(extras))
    rows = _clean_columns(rows, log)
    rows = _with_numbers_of_names(_placed(rows, log), log)
    rows = _settled(_clean_phone_columns(rows, log, regions))
    if rows["identifiers"].null_count() < rows.height:
        rows = rows.with_columns(_replaced(rows, "identifiers", clean_identifiers(rows["identifiers"])))
    rows = rows.with_columns(_further_mails(rows))
    lost = pl.all_horizontal(pl.col(c).is_null() for c in IDENTIFYING)
    kept = rows.filter(~lost)
    ids = rows.select("record_key", "source_record_id", "file_id", "row_number")
    nobody = rows.filter(lost)
    return _Slice(
        record=RECORD.conform(kept),
        parts=kept.select("record_key", *PARTS),
        changes=_change_table(log, ids),
        findings=_found(log, ids),
        lost=nobody.select("record_key", "source_record_id", rule=pl.lit("row.no_identity")),
        nobody=RECORD.conform(nobody),
        ids=ids,
    )


def _numbered(tables: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """The tables with `row`, the position of each row over all of them: what the log refers to."""
    start, numbered = 0, []
    for table in tables:
        numbered.append(table.with_row_index("row", offset=start))
        start += table.height
    return numbered


def _clean_extra(table: pl.DataFrame, log: _Log) -> pl.Series:
    """Unmapped columns through the text rules, as one JSON text per row: header → text."""
    names = [c for c in table.columns if c.startswith(EXTRA)]
    if not names:
        return pl.Series("extra", [None] * table.height, dtype=pl.String)
    columns = [column.rename(column.name.removeprefix(EXTRA)) for column in table.select(names).get_columns()]
    together = max(1, SLICE // max(1, table.height))
    cleaned = [
        column
        for first in range(0, len(columns), together)
        for column in _clean_texts(table["row"], columns[first : first + together], log)
    ]
    return pl.DataFrame(cleaned).select(extra=pl.struct(pl.all()).struct.json_encode())["extra"]


def _clean_texts(rows: pl.Series, columns: list[pl.Series], log: _Log) -> list[pl.Series]:
    """Columns through the text rules as if they were one: each by itself costs more than its cells where there are many."""
    names, height = pl.Series([column.name for column in columns], dtype=pl.String), len(rows)
    cells = pl.DataFrame(
        {
            "row": pl.concat([rows] * len(columns)),
            "field": names.gather(np.arange(len(columns)).repeat(height)),
            "raw": pl.concat(columns),
        }
    )
    cleaned = clean_text(cells["raw"], None, "free")
    if cleaned.changes.height:
        log.changes.append(
            cells.join(cleaned.changes, on="raw", how="inner").select(
                "row", "field", "rule", "before", "after", pl.col("step").cast(pl.Int64)
            )
        )
        cells = cells.join(cleaned.values, on="raw", how="left", maintain_order="left")
    texts = cells["value" if cleaned.changes.height else "raw"]
    return [texts.slice(i * height, height).alias(name) for i, name in enumerate(names)]


def _replaced(rows: pl.DataFrame, column: str, values: pl.DataFrame) -> list[pl.Series]:
    """The column with `value` for its raw texts; further columns of `values` as `<column>.<part>`."""
    if values.width == 2 and values["value"].equals(values["raw"]):
        return [rows[column]]  # nothing changed
    found = rows.select(raw=column).join(values, on="raw", how="left", maintain_order="left").get_columns()[1:]
    return [c.alias(column if c.name == "value" else f"{column}.{c.name}") for c in found]


def _clean_columns(rows: pl.DataFrame, log: _Log) -> pl.DataFrame:
    """Every field through its rules, two at a time: polars lets Python go while it works. The log keeps their order."""
    with ThreadPoolExecutor(WORKERS if rows.height > FEW else 1) as pool:
        done = list(pool.map(lambda name: _clean_column(rows, name), _TOLD))
    for own, _ in done:
        log.changes += own.changes
        log.findings += own.findings
    return rows.with_columns(column for _, columns in done for column in columns)


def _clean_column(rows: pl.DataFrame, name: str) -> tuple[_Log, list[pl.Series]]:
    """The changes and findings of one field, and its columns as they become."""
    log = _Log()
    if rows[name].null_count() == rows.height:
        parts = FIELD_TYPES[name].parts.items()
        return log, [pl.Series(f"{name}.{part}", [None], dtype).new_from_index(0, rows.height) for part, dtype in parts]
    done = []
    # One order of day and month for all, but for tables of several orders cleaned together.
    for own in _by_order(rows) if FIELD_TYPES[name] is KINDS["date"] else [rows]:
        cleaned = clean_field(name, own[name], own.item(0, "day_first"))
        log.take(own, name, name, cleaned)
        done.append(pl.DataFrame([own["row"], *_replaced(own, name, cleaned.values)]))
    together = pl.concat(done).sort("row") if len(done) > 1 else done[0]
    return log, together.drop("row").get_columns()


def _by_order(rows: pl.DataFrame) -> list[pl.DataFrame]:
    return rows.partition_by("day_first") if rows["day_first"].n_unique() > 1 else [rows]


def _clean_phone_columns(rows: pl.DataFrame, log: _Log, regions: bool) -> pl.DataFrame:
    """Cells of numbers, which may need the area code of the row's city."""
    rows = rows.with_columns(area=_area_code(rows))
    for name in ("phone", "landline", "phone_others"):
        if rows[name].null_count() == rows.height:
            rows = rows.with_columns(pl.lit(None, pl.String).alias(f"{name}.{c}") for c in VALUES if c not in KEY)
            continue
        cells = rows.select(raw=name, area="area")
        cleaned = clean_phones(cells, regions)
        if name in _TOLD:
            log.take(rows, name, name, cleaned, on=("raw", "area"))
        parts = {c: f"{name}.{c}" for c in VALUES if c not in KEY}
        table = cleaned.values.rename({"raw": name, **parts})
        rows = rows.join(table, on=[name, "area"], how="left", nulls_equal=True, maintain_order="left")
    return rows


def _placed(rows: pl.DataFrame, log: _Log) -> pl.DataFrame:
    """The rows with the cities of districts that only the row's province or address tells apart."""
    cells = rows.select("row", "city", province=pl.coalesce("province", "address.province"), near="address.city")
    told = place_districts(cells.drop_nulls("city"))
    if told.is_empty():
        return rows
    step = pl.lit(200, pl.Int64).alias("step")
    log.changes.append(
        told.select(
            "row", pl.lit("city").alias("field"), pl.lit("city.district").alias("rule"), "before", "after", step
        )
    )
    rows = rows.join(told.select("row", _city="after"), on="row", how="left", maintain_order="left")
    return rows.with_columns(city=pl.coalesce("_city", "city")).drop("_city")


def _with_numbers_of_names(rows: pl.DataFrame, log: _Log) -> pl.DataFrame:
    """A number that stood beside the name goes to the phone cell, behind what that says."""
    number, phone = pl.col("person_name.number"), pl.col("phone")
    new = number.is_not_null() & ~phone.str.replace_all("[^0-9]", "").str.contains(number, literal=True).fill_null(
        False
    )
    moved = rows.filter(new).select(
        "row", before="phone", after=pl.concat_str("phone", "person_name.number", separator="; ", ignore_nulls=True)
    )
    if moved.is_empty():
        return rows
    told = moved.with_columns(field=pl.lit("phone"), rule=pl.lit("person_name.number"), step=pl.lit(150, pl.Int64))
    log.changes.append(told.select("row", "field", "rule", "before", "after", "step"))
    return rows.update(moved.select("row", phone="after"), on="row")


def _area_code(rows: pl.DataFrame) -> pl.Series:
    """The landline area code of the row: of its address, else of its city column, else of a province that has one only."""
    codes = dict(
        regions()
        .select("city", "area_code")
        .drop_nulls("city")
        .unique("city", keep="first", maintain_order=True)
        .iter_rows()
    )
    by = [
        pl.col(place).replace_strict(table, default=None, return_dtype=pl.String)
        for place, table in (("city", codes), ("province", ONE_AREA))
    ]
    return rows.select(area=pl.coalesce("address.area_code", *by))["area"]


def _settled(rows: pl.DataFrame) -> pl.DataFrame:
    """Parts of one cell that belong to another field: titles, numbers in the wrong column, places in the address.

    A mobile in the landline cell is the phone where there is none, or where the phone cell holds the landline; else the first of
    the further numbers is.
    """
    own = pl.col("landline.landline").is_not_null()
    mobile = (pl.col("landline.kind") == "mobile").fill_null(False)
    fills = mobile & (pl.col("phone.value").is_null() | (~own & (pl.col("phone.kind") == "landline").fill_null(False)))
    masked = pl.when(pl.col("phone.value").is_null() & pl.col("landline.partial").str.contains("^1[3-9]")).then(
        "landline.partial"
    )
    further = pl.col("phone.value").is_null() & pl.col("phone_others.value").is_not_null()
    parts = {
        part: pl.when(fills)
        .then(f"landline.{part}")
        .when(further)
        .then(f"phone_others.{part}")
        .otherwise(f"phone.{part}")
        for part in ("value", "extension", "kind", "region")
    }
    rows = rows.with_columns(
        phone=parts["value"], phone_extension=parts["extension"], phone_kind=parts["kind"], phone_region=parts["region"],
        phone_partial=pl.coalesce("phone.partial", masked), phone_others="phone.others",
        landline=pl.coalesce("landline.landline", "phone.landline", pl.when(~mobile).then("landline.value")),
        landline_extension=pl.when(own).then("landline.landline_extension").otherwise("phone.landline_extension"),
        province=pl.coalesce("province", "address.province", pl.when(pl.col("city").is_null()).then("city.province")),
        city=pl.coalesce("city", "address.city"),
        title=pl.coalesce("title", "person_name.title"),
        **{field.name: f"{field.name}.at" for field in FIELDS if field.dtype == TIME},
    )  # fmt: skip
    return rows.with_columns(_further_numbers(rows))


def _further_numbers(rows: pl.DataFrame) -> pl.Series:
    """`phone_others`: the numbers of the phone and landline cells and of further columns that are neither the phone nor the landline,
    each once."""
    cells = [
        "phone_others",
        *(f"{name}.{part}" for name in ("landline", "phone_others") for part in ("value", "others")),
    ]
    cell = pl.concat_str(cells, separator=",", ignore_nulls=True)
    crowded = rows.filter(
        pl.any_horizontal(pl.col("phone_others", "phone_others.value", "landline.others").is_not_null())
        | (pl.col("landline.value").is_not_null() & pl.col("landline.value").ne_missing(pl.col("landline")))
    )
    further = (
        crowded.select("row", "phone", "landline", number=cell.str.split(","))
        .explode("number")
        .filter(
            pl.col("number") != "",
            pl.col("number").ne_missing(pl.col("phone")),
            pl.col("number").ne_missing(pl.col("landline")),
        )
    )
    return _joined(rows, further, "number").rename("phone_others")


def _further_mails(rows: pl.DataFrame) -> pl.Series:
    """`email_others`: the addresses of the cells of mails, but for the one that is the row's, each once."""
    if rows["email_others"].null_count() == rows.height:
        return rows["email_others"]
    each = (
        rows.select("row", "email", raw=pl.col("email_others").str.extract_all(ADDRESSES))
        .drop_nulls("raw")
        .explode("raw")
    )
    clean = clean_field("email", each["raw"].unique()).values.select("raw", "value")
    further = each.join(clean, on="raw").filter(pl.col("value").ne_missing(pl.col("email"))).drop_nulls("value")
    return _joined(rows, further, "value").rename("email_others")


def _joined(rows: pl.DataFrame, each: pl.DataFrame, value: str) -> pl.Series:
    """`row` and a value, several a row → per row of `rows` its values, each once, joined by commas; null: none."""
    told = each.group_by("row", maintain_order=True).agg(pl.col(value).unique(maintain_order=True).str.join(","))
    return rows.select("row").join(told, on="row", how="left", maintain_order="left")[value]


def _change_table(log: _Log, ids: pl.DataFrame) -> pl.DataFrame:
    """The log of changes with the keys of the rows, which it knows by position."""
    if not log.changes:
        return CELL_CHANGE.empty()
    changes = pl.concat(log.changes)
    return CELL_CHANGE.conform(pl.concat([ids[changes["row"]], changes.drop("row")], how="horizontal"))


def _found(log: _Log, ids: pl.DataFrame) -> pl.DataFrame:
    """Findings of cells, with their place."""
    if not log.findings:
        return FINDING.empty()
    cells = pl.concat(log.findings)
    return pl.concat([ids[cells["row"]], cells.drop("row")], how="horizontal")
