"""Both levels: who is the same person, who is the same company, and the tables that say so."""

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from ..config import Config
from ..dedup import account, contact
from ..dedup.bands import sure_groups
from ..dedup.blocking import TooManyPairsError
from ..dedup.policy import Policy, shipped_weights
from ..dedup.resolve import Resolved, resolve
from ..dedup.scoring import reasons
from ..errors import UsageError
from ..i18n import Language, Text
from ..rules.catalog import described
from ..schemas import DUPLICATE_GROUP, ENTITY_MEMBER, FINDING, PAIR


@dataclass(frozen=True)
class Level:
    """One level's tables."""

    pairs: pl.DataFrame
    groups: pl.DataFrame
    members: pl.DataFrame
    findings: pl.DataFrame
    report: pl.DataFrame


def weights_of(config: Config, level: str) -> dict[str, dict[str, float]]:
    """The shipped weights of a level with the configuration's changes. Raises UsageError for a name that is none."""
    shipped, changed = shipped_weights(), config.weights.get(level, {})
    known = {f"{lv}.{c}.{n}" for lv, table in shipped.items() for c, names in table.items() for n in names}
    given = {f"{lv}.{c}.{n}" for lv, table in config.weights.items() for c, names in table.items() for n in names}
    if not given <= known:
        what = Text("配置里的权重 {n} 不存在。", "The configuration weighs {n}, which does not exist.")
        advice = Text("可用的名称见 docs/matching.md。", "The names stand in docs/matching.md.")
        raise UsageError(what.format(n=sorted(given - known)[0]), advice)
    return {name: table | changed.get(name, {}) for name, table in shipped_weights()[level].items()}


def policies(config: Config) -> tuple[Policy, Policy]:
    """The policies of both levels, contact first."""
    return contact.policy(weights_of(config, "contact")), account.policy(weights_of(config, "account"))


def resolve_levels(
    features: pl.DataFrame, record: pl.DataFrame, config: Config, language: Language
) -> tuple[Level, Level]:
    """Contact level first: its groups are evidence at account level. A table without persons has no contact groups."""
    people, companies = policies(config)
    has_people = record["person_name"].null_count() < record.height
    first = _resolved(features if has_people else features.clear(), people, config)
    labels = first.clusters.labels if has_people else np.arange(record.height, dtype=np.uint32)
    ids = record.select("record_key", "source_record_id")
    contact = _tables(first, people, labels, ids, "merge", config, language)
    del first  # its features and pairs, before those of the second level are made
    second = _resolved(features.with_columns(person=_shared_labels(labels)), companies, config)
    second_labels = only_companies(second.clusters.labels, features)
    action = "link" if has_people else "merge"
    return contact, _tables(second, companies, second_labels, ids, action, config, language)


def _resolved(features: pl.DataFrame, policy: Policy, config: Config) -> Resolved:
    limits = config.thresholds
    try:
        return resolve(features, policy, limits.duplicate, limits.floor, config.max_pairs)
    except TooManyPairsError as fault:
        raise too_many_pairs(fault) from None


def too_many_pairs(fault: TooManyPairsError) -> UsageError:
    """The budget's fault in the user's words."""
    what = Text(
        "候选记录对 {p:,} 超过上限 {b:,}，最多的来自分块“{k}”。",
        "{p:,} candidate pairs exceed the budget of {b:,}; most come from the block {k}.",
    )
    return UsageError(
        what.format(p=fault.pairs, b=fault.budget, k=fault.block),
        Text("请在配置中调大 max_pairs，或分批运行。", "Raise max_pairs in the configuration, or run in parts."),
        reason="dedup.budget",
    )


def _shared_labels(labels: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> pl.Series:
    """Group labels, null for rows on their own."""
    series = pl.Series("person", labels)
    return series.to_frame().select(pl.when(pl.len().over("person") > 1).then("person"))["person"]


def only_companies(
    labels: np.ndarray[tuple[int], np.dtype[np.uint32]], features: pl.DataFrame
) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Labels in which groups without any sign of a company fall apart: private customers have no account."""
    named = pl.any_horizontal(pl.col(c).is_not_null() for c in ("company_key", "code", "code_partial", "domain"))
    frame = features.select(named=named).with_columns(label=pl.Series(labels)).with_row_index("row")
    frame = frame.with_columns(label=pl.when(pl.col("named").any().over("label")).then("label").otherwise("row"))
    return frame["label"].to_numpy().astype(np.uint32)


def _tables(
    resolved: Resolved, policy: Policy, labels: np.ndarray[tuple[int], np.dtype[np.uint32]], ids: pl.DataFrame,
    action: str, config: Config, language: Language,
) -> Level:  # fmt: skip
    keys = ids["record_key"]
    level = pl.lit(policy.level).alias("level")
    members = ids.with_columns(group=pl.Series(labels)).with_columns(first=pl.col("record_key").min().over("group"))
    members = members.with_columns(entity_id=pl.lit("C" if policy.level == "contact" else "A") + pl.col("first"))
    pairs = _keyed(resolved.pairs.with_columns(reasons=reasons(policy.comparisons)), keys)
    groups = _groups(resolved, policy.level, members, pairs, action, config)
    return Level(
        PAIR.conform(pairs.with_columns(level)).sort("record_key_l", "record_key_r"),
        DUPLICATE_GROUP.conform(groups.with_columns(level)).sort("group_id"),
        ENTITY_MEMBER.conform(members.with_columns(level)).sort("record_key"),
        _findings(resolved, policy, ids, language),
        resolved.report.with_columns(level),
    )


def _keyed(pairs: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """`left, right` as record keys, the smaller first."""
    one, other = keys[pairs["left"].to_numpy()], keys[pairs["right"].to_numpy()]
    return pairs.with_columns(
        record_key_l=pl.min_horizontal(one, other), record_key_r=pl.max_horizontal(one, other)
    )  # fmt: skip


def _groups(
    resolved: Resolved, level: str, members: pl.DataFrame, pairs: pl.DataFrame, action: str, config: Config
) -> pl.DataFrame:
    """Groups of two or more, with the weakest link that holds each together."""
    sizes = members.group_by("group").agg(
        pl.col("entity_id").first(), size=pl.len().cast(pl.Int64), keys=pl.col("record_key").sort().str.join(",")
    )
    sizes = sizes.filter(pl.col("size") > 1)
    ids = [hashlib.blake2b(f"{level}/{k}".encode(), digest_size=8).hexdigest() for k in sizes["keys"].to_list()]
    joints = resolved.clusters.joints.sort("score", "left", "right")
    weakest = joints.group_by("group", maintain_order=True).agg(pl.col("left", "right", "score").first())
    weakest = weakest.join(
        pairs.select("left", "right", "record_key_l", "record_key_r", "reasons"), on=["left", "right"], how="left"
    )
    # pl.format reads every brace as a place, so the JSON is put together by hand.
    link = pl.concat_str(
        pl.lit('{"record_key_l": "'), "record_key_l", pl.lit('", "record_key_r": "'), "record_key_r",
        pl.lit('", "reasons": '), "reasons", pl.lit("}"),
    )  # fmt: skip
    calm = pl.col("group").is_in(sure_groups(resolved.clusters, config.thresholds.auto).implode())
    groups = sizes.with_columns(group_id=pl.Series(ids, dtype=pl.String)).join(weakest, on="group", how="inner")
    return groups.with_columns(
        action=pl.lit(action), score_min="score", weakest_link=link,
        band=pl.when(calm).then(pl.lit("auto")).otherwise(pl.lit("review")),
    )  # fmt: skip


def _findings(resolved: Resolved, policy: Policy, ids: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Links that a contradiction cut, and values that too many share to mean anything."""
    numbers = ids.select(record_key_r="record_key", other=pl.coalesce("source_record_id", "record_key"))
    cut = _keyed(resolved.clusters.cut, ids["record_key"]).join(numbers, on="record_key_r", how="left")
    cut = cut.join(ids.rename({"record_key": "record_key_l"}), on="record_key_l", how="left").select(
        "record_key_l",
        "source_record_id",
        field=pl.lit(policy.level),
        rule=pl.lit("dedup.link_cut"),
        suggestion="other",
    )  # fmt: skip
    prepared = resolved.prepared
    columns = [c for c in ("phone", "email", "landline", "code") if f"{c}_rarity" in prepared.columns]
    shared = [_shared_values(prepared, column, language) for column in columns]
    frames = [
        FINDING.conform(f.with_columns(severity=None, message=None))
        for f in (cut.rename({"record_key_l": "record_key"}), *shared)
    ]
    found = pl.concat(frames).drop("severity", "message")
    return FINDING.conform(described(found, language)).sort("rule", "field", "record_key", "value")


def _shared_values(prepared: pl.DataFrame, column: str, language: Language) -> pl.DataFrame:
    """Values of a column whose spread has taken all their weight, with the rows that carry them."""
    spent = prepared.filter(pl.col(column).is_not_null(), pl.col(f"{column}_rarity") <= 0)
    return (
        spent.group_by(value=column)
        .agg(rows=pl.len())
        .select(
            "value",
            field=pl.lit(column),
            rule=pl.lit("dedup.shared_value"),
            suggestion=pl.format("{} 行" if language == "zh" else "{} rows", "rows"),
        )
    )
