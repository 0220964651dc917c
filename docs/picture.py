"""The rooms and wings of the package as a Mermaid graph, from the imports that the code really has (grimp)."""

from collections import defaultdict
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
ROOMS = ("cli", "pipelines", "review", "reports", "dedup", "rules", "io", "sample_data")
Arrows = dict[str, set[str]]


def draw_rooms() -> str:
    """A fenced Mermaid graph. An arrow says `imports`; one that follows from others is left out, and so is the ground under all."""
    graph = grimp.build_graph("guiyi", cache_dir=None)
    wings: dict[str, set[str]] = defaultdict(set)
    rooms: Arrows = defaultdict(set)
    inside: dict[str, Arrows] = defaultdict(lambda: defaultdict(set))
    for module in graph.modules:
        room, wing = _place(module)
        wings[room] |= {wing} - {""}
        for other in graph.find_modules_directly_imported_by(module):
            theirs, next_wing = _place(other)
            if theirs != room:
                rooms[room].add(theirs)
            elif wing and next_wing and wing != next_wing:
                inside[room][wing].add(next_wing)
    lines = ["```mermaid", "flowchart TB"]
    for room in ROOMS:
        lines += _room(room, sorted(wings[room]), _reduced(inside[room]))
    among = {room: {other for other in rooms[room] if other in ROOMS} for room in ROOMS}
    lines += [f"  {room} --> {other}" for room, others in _reduced(among).items() for other in sorted(others)]
    return "\n".join([*lines, "```"]) + "\n"


def _place(module: str) -> tuple[str, str]:
    """Room and wing of a module; a wing is a folder of a room, and what lies loose in the room has none."""
    _, room, wing, *_ = [*module.split("."), "", ""]
    return room, wing if (ROOT / room / wing / "__init__.py").exists() else ""


def _room(room: str, wings: list[str], arrows: Arrows) -> list[str]:
    if not wings:
        return [f"  {room}"]
    named = [f'    {room}_{wing}["{wing}"]' for wing in wings]
    drawn = [f"    {room}_{a} --> {room}_{b}" for a in wings for b in sorted(arrows.get(a, ()))]
    return [f"  subgraph {room}", *named, *drawn, "  end"]


def _reduced(arrows: Arrows) -> Arrows:
    """The arrows that do not follow from others (the folders have no circles: a contract holds them to it)."""

    def reach(start: str) -> set[str]:
        return set().union(*({other} | reach(other) for other in arrows.get(start, ())))

    return {a: {b for b in to if not any(b in reach(c) for c in to - {b})} for a, to in arrows.items()}
