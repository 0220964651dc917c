"""Every way in which the table of regions is written: names of provinces and cities, and the head of an address."""

import re
from functools import cache

import polars as pl

from .regions import cities, read_lines, regions

MUNICIPALITIES = {"北京": "010", "天津": "022", "上海": "021", "重庆": "023"}
_OWN_KIND = re.compile(r"(?:州|盟|地区|林区)$")


@cache
def province_names() -> dict[str, str]:
    """Every name of a province (广东省, 广东, GD, 粤, guangdong) → short form."""
    names = {name: short for short, forms in _spoken_provinces() for name in forms}
    for line in read_lines("province_names.csv")[1:]:
        short, letters, characters, latin = line.split(",")
        names |= dict.fromkeys((letters, *characters.split(), *latin.split()), short)
    return names


@cache
def _spoken_provinces() -> list[tuple[str, tuple[str, ...]]]:
    """Short form and the Chinese names; 北京省 is a mistake that mail-merge templates make."""
    table = regions().select("province", "province_full").unique(maintain_order=True)
    return [(short, (full, f"{short}省", f"{short}自治区", short)) for short, full in table.iter_rows()]


@cache
def city_names() -> pl.DataFrame:
    """`name` (unique: 苏州市, 苏州, 延边州), `city` (short form), `of` (its province), `area_code`."""
    rows = []
    for province, short, full, area in cities().select("province", "city", "city_full", "area_code").iter_rows():
        endings = ("州", "市", "地区", "盟", "县") if _OWN_KIND.search(full) else ()
        rows += [(name, short, province, area) for name in (full, *(short + end for end in endings), short)]
    table = pl.DataFrame(rows, schema=dict.fromkeys(("name", "city", "of", "area_code"), pl.String), orient="row")
    # 海南 alone is the province, not the prefecture in Qinghai.
    return table.unique("name", keep="first", maintain_order=True).filter(pl.col("name") != "海南")


@cache
def county_cities() -> dict[str, str]:
    """County-level city → short form of its prefecture: 昆山 → 苏州."""
    lines = (line.split(",") for line in read_lines("county_cities.csv")[1:])
    return {county: city for city, counties in lines for county in counties.split()}


@cache
def traditional_signs() -> str:
    """A pattern that finds the characters of a place name in traditional script: 廣, 東, 慶. Written down, because the
    converter takes longer to load than a small file to check."""
    return f"[{''.join(read_lines('traditional_place_signs.txt'))}]"


@cache
def head_pattern() -> str:
    """Groups `_province`, `_city`, `_rest` of an address; 市辖区 between city and district is skipped."""
    provinces = _alternatives([name for _, forms in _spoken_provinces() for name in forms])
    names = _alternatives(city_names()["name"].to_list())
    gap = r"[\s,，·/-]*"
    return rf"^(?P<_province>{provinces})?{gap}(?P<_city>{names})?{gap}(?:市辖区)?{gap}(?P<_rest>.*)$"


@cache
def county_pattern() -> str:
    """Group 1: the county-level city at the start of what stands behind province and city."""
    return rf"^({_alternatives(list(county_cities()))})市"


def _alternatives(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(set(names), key=lambda name: (-len(name), name)))
