"""`guiyi review`: a link on standard output, an orderly end, and plain words when it cannot start."""

import http.client
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from guiyi.io.store.store import open_store
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


@pytest.mark.skipif(os.name == "nt", reason="modes of files are POSIX")
def test_the_browser_is_given_a_private_file_without_the_token_on_its_command_line(
    start, review_store: Path, tmp_path: Path
):
    seen, browser = tmp_path / "seen", tmp_path / "browser"
    browser.write_text(f"""#!/bin/sh
file="${{1#file://}}"
{{ echo "$1"; stat -c %a "$file" "$(dirname "$file")"; cat "$file"; }} > {seen}.part
mv {seen}.part {seen}
""")
    browser.chmod(0o755)
    process = start("review", "--db", review_store, "--port", 0, "--open", env={"BROWSER": f"{browser} %s"})
    link = process.stdout.readline().strip()
    for _ in range(200):
        if seen.exists():
            break
        time.sleep(0.1)
    given, mode, of_folder, text = seen.read_text().split("\n", 3)
    assert link.rsplit("/", 1)[1] not in given
    assert (mode, of_folder) == ("600", "700")
    assert link in text
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert not Path(given.removeprefix("file://")).parent.exists()
