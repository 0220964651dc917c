"""Tables that already have columns: Parquet, JSON lines and DuckDB. Every value becomes the text of itself."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from ...errors import InputError
from ...i18n import Text
from ..buffers import BytesIO
from ..store.bridge import to_polars
from ..table.header import unique_headers
from ..table.layout import Layout
from ..table.reasons import refuse
from ..table.source_table import NOTES, ROW, SET_ASIDE

_NESTED = (pl.List, pl.Array, pl.Struct, pl.Object, pl.Binary)


def read_parquet(data: bytes) -> Layout:
    """The rows of a Parquet file, numbered from 1."""
    try:
        frame = pl.read_parquet(BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        refuse("workbook.damaged")
    return typed_layout(frame)


def typed_layout(frame: pl.DataFrame) -> Layout:
    """A frame with typed columns as text; nested values as JSON, blank texts as null."""
    columns = []
    for i, (name, dtype) in enumerate(frame.schema.items()):
        column = frame[name]
        if isinstance(dtype, _NESTED):
            texts = [
                None if value is None else json.dumps(value, ensure_ascii=False, default=str)
                for value in column.to_list()
            ]
            column = pl.Series(texts, dtype=pl.String)
        text = column.cast(pl.String, strict=False).alias(f"c{i}")
        columns.append(text.set(text == "", None))
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True).alias(ROW)
    return _layout(frame.columns, pl.DataFrame([numbers, *columns]))


def read_json(utf8: bytes) -> Layout | None:
    """JSON lines, or one array of objects. Numbers keep their digits; a line that is no object is set aside.

    None where most lines are no objects: then it is some other text that begins with a brace.
    """
    records: list[tuple[int, dict[str, Any]]] = []
    odd: list[tuple[int, str, list[str]]] = []
    for number, value, line in _values(utf8.decode("utf-8", "replace")):
        if isinstance(value, dict):
            records.append((number, value))
        else:
            odd.append((number, "row.ragged", [line]))
    if len(records) <= len(odd):
        return None
    names = list(dict.fromkeys(name for _, record in records for name in record))
    data = {f"c{i}": [_text(record.get(name)) for _, record in records] for i, name in enumerate(names)}
    frame = pl.DataFrame(data, schema=dict.fromkeys(data, pl.String))
    numbers = pl.Series(ROW, [number for number, _ in records], pl.Int64)
    return _layout(names, frame.insert_column(0, numbers), pl.DataFrame(odd, schema=SET_ASIDE, orient="row"))


def no_object(utf8: bytes) -> int | None:
    """The first line, or place in the array, that holds no object; 0: an array that does not parse; None: all do."""
    text = utf8.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("[") and not isinstance(_parsed(text), list):
        return 0
    return next((number for number, value, _ in _values(text) if not isinstance(value, dict)), None)


def _values(text: str) -> list[tuple[int, object, str]]:
    """(line or place in the array, value, text) of each value; what does not parse is its own text."""
    if text.lstrip().startswith("["):
        whole = _parsed(text)
        return [(i, value, "") for i, value in enumerate(whole, 1)] if isinstance(whole, list) else []
    return [(i, _parsed(line), line) for i, line in enumerate(text.split("\n"), 1) if line.strip()]


def _parsed(text: str) -> object:
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return text


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return json.dumps(value, ensure_ascii=False)


def read_duckdb(path: Path, table: str | None) -> list[tuple[str, Layout]]:
    """One named table of a DuckDB file, or all of its tables and views. The file is opened for reading only."""
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True, config={"autoload_known_extensions": "false"}) as connection:
            connection.execute("SET enable_external_access = false")
            _refuse_store(connection)
            found = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
            )
            names = [str(row[0]) for row in found.fetchall()]
            wanted = [name for name in names if table is None or name == table]
            return [(name, _table(connection, name)) for name in wanted] or refuse("workbook.no_table")
    except duckdb.Error:
        refuse("file.unreadable")


def _refuse_store(connection: Any) -> None:
    """A store of guiyi holds what was made of customer tables; read as one, every customer would come twice."""
    made = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'history' AND table_name = 'guiyi'"
    if connection.execute(made).fetchone() is not None:
        raise InputError(
            Text("这是归一自己的数据库，不是客户表。", "This is a store of guiyi, not a table of customers."),
            Text(
                "请给出源文件；要用库里的表，先用 guiyi export 导出。",
                "Name the source file, or export a table with guiyi export.",
            ),
            reason="file.not_a_table",
        )


def _table(connection: Any, name: str) -> Layout:
    quoted = '"' + name.replace('"', '""') + '"'
    columns = [str(row[0]) for row in connection.execute(f"DESCRIBE {quoted}").fetchall()]
    texts = ", ".join('CAST("{}" AS VARCHAR)'.format(column.replace('"', '""')) for column in columns)
    frame = to_polars(connection, f"SELECT {texts} FROM {quoted}")
    return typed_layout(frame.rename(dict(zip(frame.columns, columns, strict=True))))


def _layout(labels: list[str], rows: pl.DataFrame, set_aside: pl.DataFrame | None = None) -> Layout:
    """A layout whose columns were named by the format itself."""
    positions = tuple(range(len(labels)))
    headers, _, _ = unique_headers(tuple(labels), positions)
    aside = pl.DataFrame(schema=SET_ASIDE) if set_aside is None else set_aside
    return Layout(0, headers, positions, rows, aside, pl.DataFrame(schema=NOTES))
