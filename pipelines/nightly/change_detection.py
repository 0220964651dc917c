"""What a night brings: rows read, compared with what is known, and how they are to be resolved."""

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ...config import Config
from ...i18n import Language
from ...io.store.spool import Keep, Stored
from ...io.store.store import Store, open_store
from ..clean.drift import drift_findings
from ..read import contracts
from ..read.intake import Intake, Origin, nothing, only, read_all
from ..read.reload import recalled
from ..resolve.previous_run import Delta, PreviousRun, all_new, compare, rules_of
from ..runner import Runner
from . import gates


class Changes(NamedTuple):
    """rows: what is to be cleaned, without raw values, which are in `raw`. files: read today. delta: what is new.

    mode: `incremental`; `whole`: everything is compared; `again`: and everything known is among the rows, because it was
    cleaned by other rules, or because nothing was known. rules: hash of those it is cleaned by (previous_run.py).
    """

    rows: Intake
    raw: Stored
    files: pl.DataFrame
    delta: Delta
    mode: str
    rules: str

    @property
    def complete(self) -> bool:
        """No record lives that is not among the rows."""
        return self.mode == "again"

    def scope(self) -> pl.DataFrame | None:
        """The record keys of which the store's word is over; None: all."""
        return None if self.complete else self.delta.superseded().to_frame()


def detect_changes(
    origins: Sequence[Origin], known: PreviousRun, store: Path, config: Config, language: Language, guarded: bool, whole: bool,
    runner: Runner, keep: Keep, folder: Path,
) -> Changes:  # fmt: skip
    """Read and compare. guarded: changed columns may refuse the night; whole: compare everything, whatever has moved.

    folder: where the configuration's rule packs are found from.
    """
    rules = rules_of(config, folder)
    with runner.stage("read") as count:
        intake = read_all(origins, config) if origins else nothing()
        contracts.check_intake(intake)
        count(intake.height)
    with runner.stage("compare") as count:
        files = intake.files
        if known.number > 1:
            with open_store(store) as opened:
                rows, delta, mode = _compared(intake, known, opened, config, rules, language, guarded, whole)
        else:
            rows, delta, mode = intake, all_new(intake), "again"
        count(delta.fresh.len())
    contracts.check_table("raw_record", rows.raw)
    raw = keep("raw_record", rows.raw)
    return Changes(
        rows._replace(raw=rows.raw.select("record_key", "file_id", "row_number")), raw, files, delta, mode, rules
    )


def _compared(
    intake: Intake,
    known: PreviousRun,
    store: Store,
    config: Config,
    rules: str,
    language: Language,
    guarded: bool,
    whole: bool,
) -> tuple[Intake, Delta, str]:
    drift = drift_findings(intake, store, language)
    if config.gates.drift:
        with gates.heeded(guarded):
            gates.refuse_drift(drift)
    intake = intake._replace(notes=pl.concat([intake.notes, drift]))
    delta = compare(store, intake, _snapshots(intake, config))
    if known.rules != rules:
        everything = recalled(store, intake, delta.gone, config)
        return everything, delta._replace(fresh=everything.raw["record_key"]), "again"
    moved = known.moved + delta.moved()
    whole = whole or known.config != config.digest() or moved > config.incremental.whole_above * known.rows
    return only(intake, delta.fresh), delta, "whole" if whole else "incremental"


def _snapshots(intake: Intake, config: Config) -> list[str]:
    """The sources of which each file is the whole table."""
    names = intake.files.select("name", "source").unique().rows()
    settings = (
        (source, next((s for p, s in config.sources.items() if fnmatch(name, p)), None)) for name, source in names
    )
    return sorted({source for source, setting in settings if setting is not None and setting.snapshot})
