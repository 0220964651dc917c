"""How two persons are compared: the comparisons of level `contact`, over the columns of dedup/policy/contact.py."""

import polars as pl

from .comparisons import Comparison, Level, among, both, crossed, differ, missing, same
from .contact_keys import RARE
from .contradictions import is_hard, visible_alike
from .identifiers import shared as shared_identifier
from .similarity import edits, family_fit, jaro_winkler, one_slip, share_word, sounds_alike

# What nothing but a name may stand beside: agreeing in one of these is evidence of its own, differing in one speaks against.
_SHARED = (
    "reach",
    "email",
    "email_partial",
    "email_local",
    "desk",
    "code",
    "core",
    "domain",
    "landline",
    "brand",
    "street",
    "member",
)
_AGAINST = ("reach", "email", "code", "core", "brand", "landline", "province", "city", "street")


# Two full names that nothing reconciles never stand for one person, whatever else agrees.
IDENTITY = ("name", "latin", "surname", "nickname", "name_kind", "pinyin", "pinyin_turned", "name_mask", "national_id")
CONFLICT = pl.col("name_level").is_in(["different", "latin_differs"]) | is_hard()


def measure(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add name similarities where names are there and differ."""
    hanzi = differ("name").fill_null(False)
    latin = pl.col("latin_l").is_not_null() | pl.col("latin_r").is_not_null()
    named = same("name").fill_null(False) | same("latin").fill_null(False)
    return pairs.with_columns(
        name_edits=edits(pairs, "name", hanzi),
        pinyin_similarity=jaro_winkler(pairs, "pinyin", latin & differ("pinyin")),
        latin_sounds=sounds_alike(pairs, "latin", differ("latin").fill_null(False)),
        reading_fits=share_word(pairs, "readings", latin & differ("pinyin")),
        family_fit=family_fit(pairs, latin & ~named),
        phone_slip=one_slip(pairs, "phone", named & differ("phone")),
    )


def comparisons() -> tuple[Comparison, ...]:
    """The comparisons in the order in which they are explained."""
    col = pl.col
    one_latin = col("latin_l").is_null() != col("latin_r").is_null()
    latin = col("latin_l").is_not_null() | col("latin_r").is_not_null()
    bare = col("name_kind_l").is_in(["surname", "masked"]) | col("name_kind_r").is_in(["surname", "masked"])
    one_phone = col("phone_l").is_null() != col("phone_r").is_null()
    unreached = col("phone_l").is_null() & col("phone_r").is_null()
    slip = col("name_edits") == 1
    # 玉 for 王, 阵 for 陈: what is written is hardly anybody's surname.
    odd_surname = (
        pl.min_horizontal(col("surname_percent_l").fill_null(0.0), col("surname_percent_r").fill_null(0.0)) <= 0.01
    )
    longer = col("name_l").str.starts_with(col("name_r")) | col("name_r").str.starts_with(col("name_l"))
    behind = col("name_l").str.ends_with(col("name_r")) | col("name_r").str.ends_with(col("name_l"))
    shorter, longest = (
        length(col("name_l").str.len_chars(), col("name_r").str.len_chars())
        for length in (pl.min_horizontal, pl.max_horizontal)
    )
    nameless = missing("name_kind")
    # A side without a full name may have one before the @: 朱总, zhuxin5199@.
    partly = nameless | bare
    workmates = same("code") | same("core") | same("domain") | same("landline") | same("brand")
    either_way = same("pinyin") | crossed("pinyin", "pinyin_turned")
    nickname = (
        same("nickname")
        | col("name_l").str.ends_with(col("nickname_r"))
        | col("name_r").str.ends_with(col("nickname_l"))
    )
    nobody = pl.any_horizontal(
        col(f"nickname_{one}").is_not_null() & col(f"surname_{one}").is_null() & col(f"surname_{other}").is_not_null()
        for one, other in ("lr", "rl")
    )  # fmt: skip
    shared = pl.any_horizontal(same(c).fill_null(False) for c in _SHARED) | (
        missing("phone") & same("phone_shape")
    ).fill_null(False)
    further = among("reach", "phone_others") | same("phone_others").fill_null(False)
    further_mail = among("email", "email_others") | same("email_others").fill_null(False)
    shared |= pl.any_horizontal(told.fill_null(False) for told in (shared_identifier(), further, further_mail))
    against = pl.any_horizontal(differ(c).fill_null(False) for c in _AGAINST)
    alone = ~shared & ~against & ~differ("phone_shape").fill_null(False)
    listed = col("surname_percent_l").is_not_null() & col("surname_percent_r").is_not_null()
    full = same("name") | same("latin")
    return (
        Comparison("name", (
            Level("mail_name", partly & crossed("mail_name", "pinyin")),
            Level("nickname", nickname & ~same("surname").fill_null(False)),
            Level("surname_differs", bare & (differ("surname") | nobody)),
            Level("mail_name_differs", partly & differ("spelled")),
            Level("null", nameless),
            Level("phone_slip", full & col("phone_slip") & ~shared, "size"),
            Level("rare", same("name") & (col("namesakes_l") < RARE) & alone, "size"),
            Level("exact", full, "name_rarity"),
            Level("pinyin", one_latin & same("pinyin"), "pinyin_rarity"),
            Level("turned", either_way & latin, "pinyin_rarity"),
            Level("reading", col("reading_fits"), "pinyin_rarity"),
            Level("homophone", same("pinyin"), "pinyin_rarity", least=1.0),
            Level("look_alike", slip & same("shape")),
            Level("near_sound", slip & same("sound")),
            Level("one_character", same("surname") & slip & (shorter >= 3) & ~against),
            Level("surname_slip", slip & same("given") & odd_surname),
            Level("longer", same("surname") & slip & longer),
            Level("married", slip & behind & (shorter >= 3) & listed),
            Level("short_form", longer & (longest >= 5) & (shorter >= 2)),
            Level("slip", slip),
            Level("sounds", col("latin_sounds")),
            Level("near_pinyin", latin & (col("pinyin_similarity") >= 0.95)),
            Level("mask_fits", bare & visible_alike()),
            Level("surname_fits", bare & (same("surname") | col("family_fit").is_in(["same", "open"])), "surname_rarity"),
            Level("family_fits", col("family_fit") == "open"),
            Level("different", both("name")),
            Level("latin_differs", both("pinyin") | (col("family_fit") == "other")),
        )),
        Comparison("phone", (
            Level("in_mail", same("reach") & one_phone & ~same("email").fill_null(False), "reach_rarity"),
            Level("further", further & ~same("phone").fill_null(False), "numbers_rarity"),
            Level("null", missing("phone_shape")),
            Level("same", same("phone"), "phone_rarity"),
            Level("partial", missing("phone") & same("phone_shape"), "size"),
            Level("partial_conflict", missing("phone")),
            Level("one_digit", col("phone_slip")),
            Level("different", both("phone")),
        )),
        Comparison("email", (
            Level("same", same("email"), "email_rarity"),
            Level("further", further_mail, "mails_rarity"),
            Level("partial", same("email_partial"), "partial_rarity"),
            Level("same_local", same("email_local"), "size"),
            Level("different", both("email")),
            Level("null", missing("email")),
        )),
        Comparison("identifier", (
            # The phone, where it is compared, says it again: as WeChat account, or as what an account was opened with.
            Level("beside_phone", shared_identifier() & same("reach") & ~unreached),
            Level("national_id", same("national_id"), "id_rarity"),
            Level("same", shared_identifier(), "id_rarity"),
            Level("member", same("member"), "member_rarity"),
        )),
        Comparison("workplace", (
            # Colleagues share a phone and a desk: without a name, the same company confirms no person.
            Level("colleague", nameless & workmates),
            Level("unnamed_elsewhere", nameless & (differ("code") | differ("brand"))),
            Level("extension", same("desk"), "desk_rarity"),
            Level("code", same("code"), "code_rarity"),
            Level("company", same("core"), "core_rarity"),
            Level("domain", same("domain"), "domain_rarity"),
            Level("landline", same("landline"), "landline_rarity"),
            Level("brand", same("brand"), "brand_rarity"),
            Level("different", differ("code") | differ("brand")),
            Level("null", missing("core")),
        )),
        Comparison("address", (
            Level("null", missing("street")),
            Level("unnamed", nameless & same("street")),
            # An office has one address: it repeats what the workplace said.
            Level("office", same("street") & workmates),
            Level("same", same("street"), "street_rarity"),
            Level("different", both("street")),
        )),
        Comparison("place", (
            Level("null", missing("province")),
            Level("same", same("province")),
            Level("different", differ("province")),
        )),
    )  # fmt: skip
