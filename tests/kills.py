"""Commands that are killed at the n-th write to a store: a server that has loaded everything once and forks for each."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_name("kill_at_write.c")


class Ended(NamedTuple):
    """killed: by the n-th write. writes: calls that it made, where it was not. out: what it printed."""

    killed: bool
    code: int
    writes: int
    out: str


class Killer:
    """Runs `guiyi …` in a folder. Made by `killer`."""

    def __init__(self, server: "subprocess.Popen[str]") -> None:
        self._server = server

    def run(self, folder: Path, arguments: Sequence[object], at: int = -1, *, torn: bool = False) -> Ended:
        """The command with its store at `folder/a.duckdb`, killed at its write number `at` (-1: not at all)."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        told = {"folder": str(folder), "arguments": [str(a) for a in arguments], "at": at, "torn": torn}
        self._server.stdin.write(json.dumps(told) + "\n")
        self._server.stdin.flush()
        return Ended(*json.loads(self._server.stdout.readline()))


def can_kill() -> bool:
    """Whether this machine can build what is preloaded."""
    return sys.platform == "linux" and shutil.which("cc") is not None


@contextmanager
def killer(folder: Path) -> Iterator[Killer]:
    """Build the library into a folder, start the server, end it."""
    library = folder / "kill_at_write.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GUIYI_", "LC_", "LANG", "PYTHON", "COV"))}
    environment = kept | {"LANG": "C.UTF-8", "LD_PRELOAD": str(library), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", __name__, str(library)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, env=environment) as server:
        yield Killer(server)
        server.communicate()


def serve(library: str) -> None:
    """Answer lines of standard input. Nothing here starts a thread: a fork would lose it."""
    import guiyi.__main__  # noqa: F401
    from guiyi.cli import app  # noqa: F401
    from guiyi.pipelines.nightly import run as nightly  # noqa: F401

    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child == 0:
            _obey(library, told)
        _, status = os.waitpid(child, 0)
        folder = Path(told["folder"])
        count = folder / "writes"
        writes = int(count.read_text()) if count.exists() else 0
        answer = (
            os.WIFSIGNALED(status),
            os.waitstatus_to_exitcode(status),
            writes,
            (folder / "out").read_text("utf-8"),
        )
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _obey(library: str, told: dict[str, object]) -> None:
    """In the child: the command, its output into a file, the number of its writes beside it."""
    from guiyi import __main__

    folder = str(told["folder"])
    os.chdir(folder)
    os.dup2(os.open("out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    sys.argv = ["guiyi", *told["arguments"]]  # type: ignore[misc]
    hook = ctypes.CDLL(library)
    hook.arm(f"{folder}/a.duckdb".encode(), ctypes.c_long(int(str(told["at"]))), ctypes.c_long(bool(told["torn"])))
    code = 99
    try:
        __main__.main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        Path("writes").write_text(str(hook.calls()))
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
