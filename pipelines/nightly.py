"""The nightly run: read, compare with what is known, clean, resolve, plan, check, publish. The order is the program."""

import getpass
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

import polars as pl

from .. import __version__
from ..config import Config
from ..errors import InputError
from ..i18n import Language, Text
from ..io.lock import run_lock
from ..io.publish import Change
from ..io.spool import Keep, Stored, in_memory, spool
from ..io.store import Store, open_store
from ..schemas import AUDIT_EVENT, RUN
from . import contracts, gates
from .breaker import breaker, history_of, refuse_tripped, spoken
from .clean import Clean, clean_rows
from .features import features_of
from .incremental import has_people, merges_people, reach, settle_touched
from .intake import Intake, Origin, only, read_all
from .known import Delta, Known, all_new, compare, know, rules_of
from .metrics import measure
from .recall import recalled
from .resolution import REGION, Resolution, Today, compare_all, settle_all
from .rulebook import load_rules, pack_findings
from .runner import Listener, Runner, silent

Tables = dict[str, Change]


@dataclass(frozen=True)
class Outcome:
    """What a run published: the row of `run`, its figures, and today's tables, but for those too large to stay in memory.

    files: what was read today, as table `source_file`.
    """

    run: dict[str, object]
    metric: pl.DataFrame
    tables: dict[str, pl.DataFrame]
    files: pl.DataFrame


@dataclass(frozen=True)
class Wishes:
    """What the caller asks of this run. breaker: refuse a sudden change; whole: compare everything again.

    folder: where the configuration's rule packs are found from.
    """

    breaker: bool = True
    whole: bool = False
    folder: Path = Path()


def run_nightly(
    origins: Sequence[Origin],
    store: Path,
    config: Config,
    language: Language,
    listener: Listener = silent,
    wishes: Wishes = Wishes(),
) -> Outcome:
    """Bring the store to what files and database queries say now and publish it, or raise and publish nothing."""
    started, runner = datetime.now(UTC).replace(tzinfo=None), Runner(listener)
    with run_lock(store), spool(store) as keep:
        known = know(store)
        with runner.stage("read") as count:
            intake = read_all(origins, config)
            contracts.check_intake(intake)
            count(intake.height)
        with runner.stage("compare") as count:
            today, delta, mode = _today(intake, known, store, config, wishes)
            count(delta.fresh.len())
        row = _run_row(intake, delta, mode, config, known.number, started)
        tables, found = process(today, known, delta, mode, store, config, language, runner, keep, wishes.folder)
        events = found.changes["entity_event"].rows.lazy().with_columns(run_id=pl.lit(row["run_id"][0])).collect()
        found.changes["entity_event"] = Change(events)
        if wishes.breaker:
            _refuse_sudden_change(tables, today.height, store)
        everything = {**tables, **found.changes}
        for name, change in everything.items():
            if isinstance(change.rows, pl.DataFrame):  # what waits on disk was checked on its way there
                contracts.check_table(name, change.rows)
        with runner.stage("publish") as count:
            live: dict[str, pl.DataFrame] = {}

            def finish(target: Store) -> Tables:
                live.update(_finish(target, row, tables, known, runner, config, wishes))
                return {name: Change(frame) for name, frame in live.items()}

            with open_store(store, write=True) as target:
                target.publish(known.number, everything, finish)
            count(sum(c.rows.height for c in everything.values()))
    frames = {name: c.rows for name, c in everything.items() if isinstance(c.rows, pl.DataFrame)}
    return Outcome(live["run"].to_dicts()[0], live["metric"], frames, intake.files)


def _today(intake: Intake, known: Known, store: Path, config: Config, wishes: Wishes) -> tuple[Intake, Delta, str]:
    """The rows to clean, what they change, and how: `whole`, `incremental`, or (cleaned by other rules) `again`."""
    if not known.rows:
        return intake, all_new(intake), "again"
    with open_store(store) as opened:
        if known.rules != rules_of(config, __version__):
            delta = compare(opened, intake, _snapshots(intake, config))
            everything = recalled(opened, intake, delta.gone, config)
            return everything, delta._replace(fresh=everything.raw["record_key"]), "again"
        delta = compare(opened, intake, _snapshots(intake, config))
    moved = known.moved + delta.new + delta.changed + delta.gone.len()
    whole = wishes.whole or known.config != config.digest() or moved > config.incremental.whole_above * known.rows
    return only(intake, delta.fresh), delta, "whole" if whole else "incremental"


def _snapshots(intake: Intake, config: Config) -> list[str]:
    """The sources of which each file is the whole table."""
    names = intake.files.select("name", "source").unique().rows()
    settings = (
        (source, next((s for p, s in config.sources.items() if fnmatch(name, p)), None)) for name, source in names
    )
    return sorted({source for source, setting in settings if setting is not None and setting.snapshot})


def process(
    today: Intake, known: Known, delta: Delta, mode: str, store: Path, config: Config, language: Language, runner: Runner,
    keep: Keep = in_memory, folder: Path = Path(),
) -> tuple[Tables, Resolution]:  # fmt: skip
    """From rows read to every table of a run, nothing published; large tables may wait with `keep`."""
    raw = _kept(keep, "raw_record", today.raw)
    today = today._replace(raw=today.raw.select("record_key", "file_id", "row_number"))
    with runner.stage("clean") as count:
        clean = clean_rows(today, language)
        today.rows.clear()  # a million raw rows that nobody needs any more
        count(clean.record.height)
        _refuse_strangers(today, clean)
        if config.rules:
            own = pack_findings(load_rules(config, folder), today, clean, language)
            clean = replace(clean, findings=pl.concat([clean.findings, own]))
        # Ties between equal scores go by position: let that be the key's order, not the file's.
        order = clean.record["record_key"].arg_sort()
        clean = replace(clean, record=clean.record[order], parts=clean.parts[order])
        features = features_of(clean)
        changes = _kept(keep, "cell_change", clean.changes)
        clean = replace(clean, parts=clean.parts.clear(), changes=clean.changes.clear())
    now = Today(features, clean.record, delta, mode == "again")
    with _opened(store, known) as before:
        found = _who_is_who(
            now, before if mode == "incremental" else None, before, known, config, language, runner, keep
        )
        places = None if before is None or now.complete else _places(before, found, today, delta)
    scope = None if now.complete else pl.concat([delta.fresh, delta.gone]).alias("record_key").to_frame()
    rows: dict[str, Stored] = {
        "raw_record": raw, "record": clean.record, "cell_change": changes, "quarantine": clean.quarantine, "feature": features,
    }  # fmt: skip
    tables = {name: Change(frame, scope) for name, frame in rows.items()}
    # Files that nothing lives of any more stay listed: they were read, and are not to be read again.
    tables["source_file"] = Change(today.files, today.files.select("file_id"))
    findings = pl.concat([clean.findings, found.findings]).unique(maintain_order=True)
    if places is not None:
        places = pl.concat([places, findings.select(places.columns)]).unique()
    tables["finding"] = Change(findings, places)
    return tables, found


def _who_is_who(
    today: Today, touched: Store | None, before: Store | None, known: Known, config: Config, language: Language,
    runner: Runner, keep: Keep,
) -> Resolution:  # fmt: skip
    """Resolve and plan: in the store that is `touched` only where today's rows reach, else everything."""
    if touched is not None and has_people(touched, today) == merges_people(touched):
        with runner.stage("resolve") as count:
            contact, account = reach(today, touched, known, config)
            count(contact.pairs.height + account.pairs.height)
        with runner.stage("plan") as count:
            found = settle_touched(contact, account, today, touched, known, config, language)
            count(found.changes["merge_plan"].rows.height)
        return found
    with runner.stage("resolve") as count:
        everything = compare_all(today, before, known, config, language)
        count(everything.contact.pairs.height + everything.account.pairs.height)
    with runner.stage("plan") as count:
        found = settle_all(everything, known, config, keep)
        count(found.changes["merge_plan"].rows.height)
    return found


@contextmanager
def _opened(store: Path, known: Known) -> Iterator[Store | None]:
    """The store, where it holds a run."""
    if not known.rows:
        yield None
        return
    with open_store(store) as opened:
        yield opened


_PLACES = """
SELECT DISTINCT record_key, file_id, field, rule FROM main.finding
WHERE (record_key IN (SELECT record_key FROM moved) AND NOT starts_with(rule, 'dedup.'))
   OR (record_key IS NULL AND file_id IN (SELECT file_id FROM main.source_file WHERE source IN (SELECT unnest(?))))
   OR (rule IN ('dedup.link_cut', 'dedup.contradicted') AND (field, record_key) IN (SELECT (level, record_key) FROM region))
   OR (starts_with(rule, 'dedup.') AND ?)
"""


def _places(before: Store, found: Resolution, today: Intake, delta: Delta) -> pl.DataFrame:
    """The findings that end: of today's rows, of the files that today's replace, of the groups that were judged anew."""
    moved = pl.concat([delta.fresh, delta.gone]).alias("record_key").to_frame()
    region = REGION.to_frame() if found.region is None else found.region
    with before.given(moved, "moved"), before.given(region, "region"):
        return before.query(_PLACES, [today.files["source"].unique().to_list(), found.region is None])


def _finish(
    target: Store, row: pl.DataFrame, tables: Tables, known: Known, runner: Runner, config: Config, wishes: Wishes
) -> dict[str, pl.DataFrame]:
    """With every row in place: counts, figures and gates, and the tables that tell of the run itself."""
    rows = {
        t: int(target.query(f"SELECT count(*) AS n FROM main.{t}")["n"][0])
        for t in ("raw_record", "record", "quarantine")
    }
    members = target.query("SELECT level, count(*) AS n FROM main.entity_member GROUP BY level")
    contracts.check_conservation(rows, dict(members.iter_rows()))
    metric = measure(target)
    if wishes.breaker:
        aside = tables["quarantine"].rows.height
        new, gone = int(row["rows_new"][0]), int(row["rows_gone"][0])
        moved = gates.Rows(tables["raw_record"].rows.height, aside, rows["raw_record"] - new + gone, gone)
        gates.refuse(metric, moved, config.gates)
    finished = datetime.now(UTC).replace(tzinfo=None)
    counts = {"rows_read": rows["raw_record"], "rows_clean": rows["record"], "rows_quarantined": rows["quarantine"]}
    run = RUN.conform(row.with_columns(finished_at=finished, **{k: pl.lit(v) for k, v in counts.items()}))
    own = {
        "metric": metric,
        "stage": runner.table(),
        "run": run,
        "decision": known.new_decisions,
        "audit_event": _audit(run),
    }
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


def _run_row(intake: Intake, delta: Delta, mode: str, config: Config, number: int, started: datetime) -> pl.DataFrame:
    """The row of `run`, but for the counts that are only known when everything is in place."""
    inputs = hashlib.sha256(
        "\n".join(
            sorted(f"{s}/{h}" for s, h in zip(intake.files["source"], intake.files["sha256"], strict=True))
        ).encode()
    )
    digest = hashlib.blake2b(f"{inputs.hexdigest()}{config.digest()}{__version__}".encode(), digest_size=4).hexdigest()
    return RUN.conform(
        pl.DataFrame(
            {
                "run_id": [f"r{number:06d}-{digest}"], "pipeline": ["nightly"], "status": ["published"],
                "started_at": [started], "config_hash": [config.digest()],
                "rules_hash": [rules_of(config, __version__)], "input_hash": [inputs.hexdigest()[:16]],
                "version": [__version__], "number": [number], "mode": ["incremental" if mode == "incremental" else "whole"],
                "rows_today": [intake.height], "rows_new": [delta.new], "rows_changed": [delta.changed],
                "rows_gone": [delta.gone.len()],
            }
        )
    )  # fmt: skip


def _audit(run: pl.DataFrame) -> pl.DataFrame:
    row = run.to_dicts()[0]
    detail = {k: row[k] for k in ("run_id", "rows_read", "rows_clean", "rows_quarantined", "rows_today")}
    return AUDIT_EVENT.conform(
        pl.DataFrame(
            {"at": [row["started_at"]], "by": [getpass.getuser()], "action": ["run"], "detail": [json.dumps(detail)]}
        )
    )
