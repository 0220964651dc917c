"""The review page as tests use it: a store of its own, the real server in a thread, and a visitor who speaks HTTP."""

import http.client
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from guiyi.config import Config
from guiyi.io.store.journal import decisions_of
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.review.app import create_app
from guiyi.review.guard import Keys
from guiyi.review.protocol import settings_of
from guiyi.sample_data.table import write_table

ROWS, SEED = 2_500, 7


class Fields(HTMLParser):
    """The hidden fields of a page, by the address their form is sent to."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._form = self.forms.setdefault(given.get("action") or "", {})
        elif tag == "input" and given.get("type") == "hidden":
            self._form[given["name"] or ""] = given.get("value") or ""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    def fields(self, ending: str) -> dict[str, str]:
        """The hidden fields of the form whose address holds `ending`."""
        parser = Fields()
        parser.feed(self.text)
        return next(dict(found) for action, found in parser.forms.items() if ending in action)


@dataclass
class Served:
    """A running page: `link` as it is printed, `store` beside whose journal it writes."""

    store: Path
    who: str
    port: int
    keys: Keys
    app: Any
    cookie: str = ""

    @property
    def root(self) -> str:
        return self.keys.root

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return self.origin + self.root

    @property
    def link(self) -> str:
        return f"{self.origin}/open/{self.keys.token}"

    @property
    def desk(self) -> Any:
        return self.app._app.state.desk

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """One request; `headers` with _ for -. The session's cookie goes along unless `cookie` is given.

        Addresses, asked for and answered, are those below the root.
        """
        sent = {"Host": f"127.0.0.1:{self.port}", "Cookie": self.cookie}
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                method,
                path if path.startswith("/open/") else self.root + path,
                body,
                {k: v for k, v in sent.items() if v},
            )
            got = connection.getresponse()
            answered = {k.lower(): v.removeprefix(self.root) for k, v in got.getheaders()}
            return Answer(got.status, answered, got.read().decode().replace(f'"{self.root}/', '"/'))
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, **fields: Any) -> Answer:
        """A form as the page sends it; `page`: an answer whose `seen` and `key` are used, else those of the queue."""
        page = fields.pop("page", None) or self.get("/")
        hidden = page.fields("/undo")
        values = {"key": hidden["key"], "seen": hidden["seen"], **fields}
        return self.ask("POST", path, urlencode(values, doseq=True))

    def decide(self, group: str, act: str, query: str = "", **fields: Any) -> Answer:
        return self.post(f"/group/{group}/decide{query}", act=act, **fields)

    def kinds(self) -> list[str]:
        """What stands in the journal."""
        return decisions_of(self.store)["kind"].to_list()

    def groups(self, **where: Any) -> list[dict[str, Any]]:
        """The groups of the run in the order of the queue."""
        rows = self.desk.reader.current().groups.to_dicts()
        return [r for r in rows if all(r[k] == v for k, v in where.items())]

    def keys_of(self, group: dict[str, Any]) -> list[str]:
        """The group's records, the survivor first."""
        return self.desk.reader.current().members.of(group["place"])["record_key"].to_list()


@dataclass
class Running:
    server: uvicorn.Server
    thread: threading.Thread = field(default_factory=threading.Thread)


@pytest.fixture(scope="session")
def review_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published run of invented customers, with groups to review on both levels. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("review")
    write_table(ROWS, SEED, folder)
    store = folder / "guiyi.duckdb"
    run_nightly([folder / "records.csv"], store, Config(), "zh")
    return store


@pytest.fixture
def review_store(review_run: Path, tmp_path: Path) -> Path:
    """A copy of that run and of the file it read: the journal lies beside them."""
    shutil.copy(review_run.with_name("records.csv"), tmp_path)
    return Path(shutil.copy(review_run, tmp_path / "guiyi.duckdb"))


@pytest.fixture
def serve(review_store: Path) -> Iterator[Callable[..., Served]]:
    """`serve("王芳", store=…)` starts the page; everything is stopped at the end of the test."""
    running: list[Running] = []

    def start(who: str = "王芳", store: Path = review_store) -> Served:
        keys, bound = Keys(), socket.create_server(("127.0.0.1", 0))
        app = create_app(store, who, keys, Config().thresholds.duplicate)
        server = uvicorn.Server(settings_of(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        running.append(Running(server, thread))
        served = Served(store, who, bound.getsockname()[1], keys, app)
        opened = served.ask("GET", f"/open/{keys.token}")
        served.cookie = opened.headers["set-cookie"].partition(";")[0]
        return served

    yield start
    for one in running:
        one.server.should_exit = True
    for one in running:
        one.thread.join(timeout=20)


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """The page of one steward."""
    return serve()
