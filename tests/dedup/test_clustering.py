"""Groups: plain components where nothing conflicts, and never two conflicting identities in one."""

import random
from itertools import combinations

import networkx as nx
import numpy as np
import polars as pl
import pytest
from guiyi.dedup.clustering import Clusters, Conflicts, cluster
from guiyi.dedup.pairs import components
from hypothesis import given
from hypothesis import strategies as st

LINKS = pl.Schema({"left": pl.UInt32, "right": pl.UInt32, "score": pl.Float64})
Link = tuple[int, int, float]


def frame(links: list[Link]) -> pl.DataFrame:
    return pl.DataFrame(links, schema=LINKS, orient="row")


def nobody(rows: int) -> pl.Series:
    return pl.Series([None] * rows, dtype=pl.Int64)


def partition(labels: np.ndarray) -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for row, label in enumerate(labels.tolist()):
        groups.setdefault(label, set()).add(row)
    return {frozenset(g) for g in groups.values()}


def expected_components(links: list[Link], rows: int) -> set[frozenset[int]]:
    graph = nx.Graph()
    graph.add_nodes_from(range(rows))
    graph.add_edges_from((a, b) for a, b, _ in links)
    return {frozenset(c) for c in nx.connected_components(graph)}


@st.composite
def graphs(draw: st.DrawFn, rows: int = 12) -> tuple[int, list[Link]]:
    height = draw(st.integers(2, rows))
    ends = st.lists(st.integers(0, height - 1), min_size=2, max_size=2, unique=True).map(sorted)
    pairs = draw(st.lists(ends, max_size=20, unique_by=tuple))
    scores = draw(st.lists(st.sampled_from([0.82, 0.9, 0.95, 0.99, 1.0]), min_size=len(pairs), max_size=len(pairs)))
    return height, [(a, b, s) for (a, b), s in zip(pairs, scores, strict=True)]


@st.composite
def contradictory(draw: st.DrawFn) -> tuple[int, list[Link], list[int | None], Conflicts]:
    height, links = draw(graphs())
    identity = draw(st.lists(st.none() | st.integers(0, 4), min_size=height, max_size=height))
    conflicts = draw(st.sets(st.sampled_from(list(combinations(range(5), 2)))))
    return height, links, identity, conflicts


def solve(rows: int, links: list[Link], identity: list[int | None], conflicts: Conflicts) -> Clusters:
    return cluster(frame(links), rows, pl.Series(identity, dtype=pl.Int64), conflicts)


def holds_conflict(group: frozenset[int], identity: list[int | None], conflicts: Conflicts) -> bool:
    held = {i for row in group if (i := identity[row]) is not None}
    return any(pair in conflicts for pair in combinations(sorted(held), 2))


@given(graphs())
def test_without_conflicts_groups_are_the_connected_components(graph: tuple[int, list[Link]]) -> None:
    rows, links = graph
    assert partition(cluster(frame(links), rows, nobody(rows), set()).labels) == expected_components(links, rows)


@given(graphs(rows=40))
def test_components_are_those_of_networkx(graph: tuple[int, list[Link]]) -> None:
    rows, links = graph
    table = frame(links)
    labels = components(table["left"].to_numpy(), table["right"].to_numpy(), rows)
    assert partition(labels) == expected_components(links, rows)
    assert all(label == min(g) for g in partition(labels) for label in labels[list(g)])


@pytest.mark.parametrize("seed", range(3))
def test_components_of_a_long_chain_in_random_order(seed: int) -> None:
    rows = 2_000
    order = random.Random(seed).sample(range(rows), rows)
    left, right = np.array(order[:-1], np.uint32), np.array(order[1:], np.uint32)
    assert set(components(left, right, rows).tolist()) == {0}


@given(contradictory())
def test_no_group_holds_two_identities_that_conflict(case: tuple[int, list[Link], list[int | None], Conflicts]) -> None:
    rows, links, identity, conflicts = case
    found = solve(rows, links, identity, conflicts)
    assert not [g for g in partition(found.labels) if len(g) > 1 and holds_conflict(g, identity, conflicts)]


@given(contradictory())
def test_groups_are_connected_by_their_edges(case: tuple[int, list[Link], list[int | None], Conflicts]) -> None:
    rows, links, identity, conflicts = case
    found = solve(rows, links, identity, conflicts)
    tree_edges = found.tree_edges.select("left", "right", "score").rows()
    assert set(tree_edges) <= set(links)
    assert expected_components(tree_edges, rows) == partition(found.labels)
    assert len(tree_edges) == rows - len(partition(found.labels)), "a joint joins two groups, so there are n-1 of n"
    assert found.tree_edges["group"].to_list() == [int(found.labels[a]) for a, _, _ in tree_edges]


@given(contradictory())
def test_two_linked_groups_stay_apart_only_for_a_conflict(
    case: tuple[int, list[Link], list[int | None], Conflicts],
) -> None:
    """No link is refused without reason: joining the two groups at its ends would put a conflict into one."""
    rows, links, identity, conflicts = case
    found = solve(rows, links, identity, conflicts)
    group = {row: g for g in partition(found.labels) for row in g}
    apart = {(a, b, s) for a, b, s in links if group[a] != group[b]}
    assert apart == set(found.refused_links.rows())
    assert all(holds_conflict(group[a] | group[b], identity, conflicts) for a, b, _ in apart)


@given(contradictory(), st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_links(
    case: tuple[int, list[Link], list[int | None], Conflicts], shuffler: random.Random
) -> None:
    rows, links, identity, conflicts = case
    shuffled = shuffler.sample(links, len(links))
    one, other = solve(rows, links, identity, conflicts), solve(rows, shuffled, identity, conflicts)
    assert one.labels.tolist() == other.labels.tolist()
    assert one.tree_edges.equals(other.tree_edges)
    assert one.refused_links.equals(other.refused_links)


def by_hand(rows: int, links: list[Link], identity: list[int | None], conflicts: Conflicts) -> set[frozenset[int]]:
    """Kruskal written with sets: the strongest link first, refused where the union would hold a conflict."""
    groups = {row: frozenset([row]) for row in range(rows)}
    for a, b, _ in sorted(links, key=lambda link: (-link[2], link[0], link[1])):
        union = groups[a] | groups[b]
        crossing = [
            (min(i, j), max(i, j))
            for x in groups[a] for y in groups[b]
            if (i := identity[x]) is not None and (j := identity[y]) is not None
        ]  # fmt: skip
        if not any(pair in conflicts for pair in crossing):
            groups |= dict.fromkeys(union, union)
    return set(groups.values())


@given(contradictory())
def test_the_strongest_links_win(case: tuple[int, list[Link], list[int | None], Conflicts]) -> None:
    assert partition(solve(*case).labels) == by_hand(*case)


def test_clusters_split_a_contradictory_triangle() -> None:
    """张伟 – (no name) – 李娜: the nameless row goes with the stronger link, the other link is cut."""
    found = solve(3, [(0, 1, 0.99), (1, 2, 0.9)], [0, None, 2], {(0, 2)})
    assert partition(found.labels) == {frozenset([0, 1]), frozenset([2])}
    assert found.refused_links.rows() == [(1, 2, 0.9)]


def test_a_link_between_conflicting_rows_is_cut() -> None:
    found = solve(2, [(0, 1, 1.0)], [0, 1], {(0, 1)})
    assert partition(found.labels) == {frozenset([0]), frozenset([1])}


def test_the_weakest_joint_is_the_weakest_of_the_strongest_way() -> None:
    """A weak direct link beside a strong way around it does not make the group weak."""
    found = solve(3, [(0, 2, 0.83), (0, 1, 0.99), (1, 2, 0.98)], [None] * 3, set())
    assert found.tree_edges["score"].min() == 0.98


def test_no_links_leave_every_row_alone() -> None:
    assert cluster(frame([]), 3, nobody(3), set()).labels.tolist() == [0, 1, 2]
