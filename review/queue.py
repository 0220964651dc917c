"""The queue: which groups a steward wants to see, in the order of risk."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import polars as pl

from ..decisions import Status
from .published import Published

PAGE = 50
CHOICES = {
    "level": ("", "contact", "account"), "band": ("review", "auto", "all"),
    "state": ("open", "decided", "approved", "rejected", "split", "all"),
}  # fmt: skip
_NUMBER = re.compile(r"^\+?[\d\s-]{4,}$")


@dataclass(frozen=True)
class Filters:
    """What the address of a page asks for; anything unknown is the default."""

    q: str = ""
    level: str = ""
    band: str = "review"
    state: str = "open"
    source: str = ""
    owner: str = ""
    at_least: str = ""  # score_min, as it was typed

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """Filters of an address' query."""
        known = {name: query.get(name, "").strip()[:100] for name in ("q", "source", "owner")}
        chosen = {n: v if (v := query.get(n, "")) in CHOICES[n] else CHOICES[n][0] for n in CHOICES}
        least = query.get("at_least", "")
        return cls(**known, **chosen, at_least=least if re.fullmatch(r"[01](\.\d{1,6})?", least) else "")

    def address(self, **changed: object) -> str:
        """The query string of these filters, without what is default: `?q=…`, or nothing."""
        values = {**self.__dict__, **changed}
        default = Filters().__dict__
        kept = {n: v for n, v in values.items() if v not in (None, "") and v != default.get(n, "")}
        return "?" + urlencode(kept) if kept else ""

    def wider(self) -> "Filters":
        """The same without the state: what is decided meanwhile keeps its place."""
        return replace(self, state="all")


def places(published: Published, filters: Filters, settled: Mapping[int, Status]) -> list[int]:
    """The places of the groups that pass, in the order of the queue."""
    wanted: list[pl.Expr] = [pl.lit(True)]
    if filters.level:
        wanted.append(pl.col("level") == filters.level)
    if filters.band != "all":
        wanted.append(pl.col("band") == filters.band)
    if filters.source:
        wanted.append(pl.col("sources").list.contains(filters.source))
    if filters.owner:
        wanted.append(pl.col("owners").list.contains(filters.owner))
    if filters.at_least:
        wanted.append(pl.col("score_min") >= float(filters.at_least))
    wanted += [pl.col("searched").str.contains(word, literal=True) for word in _searched(filters.q)]
    if filters.state != "all":
        wanted.append(_in_state(filters.state, settled))
    found = published.groups.lazy().filter(pl.all_horizontal(wanted)).select("place").collect()
    return found["place"].to_list()


def _searched(q: str) -> list[str]:
    """The words that all have to occur; a number is sought without its blanks and dashes."""
    if _NUMBER.match(q):
        return [re.sub(r"[\s-]", "", q)]
    return q.lower().split()


def _in_state(state: str, settled: Mapping[int, Status]) -> pl.Expr:
    if state in ("open", "decided"):
        decided = pl.col("place").is_in(sorted(settled))
        return ~decided if state == "open" else decided
    return pl.col("place").is_in(sorted(p for p, status in settled.items() if status.name == state))


@dataclass(frozen=True)
class Neighbours:
    """Where a group stands among those that the filters let through, and what comes before and after."""

    number: int | None
    count: int
    before: int | None
    after: int | None


def neighbours(published: Published, filters: Filters, settled: Mapping[int, Status], place: int) -> Neighbours:
    """The next group after this one that passes, also where this one does not pass (any more)."""
    found = places(published, filters, settled)
    number = found.index(place) + 1 if place in found else None
    later = [p for p in found if p > place]
    earlier = [p for p in found if p < place]
    return Neighbours(number, len(found), earlier[-1] if earlier else None, later[0] if later else None)
