"""The pre-import gate beside a bare reader of the same file: as processes, start-up included, and inside one process."""

import csv
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from guiyi.config import Config
from guiyi.pipelines.check.gate import CheckRequest, check_file
from guiyi.pipelines.check.selection import Asked
from guiyi.sample_data.crash import write_crash

from .measure import PYTHON, run_measured, show

TIMES = 7
SOILED = ("text.invisible", "text.formula")
_BARE = {
    ".csv": "import sys, polars; polars.read_csv(sys.argv[1], infer_schema=False)",
    ".xlsx": "import sys, fastexcel; fastexcel.read_excel(sys.argv[1]).load_sheet(0, dtypes='string').to_polars()",
}
_NAMES = {".csv": "polars", ".xlsx": "fastexcel"}
_CHECK = ("-m", "guiyi", "check", "--fail-on", "never")
Cost = tuple[float, float]  # seconds, CPU seconds


def gate(folder: Path) -> None:
    """The crash file in both forms, and the small files that one waits for."""
    print("fastexcel is not installed: pip install -e '.[bench]'" if not find_spec("fastexcel") else "")
    paths = [
        path for suffix in _BARE if (path := _crash(folder, suffix)) and (suffix == ".csv" or find_spec("fastexcel"))
    ]
    for path in paths:
        _show(f"{path.name}, a process each, best of {TIMES}", _processes(path, folder))
        _show(f"{path.name}, inside one process, best of {TIMES}", _inside(path))
    show(
        "rows of the crash file that were told", ("", "soiled", "told", "missed", "further"), [_told(p) for p in paths]
    )
    rows = [(path.name, *_best(lambda p=path: _process(["check", p], folder))) for path in _small(folder)]
    show(f"small files, guiyi check as a process, best of {TIMES}", ("", "seconds", "CPU seconds"), rows)


def _show(title: str, costs: list[tuple[str, Cost]]) -> None:
    """The bare reader first; the others as multiples of it."""
    wall, cpu = costs[0][1]
    rows = [(name, *cost, cost[0] / wall, cost[1] / cpu) for name, cost in costs]
    show(title, ("", "seconds", "CPU seconds", "times", "times CPU"), rows)


def _processes(path: Path, folder: Path) -> list[tuple[str, Cost]]:
    bare = ["-c", _BARE[path.suffix], path]
    return _side_by_side([
        (_NAMES[path.suffix], lambda: _process(bare, folder)),
        ("guiyi check --only text", lambda: _process(["check", path, "--only", "text"], folder)),
        ("guiyi check", lambda: _process(["check", path], folder)),
    ])  # fmt: skip


def _inside(path: Path) -> list[tuple[str, Cost]]:
    def check(*only: str) -> Callable[[], object]:
        return lambda: check_file(CheckRequest(path, Config(), "zh", path.parent, asked=Asked(only)))

    def bare() -> object:
        if path.suffix == ".csv":
            return pl.read_csv(path, infer_schema=False)
        import fastexcel

        return fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_polars()

    steps = [(_NAMES[path.suffix], bare), ("check --only text", check("text")), ("check", check())]
    return _side_by_side([(name, lambda s=step: _timed(s)) for name, step in steps])


def _side_by_side(steps: list[tuple[str, Callable[[], Cost]]]) -> list[tuple[str, Cost]]:
    """Each in turn, several times over, so that other load on the machine meets all of them; the best of each."""
    rounds = [[step() for _, step in steps] for _ in range(TIMES)]
    return [(name, _least(costs)) for (name, _), costs in zip(steps, zip(*rounds, strict=True), strict=True)]


def _best(step: Callable[[], Cost]) -> Cost:
    return _least([step() for _ in range(TIMES)])


def _least(costs: "list[Cost] | tuple[Cost, ...]") -> Cost:
    return min(wall for wall, _ in costs), min(cpu for _, cpu in costs)


def _process(arguments: list[object], folder: Path) -> Cost:
    command = [*_CHECK, *arguments[1:]] if arguments[0] == "check" else arguments
    cost = run_measured([PYTHON, *map(str, command)], folder / "gate.log")
    return cost.wall, cost.cpu


def _timed(step: Callable[[], object]) -> Cost:
    """With the children: workbooks are read in a process of their own."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    step()
    return time.perf_counter() - wall, sum(os.times()[:4]) - cpu


def _told(path: Path) -> tuple[str, int, int, int, int]:
    with path.with_name(f"{path.stem}.truth.csv").open(encoding="utf-8") as file:
        soiled = {row["record_id"] for row in csv.DictReader(file)}
    checked = check_file(CheckRequest(path, Config(), "zh", path.parent))
    ids = checked.intake.rows[0].select("row_number", "source_record_id")
    rows = checked.findings.filter(pl.col("rule").is_in(SOILED)).select("row_number").unique()
    told = set(rows.join(ids, on="row_number")["source_record_id"])
    return path.name, len(soiled), len(told), len(soiled - told), len(told - soiled)


def _crash(folder: Path, suffix: str) -> Path:
    path = folder / f"crash{suffix}"
    if not path.exists() or not path.with_name("crash.truth.csv").exists():
        write_crash(path)
    return path


def _small(folder: Path) -> list[Path]:
    """Five rows as CSV, 3,000 as a workbook."""
    rows = pl.read_csv(_crash(folder, ".csv"), infer_schema=False)
    rows.head(5).write_csv(folder / "five.csv")
    rows.head(3000).write_excel(folder / "three_thousand.xlsx")
    return [folder / "five.csv", folder / "three_thousand.xlsx"]
