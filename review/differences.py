"""Two values character by character, shown masked: where they differ is marked, also behind the stars."""

from typing import NamedTuple

from rapidfuzz.distance import Indel

from ..reports.masking import mask

NUMBERS = ("phone", "landline", "credit_code")  # digits have a place: equal ones elsewhere are chance
UNMARKED = ("created_at", "updated_at", "channel")  # they differ as a matter of course
FOREIGN = 4  # digits in other places from which two numbers have nothing to do with each other


class Piece(NamedTuple):
    """A run of characters, and whether the other value has something else there."""

    text: str
    differs: bool


def pieces(field: str, value: str | None, other: str | None, unmask: bool = False) -> list[Piece]:
    """The value as it may be shown, in runs that agree with `other` and runs that do not.

    Compared is what stands in the record; a hidden run is marked where anything behind it differs. Nothing is marked
    where one of the two is missing: that is absence, not contradiction.
    """
    if not value:
        return []
    shown = value if unmask else (mask(field, value) or "")
    if not other or value == other or field in UNMARKED:
        return [Piece(shown, False)]
    by_place = field in NUMBERS and len(value) == len(other)
    differs = _differing_places(value, other) if by_place else _differing(value, other)
    return _joined(_aligned(value, shown, differs))


def _differing_places(value: str, other: str) -> list[bool]:
    """Place by place; all from the first difference on where there are many."""
    marks = [a != b for a, b in zip(value, other, strict=True)]
    if sum(marks) >= FOREIGN:
        first = marks.index(True)
        return [False] * first + [True] * (len(marks) - first)
    return marks


def _differing(value: str, other: str) -> list[bool]:
    """For each character of `value`, whether it is not in the longest common subsequence; a gap marks its neighbours."""
    marks = [False] * len(value)
    for tag, first, last, _, _ in Indel.opcodes(value, other):
        if tag in ("delete", "replace"):
            marks[first:last] = [True] * (last - first)
    if not any(marks):  # the other one has more: mark where it goes on
        inserted = [first for tag, first, _, _, _ in Indel.opcodes(value, other) if tag == "insert"]
        for at in inserted:
            marks[min(at, len(marks) - 1)] = True
    return marks


def _aligned(value: str, shown: str, differs: list[bool]) -> list[tuple[str, bool]]:
    """Characters shown, with their marks: the same at both ends, something hidden between."""
    if len(shown) == len(value):
        return list(zip(shown, differs, strict=True))
    head = 0
    while head < min(len(shown), len(value)) and shown[head] == value[head]:
        head += 1
    tail = 0
    while tail < min(len(shown), len(value)) - head and shown[-1 - tail] == value[-1 - tail]:
        tail += 1
    hidden = any(differs[head : len(value) - tail])
    middle = shown[head : len(shown) - tail]
    end = [(c, differs[len(value) - tail + i]) for i, c in enumerate(shown[len(shown) - tail :])]
    return [*zip(shown[:head], differs[:head], strict=True), *((c, hidden) for c in middle), *end]


def _joined(characters: list[tuple[str, bool]]) -> list[Piece]:
    runs: list[Piece] = []
    for character, differs in characters:
        if runs and runs[-1].differs == differs:
            runs[-1] = Piece(runs[-1].text + character, differs)
        else:
            runs.append(Piece(character, differs))
    return runs
