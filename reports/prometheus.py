"""The last published run and the job that ended, in the text format that node-exporter's textfile collector reads."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import polars as pl

_ROWS = ("read", "clean", "quarantined", "today", "new", "changed", "gone")
_HELP = {
    "guiyi_job_exit_code": "Exit code of the last job; 0: clean.",
    "guiyi_job_finished_timestamp_seconds": "When the last job ended, however it ended.",
    "guiyi_run_number": "Number of the last published run.",
    "guiyi_run_finished_timestamp_seconds": "When the last published run was finished.",
    "guiyi_run_duration_seconds": "How long the last published run took.",
    "guiyi_run_rows": "Rows of the last published run, by state.",
    "guiyi_stage_seconds": "Seconds of each stage of the last published run.",
    "guiyi_figure": "Figures of the last published run: table metric.",
}
Sample = tuple[str, dict[str, str], float]


class Published(NamedTuple):
    """What the store says of its last run: its row, table `metric` without scopes that may name a person, table `stage`."""

    run: Mapping[str, object]
    metric: pl.DataFrame
    stage: pl.DataFrame


def render_prometheus(store: str, exit_code: int, ended: datetime, published: Published | None) -> str:
    """Every sample with the store's name as a label. published: None where there is no run, or it cannot be read."""
    samples: list[Sample] = [
        ("guiyi_job_exit_code", {}, exit_code),
        ("guiyi_job_finished_timestamp_seconds", {}, ended.timestamp()),
    ]
    if published is not None:
        samples += _run(published.run)
        samples += [
            ("guiyi_stage_seconds", {"stage": n}, s) for n, s in published.stage.select("name", "seconds").iter_rows()
        ]
        figures = published.metric.drop_nulls("value").select("name", "scope", "value")
        samples += [("guiyi_figure", {"name": n, "scope": s}, v) for n, s, v in figures.iter_rows()]
    lines = []
    for name, told in _HELP.items():
        own = [_line(name, {"store": store, **labels}, value) for one, labels, value in samples if one == name]
        lines += [f"# HELP {name} {told}", f"# TYPE {name} gauge", *own] if own else []
    return "\n".join(lines) + "\n"


def _run(run: Mapping[str, object]) -> Iterator[Sample]:
    started, finished = run["started_at"], run["finished_at"]
    assert isinstance(started, datetime)
    assert isinstance(finished, datetime)
    yield "guiyi_run_number", {}, float(str(run["number"]))
    yield "guiyi_run_finished_timestamp_seconds", {}, finished.timestamp()
    yield "guiyi_run_duration_seconds", {}, (finished - started).total_seconds()
    for state in _ROWS:
        yield "guiyi_run_rows", {"state": state}, float(str(run[f"rows_{state}"]))


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
