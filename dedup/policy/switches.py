"""A policy without the evidence that a configuration switches off: it makes no candidates and adds no bits."""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from ...evidence import similar_levels
from .base import Policy
from .comparisons import Comparison, Level, differ
from .keys import Key

# The columns by which a dimension speaks, of table `feature` and of what `prepare` makes of it.
_COLUMNS = {
    "phone": (
        "phone",
        "phone_partial",
        "phone_others",
        "landline",
        "landline_extension",
        "reach",
        "numbers",
        "phone_shape",
    ),
    "credit_code": ("code", "code_partial", "org_code"),
}
# A key by the sound of a name asks for its characters, too.
_WRITTEN = {
    "pinyin": pl.coalesce("name", "latin"),
    "core_pinyin": pl.col("core"), "bare_core_pinyin": pl.col("core"),
    "brand_pinyin": pl.col("brand"), "brand_or_domain": pl.col("brand"),
}  # fmt: skip
_KEPT = "kept_code"


def switch_off(policy: Policy, off: Collection[str]) -> Policy:
    """The policy without these dimensions (evidence.SWITCHES). Names that are only alike keep what speaks against them, and two
    valid credit codes of one company stay apart, by a level of `contradiction` that weighs nothing."""
    if "name_similarity" in off:
        policy = _by_writing(policy)
    columns, inner = off_columns(off), policy.prepare

    def prepare(features: pl.DataFrame, bits: float | None) -> pl.DataFrame:
        kept = features.with_columns(pl.col("code").alias(_KEPT))
        return _blank(inner(_blank(kept, columns), bits), columns)

    policy = replace(policy, off=frozenset(off), prepare=prepare) if off else policy
    return _with_codes_apart(policy) if "credit_code" in off and policy.level == "account" else policy


def off_columns(off: Collection[str]) -> list[str]:
    """The columns that nothing is heard of."""
    return [column for name in off for column in _COLUMNS.get(name, ())]


def _blank(frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    return frame.with_columns(pl.lit(None, frame.schema[c]).alias(c) for c in columns if c in frame.columns)


def _by_writing(policy: Policy) -> Policy:
    alike = similar_levels()[policy.level]
    comparisons = tuple(
        Comparison(c.name, tuple(_unlike(x) if (c.name, x.name) in alike else x for x in c.levels))
        for c in policy.comparisons
    )
    return replace(policy, comparisons=comparisons, keys=tuple(map(_written, policy.keys)))


def _unlike(level: Level) -> Level:
    return replace(level, weight=min(level.weight, 0.0), rarity=None, least=None)


def _written(key: Key) -> Key:
    read = {name for part in key.on for name in part.meta.root_names()}
    return replace(key, on=(*key.on, *(written for sound, written in _WRITTEN.items() if sound in read)))


def _with_codes_apart(policy: Policy) -> Policy:
    told = policy.contradiction
    apart = Comparison(told.name, (Level("code", differ(_KEPT)), *told.levels))
    weighed = Comparison(told.name, (apart.levels[0], *policy.comparisons[-1].levels))
    return replace(
        policy, contradiction=apart, comparisons=(*policy.comparisons[:-1], weighed),
        conflict=policy.conflict | (pl.col(f"{told.name}_level") == "code"), columns=(*policy.columns, _KEPT),
        identity=(*policy.identity, _KEPT), doubt_columns=(*policy.doubt_columns, _KEPT),
    )  # fmt: skip
