"""The same person: features, blocking keys and comparisons of level `contact`."""

import polars as pl

from ..evidence import Weights
from . import account
from .census import counted
from .comparisons import Comparison, Level, among, both, crossed, differ, missing, same
from .contradictions import (
    COMPANY_PARTS,
    PERSON_PARTS,
    is_hard,
    person_contradictions,
    visible_alike,
    with_company_parts,
)
from .identifiers import HELD, MEMBER, NATIONAL_ID, WECHAT_MOBILE, with_identifiers
from .identifiers import shared as shared_identifier
from .keys import Key, Lookup, lookups_of
from .policy import Policy
from .rarity import name_rarity, namesakes, owners, rarities, surname_rarity
from .similarity import edits, family_fit, jaro_winkler, one_slip, share_word, sounds_alike

COLUMNS = tuple(dict.fromkeys((
    "name_kind", "name", "given", "surname", "sound", "surname_percent", "pinyin", "pinyin_turned", "latin", "name_rarity",
    "pinyin_rarity", "surname_rarity", "mail_name", "spelled", "phone", "reach", "phone_shape", "phone_partial",
    "phone_rarity", "reach_rarity", "size", "email", "email_partial", "email_local", "email_rarity",
    "partial_rarity", "desk", "code", "core", "domain", "landline", "brand", "desk_rarity", "code_rarity", "core_rarity",
    "domain_rarity", "landline_rarity", "brand_rarity", "street", "street_rarity", "province",
    "readings", "family", "nickname", "shape", "namesakes", "city", "phone_others", "ids", "id_rarity", "member", "member_rarity",
    *COMPANY_PARTS, *PERSON_PARTS,
)))  # fmt: skip
TEXTS = (
    "name",
    "pinyin",
    "latin",
    "readings",
    "family",
    "nickname",
    "phone",
    "reach",
    "phone_others",
    "name_mask",
    "core",
    "brand",
    "variants",
    "site",
)
RARE = 0.1  # namesakes that chance would bring into the file

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

PENALTY = 4.0  # bits that each doubling of its owners takes from a phone number or an e-mail address
# Who a value belongs to.
READ, PEOPLE = ("pinyin",), ("pinyin", "surname")
BESIDE = ("core_pinyin", "code", "street")
# 13812345678@139.com, or 13812345678 as WeChat account: the mobile number of a row that gives none.
_MAILED = pl.coalesce("email", "email_partial").str.extract(r"^(1[3-9]\d{9})@")
REACH = pl.coalesce("phone", "+86" + pl.coalesce(_MAILED, WECHAT_MOBILE))
_NUMBERS = pl.concat_str(REACH, "phone_others", separator=",", ignore_nulls=True)
NUMBERS = pl.when(_NUMBERS != "").then(_NUMBERS).str.split(",")
# A name before the @ says no more than the name itself; digits do (13987714777@, zhangwei8530@).
MAIL_NAME = pl.coalesce("email", "email_partial").str.extract(r"^([^@]*\d[^@]*\d[^@]*\d[^@]*)@")
# What a value's rarity is counted from: its column, its penalty, and its owners. 张总 and 张伟 on one phone are one owner, 张总
# and 李总 two; of a workplace the readings tell enough.
VALUES = {
    "reach": ("reach", PENALTY, PEOPLE), "email": ("email", PENALTY, PEOPLE), "partial": ("email_partial", PENALTY, PEOPLE),
    "desk": ("desk", 2.0, PEOPLE), "code": ("code", 1.0, READ), "core": ("core", 1.0, READ),
    "domain": ("domain", 1.0, READ), "landline": ("landline", 1.0, READ), "brand": ("brand", 1.5, READ),
    "street": ("street", 1.5, READ), "member": ("member", PENALTY, PEOPLE),
}  # fmt: skip


def prepare(features: pl.DataFrame, bits: float | None) -> pl.DataFrame:
    """Table `feature` and `row` → the columns of COLUMNS and the blocking keys.

    bits: see rarity.py; None where only who contradicts whom is asked.
    """
    col = pl.col
    frame = (
        with_company_parts(counted(features))
        .with_columns(pl.when(~_stock_address()).then(pl.col("name_kind", "surname")))
        .with_columns(
            given=pl.when(col("name").str.len_chars() == 3).then(col("name").str.tail(2)),
            who=pl.coalesce("pinyin", "surname"),
            spelled=pl.coalesce("pinyin", "mail_name"),
            reach=REACH,
            numbers=NUMBERS,
            readings=pl.concat_str("pinyin", "readings", separator=" ", ignore_nulls=True),
            sound=_sound(col("pinyin")),
            namesakes=namesakes(col("name"), col("names"), col("surname_percent")),
            phone_shape=col("phone").str.slice(3, 3) + "****" + col("phone").str.tail(4),
            email_local=MAIL_NAME,
            desk=col("landline") + "-" + col("landline_extension"),
            held=HELD,
            national_id=NATIONAL_ID,
            member=MEMBER,
            street=pl.when(col("street").str.len_chars() >= 5).then(pl.concat_str(col("city").fill_null(""), "street")),
            size=pl.lit(bits, pl.Float64),
        )
    )
    frame = frame.with_columns(
        phone_shape=pl.coalesce("phone_partial", "phone_shape"),
        pinyin_rarity=name_rarity(col("pinyin"), col("pinyin_seen"), col("pinyins"), col("surname_percent")),
        name_rarity=name_rarity(col("name"), col("name_seen"), col("names"), col("surname_percent")),
    )
    # Kevin is nobody's whole name.
    latin = pl.when(col("family").is_not_null() | col("latin").str.contains(" ")).then("pinyin_rarity")
    frame = frame.with_columns(
        name_rarity=pl.coalesce("name_rarity", latin, pl.when(col("latin").is_not_null()).then(2.0))
    )
    frame = with_identifiers(frame, bits, PENALTY, *PEOPLE)
    worth = rarities(frame, VALUES, bits, owners)
    frame = frame.with_columns(**worth, **{f"bare_{value}": _beside_bare(frame, value) for value in BESIDE})
    return frame.with_columns(
        phone_rarity=pl.when(col("phone").is_not_null()).then("reach_rarity"),
        surname_rarity=surname_rarity(col("surname_percent")),
    )


def census(mates: pl.DataFrame) -> pl.DataFrame:
    """What a frame that is only part of the file brings along (rarity.owners): `brand, brand_spread`, counted over all
    rows that share a brand with one of the part."""
    return owners(mates, "brand", *READ).rename({"spread": "brand_spread"})


def _sound(pinyin: pl.Expr) -> pl.Expr:
    """Readings that many speakers do not tell apart are one: zh and z, n and ng, n and l, h and f."""
    return pinyin.str.replace_many(["zh", "ch", "sh", "ng", "l", "hu", "f"], ["z", "c", "s", "n", "n", "fu", "f"])


def _stock_address() -> pl.Expr:
    """A form of address that the file uses far more than its surname explains (张先生 for everybody) is no name."""
    bare = pl.col("name_kind") == "surname"
    usual = pl.col("bares") * pl.col("surname_percent").fill_null(0.0) / 100
    return (
        bare & pl.col("surname").is_not_null() & (pl.col("bare_seen") >= 20) & (pl.col("bare_seen") > 4 * usual)
    ).fill_null(False)


def _beside_bare(frame: pl.DataFrame, value: str) -> pl.Series:
    """Surname and value, where with this value the surname is seen bare (张总) and with at most one full name (张伟)."""
    held = frame.select("row", "surname", value, "pinyin", "name_kind").drop_nulls(["surname", value])
    bare = held.filter(pl.col("name_kind").is_in(["surname", "masked"])).select("surname", value).unique()
    beside = held.join(bare, on=["surname", value], how="semi")
    clear = beside.group_by("surname", value).agg(n=pl.col("pinyin").drop_nulls().n_unique()).filter(pl.col("n") <= 1)
    keyed = beside.join(clear, on=["surname", value], how="semi").select(
        "row", key=pl.concat_str("surname", value, separator="\x1f")
    )
    return frame.select("row").join(keyed, on="row", how="left", maintain_order="left")["key"]


WHO = pl.col("pinyin")
PHONE, EMAIL, EMAIL_TEXT = (
    Lookup("reach", NUMBERS),
    Lookup("email", pl.col("email")),
    Lookup("email text", pl.col("email_partial")),
)
IDENTIFIER = Lookup("identifier", HELD)
# Of a number that thousands share only those of one name come along.
PHONE_AND_NAME = Lookup("reach and name", REACH + "|" + pl.coalesce("pinyin", "surname"))
NAME_AND_BRAND = Lookup("name and brand", WHO + "|" + pl.col("brand_pinyin"))
# Of a masked or whole number the last four digits, at half the cost of its whole shape.
NAME_AND_DIGITS = Lookup("name and digits", WHO + "|" + pl.coalesce("phone_partial", "phone").str.tail(4))
NAME_AND_HEAD = Lookup("name and head", WHO + "|" + pl.col("phone").str.slice(3, 6))
NAME = Lookup(
    "name",
    pl.when((pl.col("name").str.len_chars() > 2) | (pl.col("surname_percent").fill_null(0.0) < 0.2)).then("name"),
)
NAME_AND_MAIL = Lookup("name and mail", WHO + "|" + MAIL_NAME)
KEYS = (
    Key("phone", (pl.col("numbers"),), (PHONE, PHONE_AND_NAME), split=pl.col("who")),
    Key("email", (pl.col("email"),), (EMAIL,), split=pl.col("who")),
    Key("identifier", (pl.col("held"),), (IDENTIFIER,), split=pl.col("who")),
    Key("email text", (pl.col("email_partial"),), (EMAIL_TEXT,), split=pl.col("who")),
    Key("name+phone tail", (WHO, pl.col("phone_shape").str.tail(4)), (NAME_AND_DIGITS,)),
    Key("name+phone head", (WHO, pl.col("phone").str.slice(3, 6)), (NAME_AND_HEAD,)),
    Key("rare name", (pl.when(pl.col("namesakes") < RARE).then("name"),), (NAME,)),
    Key("name+mail name", (WHO, pl.col("email_local")), (NAME_AND_MAIL,)),
    Key("name+code", (WHO, pl.col("code")), (account.CODE,)),
    Key("name+company", (WHO, pl.col("core_pinyin")), (account.COMPANY,)),
    Key("name+brand", (WHO, pl.col("brand_pinyin")), (NAME_AND_BRAND,)),
    Key("name+domain", (WHO, pl.col("domain")), (account.DOMAIN,)),
    Key("name+landline", (WHO, pl.col("landline")), (account.NUMBER,)),
    Key("name+street", (WHO, pl.col("street")), (account.STREET,)),
    Key("turned name+company", (pl.coalesce("pinyin_turned", "pinyin"), pl.col("core_pinyin")), (account.COMPANY,)),
    Key("surname+company", (pl.col("bare_core_pinyin"),), (account.COMPANY,)),
    Key("surname+code", (pl.col("bare_code"),), (account.CODE,)),
    Key("surname+street", (pl.col("bare_street"),), (account.STREET,)),
    Key("desk", (pl.col("desk"),), (account.NUMBER,), split=pl.col("who")),
)
LOOKUPS = lookups_of(*KEYS)


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
    shared |= shared_identifier().fill_null(False) | further.fill_null(False)
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
            Level("further", further & ~same("phone").fill_null(False), "reach_rarity"),
            Level("null", missing("phone_shape")),
            Level("same", same("phone"), "phone_rarity"),
            Level("partial", missing("phone") & same("phone_shape"), "size"),
            Level("partial_conflict", missing("phone")),
            Level("one_digit", col("phone_slip")),
            Level("different", both("phone")),
        )),
        Comparison("email", (
            Level("same", same("email"), "email_rarity"),
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


def policy(weights: Weights) -> Policy:
    """The policy of level `contact` with these weights."""
    contradiction = person_contradictions()
    compared = tuple(comparison.weighed(weights) for comparison in (*comparisons(), contradiction))
    parts = tuple(dict.fromkeys((*COMPANY_PARTS, *PERSON_PARTS)))
    return Policy("contact", prepare, KEYS, COLUMNS, TEXTS, measure, compared, IDENTITY, CONFLICT, contradiction, parts)
