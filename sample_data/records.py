"""A CRM's rows, as they would stand there if everybody typed with care: who and what, and which cells are filled."""

from collections.abc import Callable, Mapping
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .draw import Draw, Ints
from .places import address
from .world import World

Versions = Mapping[str, NDArray[np.uint8]]  # column → how often the cell has been typed anew, per record of the world
# share of filled cells; company and code of those that have one
FILLED = {
    "name": 0.95, "company": 0.84, "code": 0.4, "phone": 0.93, "line_number": 0.24, "email": 0.6, "address": 0.5,
    "province": 0.7, "owner": 0.75, "channel": 1.0, "remark": 0.6,
}  # fmt: skip
UPDATED = "updated"  # its version is the night of the last change, 0 for before the first
_FIRST, _LAST = datetime(2023, 1, 2), datetime(2026, 3, 1)  # the nights begin after the last day
_DAY = 86_400


def column_draw(world: World, positions: Ints, column: str, versions: Versions) -> Draw:
    """The draws of one column: a cell that is typed anew gets new ones."""
    keys = world.keys[positions]
    if column in versions:
        keys = keys + (versions[column][positions].astype(np.uint64) << np.uint64(48))
    return Draw(world.seed, keys)


def clean_rows(world: World, positions: Ints, versions: Versions, *, filled: Mapping[str, float]) -> pl.DataFrame:
    """The right values of these records, null where the cell was left empty.

    Columns: those of `FILLED`, created, updated, and the parts that other ways of writing are made of.
    """
    people = world.people[world.person[positions]]
    company = people["company_position"].to_numpy()
    at = ["company", "brand", "brand_pinyin", "industry", "industry_en", "form", "code"]
    desk = world.companies.select(at)[np.maximum(company, 0)]
    employed = pl.Series(company >= 0)
    frame: pl.DataFrame = pl.concat([people, desk], how="horizontal").with_columns(
        pl.when(employed).then(column).alias(column) for column in at
    )

    def draw_of(column: str) -> Draw:
        return column_draw(world, positions, column, versions)

    frame = frame.with_columns(
        record_id=world.record_ids(positions),
        line_number=pl.col("area_code") + pl.col("landline"),
        address=address(),
        **_second_choices(frame, draw_of),
        **_crm_columns(world, draw_of),
    ).with_columns(_times(draw_of("created")))
    if UPDATED in versions:
        frame = frame.with_columns(_updated_at_night(versions[UPDATED][positions], draw_of(UPDATED)))
    return frame.with_columns(
        pl.when(pl.Series(draw_of(column).chance(f"{column} filled", share))).then(column).alias(column)
        for column, share in filled.items()
    )


def _second_choices(frame: pl.DataFrame, draw_of: Callable[[str], Draw]) -> dict[str, pl.Expr]:
    """Now and then people give their other number or address."""
    other_phone = pl.Series(draw_of("phone").chance("other phone", 0.35)) & frame["phone2"].is_not_null()
    other_mail = pl.Series(draw_of("email").chance("other mail", 0.35)) & frame["email2"].is_not_null()
    return {
        "phone": pl.when(other_phone).then("phone2").otherwise("phone"),
        "phone_shared": pl.col("phone_shared") & ~other_phone,
        "email": pl.when(other_mail).then("email2").otherwise("email"),
    }


def _crm_columns(world: World, draw_of: Callable[[str], Draw]) -> dict[str, pl.Series]:
    words = world.words
    return {
        "owner": draw_of("owner").pick("owner", words.owners),
        "channel": draw_of("channel").pick("channel", words.channels),
        "remark": draw_of("remark").pick("remark", words.remarks),
    }


def _times(draw: Draw) -> list[pl.Series]:
    """Created in working hours, updated within a year and before the first night."""
    days = draw.number("created day", 0, (_LAST - _FIRST).days - 400)
    seconds = days * _DAY + draw.number("created second", 8 * 3600, 20 * 3600)
    later = draw.number("updated after", 0, 399) * _DAY + draw.number("updated second", 0, 3600)
    return [_moments("created", seconds), _moments(UPDATED, seconds + later)]


def _updated_at_night(nights: NDArray[np.uint8], draw: Draw) -> pl.Expr:
    """A record changed since the night before was updated on that day."""
    since = (_LAST - _FIRST).days + nights.astype(np.int64)
    moments = _moments(UPDATED, since * _DAY + draw.number("night second", 8 * 3600, 20 * 3600))
    return pl.when(pl.Series(nights) > 0).then(moments).otherwise(UPDATED).alias(UPDATED)


def _moments(name: str, seconds: Ints) -> pl.Series:
    """Seconds since the first day as times."""
    return pl.Series(name, (np.datetime64(_FIRST, "us") + seconds.astype("timedelta64[s]")).astype("datetime64[us]"))
