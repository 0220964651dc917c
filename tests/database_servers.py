"""Real database servers for tests: started on loopback in a folder of their own, gone at the end.

Where the Debian packages `postgresql` and `mariadb-server` are missing, the tests that need them are skipped.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "geheim@:/%密"  # every sign that an address has to escape
_PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binary(name: str, *places: str) -> str:
    """The path of a server's program, or the reason for which the test is skipped."""
    found = [path for place in places for path in sorted(Path("/").glob(place.strip("/") + "/" + name))]
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed: no server to test against")
    return program


def _as(user: str) -> dict[str, object]:
    """Servers refuse to run as root; anybody else runs them as himself."""
    return {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}


@contextmanager
def _folder(user: str) -> Iterator[Path]:
    """A folder that the server's user may enter: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="guiyi-", ignore_cleanup_errors=True) as name:
        if os.geteuid() == 0:
            shutil.chown(name, user, user)
        yield Path(name)


def _wait(ready: Callable[[], bool], server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _PATIENCE
    while not ready():
        if server.poll() is not None or time.monotonic() > end:
            pytest.fail("the database server did not start")
        time.sleep(0.05)


@contextmanager
def _running(command: list[str], user: str, ready: Callable[[], bool]) -> Iterator[None]:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd="/", **quiet, **_as(user))  # type: ignore[call-overload]
    try:
        _wait(ready, server)
        yield
    finally:
        server.terminate()
        server.wait(_PATIENCE)


@contextmanager
def postgresql(script: str) -> Iterator[str]:
    """A PostgreSQL with `script` run in it; gives `127.0.0.1:port/postgres`. User crm must show PASSWORD."""
    tools = ("usr/lib/postgresql/*/bin",)
    server, initdb, psql = (_binary(name, *tools) for name in ("postgres", "initdb", "psql"))
    with _folder("postgres") as folder:
        (folder / "password").write_text(PASSWORD, "utf-8")
        (folder / "password").chmod(0o644)
        make = [initdb, "-D", f"{folder}/data", "-U", "crm", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]
        command = [*make, f"--pwfile={folder}/password", "--no-sync"]
        subprocess.run(command, cwd="/", check=True, capture_output=True, **_as("postgres"))  # type: ignore[call-overload]
        port = free_port()
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "fsync": "off"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        ask = [psql, "-h", "127.0.0.1", "-p", str(port), "-U", "crm", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-q"]
        known = {**os.environ, "PGPASSWORD": PASSWORD, "PGCLIENTENCODING": "UTF8"}

        def ready() -> bool:
            return subprocess.run([*ask, "-c", "SELECT 1"], env=known, capture_output=True).returncode == 0

        with _running([server, "-D", f"{folder}/data", *settings], "postgres", ready):
            subprocess.run(ask, input=script.encode(), env=known, check=True, capture_output=True)
            yield f"127.0.0.1:{port}/postgres"


@contextmanager
def mysql(script: str) -> Iterator[str]:
    """A MariaDB with `script` run in database crm; gives `127.0.0.1:port/crm`. User crm must show PASSWORD."""
    server, install = _binary("mariadbd", "usr/sbin"), _binary("mariadb-install-db", "usr/bin")
    client = _binary("mariadb", "usr/bin")
    with _folder("mysql") as folder:
        make = [install, "--no-defaults", f"--datadir={folder}/data", "--auth-root-authentication-method=normal"]
        subprocess.run([*make, "--skip-test-db"], cwd="/", check=True, capture_output=True, **_as("mysql"))  # type: ignore[call-overload]
        port = free_port()
        options = {"datadir": f"{folder}/data", "socket": f"{folder}/socket", "pid-file": f"{folder}/pid"}
        options |= {"bind-address": "127.0.0.1", "port": port, "innodb-buffer-pool-size": "16M"}
        settings = [f"--{name}={value}" for name, value in options.items()]
        ask = [client, "--no-defaults", f"--socket={folder}/socket", "-u", "root", "--default-character-set=utf8mb4"]

        def ready() -> bool:
            return subprocess.run([*ask, "-e", "SELECT 1"], capture_output=True).returncode == 0

        with _running([server, "--no-defaults", *settings], "mysql", ready):
            first = (
                f"CREATE USER crm@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; CREATE DATABASE crm; "
                "GRANT SELECT ON crm.* TO crm@'127.0.0.1'; USE crm; "
            )
            subprocess.run(ask, input=(first + script).encode(), check=True, capture_output=True)
            yield f"127.0.0.1:{port}/crm"
