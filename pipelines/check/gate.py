"""The pre-import gate: one file read, cleaned and judged, nothing published.

Reading and cleaning are those of the nightly run; what is added are the rules of the packs, duplicates inside the file,
and, where a store is given, known customers and what has changed in the columns since the last night.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import polars as pl

from ... import __version__
from ...config import Config
from ...i18n import Language
from ...reports.check.report import CheckReport, grave
from ...reports.masking import mask_name, masked
from ...rules.catalog import catalog, described, graded, severity_of
from ..read.intake import Intake, Origin, nameless_tables, read_all
from .selection import EVERYTHING, MAIL, PAIRS, Asked

if TYPE_CHECKING:
    from ...io.store.store import Store
    from ..clean.cells import Read
    from ..clean.rows import Clean

Known = dict[str, tuple[str, str]]  # rule → severity, message


@dataclass(frozen=True)
class CheckRequest:
    """What a user asked for. folder: where the configuration's rule packs are found from.

    whole: id of a rule that speaks for every row even if it is on trial. dns: whether the mail domains are asked for.
    reason: why personal data is shown in full. full: options that write the cells of the file in full; without any, rows do not keep them.
    strict: severities of the catalogue's strict column, but for rules that the configuration speaks of.
    """

    origin: Origin
    config: Config
    language: Language
    folder: Path
    against: Path | None = None
    fail_on: str = "error"
    unmask: bool = False
    whole: str | None = None
    asked: Asked = EVERYTHING
    dns: bool = False
    reason: str | None = None
    full: tuple[str, ...] = ()
    strict: bool = False


@dataclass(frozen=True)
class Checked:
    """report: what is shown. findings: LOCATED unmasked, with `file_id`, `row_number`, `place`, `fields`. rejected: rows.

    changes: table `cell_change`, what cleaning made of the cells.
    """

    report: CheckReport
    intake: Intake
    findings: pl.DataFrame
    rejected: pl.DataFrame
    changes: pl.DataFrame


def check_file(request: CheckRequest) -> Checked:
    """Check one file. Raises InputError, UsageError and StoreError; findings are never an exception."""
    Thread(target=_preload, args=(request.asked,)).start()
    keyed = request.against is not None or bool(request.config.rules)  # a rule on trial speaks for a share of the keys
    intake = read_all([request.origin], request.config, keyed=keyed, values=keyed or bool(request.full))
    from ..clean.findings import located

    frames, known, clean = _of_cells(request, intake) if request.asked.reading_only else _of_records(request, intake)
    frames.append(empty := _empty_tables(request, intake))
    nameless = empty.filter(pl.col("rule") == "header.no_customer").select("file_id")  # said once, not of every row
    frames = [
        f.join(nameless.with_columns(rule=pl.lit("row.no_identity")), on=["file_id", "rule"], how="anti")
        for f in frames
    ]
    findings = located([request.asked.of(frame) for frame in frames], intake)
    findings = graded(findings, request.config.severity, request.strict)
    rejected = rejected_rows(findings, intake, request.fail_on)
    report = CheckReport(
        files=masked(_counted(intake, rejected), request.unmask),
        found=_with_persons(findings, intake),
        unmask=request.unmask,
        rules={rule: words for rule, words in known.items() if request.asked.takes(rule)},
        fail_on=request.fail_on,
        language=request.language,
        version=__version__,
        config_hash=request.config.digest(),
        against=None if request.against is None else mask_name(request.against.name),
    )
    return Checked(report, intake, findings, rejected, clean.changes)


def _counted(intake: Intake, rejected: pl.DataFrame) -> pl.DataFrame:
    """Table `source_file` with `rows_accepted`, `rows_rejected` and `rows_aside` (titles, sums): together its `rows`."""
    place = ["file_id", "row_number"]
    bad = rejected.join(intake.set_aside, on=place, how="anti").group_by("file_id").agg(rows_rejected=pl.len())
    aside = intake.set_aside.group_by("file_id").agg(rows_aside=pl.len())
    files = intake.files.join(bad, on="file_id", how="left", maintain_order="left")
    files = files.join(aside, on="file_id", how="left", maintain_order="left")
    files = files.with_columns(pl.col("rows_rejected", "rows_aside").fill_null(0).cast(pl.Int64))
    return files.with_columns(rows_accepted=pl.col("rows") - pl.col("rows_rejected") - pl.col("rows_aside"))


def _with_persons(findings: pl.DataFrame, intake: Intake) -> pl.DataFrame:
    """The findings with `person`: the name that their row holds, which may stand in any other of its cells."""
    place = ["file_id", "row_number"]
    persons = pl.concat([rows.select(*place, person="person_name") for rows in intake.rows])
    return findings.join(persons.drop_nulls(), on=place, how="left", maintain_order="left")


def _of_cells(request: CheckRequest, intake: Intake) -> tuple[list[pl.DataFrame], Known, "Read"]:
    """What can be told without knowing what a field means: the reader's findings and those of the text rules."""
    from ..clean.cells import read_cells
    from ..clean.findings import cleaning_findings

    if request.config.severity:
        from ..clean.packs import load_rules

        load_rules(request.config, request.folder)  # refuses a name that is no rule
    known = _catalog_words(request)
    request.asked.refuse_unknown(known)
    read = read_cells(intake, request.language)
    found = [cleaning_findings(intake, read, request.language)]
    if request.against is not None:
        with _opened(request, request.against) as store:
            found.append(_drift(request, intake, store))
    return found, known, read


def _of_records(request: CheckRequest, intake: Intake) -> tuple[list[pl.DataFrame], Known, "Clean"]:
    """What cleaning, the packs, other rows and, where asked for, name servers say."""
    from ..clean.findings import cleaning_findings
    from ..clean.packs import load_rules, pack_findings
    from ..clean.row_rules import located_row_findings
    from ..clean.rows import clean_rows

    asked, language = request.asked, request.language
    rules = load_rules(request.config, request.folder, request.whole)
    known = _catalog_words(request) | {r.id: (str(r.severity), r.words(language)[0]) for r in rules}
    asked.refuse_unknown(known)
    clean = clean_rows(intake, language, regions=False)
    found = [cleaning_findings(intake, clean, language)]
    found.append(pack_findings([r for r in rules if asked.takes(r.id)], intake, clean, language))
    found.append(located_row_findings(clean.record, intake.raw.select("record_key", "file_id", "row_number"), language))
    if request.dns and asked.any_of(MAIL):
        from .mail import mail_findings

        found.append(mail_findings(intake, clean, language))
    return [*found, *_against(request, intake, clean)], known, clean


def _empty_tables(request: CheckRequest, intake: Intake) -> pl.DataFrame:
    """FINDINGS about tables without a record, or of which no column says who a row is.

    A night may be empty; who asks about a file has given the wrong one.
    """
    from ...findings import conform_findings

    empty = [rows.is_empty() for rows in intake.rows]
    files = intake.files.filter(pl.Series(empty, dtype=pl.Boolean)).select("file_id", rule=pl.lit("file.no_rows"))
    nameless = nameless_tables(intake).join(files, on="file_id", how="anti")
    nameless = nameless.select("file_id", rule=pl.lit("header.no_customer"))
    return conform_findings(described(pl.concat([files, nameless]), request.language))


def _catalog_words(request: CheckRequest) -> Known:
    """Severity and message of every rule of the catalogue that is not off."""
    chosen, english = request.config.severity, request.language == "en"
    severities = {r: severity_of(r, e.severity, chosen, request.strict) for r, e in catalog().items()}
    texts = {r: e.text.en if english else e.text.zh for r, e in catalog().items()}
    return {r: (severity, texts[r]) for r, severity in severities.items() if severity != "off"}


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
    pairs = request.asked.any_of(PAIRS)
    if request.against is None:
        return [_customers(request, intake, clean, None)] if pairs else []
    with _opened(request, request.against) as store:
        found = [_drift(request, intake, store)]
        return [*found, _customers(request, intake, clean, store)] if pairs else found


def _customers(request: CheckRequest, intake: Intake, clean: "Clean", store: "Store | None") -> pl.DataFrame:
    from .customers import customer_findings

    return customer_findings(intake, clean, request.config, request.language, store)


def _drift(request: CheckRequest, intake: Intake, store: "Store") -> pl.DataFrame:
    from ..clean.drift import drift_findings

    return drift_findings(intake, store, request.language)


@contextmanager
def _opened(request: CheckRequest, path: Path) -> Iterator["Store"]:
    """The store to compare with; reading personal data in full is put on record."""
    from ...io.store.store import open_store
    from ..audit import because

    with open_store(path, write=request.unmask or bool(request.full)) as store:
        if request.unmask:
            store.audit("unmask", {"command": "check", **because(request.reason)})
        if request.full:
            store.audit("export", {"command": "check", "options": list(request.full)})
        yield store


def _preload(asked: Asked) -> None:
    """Load what comes after reading, in the order in which it is needed, while the main thread waits for others."""
    whole = ("..clean.rows", "..clean.findings", "..clean.packs", ".customers")
    with suppress(Exception):  # what fails here fails again where it can be told
        for name in ("..clean.cells", "..clean.findings") if asked.reading_only else whole:
            import_module(name, __package__)
