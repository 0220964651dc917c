"""Where companies and people are: city with province, area code and region code, and an address in it."""

import polars as pl

from .draw import Draw, by_rank, digits
from .words import Words

_ROOMS = ("", "", "", "3楼", "A座", "1203室", "2栋", "5号楼2单元401室", "B座18层", "院内", "东门旁")
_VIRTUAL_OFFICES = 0.03  # companies registered at one of a few addresses


def draw_places(draw: Draw, words: Words, purpose: str) -> pl.DataFrame:
    """Columns province, city, district, district_code, area_code, digits (of a subscriber number), street."""
    flat = [(c, d) for c in words.cities for d in c.districts]
    ranks = by_rank(len(words.cities), 6)
    weights = [ranks[i] / len(c.districts) for i, c in enumerate(words.cities) for _ in c.districts]
    places = pl.DataFrame(
        [(c.province, c.name, name, code, c.area_code, c.digits) for c, (code, name) in flat],
        schema=["province", "city", "district", "district_code", "area_code", "digits"],
        orient="row",
    )
    at = places[draw.index(f"{purpose} place", weights)]
    number = digits(draw.number(f"{purpose} house", 1, 1999), 0)
    street = draw.pick(f"{purpose} street", words.streets) + number + "号" + draw.pick(f"{purpose} room", _ROOMS)
    shared = pl.Series(draw.chance(f"{purpose} virtual", _VIRTUAL_OFFICES))
    return at.with_columns(street=pl.when(shared).then(pl.lit("创业路88号众创空间A区")).otherwise(street))


def address() -> pl.Expr:
    """The address from its parts; municipalities are their own province."""
    municipality = pl.col("province") == pl.col("city")
    region = pl.col("province").is_in(["内蒙古", "广西", "宁夏", "新疆", "西藏"])
    name = pl.when(region).then(pl.col("province")).otherwise(pl.col("province") + "省")
    head = pl.when(municipality).then(pl.lit("")).otherwise(name)
    return head + pl.col("city") + "市" + pl.col("district") + pl.col("street")
