"""The tables of a run, and of the store's rows those that end with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ...fields import FIELDS
from ...io.store.publish import Change
from ...io.store.spool import Stored
from ...io.store.store import Store, open_store
from ...rules.catalog import graded, rules_of
from ...schemas import FIELD_EVENT, FINDING, PLAN_ITEM, RECORD, SCORE_CARD
from ..clean.row_rules import RULES, row_findings
from ..clean.rows import Clean
from ..context import RunContext
from ..field_events import field_events
from ..resolve.component import held
from ..resolve.previous_run import PreviousRun
from ..resolve.resolution import REGION, Resolution
from .change_detection import Changes
from .cleaning import Cleaned
from .id_conflicts import RULE as ID_CONFLICT
from .id_conflicts import find_id_conflicts
from .repeated_numbers import find_repeated
from .volume import RULES as VOLUME
from .volume import volume_findings

Tables = dict[str, Change]

_ENDED = """
SELECT DISTINCT record_key, file_id, field, rule FROM main.finding
WHERE (record_key IN (SELECT record_key FROM superseded) AND rule NOT IN (SELECT unnest($5)))
   OR (record_key IS NULL AND file_id IN (SELECT file_id FROM main.source_file WHERE source IN (SELECT unnest($1))))
   OR (rule = 'dedup.shared_value' AND $2)
   OR (rule IN ('dedup.link_cut', 'dedup.contradicted') AND (field, record_key) IN (SELECT (level, record_key) FROM region))
   OR (rule = 'survivorship.undecided' AND record_key IN (SELECT record_key FROM region WHERE level = $3))
   OR (rule IN (SELECT unnest($6)) AND $4)
   OR rule IN (SELECT unnest($7))
"""


@contextmanager
def opened(store: Path, previous: PreviousRun) -> Iterator[Store | None]:
    """The store as it was, where it holds a run."""
    if previous.number == 1:
        yield None
        return
    with open_store(store) as found:
        yield found


def tables_of(run: RunContext, changes: Changes, cleaned: Cleaned, planned: Resolution, before: Store | None) -> Tables:
    """Every table of a run but those that tell of the run itself."""
    clean = cleaned.clean
    rows: dict[str, Stored] = {
        "raw_record": changes.raw, "record": clean.record, "cell_change": cleaned.cell_change, "quarantine": clean.quarantine,
        "feature": cleaned.features,
    }  # fmt: skip
    tables = {name: Change(frame, changes.scope()) for name, frame in rows.items()}
    # Files that nothing lives of any more stay listed: they were read, and are not to be read again.
    files = pl.concat([changes.rows.files, changes.files]).unique("file_id", keep="first", maintain_order=True)
    tables["source_file"] = Change(files, files.select("file_id"))
    conflicts = FINDING.empty()
    if "source_record_id" in run.config.report.shared_ids:
        superseded, known = changes.delta.superseded(), None if changes.complete else before
        conflicts = find_id_conflicts(clean.record, cleaned.features, superseded, known, run.language)
    told = pl.concat([volume_findings(run, changes.files, before), conflicts])
    tables["field_event"] = Change(_events(clean.record, changes, before))
    tables |= {table.name: Change(table.empty()) for table in (PLAN_ITEM, SCORE_CARD)}  # until packs say otherwise
    return {**tables, "finding": _findings(run, changes, clean, planned, before, told), **planned.changes}


def _events(record: pl.DataFrame, changes: Changes, before: Store | None) -> pl.DataFrame:
    """The values of today's changed rows that are others than before."""
    if before is None or changes.delta.changed.is_empty():
        return FIELD_EVENT.empty()
    known = held(before, RECORD, changes.delta.changed)
    made = [field.name for field in FIELDS if field.kind is None]
    return field_events(RECORD, "source_record_id", known, record, made)


def _findings(
    run: RunContext, changes: Changes, clean: Clean, planned: Resolution, before: Store | None, told: pl.DataFrame
) -> Change:
    """What is to be said of today's rows and of the groups judged anew, in place of what was said of them."""
    own, ended = clean.findings, None
    if RULES:
        known = RECORD.empty() if before is None else RECORD.conform(before.table("record"))
        everybody = Change(clean.record, changes.scope()).applied_to(known).sort("record_key")
        own = pl.concat([own, row_findings(everybody, run.language)])
    if before is not None and not changes.complete:
        repeated = find_repeated(changes, clean, before, run.language)
        own = pl.concat([own.filter(pl.col("rule") != "row.duplicate_id"), repeated.findings])
        ended = pl.concat([_ended(before, planned, changes), repeated.places])
    findings = graded(pl.concat([own, planned.findings, told]).unique(maintain_order=True), run.config.severity)
    if ended is not None:
        ended = pl.concat([ended, findings.select(ended.columns)]).unique()
    return Change(findings, ended)


def _ended(before: Store, planned: Resolution, changes: Changes) -> pl.DataFrame:
    """The findings that end: of rows that today's replace, of the files that today's replace, of the groups that were judged anew."""
    region = REGION.to_frame() if planned.region is None else planned.region
    superseded = changes.delta.superseded().to_frame()
    sources = changes.files["source"].unique().to_list()
    with before.given(superseded, "superseded"), before.given(region, "region"):
        ours = (rules_of("resolve", "rows"), rules_of("resolve", "plan"), [*rules_of("rows"), *VOLUME, ID_CONFLICT])
        return before.query(_ENDED, [sources, planned.recounted, planned.planned, planned.region is None, *ours])
