"""The same company: what level `account` is told by, and its policy (account_keys.py, account_levels.py)."""

import polars as pl

from ...evidence import Weights
from .account_keys import (
    BODY,
    BRAND_OR_DOMAIN,
    DOMAIN_NAME,
    IDENTIFIERS,
    KEYS,
    NUMBERS,
    SPOTS,
    STAND,
    WHOLE_CORE,
    road_and_door,
)
from .account_levels import CONFLICT, IDENTITY, comparisons, measure
from .base import Policy
from .contradictions import COMPANY_PARTS, company_contradictions, with_company_parts
from .identifiers import with_identifiers
from .plugged import plugged_comparisons
from .short_names import full_names, with_full_names
from .term_frequency import least_rarity, rarities, usual_owners

COLUMNS = tuple(dict.fromkeys((
    "code", "org_code", "code_partial", "company_key", "core", "core_pinyin", "brand", "brand_pinyin", "industry",
    "form", "branch", "branch_city", "stem", "tail", "letters", "legal", "firm", "full", "unclear", "company_region",
    "company_bracket", "company_province", "place", "latin_name", "unit", "domain", "domain_name", "landline",
    "street", "numbers", "road", "door", "person_named", "longitude", "latitude", "person", "size",
    "code_rarity", "org_rarity", "partial_rarity", "company_rarity", "core_rarity", "brand_rarity", "sound_rarity",
    "domain_rarity", "number_rarity", "street_rarity", "ids", "id_rarity", *COMPANY_PARTS,
)))  # fmt: skip


TEXTS = ("core", "brand", "industry", "stem", "tail", "unit", "variants", "site", "shop")
PROVINCE = ("company_province",)


# Who a name belongs to: its spread counts the provinces it is seen in (金鼎商贸 in nine provinces is nine companies, or a
# placeholder); long and short forms of one company share the brand.
OF_CORE, OF_BRAND, OF_SOUND = ("company_province", "stand"), ("whole_core",), ("brand", "whole_core")
FIRM = ("brand", "code")  # where no name is given, its code tells companies apart
# What a value's rarity is counted from: its column, its penalty, and its owners.
VALUES = {
    "code": ("code", 1.0, ("brand",)), "org": ("org_code", 1.0, ("brand",)), "partial": ("code_partial", 4.0, FIRM),
    "company": ("company_key", 1.0, PROVINCE), "core": ("body", 1.0, OF_CORE),
    "brand": ("brand", 2.0, OF_BRAND), "sound": ("brand_pinyin", 3.0, OF_SOUND),
    "domain": ("domain", 3.0, FIRM), "landline": ("landline", 4.0, FIRM), "street": ("street", 2.0, FIRM),
}  # fmt: skip
_ADDED = plugged_comparisons("account", COLUMNS)
VALUES |= {name: (name, 4.0, FIRM) for name in _ADDED.values}


def prepare(features: pl.DataFrame, bits: float | None) -> pl.DataFrame:
    """Table `feature`, `row` and `person` (contact entity; null for a single record) → COLUMNS and the blocking keys.

    bits: see term_frequency.py; None where only who contradicts whom is asked.
    """
    col = pl.col
    frame = with_company_parts(features).with_columns(
        branch=col("branch").str.replace(r"(?:公司|司)$", ""),
        body=BODY,
        stem=col("branch").str.replace(r".{2}$", ""),
        tail="company_tail",
        letters=_letters(features["core"]),
        unit=_without_region_and_form(),
        whole_core=WHOLE_CORE,
        domain_name=DOMAIN_NAME,
        brand_or_domain=BRAND_OR_DOMAIN,
        street=pl.when(col("street").str.len_chars() >= 5).then(pl.concat_str(col("city").fill_null(""), "street")),
        person_named=col("name_kind"),
        numbers=NUMBERS,
        identifiers=IDENTIFIERS,
        road=road_and_door(col("street"), 1),
        door=road_and_door(col("street"), 2).cast(pl.Int32, strict=False),
        stand=STAND,
        size=pl.lit(bits, pl.Float64),
    )
    frame = with_identifiers(with_full_names(frame).with_columns(spots=SPOTS), bits, 4.0, *FIRM)
    worth = rarities(frame, VALUES, bits, usual_owners)
    return frame.with_columns(**worth, number_rarity=least_rarity(frame, "numbers", bits, 4.0, usual_owners, *FIRM))


def count_owners(co_occurring: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """What a frame that is only part of the file brings along (rarity.owners, Key.size): of each name its spread, and
    of each brand its rows, counted over all rows that share a name or brand with one of the part."""
    frame = co_occurring.with_columns(whole_core=WHOLE_CORE, brand_or_domain=BRAND_OR_DOMAIN, body=BODY, stand=STAND)
    told = {"body": OF_CORE, "brand": OF_BRAND, "brand_pinyin": OF_SOUND}
    spreads = (usual_owners(frame, v, *seen_with).rename({"spread": f"{v}_spread"}) for v, seen_with in told.items())
    rows = frame.select("brand_or_domain").drop_nulls().group_by("brand_or_domain").agg(brand_rows=pl.len())
    return (*spreads, rows, full_names(co_occurring))


def _letters(cores: pl.Series) -> pl.Series:
    """The characters of each core in one order: 担保投资 and 投资担保 have the same."""
    distinct = cores.drop_nulls().unique()
    sorted_ = pl.Series(["".join(sorted(core)) for core in distinct], dtype=pl.String)
    return cores.replace_strict(distinct, sorted_, default=None, return_dtype=pl.String)


def _without_region_and_form() -> pl.Expr:
    """天津市乐之声投资管理有限公司 → 乐之声投资管理: brackets stay, which the core leaves out. Null without any."""
    region, form = pl.col("company_region").fill_null(""), pl.col("form").fill_null("")
    bare = pl.col("company_key").str.strip_prefix(region)
    bare = pl.when(region != "").then(bare.str.strip_prefix("市")).otherwise(bare)
    return pl.when(pl.col("company_bracket").is_not_null()).then(bare.str.strip_suffix(form))


def policy(weights: Weights) -> Policy:
    """The policy of level `account` with these weights."""
    contradiction = company_contradictions()
    compared = tuple(comparison.weighed(weights) for comparison in (*comparisons(), *_ADDED.comparisons, contradiction))
    return Policy(
        "account", prepare, KEYS, (*COLUMNS, *_ADDED.columns), (*TEXTS, *_ADDED.columns), measure, compared, IDENTITY, CONFLICT,
        contradiction, COMPANY_PARTS,
    )  # fmt: skip
