"""Which province and city an address names, and what stands behind them."""

import polars as pl

from ..base.seen import where_seen
from .places import MUNICIPALITIES, ONE_AREA, city_names, county_cities, county_pattern, head_pattern, province_names

# What makes a place name the name of a street or house: 南京路, 北京西路, 中山大厦, 朝阳区.
_STREET = (
    r"^(?:[东西南北中上下前后新老]?[一二三四五六七八九十\d]*(?:路|街|道|大道|大街|巷|弄|里|村|桥|门|胡同|支路)"
    r"|大厦|广场|公园|大学|学院|商场|宾馆|酒店|饭店|银行|国际|花园|小区|公司|[区县])"
)
_DISTRICT = r"^\s*\p{Han}{1,6}?(?:新区|开发区|高新区|区|县|镇|旗|\p{Han}路|\p{Han}街|\p{Han}大道)"
# Cities whose bare names are also words for streets and brands: only with 市, or behind their province.
_WORDS = (
    "中山",
    "东方",
    "双河",
    "新星",
    "白杨",
    "朝阳",
    "黄山",
    "文昌",
    "万宁",
    "北海",
    "东营",
    "阳江",
    "长治",
    "宝鸡",
    "桃园",
)


def located(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `province, city, area_code, rest, conflict` to a frame of addresses in `value`.

    `rest` has no spaces; `conflict`: the province written is not the city's (the city is believed).
    """
    read = frame.with_columns(_bare=_bare(pl.col("value")))
    read = read.with_columns(pl.col("_bare").str.extract_groups(head_pattern()).alias("_head")).unnest("_head")
    known = _city_is_meant()
    # 北京路 alone: the pattern took the name of a street for a province.
    street = ~known & pl.concat_str(pl.col("_city").fill_null(""), "_rest").str.contains(_STREET)
    read = read.with_columns(
        _province=pl.when(~(street & (pl.col("_province").str.len_chars() < 3))).then("_province"), _known=known
    )
    province = pl.col("_province").replace_strict(province_names(), default=None, return_dtype=pl.String)
    county = pl.col("_rest").str.extract(county_pattern()).replace_strict(county_cities(), default=None)
    read = read.with_columns(_written=province, _key=pl.when("_known").then("_city").otherwise(county))
    read = read.join(city_names(), left_on="_key", right_on="name", how="left", maintain_order="left")
    return _completed(read)


def _bare(text: pl.Expr) -> pl.Expr:
    """Without postal code and country; 吉林市 says its province too, which has the same name."""
    return where_seen(text, r"^(?:邮编|[:：]|\d|中|吉林市)", _without_head)


def _without_head(text: pl.Expr) -> pl.Expr:
    return (
        text.str.replace(r"^(?:邮编)?[:：]?\d{6}[\s,，:：]*(\p{Han})", "${1}")
        .str.replace(r"^(?:中华人民共和国|中国)[\s,，·-]*", "")
        .str.replace("^吉林市", "吉林省吉林市")
    )


def _city_is_meant() -> pl.Expr:
    """True where `_city` is certain: its full name, or a short one that what follows does not make a street."""
    city, rest, behind = pl.col("_city"), pl.col("_rest"), pl.col("_province").is_not_null()
    short = city.is_in(city_names()["city"].unique(maintain_order=True).to_list())
    alone = rest.str.contains(_DISTRICT) & ~city.is_in(list(_WORDS))
    clear = ~rest.str.contains(_STREET) & (behind | alone)
    return city.is_not_null() & (~short | (rest == "") | clear)


def _completed(read: pl.DataFrame) -> pl.DataFrame:
    municipal = pl.col("_written").is_in(list(MUNICIPALITIES)) & pl.col("city").is_null()
    code = pl.col("_written").replace_strict(ONE_AREA, default=None, return_dtype=pl.String)
    unread = pl.when("_known").then(pl.lit("")).otherwise(pl.col("_city").fill_null(""))
    nothing = pl.col("_province").is_null() & ~pl.col("_known")
    rest = pl.when(nothing).then("_bare").otherwise(pl.concat_str(unread, "_rest"))
    rest = rest.str.replace_all(r"\s+", "").str.strip_chars(",，-·")
    return read.with_columns(
        conflict=pl.col("_written") != pl.col("of"),
        province=pl.coalesce("of", "_written"),
        city=pl.when(municipal).then("_written").otherwise("city"),
        area_code=pl.coalesce("area_code", pl.when(pl.col("city").is_null()).then(code)),
        rest=pl.when(rest != "").then(rest),
    )
