"""The same company: features, blocking keys and comparisons of level `account`."""

import polars as pl

from .blocking import Block
from .comparisons import Comparison, Level, both, differ, missing, same
from .policy import Policy, Weights
from .rarity import value_rarity
from .similarity import edits, jaro_winkler

COLUMNS = (
    "code", "org_code", "code_partial", "company_key", "core", "core_pinyin", "brand", "industry", "form", "branch",
    "company_region", "company_bracket", "company_province", "place", "latin_name", "domain", "landline", "street",
    "person", "size", "code_rarity", "org_rarity", "partial_rarity", "company_rarity", "core_rarity", "brand_rarity",
    "domain_rarity", "landline_rarity", "street_rarity",
)  # fmt: skip


def prepare(features: pl.DataFrame, bits: float) -> pl.DataFrame:
    """Table `feature`, `row` and `person` (contact entity; null for a single record) → COLUMNS and the blocking keys."""
    col = pl.col
    frame = features.with_columns(
        branch=col("branch").str.replace(r"(?:公司|司)$", ""),
        firm=pl.coalesce("core_pinyin", "code"),
        whole_core=pl.when(col("form").is_not_null()).then("core_pinyin"),
        # A damaged domain is still the company's own: every mail of theirs carries the same damage.
        domain=pl.coalesce("domain", col("email_partial").str.extract(r"@([^@]{6,})$")),
        place=pl.coalesce("company_region", "company_bracket"),
        latin_name=~col("core").str.contains(r"\p{Han}"),
        street=pl.when(col("street").str.len_chars() >= 5).then(pl.concat_str(col("city").fill_null(""), "street")),
        size=pl.lit(bits),
    )
    # A name's spread counts the provinces it is seen in: 金鼎商贸 in nine provinces is nine companies, or a placeholder.
    rarities = {
        "code": ("code", "firm", 1.0), "org": ("org_code", "firm", 1.0), "partial": ("code_partial", "firm", 4.0),
        "company": ("company_key", "company_province", 2.0), "core": ("core_pinyin", "company_province", 1.0),
        "brand": ("brand", "whole_core", 2.0),
        "domain": ("domain", "firm", 3.0), "landline": ("landline", "firm", 4.0), "street": ("street", "firm", 2.0),
    }  # fmt: skip
    return frame.with_columns(
        **{f"{name}_rarity": value_rarity(v, owner, bits, penalty) for name, (v, owner, penalty) in rarities.items()}
    )


PLACE = pl.col("company_province")
BLOCKS = (
    Block("code", (pl.col("code"),), refine=pl.col("core_pinyin")),
    Block("organisation", (pl.col("org_code"),), refine=pl.col("core_pinyin")),
    Block("code text", (pl.col("code_partial"),), refine=pl.col("core_pinyin")),
    Block("company", (pl.col("core_pinyin"),), refine=PLACE),
    Block("brand", (pl.col("brand_pinyin"),), refine=PLACE),
    Block("domain", (pl.col("domain"),), refine=pl.col("brand_pinyin")),
    Block("landline", (pl.col("landline"),), refine=pl.col("brand_pinyin")),
    Block("person", (pl.col("person"),)),
)


IDENTITY = ("code", "org_code", "company_key", "company_province")
CONFLICT = (pl.col("code_level") == "different") | (
    pl.col("company_level").is_in(["branch", "sibling", "core_elsewhere", "brand_elsewhere", "different"])
    & ~pl.col("code_level").is_in(["same", "organisation"])
)


def measure(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add `core_edits` and `core_similarity` where both cores are there and differ."""
    lengths = (pl.col("core_l").str.len_chars() - pl.col("core_r").str.len_chars()).abs() <= 1
    return pairs.with_columns(
        core_edits=edits(pairs, "core", differ("core") & lengths),
        core_similarity=jaro_winkler(pairs, "core", differ("core")),
    )


def _shorter_core() -> pl.Expr:
    return pl.min_horizontal(pl.col("core_l").str.len_chars(), pl.col("core_r").str.len_chars())


def comparisons(weights: Weights) -> tuple[Comparison, ...]:
    """The comparisons in the order in which they are explained."""
    code, company = weights["code"], weights["company"]
    person, domain, landline, address = weights["person"], weights["domain"], weights["landline"], weights["address"]
    # A province against a city of it (江苏 / 徐州) is no difference.
    wider = (pl.col("place_l") == pl.col("company_province_l")) | (pl.col("place_r") == pl.col("company_province_r"))
    within = same("company_province") & wider
    elsewhere = pl.coalesce(differ("place") & ~within.fill_null(False), differ("company_province")).fill_null(False)
    # A short name may leave its branch out; only two whole names can be a branch and its parent.
    whole = both("form")
    other_branch = pl.col("branch_l").fill_null("") != pl.col("branch_r").fill_null("")
    slip = same("core_pinyin") | ((pl.col("core_edits") == 1) & (_shorter_core() >= 4))
    # 依裳, 傲锐智能: a short name begins the whole one and has no legal form of its own.
    short = (pl.col("form_l").is_null() & pl.col("core_r").str.starts_with(pl.col("core_l"))) | (
        pl.col("form_r").is_null() & pl.col("core_l").str.starts_with(pl.col("core_r"))
    )
    bracket_l, bracket_r = pl.col("company_bracket_l").fill_null(""), pl.col("company_bracket_r").fill_null("")
    # 深圳腾讯科技 for 腾讯科技（深圳）: the place has only moved.
    moved = (
        same("core") & same("place") & (pl.col("company_region_l").is_null() != pl.col("company_region_r").is_null())
    ).fill_null(False)
    other_bracket = (bracket_l != bracket_r) & ~moved
    contained = pl.col("core_l").str.contains(pl.col("core_r"), literal=True) | pl.col("core_r").str.contains(
        pl.col("core_l"), literal=True
    )
    near = (contained & (_shorter_core() >= 3)) | (pl.col("core_similarity") >= 0.85)
    apart = differ("company_bracket").fill_null(False)
    one_latin = pl.col("latin_name_l") != pl.col("latin_name_r")
    return (
        Comparison("code", (
            Level("same", same("code"), code["same"], "code_rarity"),
            Level("organisation", same("org_code"), code["organisation"], "org_rarity"),
            Level("different", both("code"), code["different"]),
            Level("partial", same("code_partial"), code["partial"], "partial_rarity"),
            Level("null", missing("code")),
        )),
        Comparison("company", (
            Level("null", missing("core")),
            Level("branch", same("core") & whole & other_branch & ~elsewhere, company["branch"]),
            Level("sibling", same("core") & whole & other_bracket, company["sibling"]),
            Level("same", same("company_key") & whole & ~elsewhere, company["same"], "company_rarity"),
            Level("core_region", (same("core") & same("company_region")) | moved, company["core_region"], "core_rarity"),
            Level("core", same("core") & ~elsewhere, company["core"], "core_rarity"),
            Level("core_elsewhere", same("core"), company["core_elsewhere"]),
            Level("spelling", slip & same("brand") & ~elsewhere, company["spelling"], "core_rarity"),
            Level("homophone", slip & ~elsewhere, company["homophone"], "core_rarity"),
            Level("brand", same("brand") & short & ~elsewhere & ~apart, company["brand"], "brand_rarity"),
            Level("brand_elsewhere", same("brand") & short, company["brand_elsewhere"]),
            Level("near", near, company["near"]),
            Level("script", one_latin, company["script"]),
            Level("different", both("core"), company["different"]),
        )),
        Comparison("person", (
            Level("same", same("person"), person["same"], "size"),
            Level("else", pl.lit(True)),
        )),
        Comparison("domain", (
            Level("null", missing("domain")),
            Level("same", same("domain"), domain["same"], "domain_rarity"),
            Level("different", both("domain"), domain["different"]),
        )),
        Comparison("landline", (
            Level("same", same("landline"), landline["same"], "landline_rarity"),
            Level("null", pl.lit(True)),
        )),
        Comparison("address", (
            Level("same", same("street"), address["same"], "street_rarity"),
            Level("null", pl.lit(True)),
        )),
    )  # fmt: skip


def policy(weights: Weights) -> Policy:
    """The policy of level `account` with these weights."""
    return Policy("account", prepare, BLOCKS, COLUMNS, measure, comparisons(weights), IDENTITY, CONFLICT)
