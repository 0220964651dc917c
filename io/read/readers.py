"""The one way in: a file of any kind becomes a list of `SourceTable`, or is refused with a reason."""

import hashlib
import re
import stat
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from ...errors import InputError
from ...i18n import Text
from ...plugins import load_named
from ..in_use import CLOSE_IT, is_in_use
from ..table.grid import Note, note_frame
from ..table.kind import Kind, kind_of
from ..table.layout import Layout, lay_out
from ..table.reasons import refusal, refuse
from ..table.source_table import ReadOptions, SourceTable
from .sandbox import read_in_worker
from .text.delimited import read_delimited
from .text.dialect_vote import find_dialect
from .text.encoding import Decoded, decode
from .typed_tables import read_duckdb, read_json, typed_layout

_LARGEST_TEXT = 2 << 30
_FOUND_OUT = ReadOptions()
Reader = Callable[[bytes, ReadOptions], Iterable[tuple[str | None, pl.DataFrame]]]


@dataclass(frozen=True)
class _File:
    """A file's name and bytes; its hash is made beside the reading."""

    path: Path
    data: bytes
    digest: "Future[str]"


def read_tables(path: Path, options: ReadOptions = _FOUND_OUT) -> list[SourceTable]:
    """Every table of a file, cells as text. Raises InputError, with one of the codes in `reasons`, and nothing else."""
    data, reader = _bytes_of(Path(path)), plugged_readers().get(Path(path).suffix.lower())
    with ThreadPoolExecutor(1) as pool:
        file = _File(Path(path), data, pool.submit(lambda: hashlib.sha256(data).hexdigest()))
        return _read_plugged(file, reader, options) if reader else _read(file, kind_of(data[:8192]), options)


@cache
def plugged_readers() -> dict[str, Reader]:
    """Suffix in lower case → who reads such files: bytes and what the user said of them → sheet (None: it has none) and its cells."""

    def why_not(suffix: str, _: object) -> Text | None:
        return None if re.fullmatch(r"\.[a-z0-9]+", suffix) else Text("应为小写后缀，如 .vcf", "a suffix reads .vcf")

    return load_named("readers", Callable, why_not)


def _read_plugged(file: _File, reader: Reader, options: ReadOptions) -> list[SourceTable]:
    form = file.path.suffix[1:].lower()
    try:
        return [_table(file, form, sheet, typed_layout(frame)) for sheet, frame in reader(file.data, options)]
    except InputError:
        raise
    except Exception as fault:  # its words may quote a cell
        what = Text("读取 {s} 的插件出错（{f}）。", "The plug-in that reads {s} failed ({f}).")
        raise InputError(what.format(s=form, f=type(fault).__name__), reason="file.unreadable") from None


def _read(file: _File, kind: Kind, options: ReadOptions) -> list[SourceTable]:
    if kind in ("gzip", "archive"):
        refuse("file.compressed")
    if kind in ("zip", "ole", "biff", "html", "xml", "parquet"):
        return _read_workbook(file, options)
    if kind in ("text", "json"):
        return [_read_text(file, options, maybe_json=kind == "json")]
    if kind == "duckdb":
        return [_table(file, "duckdb", name, layout) for name, layout in read_duckdb(file.path, options.sheet)]
    raise refusal("file.not_a_table")


def _read_workbook(file: _File, options: ReadOptions) -> list[SourceTable]:
    """Every wanted sheet of a workbook, or of what calls itself one."""
    tables = []
    for about, (rows, set_aside, notes) in read_in_worker(file.data, options):
        headers, positions = tuple(about["headers"]), tuple(about["positions"])
        layout = Layout(about["header_row"], headers, positions, rows, set_aside, notes)
        tables.append(_table(file, about["format"], about["sheet"], layout))
    return tables


def _read_text(file: _File, options: ReadOptions, *, maybe_json: bool) -> SourceTable:
    """A delimited text, or JSON lines, as a table."""
    decoded = decode(file.data, options.encoding)
    if not decoded.utf8 or decoded.utf8.isspace():
        refuse("file.empty")
    if maybe_json and (records := read_json(decoded.utf8)) is not None:
        return _table(file, "jsonl", None, records, decoded)
    grid = read_delimited(decoded.utf8, find_dialect(decoded.utf8, options.delimiter))
    layout = lay_out(grid, options.header_row)
    if layout is None:  # nothing, or nothing but lines with more cells than any table has
        refuse("file.not_a_table" if grid.surplus else "file.empty")
    return _table(file, "csv", None, layout, decoded)


def _table(file: _File, format_: str, sheet: str | None, layout: Layout, decoded: Decoded | None = None) -> SourceTable:
    notes = [_encoding_notes(decoded), layout.notes] if decoded is not None else [layout.notes]
    return SourceTable(
        name=file.path.name,
        sheet=sheet,
        sha256=file.digest.result(),
        bytes=len(file.data),
        format=format_,
        encoding=decoded.encoding if decoded is not None else None,
        header_row=layout.header_row,
        headers=layout.headers,
        rows=layout.rows,
        set_aside=layout.set_aside,
        notes=pl.concat(notes),
        positions=layout.positions,
    )


def _bytes_of(path: Path) -> bytes:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        refuse("file.missing")
    except (OSError, ValueError):
        refuse("file.unreadable")
    if not stat.S_ISREG(status.st_mode):
        refuse("file.not_a_file")
    if status.st_size == 0:
        refuse("file.empty")
    if status.st_size > _LARGEST_TEXT:
        refuse("limit.size")
    try:
        return path.read_bytes()
    except OSError as fault:
        if is_in_use(fault):
            what = Text("文件正在别的程序里打开。", "The file is open in another program.")
            raise InputError(what, CLOSE_IT, reason="file.unreadable") from None
        refuse("file.unreadable")


def _encoding_notes(decoded: Decoded) -> pl.DataFrame:
    notes: list[Note] = []
    if decoded.bom:
        notes.append((None, None, "file.bom", decoded.encoding, None))
    if decoded.encoding != "utf-8" or decoded.confidence < 1:
        notes.append((None, None, "file.encoding", decoded.encoding, f"{decoded.confidence:.2f}"))
    if decoded.faults:
        notes.append((None, None, "file.undecodable", str(decoded.faults), str(decoded.first_fault)))
    return note_frame(notes)
