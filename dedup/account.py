"""The same company: features, blocking keys and comparisons of level `account`."""

import math

import polars as pl

from ..evidence import Weights
from .comparisons import Comparison, Level, both, crossed, differ, missing, same
from .contradictions import COMPANY_PARTS, company_contradictions, is_hard, with_company_parts
from .identifiers import shared as shared_identifier
from .identifiers import with_identifiers
from .keys import Key, Lookup, lookups_of
from .policy import Policy
from .rarity import rarities, usual_owners, value_rarity
from .short_names import HEADS_ASKED, HEADS_HELD, LEGAL, full_names, with_full_names
from .similarity import edits, jaro_winkler

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


def _road_and_door(street: pl.Expr, part: int) -> pl.Expr:
    """Of an address the road (1: its last characters, whatever town stands before it) and the first number on it (2)."""
    return street.str.extract(r"(\p{Han}{2}(?:路|街|大道|巷|弄|道))(\d+)", part)


# A row without a company meets those whose brand its mail domain spells.
DOMAIN_NAME = pl.col("domain").str.extract(r"^([a-z0-9-]{4,})\.")
BRAND_OR_DOMAIN = pl.when(pl.col("core").is_null()).then(DOMAIN_NAME).otherwise("brand_pinyin")
BODY = pl.concat_str("core_pinyin", pl.col("branch").fill_null(""), separator="|")
STAND = pl.when(~pl.col("form").str.contains(LEGAL).fill_null(False)).then("street")
# The numbers of a row that speak for its company: the landline, and, where no person is named, all others.
_ALL_NUMBERS = pl.concat_str("landline", "phone", "phone_others", separator=",", ignore_nulls=True)
# So do its accounts.
_UNNAMED = pl.col("name_kind").is_null() & ~pl.col("unread").fill_null(False)
_TOLD_NUMBERS = pl.when(_UNNAMED).then(_ALL_NUMBERS).otherwise("landline")
IDENTIFIERS = pl.when(_UNNAMED).then("identifiers")
NUMBERS = pl.when(_TOLD_NUMBERS != "").then(_TOLD_NUMBERS).str.split(",").list.unique(maintain_order=True)
# Where a sign without a legal form and without a person hangs: its address, its road and door, and a square of some 70 m; of two
# nets, so that neighbours whom a line of one divides meet in the other.
_SQUARES = [
    pl.concat_str(
        *((pl.col(axis) * 1500 + moved).round().cast(pl.Int64).cast(pl.String) for axis in ("longitude", "latitude")),
        pl.lit(str(moved)),
        separator="/",
    )
    for moved in (0.0, 0.5)
]
_STREET = pl.col("street")
_DOOR = pl.concat_str(pl.col("city"), _road_and_door(_STREET, 1), _road_and_door(_STREET, 2), separator="/")
_SIGN = (
    ~pl.col("form").str.contains(LEGAL).fill_null(False) & pl.col("name_kind").is_null() & pl.col("core").is_not_null()
)
SPOTS = pl.when(_SIGN).then(pl.concat_list("street", _DOOR, *_SQUARES))
WHOLE_CORE = pl.when(pl.col("form").is_not_null()).then("core_pinyin")
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


def prepare(features: pl.DataFrame, bits: float | None) -> pl.DataFrame:
    """Table `feature`, `row` and `person` (contact entity; null for a single record) → COLUMNS and the blocking keys.

    bits: see rarity.py; None where only who contradicts whom is asked.
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
        road=_road_and_door(col("street"), 1),
        door=_road_and_door(col("street"), 2).cast(pl.Int32, strict=False),
        stand=STAND,
        size=pl.lit(bits, pl.Float64),
    )
    frame = with_identifiers(with_full_names(frame).with_columns(spots=SPOTS), bits, 4.0, *FIRM)
    worth = rarities(frame, VALUES, bits, usual_owners)
    return frame.with_columns(**worth, number_rarity=_number_rarity(frame, bits))


def _number_rarity(frame: pl.DataFrame, bits: float | None) -> pl.Series:
    """Of each row the bits of its most widely shared number; null where it has none."""
    if bits is None:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, frame.height)
    each = frame.select("row", "numbers", *FIRM).explode("numbers").filter(pl.col("numbers").is_not_null())
    bits_of = value_rarity(each, "numbers", bits, 4.0, usual_owners(each, "numbers", *FIRM))
    least = each.select("row", bits_of).group_by("row").agg(pl.col(bits_of.name).min())
    return frame.select("row").join(least, on="row", how="left", maintain_order="left")[bits_of.name]


def census(mates: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """What a frame that is only part of the file brings along (rarity.owners, Key.size): of each name its spread, and
    of each brand its rows, counted over all rows that share a name or brand with one of the part."""
    frame = mates.with_columns(whole_core=WHOLE_CORE, brand_or_domain=BRAND_OR_DOMAIN, body=BODY, stand=STAND)
    told = {"body": OF_CORE, "brand": OF_BRAND, "brand_pinyin": OF_SOUND}
    spreads = (usual_owners(frame, v, *seen_with).rename({"spread": f"{v}_spread"}) for v, seen_with in told.items())
    rows = frame.select("brand_or_domain").drop_nulls().group_by("brand_or_domain").agg(brand_rows=pl.len())
    return (*spreads, rows, full_names(mates))


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


PLACE = pl.col("company_province")
CODE, ORGANISATION = Lookup("code", pl.col("code")), Lookup("organisation", pl.col("org_code"))
CODE_TEXT, COMPANY = Lookup("code text", pl.col("code_partial")), Lookup("company", pl.col("core_pinyin"))
DOMAIN, NUMBER = Lookup("domain", pl.col("domain")), Lookup("number", NUMBERS)
IDENTIFIER = Lookup("accounts", IDENTIFIERS.str.split(","))
SHORT_NAME, SPOT = Lookup("short name", HEADS_HELD, asked=HEADS_ASKED), Lookup("spot", SPOTS)
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
    Key("whole name", (pl.col("company_key"),), (COMPANY,), split=PLACE),
    Key("company", (BODY,), (COMPANY,), split=PLACE),
    Key("short name", (pl.col("full"),), (SHORT_NAME, COMPANY), split=PLACE),
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
    Key("landline", (pl.col("numbers"),), (NUMBER,), split=pl.col("brand_pinyin")),
    Key("identifier", (pl.col("ids"),), (IDENTIFIER,), split=pl.col("brand_pinyin")),
    Key("spot", (pl.col("spots"),), (SPOT,), split=pl.col("brand_pinyin")),
    Key("person", (pl.col("person"),)),  # found by their groups
)
LOOKUPS = (*lookups_of(*KEYS), STREET)  # the owners of a street are counted


# Two points of one shop lie 600 m apart where one map has shifted its coordinates (GCJ-02) and the other has not.
DISTANCES = {"spot": 20, "here": 60, "near": 250, "block": 800, "town": 5_000}
FACILITY = (
    r"停车场|停车库|车库|售楼处|销售中心|公交站|地铁站|自助银行|充电站|厕所|公厕|卫生间|[东南西北]\d*门$|[出入]口$|ATM$"
)
IDENTITY = ("code", "org_code", "company_key", "company_province")
CONFLICT = (pl.col("code_level") == "different") | (
    (
        pl.col("company_level").is_in(
            ["branch", "branch_near", "sibling", "core_elsewhere", "brand_elsewhere", "different"]
        )
        | is_hard()
    )
    & ~pl.col("code_level").is_in(["same", "organisation"])
)


def _within(part: str, least: int) -> pl.Expr:
    """The text of one side, `least` characters or more, stands in that of the other."""
    return pl.any_horizontal(
        (pl.col(f"{part}_{a}").str.len_chars() >= least) & pl.col(f"{part}_{b}").str.contains(pl.col(f"{part}_{a}"), literal=True)
        for a, b in ("lr", "rl")
    )  # fmt: skip


def measure(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add `core_edits` and `core_similarity` where both cores are there and differ."""
    lengths = (pl.col("core_l").str.len_chars() - pl.col("core_r").str.len_chars()).abs() <= 1
    return pairs.with_columns(
        core_edits=edits(pairs, "core", differ("core") & lengths),
        core_similarity=jaro_winkler(pairs, "core", differ("core")),
    )


def _is_facility(end: str) -> pl.Expr:
    return pl.any_horizontal(pl.col(f"{part}_{end}").str.contains(FACILITY) for part in ("core", "shop")).fill_null(
        False
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
    other_city = differ("branch_city").fill_null(False)
    other_branch = (pl.col("branch_l").fill_null("") != pl.col("branch_r").fill_null("")) | other_city
    one_branch = (
        both("branch") & ~other_city.fill_null(False) & (same("branch_city").fill_null(False) | _within("stem", 2))
    )
    # 厦门国贸控股 / 厦门国贸控股集团 in one place: left out; 东风汽车 / 东风汽车集团, 世茂股份 / 世茂集团: two firms.
    other_tail = pl.col("tail_l").fill_null("") != pl.col("tail_r").fill_null("")
    one_tail = (missing("tail") | _within("tail", 2)) & same("place")
    # 天策投资 / 天策股权投资, 岚山工业 / 岚山农业: both trades are written, so neither is a slip.
    other_trade = same("brand") & differ("industry") & ~same("core_pinyin") & (whole | ~_within("industry", 2))
    one_trade = whole & same("brand") & (pl.col("industry_l").is_null() != pl.col("industry_r").is_null())
    # 一菲科季 for 一菲科技: the brand stands, the slip is in the trade behind it, which was therefore not recognised.
    slip_behind = pl.any_horizontal(
        pl.col(f"core_{a}").str.starts_with(pl.col(f"brand_{b}")) & (pl.col(f"brand_{b}").str.len_chars() >= 2)
        & pl.col(f"industry_{b}").is_not_null() & pl.col(f"industry_{a}").ne_missing(pl.col(f"industry_{b}"))
        for a, b in ("lr", "rl")
    )  # fmt: skip
    slip = same("core_pinyin") | ((pl.col("core_edits") == 1) & (_shorter_core() >= 4))
    # 晓星 / 晓月, heard and written otherwise in one of two characters: sister firms rather than a slip.
    two_signs = (
        differ("brand")
        & ~same("brand_pinyin")
        & pl.all_horizontal(pl.col(f"brand_{a}").str.len_chars() == 2 for a in "lr")
    )
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
    begins = pl.any_horizontal(pl.col(f"core_{a}").str.starts_with(pl.col(f"core_{b}")) for a, b in ("lr", "rl"))
    alike = (contained & (_shorter_core() >= 2)) | (pl.col("core_similarity") >= 0.75)
    # 佳境天城 / 佳境天城停车场: what stands at a place is not the place.
    facility = _is_facility("l") != _is_facility("r")
    near = (contained & (_shorter_core() >= 3)) | (pl.col("core_similarity") >= 0.85)
    # A name's spread over provinces matters only where the two are not known to be in one.
    placed = same("company_province")
    # 鼎龙: two firms of the file could be meant, or it is the short name of another one.
    one_short = (pl.col("legal_l") != pl.col("legal_r")) & pl.any_horizontal(
        ~pl.col(f"legal_{a}") & both("core") for a in "lr"
    )
    # A sign over a door: neither name has a legal form, and no person is told.
    sign_only = ~pl.any_horizontal(f"{what}_{a}" for what in ("legal", "is_public") for a in "lr") & missing(
        "person_named"
    )
    whole_names = pl.col("legal_l") & pl.col("legal_r")
    other_firm = pl.any_horizontal(
        ~pl.col(f"legal_{a}") & pl.col(f"legal_{b}") & (pl.col(f"full_{a}") != pl.col(f"firm_{b}"))
        for a, b in ("lr", "rl")
    ) | (~pl.col("legal_l") & ~pl.col("legal_r") & differ("full"))
    unclear = (pl.col("unclear_l") | pl.col("unclear_r")) & ~placed.fill_null(False) & (differ("company_key"))
    unnamed = pl.col("core_l").is_null() | pl.col("core_r").is_null()
    one_number = pl.col("numbers_l").list.set_intersection("numbers_r").list.len() > 0
    other_numbers = both("numbers") & sign_only
    one_road = same("road") & (same("city").fill_null(True))
    # 111 km to a degree of latitude; of longitude as many as the latitude leaves.
    north = (pl.col("latitude_l") - pl.col("latitude_r")) * 111_320
    east = (pl.col("longitude_l") - pl.col("longitude_r")) * 111_320 * (pl.col("latitude_l") * math.pi / 180).cos()
    meters = (north.pow(2) + east.pow(2)).sqrt()
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
            Level("branch_near", same("core") & other_branch & one_branch),
            Level("branch", same("core") & whole & other_branch & ~elsewhere),
            Level("sibling", same("core") & whole & other_bracket),
            Level("branch_or_parent", (same("core") | (same("brand") & short)) & other_branch & ~whole),
            Level("sign_in_city", sign_only & same("core") & same("city") & ~elsewhere, "core_rarity"),
            Level("sign_in_cities", sign_only & same("core") & differ("city")),
            Level("same_in_place", same("company_key") & whole & ~elsewhere & placed, "size"),
            Level("same", same("company_key") & whole & ~elsewhere, "company_rarity"),
            Level("branch_same", same("core") & both("branch") & same("branch") & ~elsewhere, "size"),
            Level("short_name", one_short & same("full") & ~elsewhere, "size"),
            Level("short_elsewhere", other_firm | (~whole_names & unclear)),
            Level("tail", same("core") & whole & other_tail & one_tail, "size"),
            Level("tail_differs", same("core") & whole & other_tail & ~elsewhere),
            Level("core_region", (same("core") & same("company_region")) | moved, "size"),
            Level("core_bracketed", same("core") & elsewhere & bracketed, "size"),
            Level("core_in_place", same("core") & ~elsewhere & placed, "size"),
            Level("core", same("core") & ~elsewhere, "core_rarity"),
            Level("core_elsewhere", same("core")),
            Level("reordered", same("letters") & ~elsewhere, "core_rarity"),
            Level("trade", other_trade | one_trade),
            Level("spelling", slip & (same("brand") | slip_behind) & ~elsewhere, "core_rarity"),
            Level("homophone", same("core_pinyin") & ~elsewhere & ~one_latin.fill_null(False), "core_rarity"),
            Level("renamed", both("core") & same("code")),
            Level("other_brand", slip & ~elsewhere & two_signs),
            Level("one_character", slip & ~elsewhere & ~one_latin.fill_null(False), "core_rarity"),
            Level("sign_part", sign_only & facility),
            Level("sign_begins", sign_only & begins, "core_rarity"),
            Level("sign_near", sign_only & alike, "core_rarity"),
            Level("brand_in_place", same("brand") & short & ~elsewhere & ~apart & placed, "size"),
            Level("brand", same("brand") & short & ~elsewhere & ~apart, "brand_rarity"),
            Level("brand_elsewhere", same("brand") & short),
            Level("near", near),
            Level("romanised_in_place", one_latin & same("brand_pinyin") & placed, "size"),
            Level("romanised", one_latin & same("brand_pinyin") & ~elsewhere, "brand_rarity"),
            Level("script", one_latin),
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
            Level("same_elsewhere", one_number & differ("company_province"), "number_rarity"),
            Level("same", one_number, "number_rarity"),
            Level("different", other_numbers),
            Level("null", pl.lit(True)),
        )),
        Comparison("identifier", (
            Level("beside_phone", shared_identifier() & one_number),
            Level("same", shared_identifier(), "id_rarity"),
        )),
        Comparison("address", (
            Level("same", same("street"), "street_rarity"),
            Level("same_door", one_road & same("door")),
            Level("near_door", one_road & ((pl.col("door_l") - pl.col("door_r")).abs() <= 20)),
            Level("other_sign", sign_only & both("door")),
            Level("other", both("door")),
            Level("null", pl.lit(True)),
        )),
        Comparison("shop", (
            Level("same", same("shop")),
            Level("different", differ("shop")),
            Level("null", pl.lit(True)),
        )),
        Comparison("distance", (
            Level("null", missing("longitude") | missing("latitude")),
            *(Level(name, meters <= most) for name, most in DISTANCES.items()),
            Level("far", pl.lit(True)),
        )),
    )  # fmt: skip


def policy(weights: Weights) -> Policy:
    """The policy of level `account` with these weights."""
    contradiction = company_contradictions()
    compared = tuple(comparison.weighed(weights) for comparison in (*comparisons(), contradiction))
    return Policy(
        "account", prepare, KEYS, COLUMNS, TEXTS, measure, compared, IDENTITY, CONFLICT, contradiction, COMPANY_PARTS
    )
