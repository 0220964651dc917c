"""The three dimensions of a pair that everybody knows: phone, sound of the name, credit code. Said of each scored pair, beside its
score and its reasons; the score itself is made of finer levels."""

from collections.abc import Collection

import polars as pl

from ..evidence import DIMENSIONS, SWITCHES
from .pairs import Pairs
from .policy.comparisons import among, same
from .policy.contact_keys import REACH
from .policy.similarity import jaro_winkler
from .scoring import CHUNK, gather

# The reading of a person's name stands surname first, however it was written; of a company's, the brand is what tells.
_NAMES = {"contact": pl.col("pinyin"), "account": pl.coalesce("brand_pinyin", "core_pinyin")}
_COLUMNS = ("_reach", "landline", "phone_others", "_name", "_turned", "code", "org_code")


def measure_dimensions(
    features: pl.DataFrame, pairs: pl.DataFrame, level: str, off: Collection[str] = ()
) -> pl.DataFrame:
    """Table `feature` and pairs (`left, right`: rows of it) → one row per pair, in their order.

    phone_agree: a number of one, whether mobile, landline, a further one or the name of a mailbox, is one of the other; null where one
    has none.
    name_similarity: Jaro-Winkler (0..1) of the toneless readings of the two names, a Latin name tried in both orders; null where
    one has none. code_link: the credit codes, or the organisation codes in them (GB 11714), are equal; null where one has none.
    off: those that are switched off (evidence.SWITCHES), null.
    """
    told = features.select(
        "landline", "phone_others", "code", "org_code", _reach=REACH, _name=_NAMES[level],
        _turned=pl.col("pinyin_turned") if level == "contact" else pl.lit(None, pl.String),
    )  # fmt: skip
    left, right = (pairs[side].to_numpy() for side in ("left", "right"))
    parts = [
        _measured(gather(told, Pairs(left[start : start + CHUNK], right[start : start + CHUNK]), _COLUMNS))
        for start in range(0, max(pairs.height, 1), CHUNK)
    ]
    silent = [name for name, switch in zip(DIMENSIONS, SWITCHES, strict=True) if switch in off]
    return pl.concat(parts).with_columns(pl.when(False).then(pl.col(silent)).name.keep())


def _measured(pairs: pl.DataFrame) -> pl.DataFrame:
    always = pl.lit(True)
    similar = [jaro_winkler(pairs, "_name", always).alias("as_written")]
    for one, other in (("_turned", "_name"), ("_name", "_turned")):
        crossed = pairs.select(t_l=f"{one}_l", t_r=f"{other}_r")
        similar.append(jaro_winkler(crossed, "t", always).alias(one))
    return pairs.select(
        phone_agree=_any_equal(("_reach", "landline"))
        | (among("_reach", "phone_others") | among("landline", "phone_others") | same("phone_others")).fill_null(False),
        name_similarity=pl.max_horizontal(*similar).round(4),
        code_link=_any_equal(("code", "org_code")),
    )


def _any_equal(columns: tuple[str, ...]) -> pl.Expr:
    """Whether a value of one side is a value of the other; null where a side has none."""
    there = [pl.any_horizontal(pl.col(f"{c}_{side}").is_not_null() for c in columns) for side in "lr"]
    equal = pl.any_horizontal((pl.col(f"{a}_l") == pl.col(f"{b}_r")).fill_null(False) for a in columns for b in columns)
    return pl.when(there[0] & there[1]).then(equal)
