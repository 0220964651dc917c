"""The invented people: realistic surnames and given names, mobiles, mail addresses, a desk at a company or none."""

import numpy as np
import polars as pl

from .draw import Draw, Ints, by_rank, digits, take
from .places import draw_places
from .words import Words

PRIVATE = 0.26  # people without a company
# how many contacts a company has; the tail are the large ones
_DESKS = {1: 0.62, 2: 0.24, 3: 0.09, 4: 0.035, 7: 0.012, 18: 0.0027, 45: 0.0003}
_MOBILE_PREFIXES = [
    *(f"13{i}" for i in range(10)), "147", *(f"15{i}" for i in (0, 1, 2, 3, 5, 6, 7, 8, 9)), "166", "173",
    *(f"17{i}" for i in range(5, 9)), *(f"18{i}" for i in range(10)), "191", "193", "195", "198", "199",
]  # fmt: skip


def company_positions(count: int, seed: int) -> Ints:
    """For `count` contacts the position of their company, -1 for private people; companies are numbered from 0."""
    draw = Draw.of_range(seed, count)
    employed = round(count * (1 - PRIVATE))
    desks = np.array(list(_DESKS))[draw.index("desks", list(_DESKS.values()))]
    positions = np.full(count, -1, dtype=np.int64)
    positions[:employed] = np.repeat(np.arange(count), desks)[:employed]
    return positions


def make_people(positions: Ints, companies: pl.DataFrame, seed: int, words: Words) -> pl.DataFrame:
    """One row per contact.

    Columns: name, surname, surname_pinyin, given_pinyin, male, alias, phone, phone2, phone_shared, email, email2,
    area_code, landline, extension, province, city, district, street, company_position.
    """
    draw = Draw.of_range(seed, len(positions))
    names = _names(draw, words)
    desk = companies.select("domain", "switchboard", "area_code", "province", "city", "district", "street", "digits")
    at = desk[np.maximum(positions, 0)].rename(lambda c: f"desk_{c}")
    home = draw_places(draw, words, "home").drop("district_code")
    frame = pl.concat([names, home, at, _phones(draw)], how="horizontal").with_columns(
        company_position=pl.Series(positions), employed=pl.Series(positions >= 0)
    )
    frame = frame.with_columns(
        pl.when("employed").then(f"desk_{c}").otherwise(c).alias(c)
        for c in ("area_code", "province", "city", "district", "street", "digits")
    )
    frame = frame.with_columns(_mail_names(draw))
    frame = frame.with_columns(_landlines(draw), *_shared_phones(draw), *_mails(draw, words)).unnest("line")
    return frame.drop(pl.selectors.starts_with("desk_", "mail_"), "digits", "foreign", "employed")


def _names(draw: Draw, words: Words) -> pl.DataFrame:
    """Given names by sex, one or two characters; a few foreigners, a few with a Latin first name beside."""
    surname = draw.index("surname", [s.share for s in words.surnames])
    male = draw.chance("male", 0.58)
    double = draw.chance("two characters", 0.8)
    first, second = (
        np.where(
            male,
            draw.index(f"male {i}", by_rank(len(words.male), 9)),
            len(words.male) + draw.index(f"female {i}", by_rank(len(words.female), 9)),
        )
        for i in (1, 2)
    )
    second = np.where(double, second, len(words.male) + len(words.female))
    chars = [*words.male, *words.female, ""]
    sounds = [words.pinyin.get(c, "") for c in chars]
    latin = [tuple(name.rsplit(" ", 1)) for name in words.foreign]
    foreign = draw.pick("foreign first", [a for a, _ in latin]) + " " + draw.pick("foreign last", [b for _, b in latin])
    alias = draw.pick("alias", words.latin)
    return pl.DataFrame(
        {
            "surname": take([s.hanzi for s in words.surnames], surname),
            "surname_pinyin": take([s.pinyin for s in words.surnames], surname),
            "given": take(chars, first) + take(chars, second),
            "given_pinyin": take(sounds, first) + take(sounds, second),
            "male": male,
            "is_foreign": draw.chance("is foreign", 0.004),
            "foreign": foreign,
            "alias": alias.zip_with(pl.Series(draw.chance("has alias", 0.05)), pl.repeat(None, len(draw), eager=True)),
        }
    ).with_columns(name=pl.when("is_foreign").then("foreign").otherwise(pl.col("surname") + pl.col("given")))


def _phones(draw: Draw) -> pl.DataFrame:
    """A mobile of one's own, for some a second one, for very few one abroad."""
    return pl.DataFrame(
        {
            "phone": mobiles(draw, "mobile"),
            "phone2": mobiles(draw, "second mobile"),
            "abroad": "+852" + digits(draw.number("hong kong", 94_000_000, 95_900_000), 8),
            "is_abroad": draw.chance("is abroad", 0.004),
            "has_second": draw.chance("has second", 0.08),
        }
    ).select(
        pl.when("is_abroad").then("abroad").otherwise("phone").alias("phone"),
        pl.when("has_second").then("phone2").alias("phone2"),
    )


def mobiles(draw: Draw, purpose: str) -> pl.Series:
    """Mainland mobile numbers; each key has its own, for the eight last digits run through a permutation."""
    # The factor is coprime to 10^8, so no two of the first 10^8 keys share the last eight digits.
    offset = int(draw.bits(f"{purpose} offset")[0] % np.uint64(10**8)) if len(draw) else 0
    tail = (draw.keys.astype(np.int64) * 38_196_601 + offset) % 10**8
    return draw.pick(f"{purpose} prefix", _MOBILE_PREFIXES) + digits(tail, 8)


def _shared_phones(draw: Draw) -> list[pl.Expr]:
    """Some colleagues give the same number: the one of the colleague who stands before them."""
    colleague = pl.col("company_position") == pl.col("company_position").shift(1)
    shares = (colleague & pl.col("employed") & pl.Series(draw.chance("shares", 0.04))).fill_null(False)
    return [
        shares.alias("phone_shared"),
        pl.when(shares).then(pl.col("phone").shift(1)).otherwise("phone").alias("phone"),
    ]


def _landlines(draw: Draw) -> pl.Expr:
    """The company's switchboard for most, a direct line for some, a line at home for few private people."""
    long = digits(draw.number("direct line", 20_000_000, 80_000_000), 8)
    direct = pl.lit(long).str.slice(0, pl.col("digits"))
    u = pl.Series(draw.uniform("line"))
    extension = digits(draw.number("extension", 100, 9000), 0)
    return pl.struct(
        pl.when(pl.col("employed") & (u < 0.7))
        .then("desk_switchboard")
        .when(pl.col("employed") | (u < 0.06))
        .then(direct)
        .alias("landline"),
        pl.when(pl.col("employed") & (u < 0.45)).then(pl.lit(extension)).alias("extension"),
    ).alias("line")


def _mail_names(draw: Draw) -> list[pl.Expr]:
    """What stands before the @ at work: wangwei, wei.wang or wwei; and plain pinyin for private addresses."""
    latin = pl.col("foreign").str.to_lowercase().str.replace_all("[^a-z]+", ".")
    surname, given = pl.col("surname_pinyin"), pl.col("given_pinyin")
    pinyin = pl.when("is_foreign").then(latin).otherwise(surname + given)
    style = pl.Series(draw.uniform("work mail style"))
    dotted, short = given + "." + surname, surname.str.slice(0, 1) + given
    local = pl.when(style < 0.7).then(pinyin).when(style < 0.9).then(dotted).otherwise(short)
    return [pinyin.alias("mail_pinyin"), local.alias("mail_local")]


def _mails(draw: Draw, words: Words) -> list[pl.Expr]:
    """At the company's domain where it has one (namesakes are numbered); private: a number, the mobile, pinyin."""
    again = pl.col("mail_local").cum_count().over("mail_local", "desk_domain") - 1
    number = pl.when(again > 0).then(again.cast(pl.String)).otherwise(pl.lit(""))
    at_work = pl.col("mail_local") + number + "@" + pl.col("desk_domain")
    domain = draw.pick("mail domain", [d for d, _ in words.domains], [s for _, s in words.domains])
    style = pl.Series(draw.uniform("mail style"))
    private = (
        (
            pl.when(style < 0.35)
            .then(pl.lit(digits(draw.number("account number", 10**8, 4 * 10**9), 0)))
            .when((style < 0.5) & pl.col("phone").str.starts_with("1"))
            .then(pl.col("phone"))
            .otherwise(pl.col("mail_pinyin") + digits(draw.number("mail digits", 0, 10_000), 4))
        )
        + "@"
        + domain
    )
    works = pl.col("employed") & pl.col("desk_domain").is_not_null() & pl.Series(draw.chance("mail at work", 0.8))
    second = pl.Series(draw.chance("second mail", 0.15))
    return [
        pl.when(works).then(at_work).otherwise(private).alias("email"),
        pl.when(works & second).then(private).alias("email2"),
    ]
