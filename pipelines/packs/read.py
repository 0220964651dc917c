"""Leads, follow-ups, orders …: files of a `kind` as typed rows. Cells go through the same cleaners as those of customers."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from ...config import Config, Source
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
from ..read.intake import Origin, distinct_keys, file_row, source_of, table_identity, tables_of, values_of

UNREAD = "table.value_unread"
# Types that are read from a cell's text; the others go through the rules of a customer's field.
_OF_TEXT: dict[str, Callable[[pl.Expr], pl.Expr]] = {"text": lambda text: text, "number": read_amount, "yes": read_yes}


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
    """The rows of files that are beside the customers, each content once. Raises InputError, naming the file."""
    parts: dict[str, list[pl.DataFrame]] = {}
    files: dict[str, pl.DataFrame] = {}
    findings, whole = [FINDING.empty()], set()
    for origin in origins:
        source = source_of(origin, config)
        side = side_tables()[source.kind]
        for table in tables_of(origin, config):
            name, file_id = table_identity(table, origin, config)
            if file_id in files:
                findings.append(_finding("file.repeated", file_id, value=table.name))
                continue
            mapping = _mapping(table, source, side)
            rows, unread = _rows(table, side, mapping)
            parts.setdefault(side.kind, []).append(rows.with_columns(source=pl.lit(name), file_id=pl.lit(file_id)))
            files[file_id] = file_row(table, name, file_id, json.dumps(mapping, ensure_ascii=False), None)
            findings.append(FINDING.conform(unread, file_id=pl.lit(file_id), rule=pl.lit(UNREAD)))
            if side.number.name not in mapping.values():
                findings.append(_finding("table.number_missing", file_id, field=side.number.label.zh))
            if source.snapshot:
                whole.add(name)
    tables = {kind: _with_keys(kind, of_kind) for kind, of_kind in parts.items()}
    told = pl.concat(findings)
    if tables:
        places = pl.concat(rows.select("file_id", "row_number", "record_key") for rows in tables.values())
        told = told.drop("record_key").join(places, on=["file_id", "row_number"], how="left", maintain_order="left")
    told = FINDING.conform(described(told.drop("severity", "message"), STORED))
    return SideRows(tables, pl.concat([SOURCE_FILE.empty(), *files.values()]), told, frozenset(whole))


def _finding(rule: str, file_id: str, **cells: str) -> pl.DataFrame:
    """One about a whole file."""
    return FINDING.conform(pl.DataFrame({"rule": rule, "file_id": file_id, **cells}))


def _mapping(table: SourceTable, source: Source, side: SideTable) -> dict[str, str | None]:
    """Header → column of the side table, as the configuration says or the header means; None: it stays among the values."""
    wished = {plain_header(header): field for header, field in source.headers.items()}
    return {h: wished.get(plain_header(h), side.read_header(h)) or None for h in table.headers}


def _rows(table: SourceTable, side: SideTable, mapping: dict[str, str | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`row_number, values` and the columns that the table has, typed; and `row_number, field, value` of cells that were not read."""
    place: dict[str | None, str] = {}  # the first column that means a field has it
    for header, cell in zip(table.headers, table.columns, strict=True):
        place.setdefault(mapping[header], cell)
    typed, unread = [], [pl.DataFrame(schema={"row_number": pl.Int64, "field": pl.String, "value": pl.String})]
    for column in side.columns:
        if (cell := place.get(column.name, "")) in table.columns:
            cells, odd = _typed(table.rows[cell], column.type)
            typed.append(cells.alias(column.name))
            unread.append(
                table.rows.filter(odd).select(
                    pl.col("row_number").cast(pl.Int64), field=pl.lit(column.label.zh), value=cell
                )
            )
    return table.rows.select("row_number", values_of(table).alias("values"), *typed), pl.concat(unread)


def _with_keys(kind: str, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Rows of one kind with their record keys: as those of customers, of source and number, or of the whole row."""
    rows = pl.concat(SIDE_TABLES[kind].conform(part) for part in parts)
    identity = rows.select(
        pl.concat_str(pl.lit(f"{kind}/"), "source").alias("source"), "file_id", "row_number",
        pl.col(side_tables()[kind].number.name).alias("source_record_id"), pl.col("values").alias("_values"),
    )  # fmt: skip
    _, keyed = distinct_keys([], identity)
    return rows.with_columns(keyed["record_key"])


def _typed(cells: pl.Series, kind: str) -> tuple[pl.Series, pl.Series]:
    """The cells of a column as its type, and which of them say something that could not be read."""
    said = clean_text(cells, "channel", BY_NAME["channel"].width).values.rename({"value": "_said"})
    if kind in _OF_TEXT:
        read = said.with_columns(_read=_OF_TEXT[kind](pl.col("_said")))
    else:
        cleaned, value = _cleaned(cells, kind)
        read = said.join(cleaned.values.select("raw", _read=value), on="raw", how="left", maintain_order="left")
    found = cells.alias("raw").to_frame().join(read, on="raw", how="left", maintain_order="left")
    return found["_read"], found["_said"].is_not_null() & found["_read"].is_null()


def _cleaned(cells: pl.Series, kind: str) -> tuple[Cleaned, pl.Expr]:
    """Distinct cells through the rules of a customer's field, and what is taken from them."""
    if kind == "time":
        return clean_field("created_at", cells), pl.col("at")
    if kind == "email":
        return clean_field("email", cells), pl.col("value")
    raw = pl.DataFrame({"raw": cells}).with_columns(area=pl.lit(None, pl.String))
    return clean_phones(raw, False), pl.coalesce("value", "landline")
