"""The parent's side of the worker: what it says, or what its death says."""

import json
import signal
import struct
import subprocess
import sys
from dataclasses import asdict
from typing import Any, NamedTuple

import polars as pl

from ...errors import InputError
from ..buffers import BytesIO
from ..table.reasons import REASONS, refuse
from ..table.source_table import ReadOptions
from .worker_process import start_worker

_SECONDS = 14.0  # wall time for a small file; a bomb is small
_SECONDS_PER_MIB = 2.0
# Verdicts of our own readers after which another reader is asked.
_DOUBTFUL = ("workbook.damaged", "workbook.unsupported", "parser.crashed")


class Answer(NamedTuple):
    """A sheet as the worker describes it, and its frames: rows, set_aside, notes."""

    about: dict[str, Any]
    frames: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def read_in_worker(data: bytes, options: ReadOptions) -> list[Answer]:
    """The sheets of a workbook, read in a process of its own. Raises InputError."""
    try:
        return _ask(data, options, second_opinion=False)
    except InputError as error:
        if error.reason not in _DOUBTFUL:
            raise
        first = error
    try:
        return _ask(data, options, second_opinion=True)
    except InputError as error:
        if error.reason in ("workbook.damaged", "parser.crashed"):
            raise first from None
        raise


def _ask(data: bytes, options: ReadOptions, *, second_opinion: bool) -> list[Answer]:
    seconds = _SECONDS + _SECONDS_PER_MIB * len(data) / (1 << 20)
    request = {"options": asdict(options), "second_opinion": second_opinion, "seconds": seconds}
    with start_worker() as process:
        try:
            out, _ = process.communicate(json.dumps(request).encode() + b"\n" + data, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            refuse("limit.time")
        except BaseException:  # Ctrl-C: leave nobody behind
            process.kill()
            raise
    return _understood(out, process.returncode)


def _understood(out: bytes, code: int) -> list[Answer]:
    if sys.platform != "win32" and code in (-signal.SIGXCPU, -signal.SIGKILL):
        refuse("limit.time" if code == -signal.SIGXCPU else "limit.size")
    if code != 0 or len(out) < 8:
        refuse("parser.crashed")
    try:
        blobs = _blobs(out)
        head = json.loads(bytes(blobs[0]))
    except (struct.error, IndexError, ValueError):
        refuse("parser.crashed")
    if "error" in head:
        refuse(head["error"] if head["error"] in REASONS else "parser.crashed")
    frames = [pl.read_ipc(BytesIO(blob)) for blob in blobs[1:]]
    return [
        Answer(about, (frames[3 * i], frames[3 * i + 1], frames[3 * i + 2])) for i, about in enumerate(head["tables"])
    ]


def _blobs(out: bytes) -> list[memoryview]:
    """The answer's parts, each with its length in front."""
    view, place, found = memoryview(out), 0, []
    while place + 8 <= len(out):
        (length,) = struct.unpack_from("<Q", out, place)
        found.append(view[place + 8 : place + 8 + length])
        place += 8 + length
    return found
