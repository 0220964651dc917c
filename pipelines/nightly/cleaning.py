"""New and changed rows to clean records and features: the field types, and the rules of the configuration."""

from dataclasses import replace
from typing import NamedTuple

import polars as pl

from ...errors import InputError
from ...i18n import Text
from ...io.store.spool import Stored
from ..clean.features import features_of
from ..clean.packs import load_rules, plugged_packs, stored_pack_findings
from ..clean.rows import Clean, clean_rows
from ..context import RunContext
from ..read import contracts
from ..read.intake import Intake
from .change_detection import Changes


class Cleaned(NamedTuple):
    """clean: records in the order of their keys, without parts and changes of cells. features: table `feature` of the same rows.
    cell_change: that table, which may wait with `RunContext.keep`."""

    clean: Clean
    features: pl.DataFrame
    cell_change: Stored


def clean_changes(run: RunContext, changes: Changes) -> Cleaned:
    """The rows that are new or changed, cleaned; the raw rows are given up."""
    clean = clean_rows(changes.rows, run.language)
    changes.rows.rows.clear()  # a million raw rows that nobody needs any more
    if changes.delta.fresh.len() >= changes.delta.read:
        _refuse_strangers(changes.rows, clean)
    if run.config.rules or plugged_packs():
        rules = load_rules(run.config, run.options.folder)
        own = stored_pack_findings(rules, changes.rows, clean, run.language)
        clean = replace(clean, findings=pl.concat([clean.findings, own]))
    clean = clean.by_key()
    features = features_of(clean)
    contracts.check_table("cell_change", clean.changes)
    changed = run.keep("cell_change", clean.changes)
    return Cleaned(replace(clean, parts=clean.parts.clear(), changes=clean.changes.clear()), features, changed)


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
