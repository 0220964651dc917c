"""Addresses, provinces and cities of China.

Columns out of `clean_addresses`, one row per distinct raw: `value` (tidied text), `province`, `city` (short forms),
`area_code` (landline code of the city), `rest` (the part behind province and city, without spaces: what two ways of
writing one address share). Null where the text does not say it for certain: a bare 朝阳区 lies in several cities, and
南京路 lies in many but is no sign of 南京. The table is rules/data/regions.csv.
"""

import polars as pl

from .address_places import CITY, PROVINCE, city_names, head_pattern, province_names
from .trail import Cleaned, Trail

_FULL_WIDTH = {
    chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if chr(code).isalnum() or chr(code) in "#-&./"
}
# What makes a place name the name of a street or house: 南京路, 北京西路, 中山大厦.
_STREET = r"^(?:[东西南北中上下前后新老]?[一二三四五六七八九十\d]*(?:路|街|道|大道|大街|巷|弄|里|村|桥|门|胡同|支路)|大厦|广场|公园|大学|学院|商场|宾馆|酒店|饭店|银行|国际|花园|小区|公司|[区县])"
_DISTRICT = r"^\s*\p{Han}{1,6}?(?:新区|开发区|高新区|区|县|镇|旗|\p{Han}路|\p{Han}街|\p{Han}大道)"
# Cities whose bare names are also common street and brand words: only with 市, or behind their province.
_WORDS = [
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
]


def clean_addresses(raw: pl.Series) -> Cleaned:
    """Clean a column of addresses; see the module for the columns."""
    trail = Trail(raw)
    trail.change("address.format", _tidied(pl.col("value")))
    trail.frame = _located(trail.frame)
    trail.find("address.conflict", pl.col("conflict"))
    return trail.cleaned(("province", "city", "area_code", "rest"))


def _tidied(text: pl.Expr) -> pl.Expr:
    """Half-width letters and digits, no spaces beside Chinese characters, single spaces elsewhere."""
    tidy = (
        text.str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values()))
        .str.replace_all(r"[\p{Cf}--\x{200D}]", "").str.replace_all(r"[\s\x{3000}]+", " ")
        .str.replace_all(r"([\p{Han}，。、（）()]) ", "${1}").str.replace_all(r" ([\p{Han}，。、（）()])", "${1}")
        .str.strip_chars(" ,，。;；、'\"")
    )  # fmt: skip
    return pl.when(tidy == "").then(None).otherwise(tidy)


def _located(frame: pl.DataFrame) -> pl.DataFrame:
    """Add province, city, area code and rest to `value`."""
    bare = (
        pl.col("value")
        .str.replace(r"^(?:邮编)?[:：]?\d{6}[\s,，:：]*(\p{Han})", "${1}")
        .str.replace(r"^(?:中华人民共和国|中国)[\s,，·-]*", "")
    )
    frame = frame.with_columns(_bare=bare).with_columns(_head=pl.col("_bare").str.extract_groups(head_pattern()))
    frame = frame.unnest("_head")
    rest, short = pl.col("_rest"), pl.col("_city").is_in(city_names()["short"].to_list())
    behind = pl.col("_province").is_not_null()
    trusted = (
        ~short
        | (rest == "")
        | (~rest.str.contains(_STREET) & (behind | rest.str.contains(_DISTRICT) & ~pl.col("_city").is_in(_WORDS)))
    )
    frame = frame.with_columns(_known=trusted & pl.col("_city").is_not_null())
    # 北京路 alone: the province pattern took a street name.
    lone = (
        behind
        & ~pl.col("_known")
        & pl.col("_province").is_in(province_names().filter(pl.col("short"))["name"].to_list())
    )
    street = lone & pl.concat_str(pl.col("_city").fill_null(""), rest).str.contains(_STREET)
    frame = frame.with_columns(_province=pl.when(~street).then("_province"))
    named = frame.join(
        province_names().select("name", PROVINCE),
        left_on="_province",
        right_on="name",
        how="left",
        maintain_order="left",
    )
    return _with_city(named)


def _with_city(frame: pl.DataFrame) -> pl.DataFrame:
    """Join the table of cities, and cut the head off `rest`."""
    table = city_names().select("name", CITY, "area_code", of="province")
    frame = frame.with_columns(_key=pl.when("_known").then("_city"))
    frame = frame.join(table, left_on="_key", right_on="name", how="left", maintain_order="left")
    unread = pl.concat_str(
        pl.when(pl.col("_known")).then(pl.lit("")).otherwise(pl.col("_city").fill_null("")), pl.col("_rest")
    )
    whole = pl.col("_province").is_null() & ~pl.col("_known")
    rest = pl.when(whole | pl.col("_rest").is_null()).then("_bare").otherwise(unread)
    # A municipality is province and city at once.
    own = pl.col("province").is_in(["北京", "天津", "上海", "重庆"]) & pl.col("city").is_null()
    municipal = {"北京": "010", "天津": "022", "上海": "021", "重庆": "023"}
    return frame.with_columns(
        conflict=pl.col("province") != pl.col("of"),
        province=pl.coalesce("of", "province"),
        city=pl.when(own).then("province").otherwise("city"),
        area_code=pl.coalesce(
            "area_code",
            pl.when(own).then(pl.col("province").replace_strict(municipal, default=None, return_dtype=pl.String)),
        ),
        rest=rest.str.replace_all(r"\s+", "").str.strip_chars(",，-·"),
    )


def clean_provinces(raw: pl.Series) -> Cleaned:
    """`value`: short form (广东省, GD, 粤, Guangdong → 广东; 广州 → 广东); null and a finding for what is no province."""
    trail = Trail(raw)
    names = dict(province_names().select("name", PROVINCE).iter_rows())
    cities = dict(city_names().select("name", "province").iter_rows())
    found = clean_addresses(raw).values.select("raw", "province")
    trail.frame = trail.frame.join(found, on="raw", how="left", maintain_order="left")
    text = _tidied(pl.col("raw"))
    latin = (
        text.str.to_lowercase()
        .str.replace_all(r"[^a-z]", "")
        .str.replace(r"(?:province|sheng|shi|city|municipality)$", "")
    )
    value = pl.coalesce(
        text.replace_strict(names, default=None, return_dtype=pl.String),
        pl.col("province"),
        text.str.to_uppercase().replace_strict(names, default=None, return_dtype=pl.String),
        pl.when(~text.str.contains(r"\p{Han}")).then(latin.replace_strict(names, default=None, return_dtype=pl.String)),
        text.replace_strict(cities, default=None, return_dtype=pl.String),
    )
    return _settled(trail, "province", value, ())


def clean_cities(raw: pl.Series) -> Cleaned:
    """`value`: short form (南京市, 江苏省南京市 → 南京), `province`, `area_code`; null and a finding for no known city."""
    trail = Trail(raw)
    table = city_names().select("name", "city", "province", "area_code")
    found = clean_addresses(raw).values.select("raw", _city="city", _of="province", _area="area_code")
    trail.frame = (
        trail.frame.with_columns(name=_tidied(pl.col("raw")))
        .join(table, on="name", how="left", maintain_order="left")
        .join(found, on="raw", how="left", maintain_order="left")
        .with_columns(
            city=pl.coalesce("city", "_city"),
            province=pl.coalesce("province", pl.when(pl.col("_city").is_not_null()).then("_of")),
            area_code=pl.coalesce("area_code", "_area"),
        )
    )
    return _settled(trail, "city", pl.col("city"), ("province", "area_code"))


def _settled(trail: Trail, area: str, value: pl.Expr, columns: tuple[str, ...]) -> Cleaned:
    """Note the new form, or the loss of a text that names nothing."""
    trail.frame = trail.frame.with_columns(_value=value)
    known = pl.col("_value").is_not_null()
    trail.find(f"{area}.invalid", ~known)
    trail.change(f"{area}.format", pl.when(known).then("_value").otherwise("value"))
    trail.change(f"{area}.invalid", pl.when(known).then("value"))
    return trail.cleaned(columns)
