"""`guiyi review` under a steward's hands: milliseconds of a page on a store with more than 5,000 groups."""

import csv
import http.client
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from guiyi.io.store.store import open_store

from .measure import PYTHON, cpu_of, run_measured, show

ROWS = 20_000  # make about 6,900 groups
TIMES = 200
LARGE = 5_000  # records of one group


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
    started = time.perf_counter()
    with _served(store) as (link, _):
        rows = [("groups", groups.height), ("seconds to the link", time.perf_counter() - started)]
        show("review: start", ("", ""), rows)
        _ask_all(_Asked(link), groups["group_id"].to_list(), names["person_name"].to_list())
    _large_group(folder)


@contextmanager
def _served(store: Path) -> Iterator[tuple[str, int]]:
    """The link of a page that runs until the end, and its process."""
    process = subprocess.Popen([PYTHON, "-m", "guiyi", "review", "--db", store, "--port", "0"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    try:
        yield process.stdout.readline().strip() if process.stdout else "", process.pid
    finally:
        process.terminate()
        process.wait()


def _large_group(folder: Path) -> None:
    """One person in 5,000 rows: pages of that group, and another client's queue while they are asked for without a pause."""
    store, file = folder / "large.duckdb", folder / "large.csv"
    for leftover in folder.glob("large.duckdb*"):
        leftover.unlink()
    with file.open("w", encoding="utf-8", newline="") as opened:
        write = csv.writer(opened).writerow
        write(["客户编号", "姓名", "公司名称", "手机", "邮箱", "地址", "备注"])
        for i in range(LARGE):
            place = f"浙江省杭州市西湖区文三路{i % 40 + 1}号"
            write(
                [
                    f"C{i:05}",
                    "王海峰",
                    "杭州青禾信息技术有限公司",
                    "13800001234",
                    "wang@qinghe.cn",
                    place,
                    f"第{i}次来电",
                ]
            )
        for i in range(400):
            write([f"D{i:05}", "李明", f"宁波澜舟{i // 2}号贸易有限公司", f"139{i // 2:08}", "", "", ""])
    run_measured(
        [PYTHON, "-m", "guiyi", "run", file, "--db", store, "--quiet", "--accept-change"], folder / "large.log"
    )
    with open_store(store) as known:
        group = known.query("SELECT group_id FROM main.duplicate_group ORDER BY size DESC, level DESC, group_id")[
            "group_id"
        ][0]
    with _served(store) as (link, pid):
        one, address, times = _Asked(link), f"/group/{group}", TIMES // 2
        kinds = {
            "page without records": ["/nowhere"] * times,
            "queue": ["/"] * times,
            f"group of {LARGE:,}": [f"{address}?page={n % 25 + 1}" for n in range(times)],
            "and a record of it": [f"{address}?at={n * 40 + 1}" for n in range(times)],
        }
        rows: list[tuple[object, ...]] = []
        for name, paths in kinds.items():
            before = cpu_of(pid)
            row = _timed(name, lambda path: one.ask("GET", path), paths)
            rows.append((*row, (cpu_of(pid) - before) * 1000 / times))
        over, busy, other = threading.Event(), _Asked(link), _Asked(link)
        asking = threading.Thread(target=_ask_until, args=(over, busy, address))
        asking.start()
        rows.append((*_timed("queue meanwhile", lambda path: other.ask("GET", path), ["/"] * times), ""))
        over.set()
        asking.join()
    heads = ("", "median", "95th percentile", "longest", "CPU of the server")
    show("review: a large group, milliseconds", heads, rows)


def _ask_until(over: threading.Event, asked: "_Asked", path: str) -> None:
    while not over.is_set():
        asked.ask("GET", path)


class _Asked:
    """One connection, kept open as browsers do."""

    def __init__(self, link: str) -> None:
        self._connection = http.client.HTTPConnection(link.split("/")[2], timeout=60)
        self.base, self._cookie, self._root = link.rsplit("/open/", 1)[0], "", ""
        given = self.ask("GET", "/open/" + link.rsplit("/", 1)[1])[1]
        self._cookie, self._root = given.partition(";")[0], re.findall(r"(?i)path=(/[^;]*)/", given)[0]

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[str, str]:
        headers = {"Cookie": self._cookie, "Origin": self.base, "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request(method, self._root + path, body, headers)
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
