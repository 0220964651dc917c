"""What a night brings: rows read, compared with what is known, and how they are to be resolved."""

from collections.abc import Sequence
from fnmatch import fnmatch
from typing import NamedTuple

import polars as pl

from ...config import Config
from ...io.store.spool import Stored
from ...io.store.store import Store
from ..clean.drift import drift_findings
from ..context import RunContext
from ..packs.loading import load_packs
from ..packs.read import is_beside, read_side_tables
from ..packs.stage import Packs
from ..read import contracts
from ..read.intake import Intake, Origin, nothing, only, read_all
from ..read.reload import recalled
from ..resolve.previous_run import Delta, PreviousRun, all_new, compare, rules_of
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


def read_rows(run: RunContext, origins: Sequence[Origin]) -> tuple[Intake, Packs]:
    """The rows of files and queries, held against their contract, and those that are beside the customers."""
    beside = [origin for origin in origins if is_beside(origin, run.config)]
    packs = Packs(load_packs(run.config, run.options.folder), read_side_tables(beside, run.config))
    own = [origin for origin in origins if origin not in beside]
    intake = read_all(own, run.config) if own else nothing()
    contracts.check_intake(intake)
    return intake, packs


def detect_changes(
    run: RunContext, previous: PreviousRun, before: Store | None, intake: Intake, beside: pl.DataFrame
) -> Changes:
    """What of today's rows is new; changed columns may refuse the night.

    before: the store as it was; beside: `source_file` of files that hold no customers.
    """
    files, rules = pl.concat([intake.files, beside]), rules_of(run.config, run.options.folder)
    rows, delta, mode = intake, all_new(intake), "again"
    if before is not None:
        rows, delta, mode = _compared(run, previous, before, intake, rules)
    contracts.check_table("raw_record", rows.raw)
    raw = run.keep("raw_record", rows.raw)
    rows = rows._replace(raw=rows.raw.select("record_key", "file_id", "row_number"))
    return Changes(rows, raw, files, delta, mode, rules)


def _compared(
    run: RunContext, previous: PreviousRun, store: Store, intake: Intake, rules: str
) -> tuple[Intake, Delta, str]:
    """Rows to clean, what is new, and the mode."""
    config = run.config
    drift = drift_findings(intake, store, run.language)
    if config.gates.drift:
        with gates.heeded(run.options.breaker):
            gates.refuse_drift(drift)
    intake = intake._replace(notes=pl.concat([intake.notes, drift]))
    delta = compare(store, intake, _snapshots(intake, config))
    if previous.rules != rules:
        everything = recalled(store, intake, delta.gone, config)
        return everything, delta._replace(fresh=everything.raw["record_key"]), "again"
    moved = previous.moved + delta.moved()
    whole = (
        run.options.whole
        or previous.config != config.digest()
        or moved > config.incremental.whole_above * previous.rows
    )
    return only(intake, delta.fresh), delta, "whole" if whole else "incremental"


def _snapshots(intake: Intake, config: Config) -> list[str]:
    """The sources of which each file is the whole table."""
    names = intake.files.select("name", "source").unique().rows()
    settings = (
        (source, next((s for p, s in config.sources.items() if fnmatch(name, p)), None)) for name, source in names
    )
    return sorted({source for source, setting in settings if setting is not None and setting.snapshot})
