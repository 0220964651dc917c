"""The nightly run: read, clean, compare, group, plan, check, publish. The order of the stages is the program."""

import getpass
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from .. import __version__
from ..config import Config
from ..errors import InputError
from ..i18n import Language, Text
from ..io.lock import run_lock
from ..io.spool import Keep, Stored, in_memory, spool
from ..io.store import open_store
from . import contracts
from .breaker import breaker, history_of, refuse_tripped, spoken
from .clean import Clean, clean_rows
from .features import features_of
from .intake import Intake, Origin, read_all
from .metrics import metrics_of
from .plan import plan_merges
from .resolve import resolve_levels
from .rulebook import load_rules, pack_findings
from .runner import Listener, Runner, silent


@dataclass(frozen=True)
class Outcome:
    """What a run published: the row of `run`, and the tables by name, but for those too large to stay in memory."""

    run: dict[str, object]
    tables: dict[str, pl.DataFrame]


def run_nightly(
    origins: Sequence[Origin],
    store: Path,
    config: Config,
    language: Language,
    listener: Listener = silent,
    *,
    breaker_on: bool = True,
) -> Outcome:
    """Run the whole pipeline on files and database queries and publish it to the store, or raise and publish nothing."""
    started, runner = datetime.now(UTC).replace(tzinfo=None), Runner(listener)
    with run_lock(store), spool(store) as keep:
        number = _next_number(store)  # a store that cannot be written fails now rather than after the work
        with runner.stage("read") as count:
            intake = read_all(origins, config)
            contracts.check_intake(intake)
            raw, intake = (
                _kept(keep, "raw_record", intake.raw),
                intake._replace(raw=intake.raw.select("record_key", "file_id", "row_number")),
            )
            count(intake.height)
        tables = {"raw_record": raw, **process(intake, config, language, runner, keep)}
        if breaker_on:
            _refuse_sudden_change(tables, intake.height, store)
        run = _run_row(intake, tables, config, number, started)
        with runner.stage("publish") as count:
            tables["stage"] = runner.table()
            tables["audit_event"] = _audit(run, started)
            contracts.check_tables(tables, intake.height)
            with open_store(store, write=True) as target:
                target.publish(run, tables)
            count(sum(t.height for t in tables.values()))
    return Outcome(run.to_dicts()[0], {name: t for name, t in tables.items() if isinstance(t, pl.DataFrame)})


def process(
    intake: Intake, config: Config, language: Language, runner: Runner, keep: Keep = in_memory
) -> dict[str, Stored]:
    """From rows read to every table of a run but `raw_record`, nothing published; large tables may wait with `keep`."""
    with runner.stage("clean") as count:
        clean = clean_rows(intake, language)
        intake.rows.clear()  # a million raw rows that nobody needs any more
        count(clean.record.height)
        _refuse_strangers(intake, clean)
        if config.rules:
            own = pack_findings(load_rules(config, Path.cwd()), intake, clean, language)
            clean = replace(clean, findings=pl.concat([clean.findings, own]))
        # Ties between equal scores go by position: let that be the key's order, not the file's.
        order = clean.record["record_key"].arg_sort()
        clean = replace(clean, record=clean.record[order], parts=clean.parts[order])
        features = features_of(clean)
        changes = _kept(keep, "cell_change", clean.changes)
        clean = replace(clean, parts=clean.parts.clear(), changes=clean.changes.clear())
    with runner.stage("resolve") as count:
        contact, account = resolve_levels(features, clean.record, config, language)
        pairs = _kept(keep, "pair", pl.concat([contact.pairs, account.pairs]))
        contact, account = (replace(level, pairs=level.pairs.clear()) for level in (contact, account))
        count(pairs.height)
    with runner.stage("plan") as count:
        plan = plan_merges(clean.record, features, contact, account, config)
        count(plan.merge_plan.height)
    tables: dict[str, Stored] = {
        "source_file": intake.files,
        "record": clean.record,
        "cell_change": changes,
        "finding": pl.concat([clean.findings, contact.findings, account.findings]),
        "quarantine": clean.quarantine,
        "pair": pairs,
        "duplicate_group": pl.concat([contact.groups, account.groups]),
        "entity_member": pl.concat([contact.members, account.members]),
        "merge_plan": plan.merge_plan,
        "golden_value": plan.golden_value,
        "feature": features,
    }
    return {**tables, "metric": metrics_of(tables)}


def _refuse_sudden_change(tables: dict[str, Stored], rows: int, store: Path) -> None:
    """Stop (exit 1) where a rule speaks of far more rows than in the runs before, instead of swallowing the day's leads."""
    if not store.exists():
        return
    with open_store(store) as published:
        history = history_of(published)
    found, aside = tables["finding"].lazy().collect(), tables["quarantine"].lazy().collect()
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


def _next_number(path: Path) -> int:
    """The number of the next run. Makes no file: a run that fails leaves nothing behind."""
    if not path.exists():
        return 1
    with open_store(path, write=True) as store:
        last = store.query("SELECT max(run_id) AS last FROM history.run")["last"][0]
    return int(str(last)[1:7]) + 1 if last else 1


def _run_row(intake: Intake, tables: dict[str, Stored], config: Config, number: int, started: datetime) -> pl.DataFrame:
    inputs = hashlib.sha256(
        "\n".join(
            sorted(f"{s}/{h}" for s, h in zip(intake.files["source"], intake.files["sha256"], strict=True))
        ).encode()
    )
    digest = hashlib.blake2b(f"{inputs.hexdigest()}{config.digest()}{__version__}".encode(), digest_size=4).hexdigest()
    return pl.DataFrame(
        {
            "run_id": [f"r{number:06d}-{digest}"], "pipeline": ["nightly"], "status": ["published"],
            "started_at": [started], "finished_at": [datetime.now(UTC).replace(tzinfo=None)], "rows_read": [intake.height],
            "rows_clean": [tables["record"].height], "rows_quarantined": [tables["quarantine"].height],
            "config_hash": [config.digest()], "input_hash": [inputs.hexdigest()[:16]], "version": [__version__],
        }
    )  # fmt: skip


def _audit(run: pl.DataFrame, at: datetime) -> pl.DataFrame:
    row = run.to_dicts()[0]
    detail = {k: row[k] for k in ("run_id", "rows_read", "rows_clean", "rows_quarantined")}
    return pl.DataFrame({"at": [at], "by": [getpass.getuser()], "action": ["run"], "detail": [json.dumps(detail)]})
