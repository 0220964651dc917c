"""The same company: features, blocking keys and comparisons of level `account`."""

import polars as pl

from ..evidence import Weights
from .comparisons import Comparison, Level, both, crossed, differ, missing, same
from .contradictions import COMPANY_PARTS, company_contradictions, is_hard, with_company_parts
from .keys import Key, Lookup, lookups_of
from .policy import Policy
from .rarity import rarities, usual_owners
from .similarity import edits, jaro_winkler

COLUMNS = tuple(dict.fromkeys((
    "code", "org_code", "code_partial", "company_key", "core", "core_pinyin", "brand", "brand_pinyin", "industry", "form", "branch",
    "company_region", "company_bracket", "company_province", "place", "latin_name", "unit", "domain", "domain_name", "landline", "street",
    "person", "size", "code_rarity", "org_rarity", "partial_rarity", "company_rarity", "core_rarity", "brand_rarity", "sound_rarity",
    "domain_rarity", "landline_rarity", "street_rarity", *COMPANY_PARTS,
)))  # fmt: skip


TEXTS = ("core", "brand", "unit", "variants", "site")
PROVINCE = ("company_province",)
# A row without a company meets those whose brand its mail domain spells.
DOMAIN_NAME = pl.col("domain").str.extract(r"^([a-z0-9-]{4,})\.")
BRAND_OR_DOMAIN = pl.when(pl.col("core").is_null()).then(DOMAIN_NAME).otherwise("brand_pinyin")
WHOLE_CORE = pl.when(pl.col("form").is_not_null()).then("core_pinyin")
# Who a name belongs to: its spread counts the provinces it is seen in (金鼎商贸 in nine provinces is nine companies, or a
# placeholder); long and short forms of one company share the brand.
OF_CORE, OF_BRAND, OF_SOUND = PROVINCE, ("whole_core",), ("brand", "whole_core")
FIRM = ("brand", "code")  # where no name is given, its code tells companies apart
# What a value's rarity is counted from: its column, its penalty, and its owners.
VALUES = {
    "code": ("code", 1.0, ("brand",)), "org": ("org_code", 1.0, ("brand",)), "partial": ("code_partial", 4.0, FIRM),
    "company": ("company_key", 1.0, PROVINCE), "core": ("core_pinyin", 1.0, OF_CORE),
    "brand": ("brand", 2.0, OF_BRAND), "sound": ("brand_pinyin", 3.0, OF_SOUND),
    "domain": ("domain", 3.0, FIRM), "landline": ("landline", 4.0, FIRM), "street": ("street", 2.0, FIRM),
}  # fmt: skip


def prepare(features: pl.DataFrame, bits: float | None) -> pl.DataFrame:
    """Table `feature`, `row` and `person` (contact entity; null for a single record) → COLUMNS and the blocking keys.

    bits: see rarity.py; None where only who contradicts whom is asked.
    """
    col = pl.col
    frame = with_company_parts(features).with_columns(
        branch=col("branch").str.replace(r"(?:公司|司)$", ""),
        unit=_without_region_and_form(),
        whole_core=WHOLE_CORE,
        domain_name=DOMAIN_NAME,
        brand_or_domain=BRAND_OR_DOMAIN,
        street=pl.when(col("street").str.len_chars() >= 5).then(pl.concat_str(col("city").fill_null(""), "street")),
        size=pl.lit(bits, pl.Float64),
    )
    worth = rarities(frame, VALUES, bits, usual_owners)
    return frame.with_columns(**worth)


def census(mates: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """What a frame that is only part of the file brings along (rarity.owners, Key.size): of each name its spread, and
    of each brand its rows, counted over all rows that share a name or brand with one of the part."""
    frame = mates.with_columns(whole_core=WHOLE_CORE, brand_or_domain=BRAND_OR_DOMAIN)
    told = {"core_pinyin": OF_CORE, "brand": OF_BRAND, "brand_pinyin": OF_SOUND}
    spreads = (usual_owners(frame, v, *seen_with).rename({"spread": f"{v}_spread"}) for v, seen_with in told.items())
    rows = frame.select("brand_or_domain").drop_nulls().group_by("brand_or_domain").agg(brand_rows=pl.len())
    return (*spreads, rows)


def _without_region_and_form() -> pl.Expr:
    """天津市乐之声投资管理有限公司 → 乐之声投资管理: brackets stay, which the core leaves out. Null without any."""
    region, form = pl.col("company_region").fill_null(""), pl.col("form").fill_null("")
    bare = pl.col("company_key").str.strip_prefix(region)
    bare = pl.when(region != "").then(bare.str.strip_prefix("市")).otherwise(bare)
    return pl.when(pl.col("company_bracket").is_not_null()).then(bare.str.strip_suffix(form))


PLACE = pl.col("company_province")
CODE, ORGANISATION = Lookup("code", pl.col("code")), Lookup("organisation", pl.col("org_code"))
CODE_TEXT, COMPANY = Lookup("code text", pl.col("code_partial")), Lookup("company", pl.col("core_pinyin"))
DOMAIN, LANDLINE = Lookup("domain", pl.col("domain")), Lookup("landline", pl.col("landline"))
STREET = Lookup("street", pl.when(pl.col("street").str.len_chars() >= 5).then("street"))
# A brand is asked for where the company can be: in its place and where none is told; everywhere, if itself tells none.
_UNPLACED = pl.when(PLACE.is_null()).then(BRAND_OR_DOMAIN)
BRAND = Lookup("brand", BRAND_OR_DOMAIN, asked=_UNPLACED)
BRAND_HERE = Lookup("brand in place", BRAND_OR_DOMAIN + "|" + PLACE)
BRAND_UNPLACED = Lookup("brand unplaced", _UNPLACED, asked=BRAND_OR_DOMAIN)
KEYS = (
    Key("code", (pl.col("code"),), (CODE,), split=pl.col("core_pinyin")),
    Key("organisation", (pl.col("org_code"),), (ORGANISATION,), split=pl.col("core_pinyin")),
    Key("code text", (pl.col("code_partial"),), (CODE_TEXT,), split=pl.col("core_pinyin")),
    Key("company", (pl.col("core_pinyin"),), (COMPANY,), split=PLACE),
    # 金鼎 in Jiangsu and 金鼎 in Sichuan: what makes them one company (a code, a domain, a landline) is a key of its own.
    Key(
        "brand",
        (pl.col("brand_or_domain"),),
        (BRAND, BRAND_HERE, BRAND_UNPLACED),
        split=PLACE,
        agree=PLACE,
        size="brand_rows",
    ),
    Key("domain", (pl.col("domain"),), (DOMAIN,), split=pl.col("brand_pinyin")),
    Key("landline", (pl.col("landline"),), (LANDLINE,), split=pl.col("brand_pinyin")),
    Key("person", (pl.col("person"),)),  # found by their groups
)
LOOKUPS = (*lookups_of(*KEYS), STREET)  # the owners of a street are counted


IDENTITY = ("code", "org_code", "company_key", "company_province")
CONFLICT = (pl.col("code_level") == "different") | (
    (pl.col("company_level").is_in(["branch", "sibling", "core_elsewhere", "brand_elsewhere", "different"]) | is_hard())
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


def comparisons() -> tuple[Comparison, ...]:
    """The comparisons in the order in which they are explained."""
    # A province against a city of it (江苏 / 徐州) is no difference.
    wider = (pl.col("place_l") == pl.col("company_province_l")) | (pl.col("place_r") == pl.col("company_province_r"))
    within = same("company_province") & wider
    elsewhere = pl.coalesce(differ("place") & ~within.fill_null(False), differ("company_province")).fill_null(False)
    # 天津梦幻（重庆）物流 and 梦幻（重庆）物流: one of them may leave the region in front out.
    bracketed = same("company_bracket") & (pl.col("company_region_l").is_null() != pl.col("company_region_r").is_null())
    # A short name may leave its branch out; only two whole names can be a branch and its parent.
    whole = both("form")
    other_branch = pl.col("branch_l").fill_null("") != pl.col("branch_r").fill_null("")
    # 一菲科季 for 一菲科技: the brand stands, the slip is in the trade behind it, which was therefore not recognised.
    slip_behind = pl.any_horizontal(
        pl.col(f"core_{a}").str.starts_with(pl.col(f"brand_{b}")) & (pl.col(f"brand_{b}").str.len_chars() >= 2)
        & pl.col(f"industry_{b}").is_not_null()
        for a, b in ("lr", "rl")
    )  # fmt: skip
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
    # 乐之声（天津）投资 and 乐之声（天津）投资（武汉）: a further place behind.
    further = differ("unit") & (
        pl.col("unit_l").str.starts_with(pl.col("unit_r")) | pl.col("unit_r").str.starts_with(pl.col("unit_l"))
    )
    other_bracket = ((bracket_l != bracket_r) & ~moved) | (same("company_bracket") & further).fill_null(False)
    contained = pl.col("core_l").str.contains(pl.col("core_r"), literal=True) | pl.col("core_r").str.contains(
        pl.col("core_l"), literal=True
    )
    near = (contained & (_shorter_core() >= 3)) | (pl.col("core_similarity") >= 0.85)
    # A name's spread over provinces matters only where the two are not known to be in one.
    placed = same("company_province")
    unnamed = pl.col("core_l").is_null() | pl.col("core_r").is_null()
    apart = differ("company_bracket").fill_null(False)
    one_latin = pl.col("latin_name_l") != pl.col("latin_name_r")
    return (
        Comparison("code", (
            Level("same", same("code"), "code_rarity"),
            Level("organisation", same("org_code"), "org_rarity"),
            Level("different", both("code")),
            Level("partial", same("code_partial"), "partial_rarity"),
            Level("null", missing("code")),
        )),
        Comparison("company", (
            Level("null", missing("core")),
            Level("branch", same("core") & whole & other_branch & ~elsewhere),
            Level("sibling", same("core") & whole & other_bracket),
            Level("branch_or_parent", (same("core") | (same("brand") & short)) & other_branch & ~whole),
            Level("same_in_place", same("company_key") & whole & ~elsewhere & placed, "size"),
            Level("same", same("company_key") & whole & ~elsewhere, "company_rarity"),
            Level("core_region", (same("core") & same("company_region")) | moved, "size"),
            Level("core_bracketed", same("core") & elsewhere & bracketed, "size"),
            Level("core_in_place", same("core") & ~elsewhere & placed, "size"),
            Level("core", same("core") & ~elsewhere, "core_rarity"),
            Level("core_elsewhere", same("core")),
            Level("spelling", slip & (same("brand") | slip_behind) & ~elsewhere, "core_rarity"),
            Level("homophone", same("core_pinyin") & ~elsewhere & ~one_latin.fill_null(False), "core_rarity"),
            Level("one_character", slip & ~elsewhere & ~one_latin.fill_null(False), "core_rarity"),
            Level("brand_in_place", same("brand") & short & ~elsewhere & ~apart & placed, "size"),
            Level("brand", same("brand") & short & ~elsewhere & ~apart, "brand_rarity"),
            Level("brand_elsewhere", same("brand") & short),
            Level("near", near),
            Level("romanised_in_place", one_latin & same("brand_pinyin") & placed, "size"),
            Level("romanised", one_latin & same("brand_pinyin") & ~elsewhere, "brand_rarity"),
            Level("script", one_latin),
            Level("renamed", both("core") & same("code")),
            Level("different", both("core")),
        )),
        Comparison("person", (
            Level("same", same("person"), "size"),
            Level("else", pl.lit(True)),
        )),
        Comparison("domain", (
            Level("same_elsewhere", same("domain") & differ("company_province"), "domain_rarity"),
            Level("same", same("domain"), "domain_rarity"),
            Level("spells", crossed("domain_name", "brand_pinyin") & unnamed & same("company_province"), "sound_rarity"),
            Level("different", both("domain")),
            Level("null", missing("domain")),
        )),
        Comparison("landline", (
            Level("same_elsewhere", same("landline") & differ("company_province"), "landline_rarity"),
            Level("same", same("landline"), "landline_rarity"),
            Level("null", pl.lit(True)),
        )),
        Comparison("address", (
            Level("same", same("street"), "street_rarity"),
            Level("null", pl.lit(True)),
        )),
    )  # fmt: skip


def policy(weights: Weights) -> Policy:
    """The policy of level `account` with these weights."""
    contradiction = company_contradictions()
    compared = tuple(comparison.weighed(weights) for comparison in (*comparisons(), contradiction))
    return Policy(
        "account", prepare, KEYS, COLUMNS, TEXTS, measure, compared, IDENTITY, CONFLICT, contradiction, COMPANY_PARTS
    )
