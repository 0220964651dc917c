"""What several tests share: the command in a process of its own, the sample files, one published run of them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from guiyi.config import Config
from guiyi.io.store.store import Store, open_store
from guiyi.pipelines.nightly.run import Outcome, run_nightly
from guiyi.tests.browser import browser, look  # noqa: F401  (fixtures: one browser for all tests of a process)
from guiyi.tests.fork_server import PLAIN, ForkServer
from hypothesis import settings

# A busy machine is no fault of the code: examples have no deadline, and are the same in every run.
settings.register_profile("guiyi", deadline=None, derandomize=True)
settings.load_profile("guiyi")

SAMPLES = Path(__file__).parent.parent / "sample_data"
Command = Callable[..., "subprocess.CompletedProcess[str]"]
# What makes a test one that is run before a commit, and not while one writes: a process, a browser, a server, a night, a store,
# or a hundred made-up examples.
HEAVY_FIXTURES = {"start", "sample_run", "browser", "review_run", "report_store", "made_up", "plugged"}
HEAVY_NAMES = {"run_nightly", "first_night", "open_store", "store_file", "web_server", "server_of"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `quick` what needs none of them."""
    for item in items:
        module = set(vars(getattr(item, "module", object)))
        drawn = hasattr(getattr(item, "obj", None), "hypothesis")
        if (
            not drawn
            and HEAVY_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
            and HEAVY_NAMES.isdisjoint(module)
        ):
            item.add_marker("quick")


def clean_environment(**more: str) -> dict[str, str]:
    """The caller's environment without anything that would change what guiyi says or reads."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GUIYI_", "LC_", "LANG", "PYTHON", "COV"))}
    # Tests that limit the size of files must not leave cut-off bytecode behind.
    return kept | {"LANG": "C.UTF-8", "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1", **more}


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start `guiyi …` in an empty folder; what still runs at the end of the test is killed."""
    running: list[subprocess.Popen[str]] = []

    def popen(*arguments: object, env: dict[str, str] | None = None, **options: Any) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "guiyi", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        running.append(subprocess.Popen(command, cwd=tmp_path, env=clean_environment(**env or {}), **pipes, **options))
        return running[-1]

    yield popen
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Processes that need not import everything again."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
def guiyi(tmp_path: Path, fork_server: ForkServer, start: Callable[..., "subprocess.Popen[str]"]) -> Command:
    """Run `guiyi …` in an empty folder and wait for it."""

    def run(
        *arguments: object, env: dict[str, str] | None = None, **options: Any
    ) -> "subprocess.CompletedProcess[str]":
        environment = clean_environment(**env or {})
        wish = {name: value for name, value in environment.items() if name.startswith(("LC_", "LANG", "PYTHONIO"))}
        if wish == PLAIN and not options and hasattr(os, "fork"):
            return fork_server.run([str(a) for a in arguments], tmp_path, environment)
        process = start(*arguments, env=env, **options)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The sample files, run once: (store, what was published). Nobody writes to it."""
    db = tmp_path_factory.mktemp("published") / "samples.duckdb"
    return db, run_nightly([SAMPLES / "leads.csv", SAMPLES / "customers.xlsx"], db, Config(), "zh")


@pytest.fixture
def sample_store(sample_run: tuple[Path, Outcome]) -> Iterator[Store]:
    with open_store(sample_run[0]) as store:
        yield store
