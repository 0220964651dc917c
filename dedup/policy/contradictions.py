"""What tells two apart although they score as one: a part that both names hold and that differs, or that only one has.

A hard contradiction weighs against the pair and is never joined; a soft one leaves the score alone, but its group goes to a
human. Nothing contradicts a shared credit code.
"""

import polars as pl

from .comparisons import Comparison, Level, both, crossed, differ, missing, same

# What they are told by.
COMPANY_PARTS = (
    "code", "org_code", "core", "core_pinyin", "brand", "industry", "place", "company_region", "company_bracket", "latin_name",
    "district", "kind", "is_public", "ordinal", "variants", "city", "site", "shop", "domain", "phone", "email", "unread",
)  # fmt: skip
PERSON_PARTS = ("name", "name_mask", "name_kind", "reach", "surname", "sound", "shape", "national_id")
HARD = ("kind", "district", "place", "ordinal", "variant", "city", "gate", "mask", "national_id")
# 东3门, 入口: a way in. Two ways into one place are two entries of a map.
_GATE = r"^(?:[东南西北中正侧]*\d*号?门\d*|[出入]口\d*)$"


def with_company_parts(frame: pl.DataFrame) -> pl.DataFrame:
    """Table `feature` with the columns of COMPANY_PARTS."""
    col = pl.col
    return frame.with_columns(
        district="company_district", kind="company_kind", ordinal="company_ordinal", variants="company_variants",
        site="street", shop="company_sign", place="company_place", latin_name=~col("core").str.contains(r"\p{Han}"),
    )  # fmt: skip


def person_contradictions() -> Comparison:
    """Comparison `contradiction` of two persons, over the columns of dedup/policy/contact.py."""
    col = pl.col
    masked = col("name_mask_l").is_not_null() | col("name_mask_r").is_not_null()
    alike, signs = _signs()
    seen_otherwise = pl.any_horizontal((one != other) & (one != "*") & (other != "*") for one, other in signs)
    named = both("name") & same("surname") & alike & differ("sound") & ~same("shape").fill_null(False)
    others = pl.sum_horizontal((one != other).fill_null(False).cast(pl.UInt8) for one, other in signs)
    no_reach = ~(same("reach") | same("email")).fill_null(False)
    levels = (level for level in company_contradictions().levels if level.name not in ("sign", "gate"))
    elsewhere = pl.any_horizontal(level.when.fill_null(False) for level in levels)
    return Comparison("contradiction", (
        Level("national_id", differ("national_id")),  # which nobody has two of, as of accounts and member cards
        Level("mask", masked & alike & seen_otherwise),
        Level("mask_length", masked & ~alike),
        # 王伟 of one hospital and 王伟 of another, by nothing but their name and what is left of their company's.
        Level("workplace", (same("core") | same("brand")) & no_reach & elsewhere),
        # 陈晓东 and 陈晓红 are a typing error as often as brother and sister.
        Level("given_name", named & (others == 1)),
        Level("unread", (col("unread_l") | col("unread_r")) & missing("name_kind")),
    ))  # fmt: skip


def _signs() -> tuple[pl.Expr, list[tuple[pl.Expr, pl.Expr]]]:
    """Whether two names, hidden signs included, are of one length, and their first four signs, side by side."""
    one, other = (pl.coalesce(f"name_{end}", f"name_mask_{end}") for end in "lr")
    return one.str.len_chars() == other.str.len_chars(), [
        (one.str.slice(i, 1), other.str.slice(i, 1)) for i in range(4)
    ]


def visible_alike() -> pl.Expr:
    """A masked name and another: of one length, some sign of the given name is seen in both, and none differs."""
    alike, signs = _signs()
    masked = pl.col("name_mask_l").is_not_null() | pl.col("name_mask_r").is_not_null()
    fits = pl.all_horizontal((one == other) | (one == "*") | (other == "*") for one, other in signs)
    return (
        masked
        & alike
        & fits
        & pl.any_horizontal((one == other) & (one != "*") & (one != "") for one, other in signs[1:])
    )


def company_contradictions() -> Comparison:
    """Comparison `contradiction` of two companies, over COMPANY_PARTS."""
    col = pl.col
    named = ~(same("code") | same("org_code")).fill_null(False) & both("core")
    public = (col("is_public_l") | col("is_public_r")).fill_null(False)
    # 苏州 and 江苏: of two universities another one, of two companies perhaps the same.
    moved = same("company_bracket") | crossed("company_region", "company_bracket")
    elsewhere = differ("place") & ~moved.fill_null(False)
    # A sign over a door (沙县小吃, 公共厕所) stands in many places; what is registered by place, brand and trade, in one.
    firm = pl.any_horizontal(col(f"kind_{end}") == "公司" for end in "lr") | same("domain")
    sign = ~firm.fill_null(False) & (missing("place") | missing("industry"))
    one_sided = pl.any_horizontal(
        col(f"{part}_l").is_null() != col(f"{part}_r").is_null() for part in ("district", "place", "ordinal")
    )
    return Comparison("contradiction", (
        Level("kind", named & differ("kind") & public),
        Level("district", named & differ("district")),
        Level("place", named & elsewhere & public),
        Level("ordinal", named & differ("ordinal")),
        Level("variant", named & differ("variants") & same("core")
              & (col("variants_l").str.len_chars() == col("variants_r").str.len_chars())),
        Level("city", named & sign & differ("city")),
        Level("gate", named & sign & differ("shop") & pl.all_horizontal(col(f"shop_{end}").str.contains(_GATE) for end in "lr")),
        Level("fuller", named & one_sided & public & both("kind")),
        Level("body", named & differ("kind")),
        Level("brand", named & _other_brand()),
        Level("industry", named & same("brand") & differ("industry") & differ("core_pinyin") & ~_within("core")),
        Level("wider_place", named & elsewhere),
        Level("sign", named & sign & same("latin_name") & (differ("core") | differ("shop")).fill_null(False)),
        Level("site", named & sign & differ("site") & ~_within("site")),
        Level("reach", named & (col("unread_l") | col("unread_r")) & (differ("phone") | differ("email")).fill_null(False)),
    ))  # fmt: skip


def _within(part: str) -> pl.Expr:
    """One side's text stands in the other's: 兴泰五金 / 兴泰五金贸易."""
    return pl.any_horizontal(
        pl.col(f"{part}_{a}").str.contains(pl.col(f"{part}_{b}"), literal=True) for a, b in ("lr", "rl")
    )


def _other_brand() -> pl.Expr:
    """Two brands, neither of which the other name begins or ends with: 晓星 and 晓月, 知微 and 知薇."""
    written = pl.any_horizontal(
        pl.col(f"core_{a}").str.starts_with(pl.col(f"brand_{b}")) | pl.col(f"core_{a}").str.ends_with(pl.col(f"brand_{b}"))
        for a, b in ("lr", "rl")
    )  # fmt: skip
    in_two_scripts = pl.col("latin_name_l") != pl.col("latin_name_r")
    return differ("brand") & ~written & ~in_two_scripts.fill_null(False)


def is_hard() -> pl.Expr:
    """Over weighed pairs: the two can never stand in one group."""
    return pl.col("contradiction_level").is_in(HARD)
