"""The one way in: a file of any kind becomes a list of `SourceTable`, or is refused with a reason."""

import hashlib
import stat
from pathlib import Path

import polars as pl

from .delimited import read_delimited
from .dialect_vote import find_dialect
from .encoding import Decoded, decode
from .grid import Note, note_frame
from .kind import kind_of
from .layout import lay_out
from .reasons import refusal, refuse
from .sandbox import read_in_worker
from .source_table import ReadOptions, SourceTable

_LARGEST_TEXT = 2 << 30
_FOUND_OUT = ReadOptions()


def read_tables(path: Path, options: ReadOptions = _FOUND_OUT) -> list[SourceTable]:
    """Every table of a file, cells as text. Raises InputError, with one of the codes in `reasons`, and nothing else."""
    path = Path(path)
    data = _bytes_of(path)
    kind = kind_of(data[:8192])
    if kind in ("gzip", "archive"):
        refuse("file.compressed")
    if kind in ("zip", "ole", "biff", "html", "xml"):
        return read_workbook_file(path, data, options)
    if kind == "text":
        return [read_text(path, data, options)]
    raise refusal("file.not_a_table")


def read_workbook_file(path: Path, data: bytes, options: ReadOptions) -> list[SourceTable]:
    """Every wanted sheet of a workbook, or of what calls itself one."""
    digest = hashlib.sha256(data).hexdigest()
    return [
        SourceTable(
            name=path.name,
            sheet=about["sheet"],
            sha256=digest,
            bytes=len(data),
            format=about["format"],
            encoding=None,
            header_row=about["header_row"],
            headers=tuple(about["headers"]),
            rows=rows,
            set_aside=set_aside,
            notes=notes,
            positions=tuple(about["positions"]),
        )
        for about, (rows, set_aside, notes) in read_in_worker(data, options)
    ]


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
    except OSError:
        refuse("file.unreadable")


def read_text(path: Path, data: bytes, options: ReadOptions) -> SourceTable:
    """A delimited text as a table."""
    decoded = decode(data, options.encoding)
    if not decoded.utf8 or decoded.utf8.isspace():
        refuse("file.empty")
    grid = read_delimited(decoded.utf8, find_dialect(decoded.utf8, options.delimiter))
    layout = lay_out(grid, options.header_row)
    if layout is None:
        refuse("file.empty")
    return SourceTable(
        name=path.name,
        sheet=None,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        format="csv",
        encoding=decoded.encoding,
        header_row=layout.header_row,
        headers=layout.headers,
        rows=layout.rows,
        set_aside=layout.set_aside,
        notes=pl.concat([_encoding_notes(decoded), layout.notes]),
        positions=layout.positions,
    )


def _encoding_notes(decoded: Decoded) -> pl.DataFrame:
    notes: list[Note] = []
    if decoded.bom:
        notes.append((None, None, "file.bom", decoded.encoding, None))
    if decoded.encoding != "utf-8" or decoded.confidence < 1:
        notes.append((None, None, "file.encoding", decoded.encoding, f"{decoded.confidence:.2f}"))
    if decoded.faults:
        notes.append((None, None, "file.undecodable", str(decoded.faults), str(decoded.first_fault)))
    return note_frame(notes)
