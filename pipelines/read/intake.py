"""From files to rows: read, map headers, give every row its stable key. No value is changed here."""

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ...config import Config, Source
from ...errors import InputError
from ...fields import FIELDS, MAPPED_FIELDS
from ...findings import FINDINGS, conform_findings
from ...i18n import Text
from ...io.read.database.query import DatabaseQuery
from ...io.read.readers import read_tables
from ...io.table.source_table import ReadOptions, SourceTable
from ...rules.base.text import trim, without_formula, without_invisible
from ...rules.columns.column import Column, unread_persons
from ...rules.columns.content import KINDS, contents_of, is_day_first
from ...rules.columns.headers import read_columns
from ...schemas import RAW_RECORD, SOURCE_FILE
from .compose import composed_fields, field_cells, header_notes, place_fields

Origin = Path | DatabaseQuery
_COLUMNS = pl.Schema(
    {"file_id": pl.String(), "place": pl.Int64(), "header": pl.String(), "field": pl.String(), "composed": pl.Boolean()}
)


class Intake(NamedTuple):
    """rows: `record_key, source, file_id, row_number`, a raw text column per mapped field, `extra:<header>` columns.

    set_aside: `record_key, rule, file_id, row_number` of rows that are no records. notes: the reader's findings.
    columns: `file_id, place` (0-based, in the sheet), `header, field` of every column; field: where findings about it stand;
    composed: the field is put together of several columns.
    """

    rows: list[pl.DataFrame]
    raw: pl.DataFrame
    files: pl.DataFrame
    set_aside: pl.DataFrame
    notes: pl.DataFrame
    columns: pl.DataFrame

    @property
    def height(self) -> int:
        """Rows read: records and rows set aside."""
        return self.raw.height


def read_all(origins: Sequence[Origin], config: Config, *, keyed: bool = True, values: bool = True) -> Intake:
    """Read every table of every file and query. Raises InputError, naming the file, and UsageError for a query.

    For those who keep nothing: not `keyed`, record keys are mere places; without `values`, those of records are left out.
    """
    tables = [(table, origin) for origin in origins for table in tables_of(origin, config)]
    return intake_of(tables, config, keyed=keyed, values=values)


def nothing() -> Intake:
    """A night without files: stewards have spoken, or everything is to be compared again."""
    place = {"file_id": pl.String, "row_number": pl.Int64}
    keys = {"record_key": pl.String, "source": pl.String, **place}
    fields = dict.fromkeys(MAPPED_FIELDS, pl.String)
    return Intake(
        rows=[pl.DataFrame(schema={**keys, **fields, "unread": pl.Boolean, "day_first": pl.Boolean})],
        raw=RAW_RECORD.empty(),
        files=SOURCE_FILE.empty(),
        set_aside=pl.DataFrame(schema={"record_key": pl.String, "rule": pl.String, **place}),
        notes=FINDINGS.to_frame(),
        columns=pl.DataFrame(schema=_COLUMNS),
    )


def intake_of(
    tables: Sequence[tuple[SourceTable, Origin]], config: Config, *, keyed: bool = True, values: bool = True
) -> Intake:
    """Tables as read, with where they come from → rows with keys and fields."""
    parts = _each_once([_one_table(table, origin, config, values) for table, origin in tables])
    if not parts:
        raise InputError(
            Text("没有找到任何可读的表格。", "No table was found."),
            Text(
                "请检查工作表是否都被隐藏；用 --hidden 可读取隐藏的工作表。",
                "Are all sheets hidden? --hidden reads them.",
            ),
            reason="file.no_table",
        )
    keys = distinct_keys if keyed else _places
    rows, raw = keys([p.rows for p in parts], pl.concat([p.raw for p in parts]))
    set_aside, notes = _with_keys(parts, raw)
    return Intake(
        rows=rows,
        raw=raw.pipe(RAW_RECORD.conform),
        files=pl.concat([p.files for p in parts]),
        set_aside=set_aside,
        notes=notes,
        columns=pl.concat([p.columns for p in parts]),
    )


def only(intake: Intake, keys: pl.Series) -> Intake:
    """The intake with nothing but the rows of these keys; what is said of whole files stays."""
    wanted = keys.implode()
    raw = intake.raw.filter(pl.col("record_key").is_in(wanted))
    places = raw.select("file_id", "row_number")
    told = intake.notes.filter(pl.col("row_number").is_not_null())
    return intake._replace(
        rows=[t.filter(pl.col("record_key").is_in(wanted)) for t in intake.rows],
        raw=raw,
        set_aside=intake.set_aside.filter(pl.col("record_key").is_in(wanted)),
        notes=pl.concat(
            [
                intake.notes.filter(pl.col("row_number").is_null()),
                told.join(places, on=["file_id", "row_number"], how="semi", maintain_order="left"),
            ]
        ),
    )


def nameless_tables(intake: Intake) -> pl.DataFrame:
    """`file_id`, `header` (all of them) of the tables of which no column says who a row is."""
    known = pl.col("field").is_in([f.name for f in FIELDS if f.identifies]).any().fill_null(False)
    return intake.columns.group_by("file_id", maintain_order=True).agg("header", known=known).filter(~pl.col("known"))


def source_of(origin: Origin, config: Config) -> Source:
    """The settings of the first pattern that matches the name of the file, or of the table that is asked."""
    return source_of_name(origin.name, config)


def source_of_name(name: str, config: Config) -> Source:
    """The same for a name that is only remembered."""
    return next((s for pattern, s in config.sources.items() if fnmatch(name, pattern)), Source())


def source_name(origin: Origin, source: Source) -> str:
    """The configured name, else the table's, or the file's without dates, counters and copy marks:
    leads_2026-11-21.csv → leads."""
    if source.name:
        return source.name
    if isinstance(origin, DatabaseQuery):
        return origin.name
    stem = re.sub(
        r"[\s_.\-（(]*(?:副本|copy)?[\s_.\-(（]*(?:\d[\d_\-.:T]*)?[)）]*$", "", origin.stem, flags=re.IGNORECASE
    )
    return stem or origin.stem


def read_options(origin: Origin, config: Config) -> ReadOptions:
    """What the configuration says about reading a file or asking a database."""
    source = source_of(origin, config)
    return ReadOptions(
        encoding=source.encoding,
        delimiter=source.delimiter,
        sheet=source.sheet,
        header_row=source.header_row,
        hidden=source.hidden,
        password=os.environ.get(source.password_env) if source.password_env else None,
    )


def tables_of(origin: Origin, config: Config) -> list[SourceTable]:
    """The tables of one file or query, as the configuration says that they are read. Raises InputError, naming the file."""
    options = read_options(origin, config)
    if isinstance(origin, DatabaseQuery):
        from ...io.read.database.tables import read_query

        return [read_query(replace(origin, password=options.password))]
    try:
        return read_tables(origin, options)
    except InputError as fault:
        fault.origin = origin
        raise fault.about(str(origin)) from None


def _each_once(parts: "list[_Part]") -> "list[_Part]":
    """The tables without copies: the same content under another name is read once, and said."""
    found: dict[str, _Part] = {}
    for part in parts:
        file_id, name = part.files.select("file_id", "name").row(0)
        if file_id not in found:
            found[file_id] = part
            continue
        first = found[file_id]
        note = pl.DataFrame({"file_id": [file_id], "rule": ["file.repeated"], "value": [name]})
        notes = pl.concat([first.notes, note], how="diagonal").select(first.notes.columns)
        found[file_id] = first._replace(notes=notes)
    return list(found.values())


class _Part(NamedTuple):
    rows: pl.DataFrame
    raw: pl.DataFrame
    files: pl.DataFrame
    aside: pl.DataFrame
    notes: pl.DataFrame
    columns: pl.DataFrame


def _one_table(table: SourceTable, origin: Origin, config: Config, keep: bool) -> _Part:
    source = source_of(origin, config)
    name, file_id = table_identity(table, origin, config)
    places = dict(zip(table.headers, table.columns, strict=True))
    contents = contents_of(table.rows, places)
    read = read_columns(table.headers, source.headers, contents)
    day_first = is_day_first([contents[c.header] for c in read if KINDS.get(c.field or "") == "date"])
    rows = table.rows.with_columns(_values=values_of(table) if keep else pl.lit(None, pl.String)).select(
        pl.lit(name).alias("source"),
        pl.lit(file_id).alias("file_id"),
        "row_number",
        "_values",
        *field_cells(read, {h: pl.col(c) for h, c in places.items()}),
        unread=pl.lit(bool(unread_persons(read))),
        day_first=pl.lit(day_first, pl.Boolean),
    )
    aside = _set_aside(table, name, file_id)
    raw = pl.concat([rows.select("source", "file_id", "row_number", "source_record_id", "_values"), aside.drop("rule")])
    columns = columns_of(file_id, read, table.positions or ())
    return _Part(
        rows,
        raw,
        file_row(table, name, file_id, mapping_of(read), day_first),
        aside,
        _notes(table, file_id, read),
        columns,
    )


def columns_read(table: SourceTable, source: Source) -> list[Column]:
    """What each column of a table is, by configuration, header and cells."""
    places = dict(zip(table.headers, table.columns, strict=True))
    return read_columns(table.headers, source.headers, contents_of(table.rows, places))


def _set_aside(table: SourceTable, name: str, file_id: str) -> pl.DataFrame:
    """Rows that are no records, with their cells as JSON: header → text, further cells under their position."""
    headers = list(table.headers)

    def cells(values: list[str | None]) -> str:
        return json.dumps(
            {headers[i] if i < len(headers) else f"#{i + 1}": v for i, v in enumerate(values) if v}, ensure_ascii=False
        )

    texts = [cells(row) for row in table.set_aside["cells"].to_list()]
    return table.set_aside.select(
        pl.lit(name).alias("source"), pl.lit(file_id).alias("file_id"), "row_number",
        pl.lit(None, pl.String).alias("source_record_id"), pl.Series("_values", texts, pl.String), "rule",
    )  # fmt: skip


def mapping_of(columns: Sequence[Column]) -> str:
    """header → field as JSON: all columns that a field is made of say so."""
    return json.dumps({c.header: c.field for c in columns}, ensure_ascii=False)


def table_identity(table: SourceTable, origin: Origin, config: Config) -> tuple[str, str]:
    """The name of a table's source, and the `file_id` of its content under that name."""
    source = source_of(origin, config)
    name = source_name(origin, source) + (f":{table.sheet}" if table.sheet and source.name is None else "")
    return name, hashlib.blake2b(f"{name}\x1f{table.sha256}\x1f{table.sheet}".encode(), digest_size=6).hexdigest()


def values_of(table: SourceTable) -> pl.Expr:
    """The cells of a row as they were read, as JSON: header → text."""
    return pl.struct(pl.col(c).alias(h) for h, c in zip(table.headers, table.columns, strict=True)).struct.json_encode()


def file_row(table: SourceTable, name: str, file_id: str, mapping: str, day_first: bool | None) -> pl.DataFrame:
    """The line of a table in `source_file`."""
    return pl.DataFrame(
        {
            "file_id": [file_id], "name": [table.name], "sheet": [table.sheet], "sha256": [table.sha256],
            "bytes": [table.bytes], "format": [table.format], "encoding": [table.encoding],
            "header_row": [table.header_row], "rows": [table.rows.height + table.set_aside.height], "source": [name],
            "mapping": [mapping], "day_first": [day_first],
        },
        schema=SOURCE_FILE.polars,
    )  # fmt: skip


def columns_of(file_id: str, columns: Sequence[Column], places: Sequence[int] = ()) -> pl.DataFrame:
    """`Intake.columns` of one table; places: where the headers stand in the sheet (default: one after the other)."""
    fields, composed = place_fields(columns), composed_fields(columns)
    told = zip(places or range(len(fields)), fields.items(), strict=True)
    rows = [(file_id, place, header, field, field in composed) for place, (header, field) in told]
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def _notes(table: SourceTable, file_id: str, columns: Sequence[Column]) -> pl.DataFrame:
    """The reader's findings by field, and what is to be said of the columns."""
    fields = {i: field or header for i, (header, field) in enumerate(place_fields(columns).items())}
    notes = table.notes.select(
        pl.lit(file_id).alias("file_id"), "row_number",
        field=pl.col("column").replace_strict(fields, default=None, return_dtype=pl.String),
        rule="rule", value="value", suggestion="suggestion",
    )  # fmt: skip
    told = [(file_id, None, *note) for note in header_notes(columns)]
    names = ("file_id", "row_number", "field", "rule", "value", "suggestion")
    headers = pl.DataFrame(told, schema=dict.fromkeys(names, pl.String), orient="row")
    return pl.concat([conform_findings(notes), conform_findings(headers)])


def distinct_keys(tables: list[pl.DataFrame], raw: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Give every row of `raw` its record key, and hand the keys back to the tables.

    Key: hash of source and source record id, or of the content where there is no id. The same identity met again gets
    its occurrence number hashed in, counted in order of content, so that the order of rows does not matter.
    """
    number = trim(without_formula(without_invisible(pl.col("source_record_id"))))
    identity = pl.concat_str(["source", pl.coalesce(pl.lit("#") + number, "_values")], separator="\x1f")
    raw = raw.with_columns(_identity=identity).with_row_index("_place")
    repeated = raw.filter(pl.len().over("_identity") > 1).sort("_identity", "_values", "file_id", "row_number")
    turn = repeated.select("_place", _turn=pl.int_range(pl.len()).over("_identity"))
    raw = raw.join(turn, on="_place", how="left", maintain_order="left")
    texts = raw.select(
        pl.col("_identity") + pl.when(pl.col("_turn") > 0).then(pl.format("\x1f{}", "_turn")).otherwise(pl.lit(""))
    ).to_series()
    keys = [hashlib.blake2b(text.encode(), digest_size=10).hexdigest() for text in texts.to_list()]
    raw = raw.with_columns(record_key=pl.Series(keys, dtype=pl.String))
    raw = raw.rename({"_values": "values"}).drop("_identity", "_turn", "_place")
    by_place = raw.select("file_id", "row_number", "record_key")
    keyed = [
        t.join(by_place, on=["file_id", "row_number"], how="left", maintain_order="left").drop("_values")
        for t in tables
    ]
    return keyed, raw


def _places(tables: list[pl.DataFrame], raw: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Instead of record keys, which take every cell to make: file and row."""
    place = pl.format("{}:{}", "file_id", "row_number").alias("record_key")
    told = [table.drop("_values").with_columns(place) for table in tables]
    return told, raw.rename({"_values": "values"}).with_columns(place)


def _with_keys(parts: list[_Part], raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    keys = raw.select("file_id", "row_number", "record_key")
    aside = pl.concat([p.aside for p in parts]).join(
        keys, on=["file_id", "row_number"], how="left", maintain_order="left"
    )
    return aside.select("record_key", "rule", "file_id", "row_number"), pl.concat([p.notes for p in parts])
