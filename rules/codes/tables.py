"""What the head of a credit code says: registering authority (characters 1-2) and place (characters 3-8)."""

from functools import cache

from ..base.regions import regions
from ..data import read_lines


@cache
def registrars() -> dict[str, str]:
    """Two characters → authority and class (GB 32100-2015)."""
    return {line[:2]: line[3:] for line in read_lines("code_registrars.csv")[1:]}


@cache
def places() -> dict[str, str]:
    """Division code of six, four or two digits → full name; 10 is the state itself."""
    table = regions().select("adcode", "province_full", "city_full").drop_nulls("adcode").rows()
    provinces = {code[:2]: province for code, province, _ in table}
    cities = {
        # Counties directly under a province (419001) share their first four digits.
        (code if code[2:4] == "90" else code[:4]): (city if city == province else province + city)
        for code, province, city in table
        if city is not None
    }
    return {"10": "国家", **provinces, **cities}
