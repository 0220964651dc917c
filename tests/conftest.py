"""What several tests share: the command in a process of its own, the sample files, one published run of them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.io.store import Store, open_store
from guiyi.pipelines.nightly import Outcome, run_nightly

SAMPLES = Path(__file__).parent.parent / "sample_data"
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def clean_environment(**more: str) -> dict[str, str]:
    """The caller's environment without anything that would change what guiyi says or reads."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GUIYI_", "LC_", "LANG", "PYTHON", "COV"))}
    return kept | {"LANG": "C.UTF-8", "COLUMNS": "200", **more}


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture
def guiyi(tmp_path: Path) -> Command:
    """Run `guiyi …` in an empty folder and wait for it."""

    def run(*arguments: object, cwd: Path = tmp_path, **options: object) -> "subprocess.CompletedProcess[str]":
        environment = clean_environment(**options.pop("env", {}))  # type: ignore[arg-type]
        return subprocess.run(
            [sys.executable, "-m", "guiyi", *map(str, arguments)],
            cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
            **options,  # type: ignore[call-overload]
        )  # fmt: skip

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
