"""Stewards' decisions as constraints on groups: replayed in every run, by record key, the later word over the earlier."""

import json
from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray


class Said(NamedTuple):
    """What stewards said at one level, in rows of the frame at hand.

    together, apart: pairs of rows, smaller first; aside: rows that join nobody. Each with the id of the decision.
    """

    together: dict[tuple[int, int], str]
    apart: dict[tuple[int, int], str]
    aside: dict[int, str]

    def rows_of(self, decision_ids: set[str]) -> set[tuple[int, str]]:
        """row and decision, for the pairs of these decisions."""
        told = (*self.together.items(), *self.apart.items())
        return {(row, name) for pair, name in told if name in decision_ids for row in pair}


NOTHING = Said({}, {}, {})


def in_force(decisions: pl.DataFrame) -> pl.DataFrame:
    """Table `decision` → those that nobody has taken back, in the order in which they were said."""
    taken = decisions.filter(pl.col("kind") == "retract")["detail"].drop_nulls().to_list()
    back = {str(json.loads(detail).get("decision_id")) for detail in taken}
    standing = decisions.filter(pl.col("kind") != "retract", ~pl.col("decision_id").is_in(sorted(back)))
    return standing.sort("sequence", "decision_id")


def unheard(decisions: pl.DataFrame, heard: pl.DataFrame) -> pl.DataFrame:
    """Of all decisions, what the last run did not know: those in force that it did not hear, and those it heard that were
    taken back since. heard: table `decision`."""
    now, then = in_force(decisions), in_force(heard)
    return pl.concat([now.join(then, on="decision_id", how="anti"),
                      then.join(now, on="decision_id", how="anti").with_columns(kind=pl.lit("retract"))])  # fmt: skip


def said(decisions: pl.DataFrame, level: str, record_keys: pl.Series) -> Said:
    """Decisions in force (see `in_force`) → what they say of the records at hand; records that are not there are passed over."""
    place = {key: row for row, key in enumerate(record_keys.to_list())} if decisions.height else {}
    together: dict[tuple[int, int], str] = {}
    apart: dict[tuple[int, int], str] = {}
    aside: dict[int, str] = {}
    for name, kind, keys in (
        decisions.filter(pl.col("level") == level).select("decision_id", "kind", "record_keys").iter_rows()
    ):
        parts = [[place[k] for k in part if k in place] for part in parts_of(kind, keys)]
        if kind == "set_aside":
            aside |= {row: name for part in parts for row in part}
        if kind == "must_link":
            for pair in _pairs(parts):
                apart.pop(pair, None)
                together[pair] = name
            for row in parts[0]:
                aside.pop(row, None)
        if kind in ("cannot_link", "split"):
            for pair in _pairs(parts) if kind == "cannot_link" else _across(parts):
                together.pop(pair, None)
                apart[pair] = name
    return Said(together, apart, aside)


def agreed(word: Said, labels: NDArray[np.uint32]) -> set[int]:
    """The groups (labels of rows) that standing words hold together by themselves: a way of them leads from every row to
    every other."""
    if not word.together:
        return set()
    root = {row: row for pair in word.together for row in pair}

    def find(row: int) -> int:
        while root[row] != row:
            root[row] = row = root[root[row]]
        return row

    for one, other in word.together:
        root[find(one)] = find(other)
    told: dict[int, list[int]] = {}
    for row in root:
        told.setdefault(int(labels[row]), []).append(find(row))
    whole = np.bincount(labels)
    return {label for label, roots in told.items() if len(set(roots)) == 1 and len(roots) == whole[label]}


def parts_of(kind: str, record_keys: str) -> list[list[str]]:
    """The column `record_keys` of a decision as parts: one, but for a split."""
    keys = json.loads(record_keys)
    return list(keys) if kind == "split" else [list(keys)]


def keys_of(record_keys: str) -> list[str]:
    """The records of a decision (column `record_keys`), whether it has parts or not."""
    return [key for part in json.loads(record_keys) for key in (part if isinstance(part, list) else [part])]


def spoken_of(decisions: pl.DataFrame) -> set[str]:
    """The record keys that any of these decisions names."""
    return {key for keys in decisions["record_keys"].to_list() for key in keys_of(keys)}


def _pairs(parts: list[list[int]]) -> Iterator[tuple[int, int]]:
    return combinations(sorted(parts[0]), 2)


def _across(parts: list[list[int]]) -> Iterator[tuple[int, int]]:
    for one, other in combinations(parts, 2):
        for a, b in product(one, other):
            yield (a, b) if a < b else (b, a)
