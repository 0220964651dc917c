"""The checkout passes its own checks whatever the folder is called."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VENV = Path(sys.executable).parent.parent


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("guiyi", id="as-a-clone"),
        pytest.param("copy-2", id="another-name"),
        pytest.param("operator", id="as-a-standard-module"),
    ],
)
def test_lint_passes_in_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns(
        ".*", "*.md", "*.html", "*.png", "*.csv", "*.xlsx", "*.txt", "__pycache__", "*.egg-info"
    )
    shutil.copytree(ROOT, tmp_path / name, ignore=ignored)
    command = ["make", f"VENV={VENV}", "-o", f"{VENV}/.installed", "lint"]
    done = subprocess.run(command, cwd=tmp_path / name, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_says_that_it_installs_before_it_is_silent_for_minutes(tmp_path: Path) -> None:
    command = ["make", "--dry-run", f"VENV={tmp_path}/venv", "demo"]
    planned = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    said = next(n for n, line in enumerate(planned) if line.startswith("echo") and "installing" in line)
    assert said < next(n for n, line in enumerate(planned) if " -m venv " in line)


def test_every_library_that_the_package_imports_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *project["optional-dependencies"]["db"],
        *project["optional-dependencies"]["dns"],
    ]
    declared = {canonical(re.match(r"[\w.-]+", line)[0]) for line in lines}
    rooms = (p for p in ROOT.glob("[a-z]*/*.py") if p.parent.name not in ("tests", "benchmarks", "docs", "build"))
    imported = {name.split(".")[0] for path in rooms for name in imports_of(path)}
    sold_as = packages_distributions()
    foreign = imported - set(sys.stdlib_module_names) - {"guiyi"}
    assert {name for name in foreign if declared.isdisjoint(map(canonical, sold_as.get(name, [name])))} == set()


def imports_of(path: Path) -> Iterator[str]:
    """What a module imports from outside the package."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
