"""Every way in which the table of regions is written: names of provinces and cities, and the head of an address."""

import re
from functools import cache

import polars as pl

from ..base.regions import regions
from ..data import read_lines

# Provinces that are one city, and the area code of each.
MUNICIPALITIES = {"北京": "010", "天津": "022", "上海": "021", "重庆": "023", "香港": "+852", "澳门": "+853"}
ONE_AREA = {**MUNICIPALITIES, "台湾": "+886"}
_UNIT = re.compile(
    r"(?:(?:各|壮|苗|瑶|侗|土家|布依|彝|回|蒙古|满|朝鲜|藏|羌|哈尼|傣|佤|拉祜|傈僳|白|纳西|景颇|哈萨克|锡伯|塔吉克|撒拉|东乡|保安|裕固|土|仡佬"
    r"|水|黎|畲|毛南|仫佬|独龙|怒|普米|达斡尔|鄂温克|鄂伦春|维吾尔|柯尔克孜|布朗)族)*自治[县旗]$|(?:新区|林区|特区|[区县市旗])$"
)
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
    table = regions().select("province", "city", "city_full", "area_code").drop_nulls("city")
    for province, short, full, area in table.iter_rows():
        endings = ("州", "市", "地区", "盟", "县") if _OWN_KIND.search(full) else ("地区",)
        rows += [(name, short, province, area) for name in (full, *(short + end for end in endings), short)]
    table = pl.DataFrame(rows, schema=dict.fromkeys(("name", "city", "of", "area_code"), pl.String), orient="row")
    # 海南 alone is the province, not the prefecture in Qinghai.
    return table.unique("name", keep="first", maintain_order=True).filter(pl.col("name") != "海南")


@cache
def counties() -> pl.DataFrame:
    """`name` (浦东新区, 浦东, 义乌市, 义乌, 萧山市; and of the past: 襄樊), `city` (short form), `of` (its province), `area_code`.

    A name that several cities have (鼓楼区, 朝阳) stands in several rows; a full one (朝阳区) never means another's short form.
    """
    units = _listed("counties.csv")
    short = [(_UNIT.sub("", unit), city) for unit, city in units] + _listed("old_places.csv")
    known = {unit for unit, _ in units}
    known |= {name for _, forms in _spoken_provinces() for name in forms}
    forms = [
        (name + end, city) for name, city in short if len(name) > 1 for end in ("", "市", "县", "区", "新区", "地区")
    ]
    rows = units + [(name, city) for name, city in forms if name not in known]
    table = pl.DataFrame(rows, schema=dict.fromkeys(("name", "city"), pl.String), orient="row").unique(
        maintain_order=True
    )
    return table.join(city_names().select("city", "of", "area_code").unique("city"), on="city", maintain_order="left")


def _listed(name: str) -> list[tuple[str, str]]:
    """(place, city) of the lines `city,place place …` of a file."""
    lines = [line.split(",") for line in read_lines(name)[1:]]
    return [(place, city) for city, places in lines for place in places.split()]


@cache
def county_names() -> pl.DataFrame:
    """`name` (unique), `county`: the city of a county whose name is its alone (义乌), or stands behind its province or city (`浙江 义乌`);
    null where several cities have one of the name."""
    table = counties()
    alone = table.with_columns(city=pl.when(~pl.col("name").is_duplicated()).then("city"))
    inside = table.filter(~pl.struct("of", "name").is_duplicated()).with_columns(
        name=pl.concat_str("of", "name", separator=" ")
    )
    own = table.with_columns(name=pl.concat_str("city", "name", separator=" "))
    told = pl.concat([alone, own, inside]).select("name", county="city")
    return told.unique("name", keep="first", maintain_order=True)


@cache
def county_cities() -> dict[str, str]:
    """County-level city, also one of the past → short form of its prefecture: 昆山 → 苏州, 襄樊 → 襄阳."""
    units = [(unit, city) for unit, city in _listed("counties.csv") if len(unit) > 2 and unit[-1] == "市"]
    own = {
        unit.removesuffix("市"): city for unit, city in units + _listed("old_places.csv") if unit[-1] not in "区县盟"
    }
    cities = set(city_names()["city"])
    return {unit: city for unit, city in own.items() if unit not in cities}


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
