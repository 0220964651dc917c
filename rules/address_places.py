"""Every way in which the table of regions is written: names of provinces and cities, and the head of an address."""

import re
from functools import cache

import polars as pl

from .regions import cities, read_lines, regions

PROVINCE, CITY = "province", "city"
_MINORITY = re.compile(r"(?:州|盟|地区|林区)$")


@cache
def province_names() -> pl.DataFrame:
    """`name` (unique), `province`, `short` (Boolean: without 省 and the like), `spoken` (Boolean: Chinese name)."""
    rows = [
        (name, short, name == short, True)
        for short, full in regions().select("province", "province_full").unique(maintain_order=True).iter_rows()
        for name in dict.fromkeys(
            (full, f"{short}省", f"{short}市" if len(full) == 3 else full, f"{short}自治区", short)
        )
    ]
    for line in read_lines("province_names.csv")[1:]:
        short, letters, characters, latin = line.split(",")
        rows += [(name, short, False, False) for name in (letters, *characters.split(), *latin.split())]
    columns = {"name": pl.String, "province": pl.String, "short": pl.Boolean, "spoken": pl.Boolean}
    return pl.DataFrame(rows, schema=columns, orient="row").unique("name", keep="first", maintain_order=True)


@cache
def city_names() -> pl.DataFrame:
    """`name` (unique), `short` (the short form), `city`, `province`, `area_code`."""
    rows = []
    for province, short, full, area in cities().select("province", "city", "city_full", "area_code").iter_rows():
        endings = ("州", "市", "地区", "盟", "县") if _MINORITY.search(full) else ()
        rows += [(name, short, short, province, area) for name in (full, *(short + end for end in endings), short)]
    columns = dict.fromkeys(("name", "short", "city", "province", "area_code"), pl.String)
    table = pl.DataFrame(rows, schema=columns, orient="row").unique("name", keep="first", maintain_order=True)
    # 海南 and 吉林 bare are provinces.
    return table.filter(~pl.col("name").is_in(["海南"]))


@cache
def head_pattern() -> str:
    """Groups `_province`, `_city`, `_rest` of an address; names repeated at its start are skipped."""
    spoken = province_names().filter("spoken")["name"].to_list()
    provinces, names = _alternatives(spoken), _alternatives(city_names()["name"].to_list())
    gap = r"[\s,，·/-]*"
    return rf"^(?P<_province>{provinces})?{gap}(?:(?P<_city>{names})(?:{gap}市辖区)?)?{gap}(?P<_rest>.*)$"


def _alternatives(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))
