"""The process in which untrusted workbooks are parsed: bytes come in on stdin, tables go out on stdout.

It opens no file, and dies alone: limits on memory and processor time turn a bomb into a verdict of the parent.
"""

import json
import struct
import sys
from typing import IO, Any

import polars as pl

from ...errors import InputError
from ..buffers import BytesIO
from ..table.source_table import ReadOptions
from .workbook.sheets import ReadSheet, read_workbook

if sys.platform != "win32":  # the module is POSIX only; on Windows the parent's clock is the only limit
    import resource

_MEMORY = 3 << 30  # address space; polars alone reserves most of one


def main() -> None:
    """One request, one answer: `{"error": code}` or the sheets, each with three frames in Arrow's format."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit(int(request["seconds"]))
    data = sys.stdin.buffer.read()
    try:
        sheets = read_workbook(data, ReadOptions(**request["options"]), request["second_opinion"])
        _answer(sys.stdout.buffer, {"tables": [_describe(sheet) for sheet in sheets]}, sheets)
    except InputError as error:
        _answer(sys.stdout.buffer, {"error": error.reason}, [])
    except MemoryError:
        _answer(sys.stdout.buffer, {"error": "limit.size"}, [])


def _limit(seconds: int) -> None:
    limits = (("RLIMIT_AS", _MEMORY), ("RLIMIT_CPU", 2 * seconds + 2), ("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0))
    if sys.platform != "win32":
        for kind, most in limits:
            try:
                resource.setrlimit(getattr(resource, kind), (most, most))
            except (ValueError, OSError, AttributeError):  # a system without this limit, or with a stricter one
                continue


def _describe(sheet: ReadSheet) -> dict[str, Any]:
    layout = sheet.layout
    return {
        "sheet": sheet.name,
        "format": sheet.format,
        "header_row": layout.header_row,
        "headers": layout.headers,
        "positions": layout.positions,
    }


def _answer(out: IO[bytes], header: dict[str, Any], sheets: list[ReadSheet]) -> None:
    head = json.dumps(header).encode()
    out.write(struct.pack("<Q", len(head)) + head)
    for sheet in sheets:
        for frame in (sheet.layout.rows, sheet.layout.set_aside, sheet.layout.notes):
            _write(out, frame)
    out.flush()


def _write(out: IO[bytes], frame: pl.DataFrame) -> None:
    file = BytesIO()
    # The oldest form stores each column's own text; the newest would store the shared texts once per column.
    frame.write_ipc(file, compat_level=pl.CompatLevel.oldest())
    body = file.getvalue()
    out.write(struct.pack("<Q", len(body)))
    out.write(body)


if __name__ == "__main__":
    main()
