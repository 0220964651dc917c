"""How two companies are compared: the comparisons of level `account`, over the columns of dedup/policy/account.py."""

import math

import polars as pl

from .comparisons import Comparison, Level, both, crossed, differ, missing, same
from .contradictions import is_hard
from .identifiers import shared as shared_identifier
from .similarity import edits, jaro_winkler

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


def _sign_only() -> pl.Expr:
    """A sign over a door: neither name has a legal form, and no person is told."""
    formal = pl.any_horizontal(f"{what}_{a}" for what in ("legal", "is_public") for a in "lr")
    return ~formal & missing("person_named")


# What the levels of two names ask, by their aligned parts.
# A province against a city of it (江苏 / 徐州) is no difference.
_WIDER = (pl.col("place_l") == pl.col("company_province_l")) | (pl.col("place_r") == pl.col("company_province_r"))
_WITHIN = same("company_province") & _WIDER
_ELSEWHERE = pl.coalesce(differ("place") & ~_WITHIN.fill_null(False), differ("company_province")).fill_null(False)
# 天津梦幻（重庆）物流 and 梦幻（重庆）物流: one of them may leave the region in front out.
_BRACKETED = same("company_bracket") & (pl.col("company_region_l").is_null() != pl.col("company_region_r").is_null())
# A short name may leave its branch out; only two whole names can be a branch and its parent.
_WHOLE = both("form")
_OTHER_CITY = differ("branch_city").fill_null(False)
_OTHER_BRANCH = (pl.col("branch_l").fill_null("") != pl.col("branch_r").fill_null("")) | _OTHER_CITY
_ONE_BRANCH = (
    both("branch") & ~_OTHER_CITY.fill_null(False) & (same("branch_city").fill_null(False) | _within("stem", 2))
)
# 厦门国贸控股 / 厦门国贸控股集团 in one place: left out; 东风汽车 / 东风汽车集团, 世茂股份 / 世茂集团: two firms.
_OTHER_TAIL = pl.col("tail_l").fill_null("") != pl.col("tail_r").fill_null("")
_ONE_TAIL = (missing("tail") | _within("tail", 2)) & same("place")
# 天策投资 / 天策股权投资, 岚山工业 / 岚山农业: both trades are written, so neither is a slip.
_OTHER_TRADE = same("brand") & differ("industry") & ~same("core_pinyin") & (_WHOLE | ~_within("industry", 2))
_ONE_TRADE = _WHOLE & same("brand") & (pl.col("industry_l").is_null() != pl.col("industry_r").is_null())
# 一菲科季 for 一菲科技: the brand stands, the slip is in the trade behind it, which was therefore not recognised.
_SLIP_BEHIND = pl.any_horizontal(
    pl.col(f"core_{a}").str.starts_with(pl.col(f"brand_{b}")) & (pl.col(f"brand_{b}").str.len_chars() >= 2)
    & pl.col(f"industry_{b}").is_not_null() & pl.col(f"industry_{a}").ne_missing(pl.col(f"industry_{b}"))
    for a, b in ("lr", "rl")
)  # fmt: skip
_SLIP = same("core_pinyin") | ((pl.col("core_edits") == 1) & (_shorter_core() >= 4))
# 晓星 / 晓月, heard and written otherwise in one of two characters: sister firms rather than a slip.
_TWO_SIGNS = (
    differ("brand") & ~same("brand_pinyin") & pl.all_horizontal(pl.col(f"brand_{a}").str.len_chars() == 2 for a in "lr")
)
# 依裳, 傲锐智能: a short name begins the whole one and has no legal form of its own.
_SHORT = (pl.col("form_l").is_null() & pl.col("core_r").str.starts_with(pl.col("core_l"))) | (
    pl.col("form_r").is_null() & pl.col("core_l").str.starts_with(pl.col("core_r"))
)
_BRACKET_L, _BRACKET_R = pl.col("company_bracket_l").fill_null(""), pl.col("company_bracket_r").fill_null("")
# 深圳腾讯科技 for 腾讯科技（深圳）: the place has only moved.
_MOVED = (
    same("core") & same("place") & (pl.col("company_region_l").is_null() != pl.col("company_region_r").is_null())
).fill_null(False)
# 乐之声（天津）投资 and 乐之声（天津）投资（武汉）: a further place behind.
_FURTHER = differ("unit") & (
    pl.col("unit_l").str.starts_with(pl.col("unit_r")) | pl.col("unit_r").str.starts_with(pl.col("unit_l"))
)
_OTHER_BRACKET = ((_BRACKET_L != _BRACKET_R) & ~_MOVED) | (same("company_bracket") & _FURTHER).fill_null(False)
_CONTAINED = pl.col("core_l").str.contains(pl.col("core_r"), literal=True) | pl.col("core_r").str.contains(
    pl.col("core_l"), literal=True
)
_BEGINS = pl.any_horizontal(pl.col(f"core_{a}").str.starts_with(pl.col(f"core_{b}")) for a, b in ("lr", "rl"))
_ALIKE = (_CONTAINED & (_shorter_core() >= 2)) | (pl.col("core_similarity") >= 0.75)
# 佳境天城 / 佳境天城停车场: what stands at a place is not the place.
_FACILITY = _is_facility("l") != _is_facility("r")
_NEAR = (_CONTAINED & (_shorter_core() >= 3)) | (pl.col("core_similarity") >= 0.85)
# A name's spread over provinces matters only where the two are not known to be in one.
_PLACED = same("company_province")
# 鼎龙: two firms of the file could be meant, or it is the short name of another one.
_ONE_SHORT = (pl.col("legal_l") != pl.col("legal_r")) & pl.any_horizontal(
    ~pl.col(f"legal_{a}") & both("core") for a in "lr"
)
_WHOLE_NAMES = pl.col("legal_l") & pl.col("legal_r")
_OTHER_FIRM = pl.any_horizontal(
    ~pl.col(f"legal_{a}") & pl.col(f"legal_{b}") & (pl.col(f"full_{a}") != pl.col(f"firm_{b}")) for a, b in ("lr", "rl")
) | (~pl.col("legal_l") & ~pl.col("legal_r") & differ("full"))
_UNCLEAR = (pl.col("unclear_l") | pl.col("unclear_r")) & ~_PLACED.fill_null(False) & (differ("company_key"))
_APART = differ("company_bracket").fill_null(False)
_ONE_LATIN = pl.col("latin_name_l") != pl.col("latin_name_r")
_SIGN_ONLY = _sign_only()


def _company() -> Comparison:
    """The names, by their aligned parts."""
    return Comparison("company", (
        Level("null", missing("core")),
        Level("branch_near", same("core") & _OTHER_BRANCH & _ONE_BRANCH),
        Level("branch", same("core") & _WHOLE & _OTHER_BRANCH & ~_ELSEWHERE),
        Level("sibling", same("core") & _WHOLE & _OTHER_BRACKET),
        Level("branch_or_parent", (same("core") | (same("brand") & _SHORT)) & _OTHER_BRANCH & ~_WHOLE),
        Level("sign_in_city", _SIGN_ONLY & same("core") & same("city") & ~_ELSEWHERE, "core_rarity"),
        Level("sign_in_cities", _SIGN_ONLY & same("core") & differ("city")),
        Level("same_in_place", same("company_key") & _WHOLE & ~_ELSEWHERE & _PLACED, "size"),
        Level("same", same("company_key") & _WHOLE & ~_ELSEWHERE, "company_rarity"),
        Level("branch_same", same("core") & both("branch") & same("branch") & ~_ELSEWHERE, "size"),
        Level("short_name", _ONE_SHORT & same("full") & ~_ELSEWHERE, "size"),
        Level("short_elsewhere", _OTHER_FIRM | (~_WHOLE_NAMES & _UNCLEAR)),
        Level("tail", same("core") & _WHOLE & _OTHER_TAIL & _ONE_TAIL, "size"),
        Level("tail_differs", same("core") & _WHOLE & _OTHER_TAIL & ~_ELSEWHERE),
        Level("core_region", (same("core") & same("company_region")) | _MOVED, "size"),
        Level("core_bracketed", same("core") & _ELSEWHERE & _BRACKETED, "size"),
        Level("core_in_place", same("core") & ~_ELSEWHERE & _PLACED, "size"),
        Level("core", same("core") & ~_ELSEWHERE, "core_rarity"),
        Level("core_elsewhere", same("core")),
        Level("reordered", same("letters") & ~_ELSEWHERE, "core_rarity"),
        Level("trade", _OTHER_TRADE | _ONE_TRADE),
        Level("spelling", _SLIP & (same("brand") | _SLIP_BEHIND) & ~_ELSEWHERE, "core_rarity"),
        Level("homophone", same("core_pinyin") & ~_ELSEWHERE & ~_ONE_LATIN.fill_null(False), "core_rarity"),
        Level("renamed", both("core") & same("code")),
        Level("other_brand", _SLIP & ~_ELSEWHERE & _TWO_SIGNS),
        Level("one_character", _SLIP & ~_ELSEWHERE & ~_ONE_LATIN.fill_null(False), "core_rarity"),
        Level("sign_part", _SIGN_ONLY & _FACILITY),
        Level("sign_begins", _SIGN_ONLY & _BEGINS, "core_rarity"),
        Level("sign_near", _SIGN_ONLY & _ALIKE, "core_rarity"),
        Level("brand_in_place", same("brand") & _SHORT & ~_ELSEWHERE & ~_APART & _PLACED, "size"),
        Level("brand", same("brand") & _SHORT & ~_ELSEWHERE & ~_APART, "brand_rarity"),
        Level("brand_elsewhere", same("brand") & _SHORT),
        Level("near", _NEAR),
        Level("romanised_in_place", _ONE_LATIN & same("brand_pinyin") & _PLACED, "size"),
        Level("romanised", _ONE_LATIN & same("brand_pinyin") & ~_ELSEWHERE, "brand_rarity"),
        Level("script", _ONE_LATIN),
        Level("different", both("core")),
    ))  # fmt: skip


_ONE_NUMBER = pl.col("numbers_l").list.set_intersection("numbers_r").list.len() > 0


def _code() -> Comparison:
    return Comparison("code", (
        Level("same", same("code"), "code_rarity"),
        Level("organisation", same("org_code"), "org_rarity"),
        Level("different", both("code")),
        Level("partial", same("code_partial"), "partial_rarity"),
        Level("null", missing("code")),
    ))  # fmt: skip


def _person() -> Comparison:
    return Comparison("person", (
        Level("same", same("person"), "size"),
        Level("else", pl.lit(True)),
    ))  # fmt: skip


def _domain() -> Comparison:
    unnamed = pl.col("core_l").is_null() | pl.col("core_r").is_null()
    return Comparison("domain", (
        Level("same_elsewhere", same("domain") & differ("company_province"), "domain_rarity"),
        Level("same", same("domain"), "domain_rarity"),
        Level("spells", crossed("domain_name", "brand_pinyin") & unnamed & same("company_province"), "sound_rarity"),
        Level("different", both("domain")),
        Level("null", missing("domain")),
    ))  # fmt: skip


def _landline() -> Comparison:
    return Comparison("landline", (
        Level("same_elsewhere", _ONE_NUMBER & differ("company_province"), "number_rarity"),
        Level("same", _ONE_NUMBER, "number_rarity"),
        Level("different", both("numbers") & _sign_only()),
        Level("null", pl.lit(True)),
    ))  # fmt: skip


def _identifier() -> Comparison:
    return Comparison("identifier", (
        Level("beside_phone", shared_identifier() & _ONE_NUMBER),
        Level("same", shared_identifier(), "id_rarity"),
    ))  # fmt: skip


def _address() -> Comparison:
    one_road = same("road") & (same("city").fill_null(True))
    return Comparison("address", (
        Level("same", same("street"), "street_rarity"),
        Level("same_door", one_road & same("door")),
        Level("near_door", one_road & ((pl.col("door_l") - pl.col("door_r")).abs() <= 20)),
        Level("other_sign", _sign_only() & both("door")),
        Level("other", both("door")),
        Level("null", pl.lit(True)),
    ))  # fmt: skip


def _shop() -> Comparison:
    return Comparison("shop", (
        Level("same", same("shop")),
        Level("different", differ("shop")),
        Level("null", pl.lit(True)),
    ))  # fmt: skip


def _distance() -> Comparison:
    # 111 km to a degree of latitude; of longitude as many as the latitude leaves.
    north = (pl.col("latitude_l") - pl.col("latitude_r")) * 111_320
    east = (pl.col("longitude_l") - pl.col("longitude_r")) * 111_320 * (pl.col("latitude_l") * math.pi / 180).cos()
    meters = (north.pow(2) + east.pow(2)).sqrt()
    return Comparison("distance", (
        Level("null", missing("longitude") | missing("latitude")),
        *(Level(name, meters <= most) for name, most in DISTANCES.items()),
        Level("far", pl.lit(True)),
    ))  # fmt: skip


def comparisons() -> tuple[Comparison, ...]:
    """The comparisons in the order in which they are explained."""
    return (_code(), _company(), _person(), _domain(), _landline(), _identifier(), _address(), _shop(), _distance())
