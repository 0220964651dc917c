"""A list of what was submitted against the store: for every row what became of it, so that nobody is lost without a word."""

from collections.abc import Sequence

import polars as pl

from ...config import Config
from ...errors import UsageError
from ...i18n import Text
from ...io.store.store import Store
from ..read.intake import Origin
from .read import read_side_tables

STATES = {
    "entered": Text("入库", "entered"),
    "merged": Text("合并到", "merged into"),
    "unassigned": Text("未分配", "unassigned"),
    "isolated": Text("隔离", "set aside"),
    "lost": Text("丢失", "lost"),
}
OUTCOME = pl.Schema({
    "file": pl.String(), "row_number": pl.Int64(), "number": pl.String(), "state": pl.String(), "detail": pl.String(),
    "entity_id": pl.String(), "channel": pl.String(), "campaign_id": pl.String(),
})  # fmt: skip
# Each in this order; the first that finds a row says what became of it.
_LEADS = """
SELECT lead_id AS number, phone, email, entity_id, isolate_reason AS detail,
  CASE WHEN isolate_reason IS NOT NULL OR status = '隔离' THEN 'isolated'
    WHEN owner_id IS NULL AND status IS NOT NULL THEN 'unassigned' ELSE 'entered' END AS state
FROM main.lead
"""
_ASIDE = """
SELECT source_record_id AS number, NULL AS phone, NULL AS email, NULL AS entity_id, rule AS detail, 'isolated' AS state FROM main.quarantine
"""
_RECORDS = """
SELECT r.source_record_id AS number, r.phone, r.email, m.entity_id,
  CASE WHEN c.survivor_record_key <> r.record_key THEN coalesce(c.survivor_source_record_id, c.survivor_record_key) END AS detail,
  CASE WHEN c.survivor_record_key <> r.record_key THEN 'merged' ELSE 'entered' END AS state
FROM main.record r LEFT JOIN main.entity_member m ON m.record_key = r.record_key AND m.level = 'contact'
LEFT JOIN main.crosswalk c ON c.record_key = r.record_key AND c.level = 'contact'
"""


def reconcile(origins: Sequence[Origin], store: Store, config: Config) -> pl.DataFrame:
    """Files of what was submitted (numbers of leads or customers, phones, mails) → OUTCOME, a row each, in their order."""
    read = read_side_tables(origins, config.reading(kind="leads", headers={}))
    rows = read.tables["leads"].with_columns(number=pl.coalesce("lead_id", "customer_id")).with_row_index("_row")
    if rows.select(pl.all_horizontal(pl.col("number", "phone", "email").is_null().all())).item():
        raise UsageError(
            Text("读不到编号、手机号或邮箱列。", "No column of numbers, phones or mails was read."),
            Text("请检查表头。", "Check the headers."),
            reason="reconcile.unread",
        )
    found = pl.DataFrame(schema={"_row": pl.UInt32, "state": pl.String, "detail": pl.String, "entity_id": pl.String})
    for sql in (_LEADS, _ASIDE, _RECORDS):
        known = store.query(sql)
        for by in ("number", "phone", "email"):
            left = rows.join(found, on="_row", how="anti").drop_nulls(by).select("_row", by)
            there = (
                known.drop_nulls(by)
                .unique(by, keep="first", maintain_order=True)
                .select(by, "state", "detail", "entity_id")
            )
            found = pl.concat([found, left.join(there.cast({by: pl.String}), on=by).select(found.columns)])
    named = rows.join(read.files.select("file_id", file="name"), on="file_id", how="left", maintain_order="left")
    told = named.drop("entity_id").join(found, on="_row", how="left", maintain_order="left")
    told = told.with_columns(state=pl.col("state").fill_null("lost"))
    return told.select(pl.col(name).cast(dtype) for name, dtype in OUTCOME.items())


def entry_rates(outcome: pl.DataFrame) -> pl.DataFrame:
    """OUTCOME → `scope, submitted` and a column of counts for each state, and `entry_rate`: neither lost nor set aside; `run` is the whole,
    the others channels and campaigns."""
    scopes = [outcome.with_columns(scope=pl.lit("run"))]
    scopes += [outcome.drop_nulls(by).with_columns(scope=pl.col(by)) for by in ("channel", "campaign_id")]
    counts = (pl.col("state").eq(state).sum().alias(state) for state in STATES)
    table = pl.concat(scopes).group_by("scope", maintain_order=True).agg(pl.len().alias("submitted"), *counts)
    return table.with_columns(entry_rate=1 - (pl.col("lost") + pl.col("isolated")) / pl.col("submitted"))
