"""Leads, follow-ups, orders …: files of a `kind` as typed rows. Cells go through the same cleaners as those of customers."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from ...config import Config, Source
from ...fields import BY_NAME
from ...io.table.source_table import SourceTable
from ...rules.base.amounts import read_amount, read_holder, read_yes
from ...rules.base.text import clean_text
from ...rules.base.trail import Cleaned
from ...rules.catalog import STORED, described
from ...rules.columns.column import BY_HEADER, UNKNOWN, Column
from ...rules.columns.header_meaning import meaning_of
from ...rules.phone.clean import clean_phones
from ...rules.types import clean_field
from ...schemas import FINDING, SIDE_TABLES, SOURCE_FILE
from ...side_tables import SideTable, plain_header, side_tables
from ..read.compose import listed
from ..read.intake import Origin, distinct_keys, file_row, source_of, table_identity, tables_of, values_of

UNREAD = "table.value_unread"
# Types that are read from a cell's text; the others go through the rules of a customer's field.
_OF_TEXT: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "text": lambda text: text,
    "number": read_amount,
    "yes": read_yes,
    "holder": lambda text: text,
}
_ZERO = r"^\s*-?0+(?:\.0+)?\s*%?$"  # of a customer's field a placeholder, here a number and a no
# What a customer's field is called in these tables.
_ALSO = {"owner": "owner_id", "source_record_id": "customer_id"}


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
            if plain := [header for header, field in mapping.items() if field is None]:
                findings.append(_finding("header.unmapped", file_id, value=listed(plain)))
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
    """Header → column of the side table, as the configuration says or the header means, of several the first; None: it stays among
    the values."""
    wished = {plain_header(header): field for header, field in source.headers.items()}
    found = {h: wished.get(plain_header(h), side.read_header(h)) or None for h in table.headers}
    named = set(found.values())  # by words of this table, which come before those of customers' tables
    for header, field in found.items():
        if field is None and plain_header(header) not in wished and (also := _as_customers(header, side)) not in named:
            found[header] = also
    first = {field: header for header, field in reversed(found.items())}
    return {header: field if first[field] == header else None for header, field in found.items()}


def columns_beside(table: SourceTable, source: Source) -> list[Column]:
    """How the columns of a table beside the customers are read."""
    mapping = _mapping(table, source, side_tables()[source.kind])
    return [Column(h, f, BY_HEADER, "", 1.0) if f else Column(h, None, UNKNOWN) for h, f in mapping.items()]


def _as_customers(header: str, side: SideTable) -> str | None:
    """The column that a header means by the words of customers' tables: 归属销售, 客户编码."""
    meaning = meaning_of(header)
    if meaning is None or meaning.field is None or meaning.who or meaning.further:
        return None
    name = _ALSO.get(meaning.field, meaning.field)
    return name if name in {column.name for column in side.columns} else None


def _rows(table: SourceTable, side: SideTable, mapping: dict[str, str | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`row_number, values` and the columns that the table has, typed; and `row_number, field, value` of cells that were not read."""
    place = {mapping[header]: cell for header, cell in zip(table.headers, table.columns, strict=True)}
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
    if kind == "holder":
        said = said.with_columns(_said=read_holder(pl.col("_said")))  # who is nobody was not said
    if kind in ("number", "yes"):
        zero = pl.when(pl.col("raw").str.contains(_ZERO)).then(pl.col("raw").str.strip_chars())
        said = said.with_columns(_said=pl.coalesce("_said", zero))
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
