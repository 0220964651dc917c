"""Names of companies, read by their parts: region, brand (字号), industry, legal form, branch.

After the Provisions on the Registration of Enterprise Names (企业名称登记管理规定), a name is region + brand + industry +
form, the region in front or in brackets; a branch's name follows the whole name of its parent. What is generic
stands in rules/data/company_words.toml, so that what remains is the brand.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

import polars as pl

from .company_kind import with_kind
from .readings import joined, syllables
from .regions import cities
from .script import simplified
from .trail import Cleaned, Trail

PARTS = (
    "company_key", "brand", "brand_pinyin", "industry", "form", "company_region", "company_bracket", "branch", "core",
    "core_pinyin", "district", "kind", "ordinal", "variants",
)  # fmt: skip

# Legal forms that are mistyped by their sound (又限公司, 有县公司, 股奋有限公司), longest first.
_SPOKEN_FORMS = ("股份有限公司", "有限责任公司", "有限公司")
# A note about who is meant inside the company: 采购部, 财务, 王总 …
_UNITS = "采购|财务|销售|市场|人事|行政|技术|工程|设备|物流|客服|总务|后勤|研发|生产|品质|质量|信息|运营"
_DEPARTMENT = (
    rf"(?:[-—_/ ]+|\s*[\(（])(?:(?:{_UNITS})(?:部|处|科|组|中心)?|总部|总公司)[\)）]?$"
    rf"|(?P<owner>公司|集团|医院|学院|大学)(?:{_UNITS})(?:部|处|科|组|中心)$"
)
_ENDING = 12  # characters: longer than any legal form, branch word or industry that ends like a form
_STATUS = r"[\(（](?:已?注销|已?吊销|已?停业|曾用名|原名?|老客户|新客户|重复|作废|测试|待定|已?搬迁)[^\)）]*[\)）]"


@cache
def _words() -> dict[str, list[str]]:
    text = (files(__package__) / "data" / "company_words.toml").read_text("utf-8")
    lists: dict[str, list[str]] = tomllib.loads(text)
    return {name: sorted(set(words), key=lambda w: (-len(w), w)) for name, words in lists.items()}


def _any_of(words: list[str]) -> str:
    return "(?:" + "|".join(re.escape(w) for w in words) + ")"


@cache
def _places(*columns: str) -> str:
    """Names of provinces or cities, short and full, as a regular expression, longest first."""
    table = cities()
    names = {name for column in columns for name in table[column].drop_nulls().to_list()}
    return _any_of(sorted(names, key=lambda w: (-len(w), w)))


def _region() -> str:
    """A province or city as it opens a name or stands in brackets."""
    return _places("province", "province_full", "city", "city_full")


@cache
def _form_like() -> str:
    """Industries that end like a legal form (旅行社): of these no form is taken off."""
    forms = set(_words()["forms"])
    return _any_of([i for i in _words()["industries"] if any(i[place:] in forms for place in range(1, len(i)))])


def clean_company_names(raw: pl.Series) -> Cleaned:
    """raw → `value` (name as registered: full-width brackets, no stray blanks or notes) and its parts.

    company_key: the name without blanks, brackets and script differences; brand, industry, form, branch; company_region,
    company_bracket: city or province in front of the name and in brackets, short; core: brand + industry; *_pinyin:
    readings, joined; and what the core leaves out or makes equal (company_kind.py): district (or a further place), kind
    of body, ordinal, variants (signs of the other script). Null part: not in the name.
    """
    value = pl.col("value")
    trail = Trail(raw)
    tidy = value.str.replace_all(r"([^\x00-\x7f])\s+", "${1}").str.replace_all(r"\s+([^\x00-\x7f])", "${1}")
    ends = (
        pl.when(value.str.contains(r"\p{Han}"))
        .then(tidy.str.strip_chars(" ,，。、;；.·-—_"))
        .otherwise(tidy.str.strip_chars(" ,;-_"))
    )
    trail.change("company_name.spacing", ends.str.replace(r"(有限(?:责任)?公司)(?:有限(?:责任)?公司)+$", "${1}"))
    bare = value.str.replace_all(_STATUS, "").str.replace(_DEPARTMENT, "${owner}")
    trail.change("company_name.note", pl.when(bare.str.len_chars() >= 2).then(bare).otherwise(value))
    chinese = value.str.contains(r"\p{Han}")
    brackets = value.str.replace_all(r"[\(〔\[【]", "（").str.replace_all(r"[\)〕\]】]", "）")
    trail.change("company_name.brackets", pl.when(chinese).then(brackets).otherwise(value))
    trail.change("company_name.form_typo", _form_by_sound(trail.frame["value"]))
    trail.find("company_name.too_short", value.str.len_chars() < 3)
    trail.frame = parse(trail.frame)
    return trail.cleaned(PARTS)


def _form_by_sound(values: pl.Series) -> pl.Expr:
    """`value` with a misspelt legal form at its end put right; other names as they are."""
    sound = pl.lit(syllables(values.str.tail(6)))
    cut = r"([^有])限公司$"
    mended = pl.col("value").str.replace(cut, "${1}有限公司").str.replace(r"有限公$", "有限公司")
    for form in reversed(_SPOKEN_FORMS):
        heard = syllables(pl.Series([form]))[0]
        right = pl.col("value").str.head(-len(form)) + form
        mended = (
            pl.when(sound.str.ends_with(heard) & (pl.col("value").str.len_chars() > len(form)))
            .then(right)
            .otherwise(mended)
        )
    return mended


def parse(frame: pl.DataFrame) -> pl.DataFrame:
    """Split `value` into the columns PARTS (all String). Chinese names by their parts, Latin names by their words."""
    key = simplified(frame["value"]).str.to_lowercase()
    frame = frame.with_columns(_key=key).with_columns(_han=pl.col("_key").str.contains(r"\p{Han}"))
    chinese = _parse_chinese(frame.filter(pl.col("_han")))
    latin = _parse_latin(frame.filter(~pl.col("_han") | pl.col("_han").is_null()))
    parts = pl.concat([chinese, latin], how="vertical")
    order = frame.select("raw")
    return order.join(parts, on="raw", how="left", maintain_order="left")


def _parse_chinese(frame: pl.DataFrame) -> pl.DataFrame:
    """Branch, form, region, industry are taken off in turn; the rest is the brand."""
    words, region, text = _words(), _region(), pl.col("_text")
    form = _any_of(words["forms"])
    part = rf"(.+{_any_of(words['branch'])})$"
    owned = (rf"^(.+?有限(?:责任)?公司){part}", rf"^(.+?(?:集团|公司|厂|院|校|银行|社)){part}")
    flat = pl.col("_flat")
    frame = frame.with_columns(_flat=pl.col("_key").str.replace_all(r"[\s\p{P}--（）]", ""))
    # The long patterns run only where a short look says that they may hold: nulls cost nothing.
    ending = flat.str.tail(_ENDING).str.contains(rf"{_any_of(words['branch'])}$")
    branched = pl.when(ending).then(flat)
    frame = frame.with_columns(
        branch=_plain(pl.coalesce(branched.str.extract(p, 2) for p in owned)),
        _text=pl.coalesce(*(branched.str.extract(p, 1) for p in owned), flat),
    )
    # 浙江绍兴…: the city says more than its province.
    leading = rf"^({_places('province', 'province_full')})?({_places('city', 'city_full')})"
    bracketed = pl.when(text.str.contains("（", literal=True)).then(text)
    front = pl.coalesce(text.str.extract(leading, 2), text.str.extract(rf"^({region})"))
    frame = frame.with_columns(
        company_region=_short_region(front),
        company_bracket=_short_region(bracketed.str.extract(rf"（({region})）")),
        _text=pl.coalesce(bracketed.str.replace_all(rf"（{region}）", ""), text),
    )
    frame = frame.with_columns(_text=_plain(text), _placed=_plain(text))
    frame = frame.with_columns(_without_region(frame["_text"], region).alias("_text"))
    # 南京市玄武区…: what was taken off, without province and city, tells two hospitals of one city apart.
    taken = pl.col("_placed").str.strip_suffix(text)
    frame = frame.with_columns(district=_district(taken))
    like = text.str.tail(_ENDING).str.contains(rf"{_form_like()}$")
    frame = frame.with_columns(form=pl.when(~like).then(text.str.tail(_ENDING).str.extract(rf"({form})$")))
    frame = frame.with_columns(core=_kept(text.str.strip_suffix(pl.col("form").fill_null("")), text))
    return _with_industry(frame)


def _with_industry(frame: pl.DataFrame) -> pl.DataFrame:
    """Split `core` into brand and industry, by characters, else (typos) by the sound of long industry words."""
    core = pl.col("core")
    industry = rf"((?:{_any_of(_words()['industries'])})+)$"
    frame = frame.with_columns(industry=core.str.extract(rf"..{industry}"))
    unknown = frame["industry"].is_null()
    if unknown.any():
        heard = _heard_industry(frame["core"].filter(unknown))
        frame = frame.with_columns(frame["industry"].scatter(unknown.arg_true(), heard))
    frame = frame.with_columns(brand=_kept(core.str.strip_suffix(pl.col("industry").fill_null("")), core))
    whole = joined(frame["core"])
    spoken = frame["industry"].drop_nulls().unique()
    ends = pl.col("industry").replace_strict(spoken, joined(spoken), default="", return_dtype=pl.String)
    shorter = pl.col("brand") != core
    frame = frame.with_columns(
        brand_pinyin=pl.when(shorter).then(pl.lit(whole).str.strip_suffix(ends)).otherwise(whole),
        core_pinyin=whole,
        company_key=_plain(pl.col("_flat")),
    )
    return with_kind(frame).select("raw", "value", *PARTS)


def _heard_industry(cores: pl.Series) -> pl.Series:
    """The end of each text that sounds like a long industry word; null where none does."""
    core = pl.col("core")
    sounds = {sound for sound in syllables(pl.Series([w for w in _words()["industries"] if len(w) >= 4])) if sound}
    ending = "|".join(sorted(sounds, key=len, reverse=True))
    frame = pl.DataFrame(
        {"core": cores, "heard": syllables(cores).str.extract(rf" ({ending})$").str.split(" ").list.len()}
    )
    return frame.select(pl.when(pl.col("heard") < core.str.len_chars() - 1).then(core.str.tail("heard"))).to_series()


def _parse_latin(frame: pl.DataFrame) -> pl.DataFrame:
    """Latin names: words in lower case without the legal form; the core is the brand."""
    flat = pl.col("_key").str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    forms = _any_of(_words()["latin_forms"])
    core = flat.str.replace(rf"(?:\s+{forms})+$", "").str.replace_all(" ", "")
    return frame.with_columns(company_key=flat.str.replace_all(" ", ""), core=pl.when(core != "").then(core)).select(
        "raw", "value", "company_key", brand="core", brand_pinyin="core", industry=pl.lit(None, pl.String),
        form=flat.str.extract(rf"\s({forms})$"), company_region=pl.lit(None, pl.String), company_bracket=pl.lit(None, pl.String),
        branch=pl.lit(None, pl.String), core="core", core_pinyin="core",
        **{part: pl.lit(None, pl.String) for part in ("district", "kind", "ordinal", "variants")},
    )  # fmt: skip


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[（）]", "")


def _kept(shorter: pl.Expr, text: pl.Expr) -> pl.Expr:
    """The shorter text unless nothing that could be a brand is left of it."""
    return pl.when(shorter.str.len_chars() >= 2).then(shorter).otherwise(text)


def _without_region(texts: pl.Series, region: str) -> pl.Series:
    """Take province and city off the front, as long as a name stays behind (北京路商店 keeps its 北京)."""
    text, twice = pl.col("text"), pl.col("twice")
    off = text.str.replace(rf"^{region}", "")
    # Step by step: an expression that names another one twice computes it twice.
    once = texts.to_frame("text").select(_kept(off, text))
    frame = once.select(_kept(off, text).alias("twice")).with_columns(text=texts)
    # 广州市白云区…: a district is a place too, once a city stood before it.
    district = twice.str.replace(r"^\p{Han}{1,3}?(?:新区|区|县)(\p{Han}{4,})$", "${1}")
    alone = twice.str.contains(r"^\p{Han}{1,2}[^社园小校景矿税厂]区\p{Han}{4,}$")
    frame = frame.with_columns(twice=pl.when((twice != text) | alone).then(district).otherwise(twice))
    # 市小毛球生物科技: what is left of 西安市 when the cell was cut.
    cut = twice.str.contains(r"^市\p{Han}{4,}")
    return frame.select(pl.when(cut).then(twice.str.slice(1)).otherwise(twice)).to_series()


def _district(taken: pl.Expr) -> pl.Expr:
    """The places in front of a name → what stands behind province and city, short: 南京市玄武区 → 玄武. Null: nothing."""
    front = rf"^(?:{_places('province', 'province_full')})?(?:{_places('city', 'city_full')})?市?"
    rest = taken.str.replace(front, "")
    short = rest.str.replace(r"(\p{Han}{2})(?:新区|自治县|自治旗|区|县|市|旗)$", "${1}")
    return pl.when(rest != "").then(short)


def _short_region(text: pl.Expr) -> pl.Expr:
    """Full names to short ones: 宁波市 → 宁波."""
    table = cities()
    full = dict(zip(table["province_full"], table["province"], strict=True)) | dict(
        zip(table["city_full"], table["city"], strict=True)
    )
    return text.replace(full)


def is_valid(text: str) -> bool:
    """Whether a text can be a company's name: three characters or more, with letters."""
    return len(text) >= 3 and bool(re.search(r"[^\W\d_]", text))


def format(value: str) -> str:
    """As shown to people: full-width brackets, as registered."""
    return value.replace("(", "（").replace(")", "）") if re.search(r"[一-鿿]", value) else value
