"""Rules of plug-ins about all clean records together: what they find, as findings."""

import polars as pl

from ...errors import UsageError
from ...findings import FINDINGS, conform_findings
from ...i18n import Language, Text
from ...rules.catalog import catalog, described
from ...schemas import FINDING

RULES = tuple(rule for rule, entry in catalog().items() if entry.find)
_TOLD = ("record_key", "field", "value", "suggestion")


def row_findings(record: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Table `record` → table `finding` of the rules of plug-ins, without places. Raises UsageError naming the rule that failed."""
    return pl.concat([FINDING.empty(), *(_found(rule, record, language) for rule in RULES)])


def located_row_findings(record: pl.DataFrame, places: pl.DataFrame, language: Language) -> pl.DataFrame:
    """FINDINGS of the rules of plug-ins; places: `record_key, file_id, row_number`."""
    if not RULES:
        return FINDINGS.to_frame()
    found = row_findings(record, language).drop("file_id", "row_number")
    return conform_findings(found.join(places, on="record_key", how="left", maintain_order="left"))


def _found(rule: str, record: pl.DataFrame, language: Language) -> pl.DataFrame:
    find = catalog()[rule].find
    assert find is not None
    try:
        found = find(record)
        told = found.select("record_key", *(c for c in _TOLD[1:] if c in found.columns)).cast(pl.String)
    except Exception as fault:  # whatever it is, no word of it: it may quote a cell
        what = Text("插件的规则 {r} 出错（{f}）。", "The rule {r} of a plug-in failed ({f}).")
        raise UsageError(what.format(r=rule, f=type(fault).__name__), reason="plugin.failed") from None
    told = told.join(
        record.select("record_key", "source_record_id"), on="record_key", how="inner", maintain_order="left"
    )
    return FINDING.conform(described(told.with_columns(rule=pl.lit(rule)), language))
