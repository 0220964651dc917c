"""Where commands write: a file, or standard output, whose reader may go away (`| head`): then the output ends, not the work."""

import errno
import os
import sys
from pathlib import Path
from typing import Any


class PatientStream:
    """A stream that goes quiet when nobody reads it any more."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        try:
            return int(self._stream.write(data))
        except OSError as fault:
            self._go_quiet_after(fault)
            return len(data)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as fault:
            self._go_quiet_after(fault)

    @property
    def buffer(self) -> "PatientStream":
        return PatientStream(self._stream.buffer)

    def _go_quiet_after(self, fault: OSError) -> None:
        """What is still buffered, and all that follows, goes nowhere. Raises the fault again where it is another.

        A pipe that nobody reads is EPIPE, on Windows EINVAL.
        """
        if not isinstance(fault, BrokenPipeError) and fault.errno != errno.EINVAL:
            raise fault
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def be_patient() -> None:
    """From now on standard output outlives its reader."""
    sys.stdout = PatientStream(sys.stdout)


def deliver(document: bytes | str, output: Path | None) -> None:
    """A command's document to a file, whole or not at all, or to standard output. Raises StoreError.

    Bytes are for programs and go out as they are; a text is for people: on standard output it has the terminal's code page.
    """
    data = document.encode() if isinstance(document, str) else document
    if output is not None:
        from ..io.export import write_file

        write_file(output, data)
        return
    if isinstance(document, str):
        sys.stdout.write(document)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
