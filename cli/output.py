"""Where commands write: a file, or standard output, which may be full or go away (`| head`): then the output ends, not the work."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import GuiyiError
from ..i18n import Text
from ..interruption import is_interruption
from ..log import warn

_lost: list[OSError] = []  # why standard output could not be written
_done: list[Text] = []  # what counts already, whatever becomes of the output


class PatientStream:
    """A stream that goes quiet when nobody reads it any more, or its disk is full; the latter is remembered."""

    def __init__(self, stream: Any, lost: list[OSError]) -> None:
        self._stream, self._lost = stream, lost

    def write(self, data: Any) -> int:
        try:
            return int(self._stream.write(data))
        except OSError as fault:
            self._go_quiet(fault)
            return len(data)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as fault:
            self._go_quiet(fault)

    @property
    def buffer(self) -> "PatientStream":
        return PatientStream(self._stream.buffer, self._lost)

    def _go_quiet(self, fault: OSError) -> None:
        """What is still buffered, and all that follows, goes nowhere."""
        if fault.errno not in (errno.EPIPE, errno.EINVAL):  # EINVAL: a pipe that nobody reads, on Windows
            self._lost.append(fault)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def be_patient() -> None:
    """From now on the standard streams outlive their readers; those that were closed are there, and lead nowhere.

    Were they left closed, the next file that is opened would take their number, and what is printed would go into it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    sys.stdout, sys.stderr = PatientStream(sys.stdout, _lost), PatientStream(sys.stderr, [])


@contextmanager
def after_publishing(done: Text) -> Iterator[None]:
    """What fails inside is a warning that says what is done: the work counts, and no exit code may ask for it again."""
    _done[:] = [done]
    try:
        yield
    except Exception as fault:
        if is_interruption(fault):
            raise
        why = str(fault) if isinstance(fault, GuiyiError) else type(fault).__name__
        words = Text(
            "{d}，请勿重做。之后的一步没有完成：{w}", "{d}: do not do it again. What failed is a later step: {w}"
        )
        warn(Text(words.zh.format(d=done.zh, w=why), words.en.format(d=done.en, w=why)))


def closing_code(code: int) -> int:
    """The exit code of a command that would end with `code`, once everything is printed; 4 where the result was not.

    Where the work counts all the same, that is said and the code stays.
    """
    sys.stdout.flush()
    if not _lost:
        return code
    words = Text(
        "标准输出写不进去（磁盘已满？），结果没有全部打印。",
        "Standard output cannot be written (disk full?): not everything was printed.",
    )
    for done in _done:
        words = Text(f"{words.zh}{done.zh}，请勿重做。", f"{words.en} {done.en}: do not do it again.")
    warn(words)
    return code if _done else code or 4


def deliver(document: bytes | str, output: Path | None) -> None:
    """A command's document to a file, whole or not at all, or to standard output. Raises StoreError.

    Bytes are for programs and go out as they are; a text is for people: on standard output it has the terminal's code page.
    """
    data = document.encode() if isinstance(document, str) else document
    if output is not None:
        from ..io.write.export import write_file

        write_file(output, data)
        return
    if isinstance(document, str):
        sys.stdout.write(document)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
