"""Addresses, provinces and cities of China, after the table rules/data/regions.csv.

Columns out of `clean_addresses`, one row per distinct raw: `value` (tidied text), `province`, `city` (short forms),
`area_code` (landline code of the city), `rest` (the part behind province and city, without spaces: what two ways of
writing one address share). Null where the text does not say it for certain: a bare 朝阳区 lies in several cities, and
南京路 lies in many but is no sign of 南京.
"""

import polars as pl

from ..base.script import simplified
from ..base.seen import where_seen
from ..base.trail import Cleaned, Trail
from .head import located
from .places import city_names, counties, county_names, head_pattern, province_names, traditional_signs

_FULL_WIDTH = {
    chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if chr(code).isalnum() or chr(code) in "#-&./"
}
# Where none of this is, an address is tidy.
_UNTIDY = r"[\x{FF01}-\x{FF5E}\p{Cf}\s]|^$|^[,，。;；、'\"]|[,，。;；、'\"]$"
_LATIN = r"^[\p{Latin}\p{M} .'’-]+$"  # Tokyo, Hangzhou: a city, though no table has it
_WORDS = r"^[\p{L}\p{M} .·'’()（）-]+$"
_LATIN_ENDING = r"(?:province|sheng|shi|city|municipality|autonomousregion)$"


def clean_addresses(raw: pl.Series) -> Cleaned:
    """Clean a column of addresses; see the module for the columns."""
    trail = Trail(raw)
    trail.change("address.format", _tidied(pl.col("value")))
    typed = trail.frame["value"]
    trail.frame = located(trail.frame.with_columns(value=_in_simplified(typed))).with_columns(typed)
    trail.find("address.conflict", pl.col("conflict"))
    return trail.cleaned(("province", "city", "area_code", "rest"))


def _in_simplified(texts: pl.Series) -> pl.Series:
    """The texts that name a place in traditional script (廣東省) as the table of regions writes it; the others as they are."""
    odd = texts.str.contains(traditional_signs()).fill_null(False)
    return texts.clone().scatter(odd.arg_true(), simplified(texts.filter(odd))) if odd.any() else texts


def _tidied(text: pl.Expr) -> pl.Expr:
    """Half-width letters and digits, no spaces beside Chinese characters, single spaces elsewhere; null if empty."""
    return where_seen(text, _UNTIDY, _tidy)


def _tidy(text: pl.Expr) -> pl.Expr:
    tidy = (
        text.str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values()))
        .str.replace_all(r"[\p{Cf}--\x{200D}]", "").str.replace_all(r"[\s\x{3000}]+", " ")
        .str.replace_all(r"([0-9A-Za-z][号栋幢楼室层座]) (\p{Han}{2}.*[0-9])", "${1}\x01${2}")
        .str.replace_all(r"([\p{Han}，。、（）()]) ", "${1}").str.replace_all(r" ([\p{Han}，。、（）()])", "${1}")
        .str.replace_all("\x01", " ")
        .str.strip_chars(" ,，。;；、'\"")
    )  # fmt: skip
    return pl.when(tidy != "").then(tidy)


def clean_provinces(raw: pl.Series) -> Cleaned:
    """`value`: short form (广东省, GD, 粤, Guangdong → 广东; 广州 → 广东); null and a finding for no province."""
    trail = Trail(raw)
    text = _tidied(pl.lit(_in_simplified(trail.frame["raw"])))
    names = province_names()
    listed = text.replace_strict(names, default=None, return_dtype=pl.String)
    if trail.frame.select(listed.is_not_null().all()).item():
        return _settled(trail, "province", listed, ())
    found = clean_addresses(raw).values.select("raw", "province")
    trail.frame = trail.frame.join(found, on="raw", how="left", maintain_order="left")
    latin = text.str.to_lowercase().str.replace_all(r"[^a-z]", "").str.replace(_LATIN_ENDING, "")
    cities = dict(city_names().select("name", "of").iter_rows())
    value = pl.coalesce(
        listed,
        pl.col("province"),
        text.str.to_uppercase().replace_strict(names, default=None, return_dtype=pl.String),
        pl.when(~text.str.contains(r"\p{Han}")).then(latin.replace_strict(names, default=None, return_dtype=pl.String)),
        text.replace_strict(cities, default=None, return_dtype=pl.String),
    )
    return _settled(trail, "province", value, ())


def clean_cities(raw: pl.Series) -> Cleaned:
    """`value`: short form (南京市 → 南京), `province`, `area_code`.

    A district, county or former name is its city of today (浦东新区 → 上海, 义乌 → 金华, 襄樊 → 襄阳) where there is one of that
    name; one of several (朝阳区) stays as it is for the row to tell (`place_districts`). A mere province is none, but `province`. What is
    no place of China stays, with a finding.
    """
    trail = Trail(raw)
    found = clean_addresses(raw).values.select("raw", written="city")
    frame = trail.frame.with_columns(name=_tidied(pl.lit(_in_simplified(trail.frame["raw"]))))
    frame = frame.join(found, on="raw", how="left", maintain_order="left")
    cities, name, value = city_names(), pl.col("name"), pl.col("value")
    frame = frame.join(cities.select("name", _city="city"), on="name", how="left", maintain_order="left")
    trail.frame = _with_counties(frame.with_columns(city=pl.coalesce("_city", "written")))
    city, county = pl.col("city"), pl.col("county")
    mere = name.replace_strict(province_names(), default=None, return_dtype=pl.String)
    trail.frame = trail.frame.with_columns(
        _province=pl.when(city.is_null() & county.is_null() & ~pl.col("shared")).then(mere)
    )
    trail.change("city.province", pl.lit(None, pl.String), where=pl.col("_province").is_not_null())
    place = city.is_not_null() | county.is_not_null() | value.is_null()
    trail.find("city.invalid", ~place & ~pl.col("shared") & ~name.str.contains(_LATIN))
    trail.change("city.format", city, where=city.is_not_null())
    trail.change("city.district", county, where=county.is_not_null())
    trail.change("city.invalid", pl.lit(None, pl.String), where=~place & ~name.str.contains(_WORDS))
    by_city = cities.unique("city", keep="first", maintain_order=True).select(
        city="city", province="of", area_code="area_code"
    )
    told = trail.frame.with_columns(city=pl.coalesce("city", "county"))
    told = told.join(by_city, on="city", how="left", maintain_order="left")
    trail.frame = told.with_columns(province=pl.coalesce("province", "_province"))
    return trail.cleaned(("province", "area_code"))


def _with_counties(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `county` (the city of a county or former place) where `city` is null, and `shared`: several cities have one of the name."""
    unknown = frame.filter(pl.col("city").is_null())
    if unknown.is_empty():
        return frame.with_columns(county=pl.lit(None, pl.String), shared=False)
    table, short = county_names(), dict(city_names().select("name", "city").iter_rows())
    head = pl.col("name").str.extract_groups(head_pattern())
    # 浙江省义乌, 苏州昆山 → `浙江 义乌`, `苏州 昆山`: there a county is known by its short name too.
    place = pl.coalesce(
        head.struct["_city"].replace_strict(short, default=None, return_dtype=pl.String),
        head.struct["_province"].replace_strict(province_names(), default=None, return_dtype=pl.String),
    )
    unknown = unknown.select("raw", "name", behind=pl.concat_str(place, head.struct["_rest"], separator=" "))
    unknown = unknown.join(table, on="name", how="left", maintain_order="left").join(
        table.rename({"name": "behind", "county": "_behind"}), on="behind", how="left", maintain_order="left"
    )
    shared = pl.col("name").is_in(table.filter(pl.col("county").is_null())["name"].implode())
    told = unknown.select("raw", county=pl.coalesce("county", "_behind"), shared=shared)
    return frame.join(told, on="raw", how="left", maintain_order="left").with_columns(pl.col("shared").fill_null(False))


def place_districts(cells: pl.DataFrame) -> pl.DataFrame:
    """`row, city, province, near` (a city that the row's address names) → `row, before, after` where the city is a district of a name that
    several cities have, and province or address leave one: 朝阳区 in 吉林 is 长春."""
    cells = cells.join(city_names().select("city"), on="city", how="anti", maintain_order="left")
    if cells.is_empty():
        return cells.select("row", before="city", after="city")
    places = counties().filter(pl.col("name").is_duplicated()).select("name", "of", after="city")
    told = cells.join(places, left_on="city", right_on="name", how="inner", maintain_order="left")
    near = (pl.col("near") == pl.col("after")).fill_null(False)
    told = told.filter(near | (pl.col("of") == pl.col("province")).fill_null(False))
    told = told.filter(~(pl.len().over("row") > 1) | near)
    return told.filter(pl.len().over("row") == 1).select("row", before="city", after="after")


def _settled(trail: Trail, area: str, value: pl.Expr, columns: tuple[str, ...]) -> Cleaned:
    """Note the new form, or the loss of a text that names nothing."""
    trail.frame = trail.frame.with_columns(_value=value)
    known = pl.col("_value").is_not_null()
    trail.find(f"{area}.invalid", ~known)
    trail.change(f"{area}.format", pl.when(known).then("_value").otherwise("value"))
    trail.change(f"{area}.invalid", pl.when(known).then("value"))
    return trail.cleaned(columns)
