"""Both levels: who is the same person, who is the same company, and the tables that say so."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...config import Config
from ...dedup.bands import sure_groups
from ...dedup.blocking import TooManyPairsError
from ...dedup.clustering import Clusters
from ...dedup.constraints import NO_CONSTRAINTS, Constraints, constraints_of, fully_linked
from ...dedup.dimensions import measure_dimensions
from ...dedup.entity_ids import entity_events, entity_ids, group_id
from ...dedup.policy import account, contact
from ...dedup.policy.base import Policy
from ...dedup.policy.switches import switch_off
from ...dedup.resolve import Resolved, resolve
from ...dedup.scoring import reasons
from ...errors import UsageError
from ...evidence import DIMENSIONS, shipped_weights
from ...i18n import Language, Text
from ...rules.catalog import described
from ...schemas import DECISION, DECISION_STATUS, DUPLICATE_GROUP, ENTITY_EVENT, ENTITY_MEMBER, FINDING, PAIR
from ..clean.features import has_people

Labels = NDArray[np.uint32]
SIGNS = ("company_key", "code", "code_partial", "domain")  # columns of `feature` one of which tells a company


@dataclass(frozen=True)
class Level:
    """One level's tables. report: candidate pairs by block; agreed: entities all of whose records stewards joined."""

    name: str
    pairs: pl.DataFrame
    groups: pl.DataFrame
    members: pl.DataFrame
    findings: pl.DataFrame
    events: pl.DataFrame
    judged: pl.DataFrame
    report: pl.DataFrame
    agreed: pl.Series


class Past(NamedTuple):
    """What the nights before left: decisions in force, `level, entity_id, record_key` of the last run, how decisions
    stood, and the number of this run. `taken`: entity ids that live beyond these members."""

    decisions: pl.DataFrame
    members: pl.DataFrame
    status: pl.DataFrame
    run: int
    taken: frozenset[str] = frozenset()

    def before(self, level: str) -> pl.DataFrame:
        """`record_key, entity_id` of a level."""
        return self.members.filter(pl.col("level") == level).select("record_key", "entity_id")


NO_PAST = Past(decisions=DECISION.empty(), members=ENTITY_MEMBER.empty(), status=DECISION_STATUS.empty(), run=1)


def weights_of(config: Config, level: str) -> dict[str, dict[str, float]]:
    """The shipped weights of a level with the configuration's changes. Raises UsageError for a name that is none."""
    shipped, changed = shipped_weights(), config.weights.get(level, {})
    known = {f"{lv}.{c}.{n}" for lv, table in shipped.items() for c, names in table.items() for n in names}
    given = {f"{lv}.{c}.{n}" for lv, table in config.weights.items() for c, names in table.items() for n in names}
    if not given <= known:
        what = Text("配置里的权重 {n} 不存在。", "The configuration weighs {n}, which does not exist.")
        advice = Text("可用的名称见 docs/zh/matching.md。", "The names stand in docs/en/matching.md.")
        raise UsageError(what.format(n=sorted(given - known)[0]), advice)
    return {name: table | changed.get(name, {}) for name, table in shipped_weights()[level].items()}


def policies(config: Config) -> tuple[Policy, Policy]:
    """The policies of both levels, contact first, without the evidence that the configuration switches off."""
    people, companies = contact.policy(weights_of(config, "contact")), account.policy(weights_of(config, "account"))
    return switch_off(people, config.evidence.off), switch_off(companies, config.evidence.off)


def resolve_levels(
    features: pl.DataFrame, record: pl.DataFrame, config: Config, language: Language, past: Past = NO_PAST
) -> tuple[Level, Level]:
    """Contact level first: its groups are evidence at account level. A table without persons has no contact groups; one
    whose persons could not be read has them, of phones and e-mails alone."""
    people, companies = policies(config)
    people_there = has_people(features, record)
    ids = record.select("record_key", "source_record_id")
    word = constraints_of(past.decisions, "contact", ids["record_key"]) if people_there else NO_CONSTRAINTS
    first = _resolved(features if people_there else features.clear(), people, config, word)
    labels = first.clusters.labels if people_there else np.arange(record.height, dtype=np.uint32)
    rules = LevelRules(people, "merge", config, past, word)
    contact = level_tables(_found(first, people), rules, labels, ids)
    contact = _with_findings(contact, first, people, ids, word, language)
    del first  # its features and pairs, before those of the second level are made
    word = constraints_of(past.decisions, "account", ids["record_key"])
    second = _resolved(features.with_columns(person=shared_labels(labels)), companies, config, word)
    second_labels = only_companies(second.clusters.labels, features)
    action = "link" if people_there else "merge"
    rules = LevelRules(companies, action, config, past, word)
    account = level_tables(_found(second, companies), rules, second_labels, ids)
    return contact, _with_findings(account, second, companies, ids, word, language)


class Found(NamedTuple):
    """Groups of rows with what they rest on. pairs: `left, right, score, reasons` and DIMENSIONS; judged: how decisions stand."""

    clusters: Clusters
    pairs: pl.DataFrame
    judged: pl.DataFrame
    report: pl.DataFrame


class LevelRules(NamedTuple):
    """What the rows of a level are judged by. action: what becomes of a group; word: what stewards said of these rows."""

    policy: Policy
    action: str
    config: Config
    past: Past
    word: Constraints


def _found(resolved: Resolved, policy: Policy) -> Found:
    pairs = resolved.pairs.select("left", "right", "score", reasons=reasons(policy.comparisons))
    pairs = pairs.hstack(measure_dimensions(resolved.prepared, pairs, policy.level, policy.off))
    return Found(resolved.clusters, pairs, resolved.judged, resolved.report)


def _resolved(features: pl.DataFrame, policy: Policy, config: Config, word: Constraints) -> Resolved:
    limits = config.thresholds
    try:
        return resolve(features, policy, limits.duplicate, limits.floor, config.max_pairs, word)
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


def shared_labels(labels: Labels) -> pl.Series:
    """Group labels, null for rows on their own."""
    series = pl.Series("person", labels)
    return series.to_frame().select(pl.when(pl.len().over("person") > 1).then("person"))["person"]


def only_companies(labels: Labels, features: pl.DataFrame) -> Labels:
    """Labels in which groups without any sign of a company fall apart: private customers have no account."""
    frame = (
        features.select(named=pl.coalesce(SIGNS).is_not_null())
        .with_columns(label=pl.Series(labels))
        .with_row_index("row")
    )
    frame = frame.with_columns(label=pl.when(pl.col("named").any().over("label")).then("label").otherwise("row"))
    return frame["label"].to_numpy().astype(np.uint32)


def level_tables(found: Found, rules: LevelRules, labels: Labels, ids: pl.DataFrame) -> Level:
    """The tables of one level for the rows of `ids` (`record_key, source_record_id`), findings left empty."""
    policy, past, word = rules.policy, rules.past, rules.word
    level = pl.lit(policy.level).alias("level")
    before = past.before(policy.level)
    grouped = ids.with_columns(group=pl.Series(labels))
    names = entity_ids(policy.level, grouped.select("record_key", "group"), before, past.run, past.taken)
    members = grouped.join(names, on="group", how="left", maintain_order="left")
    pairs = _keyed(found.pairs, ids["record_key"])
    judged = _judged(found.judged, past, policy.level, rules.config.thresholds.auto)
    by_word = fully_linked(word, labels)
    groups = _groups(found, rules, members, pairs, by_word, _doubted(judged, word, labels))
    events = entity_events(members.select("record_key", "entity_id"), before) if past.run > 1 else ENTITY_EVENT.empty()
    return Level(
        name=policy.level,
        pairs=PAIR.conform(pairs, level=level).sort("record_key_l", "record_key_r"),
        groups=DUPLICATE_GROUP.conform(groups, level=level).sort("group_id"),
        members=ENTITY_MEMBER.conform(members, level=level).sort("record_key"),
        findings=FINDING.empty(),
        events=ENTITY_EVENT.conform(events, level=level),
        judged=DECISION_STATUS.conform(judged, level=level),
        report=found.report.with_columns(level),
        agreed=members.filter(pl.col("group").is_in(sorted(by_word)))["entity_id"].unique(),
    )


def _judged(now: pl.DataFrame, past: Past, level: str, auto: float) -> pl.DataFrame:
    """How the decisions of a level stand, against how they stood when a run first kept them; `idle`: too few of its records
    are there to be weighed.

    Evidence contradicts a decision that it did not contradict then: identities that now clash under one roof, or two
    that now score as one where they did not.
    """
    first = past.status.filter(pl.col("level") == level).select("decision_id", "basis", "basis_conflict")
    linking = past.decisions.filter(
        pl.col("level") == level, pl.col("kind").is_in(["must_link", "cannot_link", "split"])
    )
    absent = linking.select("decision_id").join(now, on="decision_id", how="anti")
    now = pl.concat([now, absent], how="diagonal")
    table = now.join(first, on="decision_id", how="left").with_columns(
        basis=pl.coalesce("basis", "score"), basis_conflict=pl.coalesce("basis_conflict", "conflict")
    )
    against = (
        pl.when(pl.col("kind") == "together")
        .then(pl.col("conflict") & ~pl.col("basis_conflict"))
        .otherwise((pl.col("score") >= auto) & (pl.col("basis") < auto))
    )
    status = pl.when(pl.col("score").is_null()).then(pl.lit("idle")).when(against).then(pl.lit("contradicted"))
    return table.with_columns(status=status.otherwise(pl.lit("kept")))


def _doubted(judged: pl.DataFrame, word: Constraints, labels: Labels) -> set[int]:
    """The groups that hold records of a contradicted decision: a steward looks again."""
    return {int(labels[row]) for row, _ in _contradicted(judged, word)}


def _contradicted(judged: pl.DataFrame, word: Constraints) -> set[tuple[int, str]]:
    """Rows of contradicted decisions, with the decision."""
    return word.rows_of(set(judged.filter(pl.col("status") == "contradicted")["decision_id"]))


def _with_findings(
    level: Level, resolved: Resolved, policy: Policy, ids: pl.DataFrame, word: Constraints, language: Language
) -> Level:
    found = [
        cut_links(resolved.clusters, policy.level, ids),
        contradictions(level, word, ids),
        shared_values(resolved.prepared),
    ]
    return replace(level, findings=told(pl.concat(found), language))


def _keyed(pairs: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """`left, right` as record keys, the smaller first."""
    one, other = keys[pairs["left"].to_numpy()], keys[pairs["right"].to_numpy()]
    return pairs.with_columns(
        record_key_l=pl.min_horizontal(one, other), record_key_r=pl.max_horizontal(one, other)
    )  # fmt: skip


def _groups(
    found: Found, rules: LevelRules, members: pl.DataFrame, pairs: pl.DataFrame, agreed: set[int], doubted: set[int]
) -> pl.DataFrame:
    """Groups of two or more, with the weakest link that holds each together. agreed: labels of those that stewards joined; doubted:
    of those that a steward is to look at again."""
    sizes = members.group_by("group").agg(
        pl.col("entity_id").first(), size=pl.len().cast(pl.Int64), keys=pl.col("record_key").sort()
    )
    sizes = sizes.filter(pl.col("size") > 1)
    ids = [group_id(rules.policy.level, keys) for keys in sizes["keys"].to_list()]
    tree_edges = found.clusters.tree_edges.sort("score", "left", "right")
    weakest = tree_edges.group_by("group", maintain_order=True).agg(pl.col("left", "right", "score").first())
    keys = members["record_key"]
    weakest = _keyed(weakest, keys).join(
        pairs.select("left", "right", "reasons", *DIMENSIONS), on=["left", "right"], how="left"
    )
    # pl.format reads every brace as a place, so the JSON is put together by hand.
    link = pl.concat_str(
        pl.lit('{"record_key_l": "'), "record_key_l", pl.lit('", "record_key_r": "'), "record_key_r",
        pl.lit('", "reasons": '), pl.col("reasons").fill_null('{"steward": {"level": "must_link", "weight": 0.0}}'),
        *(part for name in DIMENSIONS for part in (pl.lit(f', "{name}": '), pl.col(name).cast(pl.String).fill_null("null"))), pl.lit("}"),
    )  # fmt: skip
    settled = found.clusters._replace(refused_links=_unsettled(found.clusters, rules.word))
    sure = {*sure_groups(settled, rules.config.thresholds.auto), *agreed} - doubted
    calm = pl.col("group").is_in(sorted(sure))
    groups = sizes.with_columns(group_id=pl.Series(ids, dtype=pl.String)).join(weakest, on="group", how="inner")
    return groups.with_columns(
        action=pl.lit(rules.action), score_min="score", weakest_link=link,
        band=pl.when(calm).then(pl.lit("auto")).otherwise(pl.lit("review")),
    )  # fmt: skip


def _unsettled(clusters: Clusters, word: Constraints) -> pl.DataFrame:
    """The refused links, but those between groups that a steward keeps apart."""
    settled = {frozenset((int(clusters.labels[one]), int(clusters.labels[other]))) for one, other in word.cannot_link}
    if not settled:
        return clusters.refused_links
    left, right = (clusters.labels[clusters.refused_links[side].to_numpy()].tolist() for side in ("left", "right"))
    return clusters.refused_links.filter(
        pl.Series([frozenset(pair) not in settled for pair in zip(left, right, strict=True)], dtype=pl.Boolean)
    )


def cut_links(clusters: Clusters, level: str, ids: pl.DataFrame) -> pl.DataFrame:
    """Links at or above the threshold that a contradiction refused, as findings."""
    one, other = ids.select(pl.all().name.suffix("_l")), ids.select(pl.all().name.suffix("_r"))
    cut = _keyed(clusters.refused_links, ids["record_key"]).lazy().join(other.lazy(), on="record_key_r", how="left")
    cut = cut.join(one.lazy(), on="record_key_l", how="left")
    number, suggestion = pl.col("source_record_id_l"), pl.coalesce("source_record_id_r", "record_key_r")
    return FINDING.conform(
        cut.collect(), source_record_id=number, record_key=pl.col("record_key_l"), suggestion=suggestion,
        field=pl.lit(level), rule=pl.lit("dedup.link_cut"),
    )  # fmt: skip


def contradictions(level: Level, word: Constraints, ids: pl.DataFrame) -> pl.DataFrame:
    """Records of decisions that new evidence speaks against, as findings; the suggestion names the decision."""
    pairs = sorted(_contradicted(level.judged, word))
    rows = pl.DataFrame(pairs, schema={"row": pl.UInt32, "suggestion": pl.String}, orient="row")
    named = ids.lazy().with_row_index("row").join(rows.lazy(), on="row").collect()
    return FINDING.conform(named, field=pl.lit(level.name), rule=pl.lit("dedup.contradicted"))


def told(findings: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Findings with the words and severities of their rules, in a stable order."""
    return FINDING.conform(described(findings.drop("severity", "message"), language)).sort(
        "rule", "field", "record_key", "value"
    )


def shared_values(prepared: pl.DataFrame) -> pl.DataFrame:
    """Values that too many share to mean anything, as findings."""
    columns = [c for c in ("phone", "email", "landline", "code") if f"{c}_rarity" in prepared.columns]
    spent = [shared_value(prepared.lazy(), column, f"{column}_rarity") for column in columns]
    return FINDING.conform(pl.concat(spent).collect()) if spent else FINDING.empty()


def shared_value(rows: pl.LazyFrame, column: str, rarity: str) -> pl.LazyFrame:
    """Values of a column whose spread has taken all their weight (`rarity`), with the number of rows that carry them, as columns
    of `finding`."""
    spent = rows.filter(pl.col(column).is_not_null(), pl.col(rarity) <= 0)
    counted = spent.group_by(value=column).agg(suggestion=pl.format("×{}", pl.len()))
    return counted.with_columns(field=pl.lit(column), rule=pl.lit("dedup.shared_value"))
