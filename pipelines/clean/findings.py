"""Every finding about a file, from wherever it comes, at its place in the user's own sheet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from ...fields import FIELDS
from ...findings import conform_findings
from ...i18n import Language, Text
from ...io.table.addresses import column_letters
from ...reports.check.report import LOCATED
from ...rules.catalog import described
from ..read.intake import Intake

if TYPE_CHECKING:
    from .cells import Read
    from .rows import Clean

# Changes that an importer wants to know of: the cell does not hold what it seems to hold, or holds nothing.
TOLD_CHANGES = (
    "text.invisible", "text.formula", "text.placeholder", "text.too_long", "phone.placeholder", "credit_code.placeholder",
    "email.placeholder", "dates.placeholder", "email.domain_typo", "company_name.form_typo", "credit_code.letters",
)  # fmt: skip
# What the reader notes as a bare figure or name, in words; a second place is the value's.
_REMARKS = {
    "file.encoding": Text("识别把握 {}", "confidence {}"), "file.undecodable": Text("第一处在第 {} 字节", "the first at byte {}"),
    "row.ragged": Text("应有 {} 格", "{} cells expected"),
    "header.second": Text("字段 {} 已有更合适的列；要用“{}”列，请在 guiyi.toml 的 sources.*.headers 里指明它的字段",
                          "field {} has a better column; to use column {}, name its field under sources.*.headers in guiyi.toml"),
    "header.unmapped": Text("共 {} 列；要对应到字段，用 guiyi columns 查看", "{} columns; guiyi columns shows how to map them"),
    "header.by_content": Text("按 {} 读取；不对就在 guiyi.toml 的 sources.*.headers 里改",
                              "read as {}; if wrong, name its field in guiyi.toml"),
    "header.unread": Text("内容像是 {}；要使用，请在 guiyi.toml 的 sources.*.headers 里指明它的字段",
                          "its cells look like {}; to use it, name its field under sources.*.headers in guiyi.toml"),
    "header.contradicted": Text("内容像是 {}；请核对列是否错位", "its cells look like {}: are the columns shifted?"),
    "header.duplicate": Text("按“{}”读入", "read as {}"), "header.missing": Text("按“{}”读入", "read as {}"),
    "email.no_mail_server": Text("域名 {}", "domain {}"), "file.dns_unanswered": Text("{} 个域名没有查到结果", "{} domains unanswered"),
    "header.renamed": Text("上次叫“{}”", "was called {}"), "header.field_lost": Text("字段 {}", "field {}"),
}  # fmt: skip
# Rules whose suggestion is a value to put into the cell, not a remark.
_REPLACING = (
    *TOLD_CHANGES, "credit_code.checksum", "credit_code.length", "email.invalid", "email.several", "phone.several",
    "person_name.several", "person_name.number", "dates.ambiguous", "dates.incomplete",
)  # fmt: skip


def cleaning_findings(intake: Intake, clean: "Clean | Read", language: Language) -> pl.DataFrame:
    """FINDINGS of reading and cleaning: findings, changes worth telling, rows that are nobody's or no records."""
    places = intake.raw.select("record_key", "file_id", "row_number")
    last = clean.changes.sort("step").group_by("record_key", "field", "rule").agg(mended=pl.col("after").last())
    found = clean.findings.join(last, on=["record_key", "field", "rule"], how="left", maintain_order="left")
    found = found.with_columns(suggestion=pl.coalesce("suggestion", "mended"))
    rows = pl.concat([clean.quarantine.select("record_key", "rule").join(places, on="record_key"),
                      intake.set_aside.select("record_key", "rule", "file_id", "row_number")])  # fmt: skip
    rows = described(rows.unique(["record_key", "rule"], maintain_order=True), language)
    nobody = pl.when(pl.col("rule") == "row.no_identity").then(pl.lit([f.name for f in FIELDS if f.identifies]))
    rows = rows.with_columns(fields=nobody)
    everything = pl.concat([conform_findings(f) for f in (found, _changes(clean, places, language), rows)])
    everything = in_words(everything, language)
    offered = pl.col("rule").is_in(_REPLACING) & pl.col("suggestion").is_not_null()
    return everything.with_columns(choices=pl.when(offered).then(pl.col("suggestion").str.split(" / ")))


def in_words(found: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Bare suggestions of the reader as sentences."""
    advice = pl.col("suggestion")
    for rule, text in _REMARKS.items():
        words = text.en if language == "en" else text.zh
        told = pl.format(words, *("suggestion", "value")[: words.count("{}")])
        advice = pl.when((pl.col("rule") == rule) & pl.col("suggestion").is_not_null()).then(told).otherwise(advice)
    return found.with_columns(suggestion=advice)


def _changes(clean: "Clean | Read", places: pl.DataFrame, language: Language) -> pl.DataFrame:
    """One finding per cell and told rule; value: the cell as read, suggestion: what the rule left of it."""
    told = clean.changes.filter(pl.col("rule").is_in(TOLD_CHANGES)).sort("record_key", "field", "step")
    steps = clean.changes.join(told, on=["record_key", "field"], how="semi").sort("step")
    raw = steps.group_by("record_key", "field").agg(value=pl.col("before").first())
    told = told.group_by("record_key", "field", "rule", maintain_order=True).agg(suggestion=pl.col("after").last())
    told = told.join(raw, on=["record_key", "field"], how="left").join(places, on="record_key", how="inner")
    return described(told, language)


def located(frames: Sequence[pl.DataFrame], intake: Intake) -> pl.DataFrame:
    """FINDINGS → LOCATED: with file, sheet, column letter and cell address, in the order of files, rows and columns.

    `file_id`, `row_number`, `place` (0-based column) and `fields` stay at the end for those who mark or split rows.
    """
    columns = intake.columns.with_columns(field=pl.coalesce("field", "header"))
    files = intake.files.select("file_id", "header_row", "sheet", file="name").with_row_index("_order")
    table = (
        pl.concat(frames)
        .with_columns(pl.col("trial").fill_null(False))
        .unique(["file_id", "row_number", "field", "rule", "value"], keep="first", maintain_order=True)
    )
    table = table.join(columns, on=["file_id", "field"], how="left", maintain_order="left")
    table = table.join(files, on="file_id", how="left", maintain_order="left")
    of_header = pl.col("rule").str.starts_with("header.") & (pl.col("header_row") > 0)
    table = table.with_columns(
        row_number=pl.coalesce("row_number", pl.when(of_header).then("header_row")),
        column=_letters(table["place"]),
        sheet=pl.when(pl.col("rule") == "sheet.hidden").then(pl.coalesce("value", "sheet")).otherwise("sheet"),
    )
    table = table.with_columns(cell=pl.col("column") + pl.col("row_number").cast(pl.String), row="row_number")
    table = table.sort("_order", "row_number", "place", "rule", "value", nulls_last=False, maintain_order=True)
    return table.select(*LOCATED.names(), "file_id", "row_number", "place", "fields")


def _letters(places: pl.Series) -> pl.Series:
    names = {place: column_letters(place) for place in places.drop_nulls().unique().to_list()}
    if not names:
        return pl.Series("column", [None] * len(places), dtype=pl.String)
    return places.replace_strict(names, default=None, return_dtype=pl.String)
