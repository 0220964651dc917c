"""What makes a group worth a look first: a score near the cut, fields that contradict, a value that no rule could choose,
several owners, many records."""

from collections.abc import Collection

import polars as pl

from ..i18n import Text

# Fields whose difference within one group is a reason for doubt, and how much it weighs on the scale of 100.
CONFLICTS = {
    "contact": {"person_name": 12.0, "phone": 6.0, "credit_code": 10.0, "company_name": 4.0},
    "account": {"person_name": 0.0, "phone": 0.0, "credit_code": 20.0, "company_name": 12.0},
}
CLOSENESS, OWNERS, SIZE, UNDECIDED = 40.0, 18.0, 10.0, 10.0
LARGE = 8  # records from which a group's size is a reason by itself
SPAN = 0.18  # between the cut at which two records count as duplicates, and certainty
REASONS = {
    "near": Text("得分贴线", "near the cut"),
    "undecided": Text("取值待定", "value undecided"),
    "person_name": Text("姓名不同", "names differ"),
    "phone": Text("手机号不同", "phones differ"),
    "credit_code": Text("信用代码不同", "codes differ"),
    "company_name": Text("公司名不同", "companies differ"),
    "owner": Text("负责人不同", "owners differ"),
    "large": Text("记录多", "many records"),
}


def with_risk(groups: pl.DataFrame, members: pl.DataFrame, undecided: Collection[str] = ()) -> pl.DataFrame:
    """`duplicate_group` rows with `risk` (0 to 100) and `reasons`, a list of keys of REASONS.

    members: `level, entity_id` and the columns of `record`; a null value differs from nothing. undecided: entities with a value
    that no rule of survivorship could choose.
    """
    fields = ["person_name", "phone", "credit_code", "company_name", "owner"]
    distinct = members.group_by("level", "entity_id").agg(
        pl.col(f).drop_nulls().n_unique().alias(f"_{f}") for f in fields
    )
    joined = groups.join(distinct, on=["level", "entity_id"], how="left", maintain_order="left")
    flags = {f: pl.col(f"_{f}") > 1 for f in fields}
    near = ((1 - pl.col("score_min")) / SPAN).clip(0, 1)
    weights = pl.sum_horizontal(flags[f] * _weight(f) for f in fields if f != "owner")
    many = (pl.col("size").log(2) * 2).clip(0, SIZE)
    open_value = pl.col("entity_id").is_in(list(undecided))
    risk = (near * CLOSENESS + weights + flags["owner"] * OWNERS + open_value * UNDECIDED + many).clip(0, 100).round(1)
    said = {
        "near": near > 0.3,
        "undecided": open_value,
        **{f: flags[f] & ((_weight(f) > 0) | (f == "owner")) for f in fields},
    }
    said["large"] = pl.col("size") >= LARGE
    reasons = pl.concat_list(pl.when(flag).then(pl.lit(name)) for name, flag in said.items()).list.drop_nulls()
    return joined.with_columns(risk=risk, reasons=reasons).drop(f"_{f}" for f in fields)


def _weight(field: str) -> pl.Expr:
    contact, account = (CONFLICTS[level].get(field, 0.0) for level in ("contact", "account"))
    return pl.when(pl.col("level") == "contact").then(contact).otherwise(account)
