"""Leads, follow-ups, orders …: files of a `kind` as typed rows. Cells go through the same cleaners as those of customers."""

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from ...config import Config
from ...fields import BY_NAME
from ...io.table.source_table import SourceTable
from ...rules.base.amounts import read_amount, read_yes
from ...rules.base.text import clean_text
from ...rules.base.trail import Cleaned
from ...rules.catalog import STORED, described
from ...rules.phone.clean import clean_phones
from ...rules.types import clean_field
from ...schemas import FINDING, SIDE_TABLES, SOURCE_FILE
from ...side_tables import SideTable, plain_header, side_tables
from ..read.intake import Origin, distinct_keys, source_name, source_of, tables_of

UNREAD = "table.value_unread"
_KEYS = ("source", "file_id", "row_number")


class SideRows(NamedTuple):
    """tables: kind → its rows, without entities. files: table `source_file`. findings: table `finding`, of cells that were not read
    and tables without a number. whole: the sources of which each file is the whole table."""

    tables: dict[str, pl.DataFrame]
    files: pl.DataFrame
    findings: pl.DataFrame
    whole: frozenset[str]

    @property
    def height(self) -> int:
        """Rows read."""
        return sum(rows.height for rows in self.tables.values())


def is_beside(origin: Origin, config: Config) -> bool:
    """Whether a file holds no customers, but rows about them."""
    return source_of(origin, config).kind in SIDE_TABLES


def read_side_tables(origins: Sequence[Origin], config: Config) -> SideRows:
    """The rows of files that are beside the customers. Raises InputError, naming the file."""
    parts: dict[str, list[pl.DataFrame]] = {}
    files, findings, whole = [SOURCE_FILE.empty()], [FINDING.empty()], set()
    for origin in origins:
        kind = source_of(origin, config).kind
        for table in tables_of(origin, config):
            rows, file, found = _one_table(table, origin, config, side_tables()[kind])
            parts.setdefault(kind, []).append(rows)
            files.append(file)
            findings.append(found)
            if source_of(origin, config).snapshot:
                whole.add(str(file["source"][0]))
    tables, keys = {}, {}
    for kind, of_kind in parts.items():
        tables[kind], keys[kind] = _with_keys(kind, of_kind)
    found = pl.concat(findings).drop("record_key")
    places = pl.concat([k.select("file_id", "row_number", "record_key") for k in keys.values()]) if keys else None
    if places is not None:
        found = found.join(places, on=["file_id", "row_number"], how="left", maintain_order="left")
    return SideRows(
        tables,
        pl.concat(files),
        FINDING.conform(described(found, STORED) if keys else FINDING.empty()),
        frozenset(whole),
    )


def _one_table(
    table: SourceTable, origin: Origin, config: Config, side: SideTable
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rows with `_values` and the columns of the table, its line in `source_file`, and findings."""
    source = source_of(origin, config)
    name = source_name(origin, source) + (f":{table.sheet}" if table.sheet and source.name is None else "")
    file_id = hashlib.blake2b(f"{name}\x1f{table.sha256}\x1f{table.sheet}".encode(), digest_size=6).hexdigest()
    wished = {plain_header(header): field for header, field in source.headers.items()}
    mapping: dict[str, str | None] = {
        h: wished.get(plain_header(h), side.read_header(h)) or None for h in table.headers
    }
    place: dict[str, str] = {}  # the first column that means a field has it
    for header, cell in zip(table.headers, table.columns, strict=True):
        if (field := mapping[header]) is not None:
            place.setdefault(field, cell)
    values = pl.struct(
        pl.col(c).alias(h) for h, c in zip(table.headers, table.columns, strict=True)
    ).struct.json_encode()
    rows = table.rows.select(
        pl.lit(name).alias("source"), pl.lit(file_id).alias("file_id"), "row_number", values.alias("_values"),
        *(pl.col(place[c.name]).alias(c.name) if c.name in place else pl.lit(None, pl.String).alias(c.name) for c in side.columns),
    )  # fmt: skip
    typed, unread = [], []
    for column in side.columns:
        cells, odd = _typed(rows[column.name], column.type)
        typed.append(cells.alias(column.name))
        unread.append(rows.filter(odd).select(*_KEYS, field=pl.lit(column.label.zh), value=column.name))
    findings = pl.concat(unread).select("file_id", "row_number", "field", "value", rule=pl.lit(UNREAD))
    if side.columns[0].name not in place:
        findings = pl.concat([findings, _nameless(file_id, side)], how="diagonal")
    return rows.with_columns(typed), _file(table, name, file_id, mapping), FINDING.conform(findings)


def _nameless(file_id: str, side: SideTable) -> pl.DataFrame:
    return pl.DataFrame({"file_id": [file_id], "field": [side.columns[0].label.zh], "rule": ["table.number_missing"]})


def _file(table: SourceTable, name: str, file_id: str, mapping: dict[str, str | None]) -> pl.DataFrame:
    told = {
        "file_id": file_id, "name": table.name, "sheet": table.sheet, "sha256": table.sha256, "bytes": table.bytes,
        "format": table.format, "encoding": table.encoding, "header_row": table.header_row, "rows": table.rows.height,
        "source": name, "mapping": json.dumps(mapping, ensure_ascii=False), "day_first": None,
    }  # fmt: skip
    return pl.DataFrame([told], schema=SOURCE_FILE.polars)


def _with_keys(kind: str, parts: list[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of one kind with their record keys: as those of customers, of source and number, or of the whole row."""
    number = side_tables()[kind].columns[0].name
    raw = pl.concat(
        part.select(
            pl.concat_str(pl.lit(f"{kind}/"), "source").alias("source"), "file_id", "row_number",
            pl.col(number).cast(pl.String).alias("source_record_id"), "_values",
        )
        for part in parts
    )  # fmt: skip
    _, keyed = distinct_keys([], raw)
    rows = pl.concat(parts).with_columns(keyed["record_key"]).rename({"_values": "values"})
    return SIDE_TABLES[kind].conform(rows), keyed


def _typed(cells: pl.Series, kind: str) -> tuple[pl.Series, pl.Series]:
    """The cells of a column as its type, and which of them say something that could not be read."""
    cleaned, value = _cleaned(cells, kind)
    table = cleaned.values.select("raw", _value=value)
    found = cells.alias("raw").to_frame().join(table, on="raw", how="left", maintain_order="left")["_value"]
    said = cells.alias("raw").to_frame().join(
        clean_text(cells, "channel", BY_NAME["channel"].width).values, on="raw", how="left", maintain_order="left"
    )["value"]  # fmt: skip
    return found, said.is_not_null() & found.is_null()


def _cleaned(cells: pl.Series, kind: str) -> tuple[Cleaned, pl.Expr]:
    """Distinct cells through the rules of their type, and the expression of what is to be taken from them."""
    if kind == "time":
        return clean_field("created_at", cells), pl.col("at")
    if kind == "email":
        return clean_field("email", cells), pl.col("value")
    if kind == "phone":
        nowhere = pl.repeat(None, cells.len(), dtype=pl.String, eager=True)
        return clean_phones(pl.DataFrame({"raw": cells, "area": nowhere}), False), pl.coalesce("value", "landline")
    text = clean_text(cells, "channel", BY_NAME["channel"].width)
    told = {"text": pl.col("value"), "number": read_amount(pl.col("value")), "yes": read_yes(pl.col("value"))}
    return text, told[kind]
