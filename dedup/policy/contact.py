"""The same person: what level `contact` is told by, and its policy (contact_keys.py, contact_levels.py)."""

import polars as pl

from ...evidence import Weights
from .base import Policy
from .contact_keys import KEYS, MAIL_NAME, MAILS, NUMBERS, REACH
from .contact_levels import CONFLICT, IDENTITY, comparisons, measure
from .contradictions import COMPANY_PARTS, PERSON_PARTS, person_contradictions, with_company_parts
from .identifiers import HELD, MEMBER, NATIONAL_ID, with_identifiers
from .plugged import plugged_comparisons
from .term_counts import counted
from .term_frequency import least_rarity, name_rarity, namesakes, owners, rarities, surname_rarity

COLUMNS = tuple(dict.fromkeys((
    "name_kind", "name", "given", "surname", "sound", "surname_percent", "pinyin", "pinyin_turned", "latin", "name_rarity",
    "pinyin_rarity", "surname_rarity", "mail_name", "spelled", "phone", "reach", "phone_shape", "phone_partial",
    "phone_rarity", "reach_rarity", "size", "email", "email_partial", "email_local", "email_rarity",
    "partial_rarity", "desk", "code", "core", "domain", "landline", "brand", "desk_rarity", "code_rarity", "core_rarity",
    "domain_rarity", "landline_rarity", "brand_rarity", "street", "street_rarity", "province",
    "readings", "family", "nickname", "shape", "namesakes", "city", "phone_others", "email_others",
    "numbers_rarity", "mails_rarity",
    "ids", "id_rarity", "member", "member_rarity",
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
    "email",
    "email_others",
    "name_mask",
    "core",
    "brand",
    "variants",
    "site",
)

PENALTY = 4.0  # bits that each doubling of its owners takes from a phone number or an e-mail address
# Who a value belongs to.
READ, PEOPLE = ("pinyin",), ("pinyin", "surname")
BESIDE = ("core_pinyin", "code", "street")
# What a value's rarity is counted from: its column, its penalty, and its owners. 张总 and 张伟 on one phone are one owner, 张总
# and 李总 two; of a workplace the readings tell enough.
VALUES = {
    "reach": ("reach", PENALTY, PEOPLE), "email": ("email", PENALTY, PEOPLE), "partial": ("email_partial", PENALTY, PEOPLE),
    "desk": ("desk", 2.0, PEOPLE), "code": ("code", 1.0, READ), "core": ("core", 1.0, READ),
    "domain": ("domain", 1.0, READ), "landline": ("landline", 1.0, READ), "brand": ("brand", 1.5, READ),
    "street": ("street", 1.5, READ), "member": ("member", PENALTY, PEOPLE),
}  # fmt: skip
_ADDED = plugged_comparisons("contact", COLUMNS)
VALUES |= {name: (name, PENALTY, PEOPLE) for name in _ADDED.values}


def prepare(features: pl.DataFrame, bits: float | None) -> pl.DataFrame:
    """Table `feature` and `row` → the columns of COLUMNS and the blocking keys.

    bits: see term_frequency.py; None where only who contradicts whom is asked.
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
            mails=MAILS,
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
    worth = rarities(frame, VALUES, bits, owners) | {
        f"{listed}_rarity": _further_rarity(frame, listed, others, bits)
        for listed, others in (("numbers", "phone_others"), ("mails", "email_others"))
    }
    frame = frame.with_columns(**worth, **{f"bare_{value}": _beside_bare(frame, value) for value in BESIDE})
    return frame.with_columns(
        phone_rarity=pl.when(col("phone").is_not_null()).then("reach_rarity"),
        surname_rarity=surname_rarity(col("surname_percent")),
    )


def _further_rarity(frame: pl.DataFrame, listed: str, others: str, bits: float | None) -> pl.Series:
    """least_rarity of the values that are a further one of some row: the 400 number of a house, which all its people give as their
    second, tells none of them."""
    further = frame[others].drop_nulls().str.split(",").explode().unique()
    return least_rarity(frame, listed, bits, PENALTY, owners, *PEOPLE, only=further)


def count_owners(co_occurring: pl.DataFrame) -> pl.DataFrame:
    """What a frame that is only part of the file brings along (rarity.owners): `brand, brand_spread`, counted over all
    rows that share a brand with one of the part."""
    return owners(co_occurring, "brand", *READ).rename({"spread": "brand_spread"})


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
    held = frame.lazy().select("row", "surname", value, "pinyin", "name_kind").drop_nulls(["surname", value])
    bare = held.filter(pl.col("name_kind").is_in(["surname", "masked"])).select("surname", value).unique()
    beside = held.join(bare, on=["surname", value], how="semi")
    clear = beside.group_by("surname", value).agg(n=pl.col("pinyin").drop_nulls().n_unique()).filter(pl.col("n") <= 1)
    keyed = beside.join(clear, on=["surname", value], how="semi").select(
        "row", key=pl.concat_str("surname", value, separator="\x1f")
    )
    return frame.lazy().select("row").join(keyed, on="row", how="left", maintain_order="left").collect()["key"]


def policy(weights: Weights) -> Policy:
    """The policy of level `contact` with these weights."""
    contradiction = person_contradictions()
    compared = tuple(comparison.weighed(weights) for comparison in (*comparisons(), *_ADDED.comparisons, contradiction))
    parts = tuple(dict.fromkeys((*COMPANY_PARTS, *PERSON_PARTS)))
    return Policy(
        "contact", prepare, KEYS, (*COLUMNS, *_ADDED.columns), (*TEXTS, *_ADDED.columns), measure, compared, IDENTITY, CONFLICT,
        contradiction, parts,
    )  # fmt: skip
