"""The report of `guiyi run --report`: what a program asks after a night, as one JSON document without personal data."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..i18n import Text
from .masking import mask_message, mask_name, masked

FORMAT = "guiyi-run-report/1"
_OF_FILE = ("name", "sheet", "source", "rows", "bytes", "format", "encoding", "sha256")
_OF_FIGURE = ("name", "scope", "value", "baseline", "status")
Stage = tuple[str, int | None, float]


def told_run(
    names: Sequence[str],
    stages: Sequence[Stage],
    run: Mapping[str, object] | None = None,
    metric: pl.DataFrame | None = None,
    files: pl.DataFrame | None = None,
) -> dict[str, Any]:
    """One run: its row (None: not published), figures, stages as far as they came, and the files it read."""
    return {
        "published": run is not None,
        "run": None if run is None else dict(run),
        "metric": [] if metric is None else [_figure(row) for row in metric.to_dicts()],
        "stages": [{"name": name, "rows": rows, "seconds": round(seconds, 3)} for name, rows, seconds in stages],
        "files": [{"name": mask_name(name)} for name in names]
        if files is None
        else masked(files.select(_OF_FILE)).to_dicts(),
    }


def _figure(row: dict[str, Any]) -> dict[str, Any]:
    """A figure; what only packs say of theirs (numerator, unit …) is left out of the others."""
    return row if row.get("pack") else {name: row[name] for name in _OF_FIGURE}


def told_job(
    runs: Sequence[Mapping[str, Any]],
    files: Mapping[str, Any],
    exit_code: int,
    reason: str | None = None,
    message: Text | None = None,
) -> bytes:
    """The whole document. files: `skipped`, `aside`, `pruned`. reason, message: why the job did not do all; None where it did."""
    document = {
        "format": FORMAT,
        "exit_code": exit_code,
        "reason": reason,
        "message": None if message is None else {"zh": mask_message(message.zh), "en": mask_message(message.en)},
        "runs": [dict(run) for run in runs],
        **{name: _named(told) for name, told in files.items()},
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, default=_told) + "\n").encode()


def _named(files: Any) -> Any:
    """Names of files, alone or each in a `name`, masked; what is no list stays."""
    if not isinstance(files, list):
        return files
    return [{**one, "name": mask_name(one["name"])} if isinstance(one, dict) else mask_name(one) for one in files]


def _told(value: Any) -> str:
    return str(value.isoformat())
