"""Stewards' decisions as constraints on the records at hand: replayed in every run, by record key, the later over the earlier."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..decisions import parts_of
from .pairs import components


class Constraints(NamedTuple):
    """What decisions ask of one level, in rows of the frame at hand.

    must_link, cannot_link: pairs of rows, smaller first; excluded: rows that join nobody. Each with the id of the decision.
    """

    must_link: dict[tuple[int, int], str]
    cannot_link: dict[tuple[int, int], str]
    excluded: dict[int, str]

    def rows_of(self, decision_ids: set[str]) -> set[tuple[int, str]]:
        """row and decision, for the pairs of these decisions."""
        pairs = (*self.must_link.items(), *self.cannot_link.items())
        return {(row, name) for pair, name in pairs if name in decision_ids for row in pair}


NO_CONSTRAINTS = Constraints({}, {}, {})


def constraints_of(decisions: pl.DataFrame, level: str, record_keys: pl.Series) -> Constraints:
    """Active decisions (table `decision`) → what they ask of the records at hand; records that are not there are passed over."""
    place = {key: row for row, key in enumerate(record_keys.to_list())} if decisions.height else {}
    must_link: dict[tuple[int, int], str] = {}
    cannot_link: dict[tuple[int, int], str] = {}
    excluded: dict[int, str] = {}
    for name, kind, keys in (
        decisions.filter(pl.col("level") == level).select("decision_id", "kind", "record_keys").iter_rows()
    ):
        parts = [[place[k] for k in part if k in place] for part in parts_of(kind, keys)]
        if kind == "set_aside":
            excluded |= {row: name for part in parts for row in part}
        if kind == "must_link":
            for pair in _pairs(parts):
                cannot_link.pop(pair, None)
                must_link[pair] = name
            for row in parts[0]:
                excluded.pop(row, None)
        if kind in ("cannot_link", "split"):
            for pair in _pairs(parts) if kind == "cannot_link" else _across(parts):
                must_link.pop(pair, None)
                cannot_link[pair] = name
    return Constraints(must_link, cannot_link, excluded)


def fully_linked(constraints: Constraints, labels: NDArray[np.uint32]) -> set[int]:
    """The groups (labels of rows) that decisions hold together by themselves: must-links lead from every row to every other."""
    if not constraints.must_link:
        return set()
    pairs = np.array(sorted(constraints.must_link), np.uint32)
    root, rows = components(pairs[:, 0], pairs[:, 1], labels.size), np.unique(pairs)
    linked = (
        pl.DataFrame({"label": labels[rows], "root": root[rows]})
        .group_by("label")
        .agg(pl.len(), pl.col("root").n_unique())
    )
    whole = np.bincount(labels)
    return {label for label, rows, roots in linked.rows() if roots == 1 and rows == whole[label]}


def _pairs(parts: list[list[int]]) -> Iterator[tuple[int, int]]:
    return combinations(sorted(parts[0]), 2)


def _across(parts: list[list[int]]) -> Iterator[tuple[int, int]]:
    for one, other in combinations(parts, 2):
        for a, b in product(one, other):
            yield (a, b) if a < b else (b, a)
