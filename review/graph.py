"""The group as a picture: records are nodes, links are edges; laid out by rustworkx, the same each time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

WIDTH, HEIGHT, MIDDLE, LOW, EDGE = 380.0, 236.0, 176.0, 84.0, 22.0  # a group of up to four fits a screen with the rest
CROWDED = 14  # records from which only the links that hold the group together are drawn
OUTSIDE = 4  # links that lead out of the group and are shown
_SEED = 20


@dataclass
class Node:
    """A record (`number` as in the table), or another group's record (number 0)."""

    number: int
    key: str
    label: str
    group: str | None = None
    x: float = 0.0
    y: float = 0.0


@dataclass
class Edge:
    """kind: `strong`, `weak` (below the cut), `weakest` (holds the group together), `cut` (leads out, refused)."""

    one: Node
    other: Node
    score: float
    kind: str
    width: float = 1.0


@dataclass
class Picture:
    """hidden: links that are not drawn because there are too many; absent: records that are not.

    labelled: whether nodes are large enough for their numbers.
    """

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    hidden: int = 0
    absent: int = 0
    radius: float = 13.0
    height: float = HEIGHT
    labelled: bool = True


def picture(
    nodes: Sequence[Node], links: Sequence[dict[str, Any]], outside: Sequence[dict[str, Any]], weakest: frozenset[str],
    cut: float,
) -> Picture:  # fmt: skip
    """Nodes and pairs (`record_key_l, record_key_r, score`) with places; outside: `record_key, other, score, label, group`.

    Of a crowded group only its maximum spanning forest is drawn, which holds the weakest link that matters.
    """
    import rustworkx

    by_key = {node.key: i for i, node in enumerate(nodes)}
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(list(nodes))
    for link in links:
        graph.add_edge(by_key[link["record_key_l"]], by_key[link["record_key_r"]], link)
    drawn = list(links)
    if len(nodes) > CROWDED:
        tree = rustworkx.minimum_spanning_edges(graph, weight_fn=lambda link: 1.0 - link["score"])
        drawn = [link for _, _, link in tree]
    image = Picture(list(nodes), hidden=len(links) - len(drawn), labelled=len(nodes) <= 2 * CROWDED)
    image.radius = 13.0 if len(nodes) <= CROWDED else 9.0 if image.labelled else 4.5
    for link in drawn:
        ends = (nodes[by_key[link["record_key_l"]]], nodes[by_key[link["record_key_r"]]])
        image.edges.append(Edge(*ends, link["score"], _kind(link, weakest, cut), _width(link["score"])))
    for link in outside[:OUTSIDE]:
        there = Node(0, link["other"], link["label"], link["group"])
        image.nodes.append(there)
        image.edges.append(Edge(nodes[by_key[link["record_key"]]], there, link["score"], "cut", 1.2))
    image.edges.sort(key=lambda edge: edge.kind == "weakest")  # drawn last, over the others
    _lay_out(image)
    return image


def _kind(link: dict[str, Any], weakest: frozenset[str], cut: float) -> str:
    if {link["record_key_l"], link["record_key_r"]} == weakest:
        return "weakest"
    return "strong" if link["score"] >= cut else "weak"


def _width(score: float) -> float:
    """From 1 at even odds to 4 at certainty."""
    return round(1 + 3 * max(0.0, min(1.0, (score - 0.5) / 0.5)), 1)


def _lay_out(image: Picture) -> None:
    """Give every node its place inside the frame."""
    import rustworkx

    drawn = rustworkx.PyGraph(multigraph=False)
    image.height = LOW if len(image.nodes) <= 2 else MIDDLE if len(image.nodes) <= 4 else HEIGHT
    places = {id(node): drawn.add_node(node) for node in image.nodes}
    for edge in image.edges:
        drawn.add_edge(places[id(edge.one)], places[id(edge.other)], edge.score)
    start = rustworkx.circular_layout(drawn)
    found = start
    if len(image.edges) <= len(image.nodes) or len(image.nodes) > CROWDED:  # on a ring, no edge hides behind a node
        found = rustworkx.spring_layout(
            drawn, pos={i: (start[i][0], start[i][1]) for i in drawn.node_indices()}, k=3 / math.sqrt(len(image.nodes) or 1),
            num_iter=200, weight_fn=lambda score: 0.5 + score, seed=_SEED,
        )  # fmt: skip
    points = [found[i] for i in drawn.node_indices()]
    for node, (x, y) in zip(image.nodes, _fitted(points, image.height), strict=True):
        node.x, node.y = x, y


def _fitted(points: Sequence[Sequence[float]], height: float) -> list[tuple[float, float]]:
    """Turned so that the longer extent lies level, then stretched to the frame; a line stays a line."""
    cloud = np.array([list(p) for p in points], dtype=np.float64)
    cloud -= cloud.mean(axis=0)
    _, _, axes = np.linalg.svd(cloud, full_matrices=False) if len(cloud) > 1 else (None, None, np.eye(2))
    if len(axes) == 2:
        cloud = cloud @ axes.T
    reach = np.abs(cloud).max(axis=0)
    room = np.array([WIDTH / 2 - EDGE, height / 2 - EDGE])
    across = room[0] / reach[0] if reach[0] > 1e-6 else 0.0
    down = min(room[1] / reach[1], across * 1.5) if reach[1] > 1e-6 else 0.0
    placed = cloud * np.array([across, down]) + np.array([WIDTH / 2, height / 2])
    return [(round(float(x), 1), round(float(y), 1)) for x, y in placed]
