"""The pre-import gate: one file read, cleaned and judged, nothing published.

Reading and cleaning are those of the nightly run; what is added are the rules of the packs, duplicates inside the file,
and, where a store is given, known customers and what has changed in the columns since the last night.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import polars as pl

from .. import __version__
from ..config import Config
from ..i18n import Language
from ..reports.check_masking import shown
from ..reports.check_report import FINDINGS, CheckReport, grave
from .intake import Intake, read_all

if TYPE_CHECKING:
    from ..io.store import Store
    from .clean import Clean


@dataclass(frozen=True)
class CheckRequest:
    """What a user asked for. folder: where the configuration's rule packs are found from.

    whole: id of a rule that speaks for every row even if it is on trial.
    """

    path: Path
    config: Config
    language: Language
    folder: Path
    against: Path | None = None
    fail_on: str = "error"
    unmask: bool = False
    whole: str | None = None


@dataclass(frozen=True)
class Checked:
    """report: what is shown. findings: FINDINGS unmasked, with `file_id`, `row_number`, `place`. rejected: rows."""

    report: CheckReport
    intake: Intake
    findings: pl.DataFrame
    rejected: pl.DataFrame


def check_file(request: CheckRequest) -> Checked:
    """Check one file. Raises InputError, UsageError and StoreError; findings are never an exception."""
    Thread(target=_preload).start()
    intake = read_all([request.path], request.config)
    from ..rules.catalog import catalog
    from .check_findings import cleaning_complaints, located
    from .clean import clean_rows
    from .rulebook import load_rules, pack_complaints

    rules = load_rules(request.config, request.folder, request.whole)
    clean = clean_rows(intake, request.language, regions=False)
    frames = [cleaning_complaints(intake, clean, request.language)]
    frames.append(pack_complaints(rules, intake, clean, request.language))
    frames += _against(request, intake, clean)
    findings = located(frames, intake)
    rejected = rejected_rows(findings, intake, request.fail_on)
    english = request.language == "en"
    known = {r: (e.severity, e.text.en if english else e.text.zh) for r, e in catalog().items()}
    known |= {r.id: (r.severity, r.words(request.language)[0]) for r in rules}
    report = CheckReport(
        intake.files, shown(findings, request.unmask).select(FINDINGS.names()), known, intake.height, rejected.height,
        request.fail_on, request.language, __version__, request.config.digest(),
        None if request.against is None else request.against.name,
    )  # fmt: skip
    return Checked(report, intake, findings, rejected)


def rejected_rows(findings: pl.DataFrame, intake: Intake, fail_on: str) -> pl.DataFrame:
    """`file_id, row_number, reason` of every row that must not be imported: it, or its whole file, has a grave finding.

    Rows that are no records (titles, sums) are among them. With `never` the errors count.
    """
    counted = findings.filter(pl.col("severity").is_in(grave(fail_on) or ("error",)), ~pl.col("trial").fill_null(False))
    reason = pl.concat_str(pl.col("header") + "：", "message", ignore_nulls=True)
    counted = counted.select("file_id", "row_number", reason=reason)
    rows = intake.raw.select("file_id", "row_number")
    own = counted.join(rows, on=["file_id", "row_number"], how="semi")
    whole = counted.join(rows, on=["file_id", "row_number"], how="anti").drop("row_number").join(rows, on="file_id")
    aside = findings.join(intake.set_aside, on=["file_id", "row_number", "rule"], how="semi")
    aside = aside.select("file_id", "row_number", reason="message")
    everything = pl.concat([own, whole.select(own.columns), aside])
    return everything.group_by("file_id", "row_number", maintain_order=True).agg(
        pl.col("reason").unique(maintain_order=True).str.join("；")
    )


def _against(request: CheckRequest, intake: Intake, clean: "Clean") -> list[pl.DataFrame]:
    """What takes other rows to see: duplicates in the file and, with a store, in the store; and drift of the columns."""
    from .check_customers import customer_complaints

    if request.against is None:
        return [customer_complaints(intake, clean, request.config, request.language, None)]
    from ..io.store import open_store
    from .check_drift import drift_complaints

    with open_store(request.against, write=request.unmask) as store:
        _audit(store, request)
        drift = drift_complaints(intake, store, request.language)
        return [drift, customer_complaints(intake, clean, request.config, request.language, store)]


def _audit(store: "Store", request: CheckRequest) -> None:
    if request.unmask:
        store.audit("unmask", {"command": "check"})


def _preload() -> None:
    """Load what comes after reading, in the order in which it is needed, while the main thread waits for others."""
    for name in ("clean", "check_findings", "rulebook", "check_customers"):
        import_module(f".{name}", __package__)
