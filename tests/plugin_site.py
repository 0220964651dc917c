"""A folder with installed plug-ins, as pip would leave it; a process with it on PYTHONPATH finds them as it finds any other."""

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from guiyi.plugins import GROUP

EXAMPLE = Path(__file__).parent / "example_plugin"


def install(
    site: Path, name: str, version: str, points: Mapping[str, str], modules: Mapping[str, str] | None = None
) -> None:
    """The record of a distribution with these entry points, and its modules: name → text."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
    lines = [f"[{GROUP}]", *(f"{point} = {target}" for point, target in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")
    for module, text in (modules or {}).items():
        (site / f"{module}.py").write_text(text, "utf-8")


def install_example(site: Path) -> Path:
    """The example of docs/en/extending.md."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    install(site, project["name"], project["version"], project["entry-points"][GROUP])
    shutil.copytree(EXAMPLE / "guiyi_example", site / "guiyi_example", ignore=shutil.ignore_patterns("__pycache__"))
    return site
