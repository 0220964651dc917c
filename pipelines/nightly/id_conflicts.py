"""Customer numbers that several sources share and fill differently: one customer, several phones, mails, names or codes.

Found anew every night, for a row that nobody touched may be overtaken by another source's. Of a number the last update counts
(以最后更新时间为准); the others are told beside what it says.
"""

import polars as pl

from ...i18n import Language
from ...io.store.store import Store
from ...rules.catalog import described
from ...schemas import FINDING

RULE = "identity.id_conflict"
# field → what of it is compared: the reading of a person's name, the core of a company's.
FIELDS = {
    "phone": "phone",
    "email": "email",
    "credit_code": "credit_code",
    "person_name": "pinyin",
    "company_name": "core",
}
_AGREED = 0.5  # share of the numbers of two sources under which something is the same, from which they number alike
_OWN = ["record_key", "source", "source_record_id", "updated_at", *FIELDS]
_KNOWN = f"""
WITH live AS (SELECT * FROM main.record WHERE source_record_id IS NOT NULL AND record_key NOT IN (SELECT record_key FROM superseded))
SELECT {", ".join(f"live.{name}" for name in _OWN)}, f.pinyin, f.core FROM live JOIN main.feature f USING (record_key)
WHERE source_record_id IN (SELECT source_record_id FROM today
  UNION SELECT source_record_id FROM live GROUP BY 1 HAVING count(DISTINCT source) > 1)
"""


def find_id_conflicts(
    record: pl.DataFrame, features: pl.DataFrame, superseded: pl.Series, before: Store | None, language: Language
) -> pl.DataFrame:
    """Table `finding`, a row per cell that differs from what the last updated row of its number says; suggestion: that.

    record, features: today's rows. before: the store as it was, in which the word of `superseded` is over.
    """
    if before is None and record["source"].n_unique() < 2:
        return FINDING.empty()
    rows = record.filter(pl.col("source_record_id").is_not_null()).select(_OWN)
    rows = rows.join(features.select("record_key", "pinyin", "core"), on="record_key", how="left")
    if before is not None:
        today = rows.select("source_record_id")
        with before.given(superseded.to_frame(), "superseded"), before.given(today, "today"):
            rows = pl.concat([before.query(_KNOWN).cast(dict(rows.schema)), rows])  # type: ignore[arg-type]
    shared = rows.filter(pl.col("source").n_unique().over("source_record_id") > 1)
    if shared.is_empty():
        return FINDING.empty()
    alike = shared.join(_numbered_alike(shared), on=["source_record_id", "source"], how="semi")
    alike = alike.sort("source_record_id", "updated_at", "record_key", descending=[False, True, False], nulls_last=True)
    return FINDING.conform(described(pl.concat(_differing(alike, *field) for field in FIELDS.items()), language))


def _numbered_alike(shared: pl.DataFrame) -> pl.DataFrame:
    """`source_record_id, source` of the numbers that mean the same customer in two sources: under most numbers of the two the phone,
    name or another value is the same. Two systems that both count from 1 share numbers, and nothing else."""
    each = shared.unique(["source_record_id", "source"], keep="first", maintain_order=True)
    pairs = each.join(each, on="source_record_id", suffix="_r").filter(pl.col("source") < pl.col("source_r"))
    agree = pl.any_horizontal((pl.col(key) == pl.col(f"{key}_r")).fill_null(False) for key in FIELDS.values())
    alike = pairs.filter(agree.mean().over("source", "source_r") >= _AGREED)
    ends = [alike.select("source_record_id", source=end) for end in ("source", "source_r")]
    return pl.concat(ends).unique()


def _differing(rows: pl.DataFrame, field: str, key: str) -> pl.DataFrame:
    """`record_key, source_record_id, field, rule, value, suggestion` of rows (the last updated of each number first) whose field
    is not what the first that has one says."""
    told = rows.filter(pl.col(key).is_not_null(), pl.col(field).is_not_null())
    newest = pl.col(field).first().over("source_record_id")
    dated = pl.col("updated_at").first().over("source_record_id").is_not_null()
    told = told.with_columns(_newest=pl.when(dated).then(newest), _key=pl.col(key).first().over("source_record_id"))
    return told.filter(pl.col(key) != pl.col("_key")).select(
        "record_key", "source_record_id", field=pl.lit(field), rule=pl.lit(RULE), value=field, suggestion="_newest"
    )
