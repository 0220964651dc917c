"""`guiyi review` under a steward's hands: milliseconds of a page on a store with more than 5,000 groups."""

import http.client
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

from guiyi.io.store import open_store

from .measure import PYTHON, run_measured, show

ROWS = 20_000  # make about 6,900 groups
TIMES = 200


def review_page(folder: Path, seed: int) -> None:
    """Queue, search, group, the largest group and a decision, each asked for many times, one after another."""
    store = folder / "review.duckdb"
    for leftover in folder.glob("review.duckdb*"):
        leftover.unlink()
    run_measured([PYTHON, "-m", "guiyi.sample_data.generate", "--rows", str(ROWS), "--seed", str(seed), "--out", folder / "review"],
                 folder / "review.log")  # fmt: skip
    run_measured(
        [PYTHON, "-m", "guiyi", "run", folder / "review" / "records.csv", "--db", store, "--quiet"],
        folder / "review.log",
    )
    with open_store(store) as opened:
        groups = opened.query("SELECT group_id, size FROM main.duplicate_group ORDER BY size DESC, group_id")
        names = opened.query(
            "SELECT person_name FROM main.record WHERE person_name IS NOT NULL ORDER BY record_key LIMIT ?", [TIMES]
        )
    process = subprocess.Popen([PYTHON, "-m", "guiyi", "review", "--db", store, "--port", "0"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    try:
        started = time.perf_counter()
        asked = _Asked(process.stdout.readline().strip() if process.stdout else "")
        show(
            "review: start",
            ("", ""),
            [("groups", groups.height), ("seconds to the link", time.perf_counter() - started)],
        )
        _ask_all(asked, groups["group_id"].to_list(), names["person_name"].to_list())
    finally:
        process.terminate()
        process.wait()


class _Asked:
    """One connection, kept open as browsers do."""

    def __init__(self, link: str) -> None:
        self._connection = http.client.HTTPConnection(link.split("/")[2], timeout=60)
        self.base, self._cookie = link.rsplit("/open/", 1)[0], ""
        self._cookie = self.ask("GET", "/open/" + link.rsplit("/", 1)[1])[1].partition(";")[0]

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[str, str]:
        headers = {"Cookie": self._cookie, "Origin": self.base, "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.read().decode(), answer.headers.get("set-cookie", "")


def _ask_all(asked: _Asked, ids: list[str], names: list[str]) -> None:
    queue = asked.ask("GET", "/")[0]
    key = queue.split('name="key" value="')[1].split('"')[0]
    several = ids[:: max(1, len(ids) // TIMES)][:TIMES]

    def decide(group: str) -> None:
        asked.ask("POST", f"/group/{group}/decide", urlencode({"key": key, "seen": 10**9, "act": "approve"}))

    kinds: list[tuple[str, Callable[[str], object], list[str]]] = [
        ("queue", lambda _: asked.ask("GET", "/?band=all"), several),
        ("search", lambda name: asked.ask("GET", f"/?band=all&q={quote(name)}"), names),
        ("group", lambda group: asked.ask("GET", f"/group/{group}"), several),
        ("largest group", lambda group: asked.ask("GET", f"/group/{group}"), ids[:1] * 30),
        ("decision stored", decide, several),
        ("queue after that", lambda _: asked.ask("GET", "/?band=all"), several),
    ]
    show("review: milliseconds", ("", "median", "95th percentile", "longest"), [_timed(*kind) for kind in kinds])


def _timed(name: str, ask: Callable[[str], object], arguments: list[str]) -> tuple[str, float, float, float]:
    taken = []
    for argument in arguments:
        started = time.perf_counter()
        ask(argument)
        taken.append((time.perf_counter() - started) * 1000)
    return name, statistics.median(taken), statistics.quantiles(taken, n=20)[-1], max(taken)
