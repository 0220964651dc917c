"""What is shown of a group: the records that an address asks for, one page of a large group, the records that are drawn."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import polars as pl

PAGE = 100  # records of a large group on one page, below its first, with which all are compared
DRAWN = 60  # records in a picture: laying them out takes a few milliseconds, and more of them show nothing


class Asked(NamedTuple):
    """What an address asks of a group. at: `3` shows record 3's links, `1-3` the score of that pair.

    page: of a large group's records; 0 for the one that holds the record asked for.
    """

    at: str = ""
    page: int = 0
    unmask: bool = False

    def numbers(self, count: int) -> list[int]:
        """The records asked for, one or two, by their numbers in a group of `count`."""
        found = [int(n) for n in self.at.split("-")] if re.fullmatch(r"[0-9]{1,6}(-[0-9]{1,6})?", self.at) else []
        return [n for n in dict.fromkeys(found) if 1 <= n <= count]


class Portion(NamedTuple):
    """A page of a group's records. numbers: those shown, the group's first always before them."""

    page: int
    pages: int
    numbers: list[int]


def portion_of(count: int, asked: Asked) -> Portion:
    """The page asked for, or the one that holds the record asked for, or the first."""
    pages = max(1, -(-(count - 1) // PAGE))
    holds = -(-(max(asked.numbers(count), default=1) - 1) // PAGE)
    page = max(1, min(asked.page or holds, pages))
    start = 2 + (page - 1) * PAGE
    return Portion(page, pages, [1, *range(start, min(start + PAGE - 1, count) + 1)])


def drawn_of(keys: Sequence[str], wanted: Sequence[str], others: Sequence[str], pairs: pl.DataFrame) -> list[str]:
    """The records (`keys`, in order) that are drawn: all of a small group; else `wanted`, the records that are linked to
    them most strongly, and `others` as far as there is room.

    pairs: `record_key_l, record_key_r, score`, the strongest first.
    """
    if len(keys) <= DRAWN:
        return list(keys)
    near = between(pairs, wanted, either=True).head(2 * DRAWN).select("record_key_l", "record_key_r")
    linked = (key for row in near.iter_rows() for key in row)
    chosen = set(list(dict.fromkeys([*wanted, *linked, *others]))[:DRAWN])
    return [key for key in keys if key in chosen]


def between(pairs: pl.DataFrame, keys: Collection[str], either: bool = False) -> pl.DataFrame:
    """The pairs of which both ends (either: one of them) are among the keys, in their order."""
    left, right = (pl.col(f"record_key_{side}").is_in(list(keys)) for side in "lr")
    return pairs.filter(left | right if either else left & right)
