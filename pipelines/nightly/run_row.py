"""The rows that tell of a run itself: its line in `run`, and the audit's."""

import hashlib
import json
from datetime import UTC, datetime

import polars as pl

from ... import __version__
from ...config import Config
from ...decisions import active_decisions
from ...io.user import current_user
from ...plugins import plugin_versions
from ...schemas import AUDIT_EVENT, RUN
from ..resolve.previous_run import PreviousRun
from .change_detection import Changes


def run_row(night: Changes, config: Config, known: PreviousRun, started: datetime) -> pl.DataFrame:
    """The row of `run`, but for the counts that are only known when everything is in place."""
    sources = zip(night.files["source"], night.files["sha256"], strict=True)
    inputs = hashlib.sha256("\n".join(sorted(f"{source}/{digest}" for source, digest in sources)).encode())
    said = ",".join(sorted(active_decisions(known.decisions)["decision_id"]))
    decides = f"{inputs.hexdigest()}{config.digest()}{night.rules}{__version__}{said}"
    digest = hashlib.blake2b(decides.encode(), digest_size=4).hexdigest()
    number, delta = known.number, night.delta
    told = {
        "run_id": f"r{number:06d}-{digest}", "pipeline": "nightly", "status": "published", "started_at": started,
        "config_hash": config.digest(), "rules_hash": night.rules, "input_hash": inputs.hexdigest()[:16],
        "version": __version__, "number": number, "mode": "incremental" if night.mode == "incremental" else "whole",
        "rows_today": delta.read, "rows_new": delta.new, "rows_changed": delta.changed.len(), "rows_gone": delta.gone.len(),
    }  # fmt: skip
    return RUN.conform(pl.DataFrame([told]))


def with_counts(row: pl.DataFrame, rows: dict[str, int]) -> pl.DataFrame:
    """The row of `run` when it is over: `rows` live in `raw_record`, `record` and `quarantine`."""
    counts = {"rows_read": rows["raw_record"], "rows_clean": rows["record"], "rows_quarantined": rows["quarantine"]}
    finished = datetime.now(UTC).replace(tzinfo=None)
    return RUN.conform(row.with_columns(finished_at=finished, **{k: pl.lit(v) for k, v in counts.items()}))


def audit_of(run: pl.DataFrame) -> pl.DataFrame:
    """The audit's line of a run."""
    row = run.to_dicts()[0]
    detail = {k: row[k] for k in ("run_id", "rows_read", "rows_clean", "rows_quarantined", "rows_today")}
    if plugins := plugin_versions():
        detail["plugins"] = plugins
    told = {"at": row["started_at"], "by": current_user(), "action": "run", "detail": json.dumps(detail)}
    return AUDIT_EVENT.conform(pl.DataFrame([told]))
