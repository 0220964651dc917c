"""The nightly run: read, compare with what is known, clean, resolve, plan, check, publish. The order is the program."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ...config import Config
from ...errors import InputError
from ...i18n import Language, Text
from ...io.store.lock import run_lock
from ...io.store.publish import Change
from ...io.store.spool import Keep, Stored, in_memory, spool
from ...io.store.store import Store, open_store
from ...log import name_run
from ...rules.catalog import STORED, graded, rules_of
from ...rules.phone.region import preload
from ...schemas import RECORD
from ..clean.features import features_of
from ..clean.packs import load_rules, plugged_packs, stored_pack_findings
from ..clean.row_rules import RULES, row_findings
from ..clean.rows import Clean, clean_rows
from ..read import contracts
from ..read.intake import Intake, Origin
from ..report.alarms import alarmed
from ..resolve.candidates import write_keys
from ..resolve.incremental import has_people, merges_people, resolve_affected, settle_affected
from ..resolve.previous_run import PreviousRun, know, new_audits
from ..resolve.resolution import REGION, Resolution, Today, compare_all, settle_all
from ..runner import Listener, Runner, silent
from . import gates
from .breaker import breaker, history_of, refuse_tripped, spoken
from .change_detection import Changes, detect_changes
from .metrics import measure
from .repeated_numbers import find_repeated
from .run_row import audit_of, run_row, with_counts

Tables = dict[str, Change]


@dataclass(frozen=True)
class Outcome:
    """What a run published: the row of `run`, its figures, and today's tables, but for those too large to stay in memory.

    severities: today's findings by severity. files: what was read today, as table `source_file`.
    """

    run: dict[str, object]
    metric: pl.DataFrame
    severities: dict[str, int]
    tables: dict[str, pl.DataFrame]
    files: pl.DataFrame


@dataclass(frozen=True)
class RunOptions:
    """What the caller asks of this run. breaker: refuse a sudden change; whole: compare everything again.

    folder: where the configuration's rule packs are found from. wait: seconds to wait for another run of the store.
    """

    breaker: bool = True
    whole: bool = False
    folder: Path = Path()
    wait: float = 0.0


def run_nightly(
    origins: Sequence[Origin],
    store: Path,
    config: Config,
    _language: Language = STORED,  # a store speaks one language; who called with another still may
    listener: Listener = silent,
    wishes: RunOptions = RunOptions(),
) -> Outcome:
    """Bring the store to what files and database queries say now and publish it, or raise and publish nothing."""
    started, runner = datetime.now(UTC).replace(tzinfo=None), Runner(listener)
    preload()
    with alarmed(store, config), run_lock(store, wishes.wait), spool(store) as keep:
        known = know(store)
        night = detect_changes(
            origins, known, store, config, STORED, wishes.breaker, wishes.whole, runner, keep, wishes.folder
        )
        row = run_row(night, config, known, started)
        name_run(row["run_id"][0])
        tables = process(night, known, store, config, STORED, runner, keep, wishes.folder)
        events = tables["entity_event"].rows.lazy().with_columns(run_id=pl.lit(row["run_id"][0])).collect()
        tables["entity_event"] = Change(events)
        with gates.heeded(wishes.breaker):
            _refuse_sudden_change(tables, night.raw.height, store)
        severities = dict(tables["finding"].rows.lazy().group_by("severity").len().collect().iter_rows())
        _set_down(tables, keep)
        live: dict[str, pl.DataFrame] = {}

        def finish(target: Store) -> Tables:
            live["run"] = _told(target, row, known)
            write_keys(target, tables["feature"])
            moved = 0 if night.mode != "incremental" else known.moved + night.delta.moved()
            own = _finish(target, live["run"], tables, runner, config, wishes, moved)
            live["metric"] = own["metric"]
            return {name: Change(frame) for name, frame in own.items()}

        with runner.stage("publish") as count:
            with open_store(store, create=True) as target:
                target.publish(known.number, tables, finish)
            count(sum(change.rows.height for change in tables.values()))
    frames = {name: change.rows for name, change in tables.items() if isinstance(change.rows, pl.DataFrame)}
    return Outcome(live["run"].to_dicts()[0], live["metric"], severities, frames, night.files)


def _set_down(tables: Tables, keep: Keep) -> None:
    """Check every table; what is large waits on disk from here, from where many threads write it."""
    for name, change in list(tables.items()):
        if isinstance(change.rows, pl.DataFrame):
            tables[name] = Change(_kept(keep, name, change.rows), change.scope)


def process(
    night: Changes, known: PreviousRun, store: Path, config: Config, language: Language, runner: Runner, keep: Keep = in_memory,
    folder: Path = Path(),
) -> Tables:  # fmt: skip
    """From rows to every table of a run, nothing published; large tables may wait with `keep`."""
    with runner.stage("clean") as count:
        clean = _clean(night, config, language, folder)
        features = features_of(clean)
        changes = _kept(keep, "cell_change", clean.changes)
        clean = replace(clean, parts=clean.parts.clear(), changes=clean.changes.clear())
        count(clean.record.height)
    now = Today(features, clean.record, night.delta, night.complete)
    with _opened(store, known) as before:
        found = _who_is_who(now, before, night.mode, known, config, language, runner, keep)
        places = None if before is None or night.complete else _places(before, found, night)
        own = clean.findings
        if RULES:
            own = pl.concat(
                [own, row_findings(_everybody(clean.record, None if night.complete else before, night), language)]
            )
        if before is not None and places is not None:
            repeated = find_repeated(night, clean, before, language)
            own = pl.concat([own.filter(pl.col("rule") != "row.duplicate_id"), repeated.findings])
            places = pl.concat([places, repeated.places])
    findings = pl.concat([own, found.findings]).unique(maintain_order=True)
    findings = graded(findings, config.severity)
    if places is not None:
        places = pl.concat([places, findings.select(places.columns)]).unique()
    rows: dict[str, Stored] = {
        "raw_record": night.raw, "record": clean.record, "cell_change": changes, "quarantine": clean.quarantine,
        "feature": features,
    }  # fmt: skip
    tables = {name: Change(frame, night.scope()) for name, frame in rows.items()}
    # Files that nothing lives of any more stay listed: they were read, and are not to be read again.
    tables["source_file"] = Change(night.rows.files, night.rows.files.select("file_id"))
    return {**tables, "finding": Change(findings, places), **found.changes}


def _everybody(record: pl.DataFrame, before: Store | None, night: Changes) -> pl.DataFrame:
    """Table `record` as it will be: today's rows, and those of the store that they do not replace."""
    if before is None:
        return record
    known = RECORD.conform(before.table("record")).join(
        night.delta.superseded().to_frame(), on="record_key", how="anti"
    )
    return pl.concat([known, record]).sort("record_key")


def _clean(night: Changes, config: Config, language: Language, folder: Path) -> Clean:
    """Clean records in the order of their keys, with the findings of the configuration's own rules."""
    clean = clean_rows(night.rows, language)
    night.rows.rows.clear()  # a million raw rows that nobody needs any more
    if night.delta.fresh.len() >= night.delta.read:
        _refuse_strangers(night.rows, clean)
    if config.rules or plugged_packs():
        own = stored_pack_findings(load_rules(config, folder), night.rows, clean, language)
        clean = replace(clean, findings=pl.concat([clean.findings, own]))
    return clean.by_key()


def _who_is_who(
    today: Today,
    before: Store | None,
    mode: str,
    known: PreviousRun,
    config: Config,
    language: Language,
    runner: Runner,
    keep: Keep,
) -> Resolution:
    """Resolve and plan: in an incremental night only where today's rows reach, else everything."""
    if mode == "incremental" and before is not None and has_people(before, today) == merges_people(before):
        with runner.stage("resolve") as count:
            contact, account = resolve_affected(today, before, known, config)
            count(contact.pairs.height + account.pairs.height)
        with runner.stage("plan") as count:
            found = settle_affected(contact, account, today, before, known, config, language)
            count(found.changes["merge_plan"].rows.height)
        return found
    with runner.stage("resolve") as count:
        everything = compare_all(today, before, known, config, language)
        count(everything.contact.pairs.height + everything.account.pairs.height)
    with runner.stage("plan") as count:
        found = settle_all(everything, before, known, config, language, keep)
        count(found.changes["merge_plan"].rows.height)
    return found


@contextmanager
def _opened(store: Path, known: PreviousRun) -> Iterator[Store | None]:
    """The store, where it holds a run."""
    if known.number == 1:
        yield None
        return
    with open_store(store) as opened:
        yield opened


_PLACES = """
SELECT DISTINCT record_key, file_id, field, rule FROM main.finding
WHERE (record_key IN (SELECT record_key FROM superseded) AND rule NOT IN (SELECT unnest($5)))
   OR (record_key IS NULL AND file_id IN (SELECT file_id FROM main.source_file WHERE source IN (SELECT unnest($1))))
   OR (rule = 'dedup.shared_value' AND $2)
   OR (rule IN ('dedup.link_cut', 'dedup.contradicted') AND (field, record_key) IN (SELECT (level, record_key) FROM region))
   OR (rule = 'survivorship.undecided' AND record_key IN (SELECT record_key FROM region WHERE level = $3))
   OR (rule IN (SELECT unnest($6)) AND $4)
   OR rule IN (SELECT unnest($7))
"""


def _places(before: Store, found: Resolution, night: Changes) -> pl.DataFrame:
    """The findings that end: of rows that today's replace, of the files that today's replace, of the groups that were judged anew."""
    region = REGION.to_frame() if found.region is None else found.region
    superseded = night.delta.superseded().to_frame()
    sources = night.files["source"].unique().to_list()
    with before.given(superseded, "superseded"), before.given(region, "region"):
        ours = (rules_of("resolve", "rows"), rules_of("resolve", "plan"), rules_of("rows"))
        return before.query(_PLACES, [sources, found.recounted, found.planned, found.region is None, *ours])


def _told(target: Store, row: pl.DataFrame, known: PreviousRun) -> pl.DataFrame:
    """With every row in place: count them, and write the run's own row and what stewards said since the last."""
    rows = {
        t: int(target.query(f"SELECT count(*) AS n FROM main.{t}")["n"][0])
        for t in ("raw_record", "record", "quarantine")
    }
    members = target.query("SELECT level, count(*) AS n FROM main.entity_member GROUP BY level")
    contracts.check_conservation(rows, dict(members.iter_rows()))
    run = with_counts(row, rows)
    for name, frame in (("run", run), ("decision", known.new_decisions)):
        contracts.check_table(name, frame)
        target.append(name, frame)
    return run


def _finish(
    target: Store, run: pl.DataFrame, tables: Tables, runner: Runner, config: Config, wishes: RunOptions, moved: int
) -> dict[str, pl.DataFrame]:
    """Figures and gates of a run whose row is written, and the tables that tell of it."""
    metric = measure(target, config, moved)
    new, gone, now = (int(run[name][0]) for name in ("rows_new", "rows_gone", "rows_read"))
    changed = gates.Rows(tables["raw_record"].rows.height, tables["quarantine"].rows.height, now - new + gone, gone)
    with gates.heeded(wishes.breaker):
        gates.refuse(metric, changed, config.gates)
    own = {"metric": metric, "stage": runner.table(), "audit_event": pl.concat([audit_of(run), new_audits(target)])}
    for name, frame in own.items():
        contracts.check_table(name, frame)
    return own


def _refuse_sudden_change(tables: Tables, rows: int, store: Path) -> None:
    """Stop (exit 1) where a rule speaks of far more rows than in the runs before, instead of swallowing the day's leads."""
    if not store.exists():
        return
    with open_store(store) as published:
        history = history_of(published)
    found, aside = tables["finding"].rows.lazy().collect(), tables["quarantine"].rows.lazy().collect()
    refuse_tripped(breaker(spoken(found, aside), rows, history), rows)


def _kept(keep: Keep, name: str, frame: pl.DataFrame) -> Stored:
    """A finished table, checked against its contract before it leaves memory."""
    contracts.check_table(name, frame)
    return keep(name, frame)


def _refuse_strangers(intake: Intake, clean: Clean) -> None:
    """A file of which not one row can be anybody's was read wrong, or is no customer table: nothing is published."""
    if intake.height and not clean.record.height:
        raise InputError(
            Text(
                "没有一行能认出客户：表头或编码可能不对。",
                "Not one row names a customer: headers or encoding may be wrong.",
            ),
            Text(
                "请检查文件，或用 --encoding、--header-row、配置中的 sources.*.headers 指明。",
                "Check the file, or name them with --encoding, --header-row or sources.*.headers in the configuration.",
            ),
            reason="file.no_customers",
        )
