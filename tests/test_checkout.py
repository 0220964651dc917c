"""The checkout passes its own checks whatever the folder is called."""

import shutil
import subprocess
import sys
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
