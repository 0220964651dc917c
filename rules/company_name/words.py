"""The words by which a company's name is read: places, forms, kinds, trades, branches, usual short names; read once."""

import re
from functools import cache
from typing import NamedTuple

from ..address.places import county_cities, province_names
from ..base.regions import cities, regions
from ..data import read_lines, read_toml

_COUNTY = re.compile(r"(?:新区|矿区|林区|[^\W\d_]{1,5}族?自治[县旗]|区|县|市|旗)$")


class Place(NamedTuple):
    """A division of China: short names; null where the level is not told. 玄武区 → 江苏, 南京, 玄武."""

    province: str
    city: str | None = None
    district: str | None = None

    @property
    def short(self) -> str:
        return self.district or self.city or self.province


@cache
def words() -> dict[str, frozenset[str]]:
    """The lists of company_words.toml."""
    lists: dict[str, list[str]] = read_toml("company_words.toml")
    return {name: frozenset(entries) for name, entries in lists.items()}


@cache
def kinds() -> tuple[dict[str, str], frozenset[str]]:
    """Ending → kind of body; and the kinds that are public: a place has one of a name."""
    lists: dict[str, dict[str, list[str]]] = read_toml("company_kinds.toml")
    endings = {word: kind for of in lists.values() for kind, entries in of.items() for word in entries}
    return endings, frozenset(lists["public"])


@cache
def short_names() -> dict[str, str]:
    """Usual short name of a bank or state firm → its name without legal form."""
    lines = (line.split(",") for line in read_lines("short_names.csv")[1:])
    return {short: name for name, shorts in lines for short in shorts.split()}


@cache
def places() -> dict[str, Place]:
    """Names that can open a company's name → the place: provinces, cities, counties; of a name of several, the largest.

    A county without its ending counts only where it is a city of its own (昆山), or no common brand (太和, 平安).
    """
    found: dict[str, Place] = {}
    common = words()["brands"]
    for city, districts in _districts().items():
        for name in districts:
            place = Place(city.province, city.city, _short(name))
            found.setdefault(name, place)
            if (name[-1] in "县市" or len(place.short) > 2) and len(place.short) >= 2 and place.short not in common:
                found.setdefault(place.short, place)
    provinces = _province_of()
    for county, prefecture in county_cities().items():
        if county not in common:
            found[county] = Place(provinces[prefecture], prefecture, county)
    for row in cities().select("province", "city", "city_full").iter_rows():
        place = Place(row[0], row[1])
        found |= dict.fromkeys((row[2], f"{row[1]}市", *({row[1]} - common)), place)
    for line in read_lines("name_places.csv")[1:]:
        old, prefecture, district = line.split(",")
        found |= dict.fromkeys(
            (old, f"{old}市", f"{old}区"), Place(provinces[prefecture], prefecture, district or None)
        )
    for name, province in province_names().items():
        if len(name) > 1 and not name.isascii():
            found[name] = Place(province)
    for province, full in regions().select("province", "province_full").iter_rows():
        found |= dict.fromkeys((full, f"{province}省"), Place(province))
    return found


@cache
def within() -> dict[tuple[str, str], Place]:
    """(city or province, name) → the place inside it, also without its ending: (南京, 玄武), (江苏, 昆山)."""
    found: dict[tuple[str, str], Place] = {}
    for city, districts in _districts().items():
        for name in districts:
            place = Place(city.province, city.city, _short(name))
            for of in (city.province, city.city):
                found.setdefault((of or "", name), place)
                if len(place.short) >= 2:
                    found.setdefault((of or "", place.short), place)
    for row in cities().select("province", "city", "city_full").iter_rows():
        found |= dict.fromkeys(((row[0], row[1]), (row[0], row[2]), (row[0], f"{row[1]}市")), Place(row[0], row[1]))
    return found


@cache
def _districts() -> dict[Place, list[str]]:
    provinces = _province_of()
    lines = (line.split(",") for line in read_lines("counties.csv")[1:])
    return {Place(provinces[city], city): names.split() for city, names in lines if city in provinces}


@cache
def _province_of() -> dict[str, str]:
    return dict(cities().select("city", "province").iter_rows())


def _short(name: str) -> str:
    """玄武区 → 玄武, 浦东新区 → 浦东, 阳曲县 → 阳曲; 赵县 stays."""
    short = _COUNTY.sub("", name)
    return short if len(short) >= 2 else name
