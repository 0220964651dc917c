"""`guiyi …` as a process of its own without loading everything again: a server that has imported the libraries and forks.

The child is a real process with its own folder, environment, streams and exit code. Only what is imported was imported before; the
command line itself is not, since help is written in the language of the moment.
"""

import gc
import importlib
import io
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOMS = ("pipelines", "rules", "dedup", "io", "reports", "review")
OTHERS = (
    "typer",
    "rich.console",
    "rich.table",
    "pandera.polars",
    "pandera.backends.polars.register",
    "pandera.backends.polars.builtin_checks",
    "hypothesis",
    "phonenumbers.geodata",
    "guiyi.__main__",
)
PLAIN = {"LANG": "C.UTF-8"}  # the locale that a child can be given: Python reads it before anything else


class ForkServer:
    """Starts when it is first asked; `close` ends it."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        """The command, waited for: its exit code and what it printed."""
        asked = json.dumps([list(arguments), str(folder), dict(environment)]).encode()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            connection = self._connection()
            socket.send_fds(connection, [len(asked).to_bytes(8, "big")], [out.fileno(), err.fileno()])
            connection.sendall(asked)
            code = int.from_bytes(_exactly(connection, 8), "big", signed=True)
            told = [(stream.seek(0), stream.read().decode())[1] for stream in (out, err)]
        return subprocess.CompletedProcess(["guiyi", *arguments], code, *told)

    def close(self) -> None:
        if self._socket is not None and self._process is not None:
            self._socket.close()
            self._process.wait(timeout=30)

    def _connection(self) -> socket.socket:
        if self._socket is None:
            self._socket, theirs = socket.socketpair()
            command = [sys.executable, "-m", __name__, str(theirs.fileno())]
            with theirs:
                kept = os.environ | PLAIN | {"OPENBLAS_NUM_THREADS": "1"}  # a thread would be lost in the child
                self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=kept)
        return self._socket


def serve(connection: socket.socket) -> None:
    """Fork for each command, one after the other, until the other end is closed."""
    _load()
    while True:
        head, streams, _, _ = socket.recv_fds(connection, 8, 2)
        if not head:
            return
        asked = json.loads(_exactly(connection, int.from_bytes(head, "big")))
        child = os.fork()
        if child == 0:
            connection.close()
            _become(streams, *asked)
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        connection.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))


def _load() -> None:
    for room in ROOMS:
        package = importlib.import_module(f"guiyi.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"guiyi.{room}."):
            importlib.import_module(module.name)
    for name in OTHERS:
        importlib.import_module(name)
    gc.freeze()


def _become(streams: Sequence[int], arguments: list[str], folder: str, environment: Mapping[str, str]) -> Any:
    """In the child: the command, which never returns."""
    from guiyi import __main__

    code = 99
    try:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, stream in enumerate(streams, 1):
            os.dup2(stream, number)
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), "utf-8")
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.BufferedWriter(io.FileIO(number, "w", closefd=False)), "utf-8", errors)
            for number, errors in ((1, "surrogateescape"), (2, "backslashreplace"))
        )
        sys.argv = ["guiyi", *arguments]
        __main__.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes of a connection; raises EOFError where it ends before."""
    found = b""
    while len(found) < count:
        part = connection.recv(count - len(found))
        if not part:
            raise EOFError("the server of tests is gone")
        found += part
    return found


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
