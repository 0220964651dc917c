"""`guiyi review`: a link on standard output, an orderly end, and plain words when it cannot start."""

import http.client
import signal
import socket
from pathlib import Path

import pytest
from guiyi.io.store import open_store
from guiyi.tests.review_server import review_run, review_store

__all__ = ["review_run", "review_store"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_link_is_printed_works_and_the_server_ends_in_order(start, review_store: Path, number):
    process = start("review", "--db", review_store, "--port", 0, "--as", "王芳")
    link = process.stdout.readline().strip()
    host = link.split("/")[2]
    assert link.startswith("http://127.0.0.1:")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", "/" + link.split("/", 3)[3])
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 303
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert (out, err.count("\n")) == ("", 1)
    assert "王芳" in err


def test_a_missing_store_is_said_in_one_sentence(guiyi):
    done = guiyi("review", "--db", "nowhere.duckdb")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_store_without_a_run_is_said_in_one_sentence(guiyi, tmp_path: Path):
    with open_store(tmp_path / "empty.duckdb", create=True):
        pass
    done = guiyi("review", "--db", "empty.duckdb")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)


def test_a_port_that_is_taken_is_said_in_one_sentence(guiyi, review_store: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = guiyi("review", "--db", review_store, "--port", taken.getsockname()[1])
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_help_loads_neither_server_nor_templates(guiyi):
    import subprocess
    import sys

    code = "import sys, guiyi.cli.app; print([m for m in ('starlette', 'uvicorn', 'jinja2', 'rustworkx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
