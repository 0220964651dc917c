"""How two persons are compared: the comparisons of level `contact`, over the columns of dedup/policy/contact.py."""

import polars as pl

from .comparisons import Comparison, Level, among, both, crossed, differ, missing, same
from .contact_keys import RARE
from .contradictions import is_hard, visible_alike
from .identifiers import shared as shared_identifier
from .similarity import edits, family_fit, jaro_winkler, one_slip, share_word, sounds_alike

# What nothing but a name may stand beside: agreeing in one of these is evidence of its own, differing in one speaks against.
_SHARED_COLUMNS = (
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
_AGAINST_COLUMNS = ("reach", "email", "code", "core", "brand", "landline", "province", "city", "street")


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


# What the levels ask.
_ONE_LATIN = pl.col("latin_l").is_null() != pl.col("latin_r").is_null()
_LATIN = pl.col("latin_l").is_not_null() | pl.col("latin_r").is_not_null()
_BARE = pl.col("name_kind_l").is_in(["surname", "masked"]) | pl.col("name_kind_r").is_in(["surname", "masked"])
_ONE_PHONE = pl.col("phone_l").is_null() != pl.col("phone_r").is_null()
_UNREACHED = pl.col("phone_l").is_null() & pl.col("phone_r").is_null()
_SLIP = pl.col("name_edits") == 1
# 玉 for 王, 阵 for 陈: what is written is hardly anybody's surname.
_ODD_SURNAME = (
    pl.min_horizontal(pl.col("surname_percent_l").fill_null(0.0), pl.col("surname_percent_r").fill_null(0.0)) <= 0.01
)
_LONGER = pl.col("name_l").str.starts_with(pl.col("name_r")) | pl.col("name_r").str.starts_with(pl.col("name_l"))
_BEHIND = pl.col("name_l").str.ends_with(pl.col("name_r")) | pl.col("name_r").str.ends_with(pl.col("name_l"))
_SHORTER, _LONGEST = (
    length(pl.col("name_l").str.len_chars(), pl.col("name_r").str.len_chars())
    for length in (pl.min_horizontal, pl.max_horizontal)
)
_NAMELESS = missing("name_kind")
# A side without a full name may have one before the @: 朱总, zhuxin5199@.
_PARTLY = _NAMELESS | _BARE
_WORKMATES = same("code") | same("core") | same("domain") | same("landline") | same("brand")
_EITHER_WAY = same("pinyin") | crossed("pinyin", "pinyin_turned")
_NICKNAME = (
    same("nickname")
    | pl.col("name_l").str.ends_with(pl.col("nickname_r"))
    | pl.col("name_r").str.ends_with(pl.col("nickname_l"))
)
_NOBODY = pl.any_horizontal(
    pl.col(f"nickname_{one}").is_not_null() & pl.col(f"surname_{one}").is_null() & pl.col(f"surname_{other}").is_not_null()
    for one, other in ("lr", "rl")
)  # fmt: skip
_FURTHER = among("reach", "phone_others") | same("phone_others").fill_null(False)
_FURTHER_MAIL = among("email", "email_others") | same("email_others").fill_null(False)
_SHARED = pl.any_horizontal(
    told.fill_null(False)
    for told in (
        *(same(column) for column in _SHARED_COLUMNS), missing("phone") & same("phone_shape"),
        shared_identifier(), _FURTHER, _FURTHER_MAIL,
    )
)  # fmt: skip
_AGAINST = pl.any_horizontal(differ(c).fill_null(False) for c in _AGAINST_COLUMNS)
_ALONE = ~_SHARED & ~_AGAINST & ~differ("phone_shape").fill_null(False)
_LISTED = pl.col("surname_percent_l").is_not_null() & pl.col("surname_percent_r").is_not_null()
_FULL = same("name") | same("latin")


def _name() -> Comparison:
    return Comparison("name", (
        Level("mail_name", _PARTLY & crossed("mail_name", "pinyin")),
        Level("nickname", _NICKNAME & ~same("surname").fill_null(False)),
        Level("surname_differs", _BARE & (differ("surname") | _NOBODY)),
        Level("mail_name_differs", _PARTLY & differ("spelled")),
        Level("null", _NAMELESS),
        Level("phone_slip", _FULL & pl.col("phone_slip") & ~_SHARED, "size"),
        Level("rare", same("name") & (pl.col("namesakes_l") < RARE) & _ALONE, "size"),
        Level("exact", _FULL, "name_rarity"),
        Level("pinyin", _ONE_LATIN & same("pinyin"), "pinyin_rarity"),
        Level("turned", _EITHER_WAY & _LATIN, "pinyin_rarity"),
        Level("reading", pl.col("reading_fits"), "pinyin_rarity"),
        Level("homophone", same("pinyin"), "pinyin_rarity", least=1.0),
        Level("look_alike", _SLIP & same("shape")),
        Level("near_sound", _SLIP & same("sound")),
        Level("one_character", same("surname") & _SLIP & (_SHORTER >= 3) & ~_AGAINST),
        Level("surname_slip", _SLIP & same("given") & _ODD_SURNAME),
        Level("longer", same("surname") & _SLIP & _LONGER),
        Level("married", _SLIP & _BEHIND & (_SHORTER >= 3) & _LISTED),
        Level("short_form", _LONGER & (_LONGEST >= 5) & (_SHORTER >= 2)),
        Level("slip", _SLIP),
        Level("sounds", pl.col("latin_sounds")),
        Level("near_pinyin", _LATIN & (pl.col("pinyin_similarity") >= 0.95)),
        Level("mask_fits", _BARE & visible_alike()),
        Level("surname_fits", _BARE & (same("surname") | pl.col("family_fit").is_in(["same", "open"])), "surname_rarity"),
        Level("family_fits", pl.col("family_fit") == "open"),
        Level("different", both("name")),
        Level("latin_differs", both("pinyin") | (pl.col("family_fit") == "other")),
    ))  # fmt: skip


def _phone() -> Comparison:
    return Comparison("phone", (
        Level("in_mail", same("reach") & _ONE_PHONE & ~same("email").fill_null(False), "reach_rarity"),
        Level("further", _FURTHER & ~same("phone").fill_null(False), "numbers_rarity"),
        Level("null", missing("phone_shape")),
        Level("same", same("phone"), "phone_rarity"),
        Level("partial", missing("phone") & same("phone_shape"), "size"),
        Level("partial_conflict", missing("phone")),
        Level("one_digit", pl.col("phone_slip")),
        Level("different", both("phone")),
    ))  # fmt: skip


def _email() -> Comparison:
    return Comparison("email", (
        Level("same", same("email"), "email_rarity"),
        Level("further", _FURTHER_MAIL, "mails_rarity"),
        Level("partial", same("email_partial"), "partial_rarity"),
        Level("same_local", same("email_local"), "size"),
        Level("different", both("email")),
        Level("null", missing("email")),
    ))  # fmt: skip


def _identifier() -> Comparison:
    return Comparison("identifier", (
        # The phone, where it is compared, says it again: as WeChat account, or as what an account was opened with.
        Level("beside_phone", shared_identifier() & same("reach") & ~_UNREACHED),
        Level("national_id", same("national_id"), "id_rarity"),
        Level("same", shared_identifier(), "id_rarity"),
        Level("member", same("member"), "member_rarity"),
    ))  # fmt: skip


def _workplace() -> Comparison:
    return Comparison("workplace", (
        # Colleagues share a phone and a desk: without a name, the same company confirms no person.
        Level("colleague", _NAMELESS & _WORKMATES),
        Level("unnamed_elsewhere", _NAMELESS & (differ("code") | differ("brand"))),
        Level("extension", same("desk"), "desk_rarity"),
        Level("code", same("code"), "code_rarity"),
        Level("company", same("core"), "core_rarity"),
        Level("domain", same("domain"), "domain_rarity"),
        Level("landline", same("landline"), "landline_rarity"),
        Level("brand", same("brand"), "brand_rarity"),
        Level("different", differ("code") | differ("brand")),
        Level("null", missing("core")),
    ))  # fmt: skip


def _address() -> Comparison:
    return Comparison("address", (
        Level("null", missing("street")),
        Level("unnamed", _NAMELESS & same("street")),
        # An office has one address: it repeats what the workplace said.
        Level("office", same("street") & _WORKMATES),
        Level("same", same("street"), "street_rarity"),
        Level("different", both("street")),
    ))  # fmt: skip


def _place() -> Comparison:
    return Comparison("place", (
        Level("null", missing("province")),
        Level("same", same("province")),
        Level("different", differ("province")),
    ))  # fmt: skip


def comparisons() -> tuple[Comparison, ...]:
    """The comparisons in the order in which they are explained."""
    return _name(), _phone(), _email(), _identifier(), _workplace(), _address(), _place()
