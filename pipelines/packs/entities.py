"""Whom a row beside the customers is about: by the customer's number, else by phone or mail; where several could be meant, nobody."""

import polars as pl

_BY = (("customer_id", "source_record_id"), ("phone", "phone"), ("email", "email"))


def with_entities(rows: pl.DataFrame, record: pl.DataFrame, member: pl.DataFrame) -> pl.DataFrame:
    """A side table with `entity_id` and `account_id`. record, member: the tables `record` and `entity_member` as they live."""
    who = record.select("record_key", *dict.fromkeys(column for _, column in _BY))
    for level, name in (("contact", "_entity"), ("account", "_account")):
        of_level = member.filter(pl.col("level") == level).select("record_key", pl.col("entity_id").alias(name))
        who = who.join(of_level, on="record_key", how="left")
    found = rows.drop("entity_id", "account_id")
    for own, column in _BY:
        if own not in rows.columns:
            continue
        known = who.drop_nulls(column).group_by(pl.col(column).alias(own)).agg(
            pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(f"{name}_{own}") for name in ("_entity", "_account")
        )  # fmt: skip
        found = found.join(known, on=own, how="left", maintain_order="left")
    by = [own for own, _ in _BY if own in rows.columns]
    nobody = pl.lit(None, pl.String)
    entities = found.select(
        entity_id=pl.coalesce(*(f"_entity_{own}" for own in by), nobody),
        account_id=pl.coalesce(*(f"_account_{own}" for own in by), nobody),
    )
    return rows.with_columns(entities["entity_id"], entities["account_id"])
