"""Addresses, provinces and cities of China, after the table rules/data/regions.csv.

Columns out of `clean_addresses`, one row per distinct raw: `value` (tidied text), `province`, `city` (short forms),
`area_code` (landline code of the city), `rest` (the part behind province and city, without spaces: what two ways of
writing one address share). Null where the text does not say it for certain: a bare 朝阳区 lies in several cities, and
南京路 lies in many but is no sign of 南京.
"""

import polars as pl

from .address_head import located
from .address_places import city_names, province_names, traditional_signs
from .script import simplified
from .seen import where_seen
from .trail import Cleaned, Trail

_FULL_WIDTH = {
    chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if chr(code).isalnum() or chr(code) in "#-&./"
}
# Where none of this is, an address is tidy.
_UNTIDY = r"[\x{FF01}-\x{FF5E}\p{Cf}\s]|^$|^[,，。;；、'\"]|[,，。;；、'\"]$"
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
        .str.replace_all(r"([\p{Han}，。、（）()]) ", "${1}").str.replace_all(r" ([\p{Han}，。、（）()])", "${1}")
        .str.strip_chars(" ,，。;；、'\"")
    )  # fmt: skip
    return pl.when(tidy != "").then(tidy)


def clean_provinces(raw: pl.Series) -> Cleaned:
    """`value`: short form (广东省, GD, 粤, Guangdong → 广东; 广州 → 广东); null and a finding for no province."""
    trail = Trail(raw)
    found = clean_addresses(raw).values.select("raw", "province")
    trail.frame = trail.frame.join(found, on="raw", how="left", maintain_order="left")
    text = _tidied(pl.lit(_in_simplified(trail.frame["raw"])))
    latin = text.str.to_lowercase().str.replace_all(r"[^a-z]", "").str.replace(_LATIN_ENDING, "")
    names, cities = province_names(), dict(city_names().select("name", "of").iter_rows())
    value = pl.coalesce(
        text.replace_strict(names, default=None, return_dtype=pl.String),
        pl.col("province"),
        text.str.to_uppercase().replace_strict(names, default=None, return_dtype=pl.String),
        pl.when(~text.str.contains(r"\p{Han}")).then(latin.replace_strict(names, default=None, return_dtype=pl.String)),
        text.replace_strict(cities, default=None, return_dtype=pl.String),
    )
    return _settled(trail, "province", value, ())


def clean_cities(raw: pl.Series) -> Cleaned:
    """`value`: short form (南京市 → 南京, 昆山市 → 苏州), `province`, `area_code`; null and a finding for no city."""
    trail = Trail(raw)
    found = clean_addresses(raw).values.select("raw", "city", "province", "area_code")
    named = city_names().rename({"city": "_city", "of": "_province", "area_code": "_area"})
    frame = trail.frame.with_columns(name=_tidied(pl.lit(_in_simplified(trail.frame["raw"]))))
    frame = frame.join(named, on="name", how="left", maintain_order="left")
    frame = frame.join(found, on="raw", how="left", maintain_order="left")
    trail.frame = frame.with_columns(
        city=pl.coalesce("_city", "city"),
        province=pl.when(pl.coalesce("_city", "city").is_not_null()).then(pl.coalesce("_province", "province")),
        area_code=pl.coalesce("_area", "area_code"),
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


def normalize(text: str | None) -> str | None:
    """One address, tidied; null where nothing is left."""
    value: str | None = clean_addresses(pl.Series([text], dtype=pl.String)).values.item(0, "value") if text else None
    return value


def is_valid(address: str) -> bool:
    """True for a tidied address that names its province or city for certain."""
    row = clean_addresses(pl.Series([address], dtype=pl.String)).values.row(0, named=True)
    return row["value"] == address and row["province"] is not None


def format(address: str) -> str:
    """For people: an address is written as it is stored."""
    return address
