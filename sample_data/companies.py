"""The invented companies: name parts, credit code, switchboard, mail domain, address; twins, branches, subsidiaries."""

import numpy as np
import polars as pl

from .codes import ALPHABET, complete_codes
from .draw import Draw, Ints, by_rank, digits, take
from .places import draw_places
from .words import Words

# kind of company: on its own, sounds like another one, branch of another one, subsidiary of another one
KINDS, KIND_SHARES = ("own", "homophone", "branch", "subsidiary"), (0.91, 0.03, 0.025, 0.035)
_SPARE = 1.15  # names that come out twice are dropped: a registry would have refused them


def make_companies(count: int, seed: int, words: Words) -> pl.DataFrame:
    """`count` companies.

    Columns: company, brand, brand_pinyin, industry, industry_en, form, prefix, kind, code, area_code, switchboard,
    digits, domain, province, city, district, street. No two share a full name or a credit code.
    """
    draw = Draw.of_range(seed, int(count * _SPARE) + 50)
    parent, kind = _family(draw)
    frame = pl.DataFrame({"kind": take(KINDS, kind), "parent": parent, **_names(draw, words, parent, kind)})
    places = draw_places(draw, words, "company")
    frame = pl.concat([frame, places], how="horizontal")
    # Most homophones sit in the same city: only the characters tell them apart.
    near = (pl.col("kind") == "homophone") & pl.Series(draw.chance("same city", 0.7))
    frame = frame.with_columns(
        pl.when(near).then(pl.col(c).gather(pl.col("parent"))).otherwise(c).alias(c) for c in places.columns
    ).with_columns(_full_names(draw))
    # A branch carries its parent's whole name and its own city.
    mother = pl.col("company").gather(pl.col("parent"))
    frame = frame.with_columns(
        company=pl.when(pl.col("kind") == "branch").then(mother + pl.col("city") + "分公司").otherwise("company")
    )
    frame = frame.with_columns(_codes(draw, frame), _switchboards(draw, frame), *_domains(draw, words, frame))
    unique = frame.unique("company", keep="first", maintain_order=True).unique(
        "code", keep="first", maintain_order=True
    )
    return unique.head(count).drop("parent", "district_code")


def _family(draw: Draw) -> tuple[Ints, Ints]:
    """(parent position, position in KINDS); the parent of a company on its own is itself."""
    kind = draw.index("kind", KIND_SHARES)
    own = np.flatnonzero(kind == 0)
    parent = own[draw.number("parent", 0, len(own))]
    return np.where(kind == 0, np.arange(len(draw)), parent), kind


def _names(draw: Draw, words: Words, parent: Ints, kind: Ints) -> dict[str, pl.Series]:
    """Brand, industry and legal form; relatives inherit the brand, or its sound."""
    chars = list(words.pinyin)
    letters = np.array([chars.index(c) for c in words.brand])
    length = draw.index("brand length", (0, 0, 0.6, 0.33, 0.07))
    brand = np.stack([letters[draw.index(f"brand {i}", by_rank(len(letters), 25))] for i in range(4)], axis=1)
    brand = np.where(np.arange(4) < length[:, None], brand, len(chars))[parent]
    twins = _homophone_table(words, chars)
    heard = np.stack([twins[brand[:, i], draw.number(f"twin {i}", 0, twins.shape[1])] for i in range(4)], axis=1)
    brand = np.where((kind == 1)[:, None], heard, brand)
    spelled, sounds = [*chars, ""], [*words.pinyin.values(), ""]
    inherits = kind != KINDS.index("subsidiary")
    industry = draw.index("industry", [i.share for i in words.industries])
    industry = np.where(inherits, industry[parent], industry)
    form = draw.index("form", [f.share for f in words.forms])[parent]
    return {
        "brand": _join(spelled, brand),
        "brand_pinyin": _join(sounds, brand),
        "industry": take([i.word for i in words.industries], industry),
        "industry_en": take([i.english for i in words.industries], industry),
        "form": take([f.word for f in words.forms], form),
        "prefix": take([f.prefix for f in words.forms], form),
    }


def _homophone_table(words: Words, chars: list[str]) -> Ints:
    """Character position → eight positions that sound the same; the last row is the empty place."""
    sounds = words.homophones
    rows = [[chars.index(sounds[c][i % len(sounds[c])]) for i in range(8)] for c in chars]
    return np.array([*rows, [len(chars)] * 8])


def _join(options: list[str], positions: Ints) -> pl.Series:
    columns = [take(options, positions[:, i]).alias(str(i)) for i in range(positions.shape[1])]
    return pl.DataFrame(columns).select(pl.concat_str(pl.all())).to_series()


def _full_names(draw: Draw) -> pl.Expr:
    """Region first, in brackets after the brand, or nowhere; sole traders are registered by district."""
    own = pl.Series(draw.index("pattern", (0.45, 0.08, 0.17, 0.12, 0.18)))
    pattern = pl.lit(own).gather(
        pl.when(pl.col("kind") == "homophone").then("parent").otherwise(pl.int_range(pl.len()))
    )
    city, brand = pl.col("city"), pl.col("brand")
    tail = pl.when(pl.col("form").is_in(["培训学校", "事务所"])).then(pl.lit("")).otherwise("industry") + pl.col("form")
    small = ~pl.col("prefix").is_in(["91"])
    return (
        pl.when(small)
        .then(city + "市" + pl.col("district") + brand + tail)
        .when(pattern == 0)
        .then(city + brand + tail)
        .when(pattern == 1)
        .then(city + "市" + brand + tail)
        .when(pattern == 2)
        .then(brand + "（" + city + "）" + tail)
        .when(pattern == 3)
        .then(pl.col("province") + brand + tail)
        .otherwise(brand + tail)
        .alias("company")
    )


def _codes(draw: Draw, frame: pl.DataFrame) -> pl.Series:
    """Old organisation codes are eight digits, those since 2015 begin with MA."""
    letters = list(ALPHABET)
    modern = pl.DataFrame([draw.pick(f"code {i}", letters).alias(str(i)) for i in range(6)])
    body = pl.DataFrame({"old": digits(draw.number("organisation", 10_000_000, 100_000_000), 8)}).with_columns(
        new="MA" + modern.select(pl.concat_str(pl.all())).to_series(), is_new=pl.Series(draw.chance("new", 0.45))
    )
    bodies = body.select(pl.when("is_new").then("new").otherwise("old")).to_series()
    prefixes = frame["prefix"] + frame["district_code"]
    return pl.Series("code", complete_codes(prefixes.to_numpy().astype(str), bodies.to_numpy().astype(str)))


def _switchboards(draw: Draw, frame: pl.DataFrame) -> pl.Series:
    """Subscriber number without the area code; null for a third."""
    number = pl.DataFrame({"long": digits(draw.number("switchboard", 20_000_000, 80_000_000), 8), "n": frame["digits"]})
    cut = number.select(pl.col("long").str.slice(0, pl.col("n"))).to_series()
    return cut.zip_with(pl.Series(draw.chance("has switchboard", 0.66)), pl.repeat(None, len(cut), eager=True)).alias(
        "switchboard"
    )


def _domains(draw: Draw, words: Words, frame: pl.DataFrame) -> list[pl.Expr]:
    """Own mail domain for most companies and few sole traders; a third of branches write from their parent's."""
    owns = (
        pl.Series(draw.uniform("has domain"))
        < frame.select(pl.when(pl.col("prefix") == "91").then(0.65).otherwise(0.08)).to_series()
    )
    suffix = draw.pick("suffix", words.suffixes, (0.5, 0.28, 0.15, 0.07))
    stem = pl.col("brand_pinyin")
    again = stem.cum_count().over("brand_pinyin") - 1
    own = stem + pl.when(again > 0).then(again.cast(pl.String)).otherwise(pl.lit("")) + "." + suffix
    shares = pl.col("kind").is_in(["branch", "subsidiary"]) & pl.Series(draw.chance("group domain", 0.33))
    domain = pl.when(owns).then(own)
    return [pl.when(shares).then(domain.gather(pl.col("parent"))).otherwise(domain).alias("domain")]
