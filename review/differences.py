"""Two values character by character, shown masked: where they differ is marked, also behind the stars."""

from itertools import groupby
from typing import NamedTuple

from rapidfuzz.distance import Indel

from ..custom_columns import is_custom
from ..i18n import Text
from ..reports.masking import mask

NUMBERS = ("phone", "landline", "credit_code")  # digits have a place: equal ones elsewhere are chance
UNMARKED = ("created_at", "updated_at", "channel")  # they differ as a matter of course
LONGEST = 400  # characters of a value that are shown and compared; of the rest it is said how long it is
MARGIN = 100  # characters behind them that are masked too: what is cut in two must not be taken for something harmless
FOREIGN = 4  # digits in other places from which two numbers have nothing to do with each other


class Piece(NamedTuple):
    """A run of characters, and whether the other value has something else there."""

    text: str
    differs: bool


def pieces(
    field: str, value: str | None, other: str | None, unmask: bool = False, person: str | None = None
) -> list[Piece]:
    """The value as it may be shown, in runs that agree with `other` and runs that do not.

    Compared is what stands in the record; a hidden run is marked where anything behind it differs. Nothing is marked
    where one of the two is missing: that is absence, not contradiction; nor in notes, which differ as a matter of course.
    person: whose record it is.
    """
    if not value:
        return []
    if len(value) > LONGEST + MARGIN:
        return _beginning(field, value, other, unmask, person)
    shown = value if unmask else (mask(field, value, person) or "")
    if not other or value == other or field in UNMARKED or is_custom(field):
        return [Piece(shown, False)]
    if field in NUMBERS and len(value) == len(other):
        return _joined(_aligned(value, shown, _differing_places(value, other), []))
    return _joined(_aligned(value, shown, *_differing(value, other)))


def _beginning(field: str, value: str, other: str | None, unmask: bool, person: str | None) -> list[Piece]:
    """The beginning of a long value, compared with that of the other, and how long the whole is."""
    first, rest = value[: LONGEST + MARGIN], value[LONGEST + MARGIN :]
    room = LONGEST
    kept: list[Piece] = []
    for piece in pieces(field, first, (other or "")[: LONGEST + MARGIN], unmask, person):
        kept += [Piece(piece.text[:room], piece.differs)] if room > 0 else []
        room -= len(piece.text)
    end = Text("…（共 {n:,} 字）", "… ({n:,} characters)").format(n=len(value))
    return [*kept, Piece(str(end), bool(other) and (other or "")[LONGEST + MARGIN :] != rest)]


def _differing_places(value: str, other: str) -> list[bool]:
    """Place by place; all from the first difference on where there are many."""
    marks = [a != b for a, b in zip(value, other, strict=True)]
    if sum(marks) >= FOREIGN:
        first = marks.index(True)
        return [False] * first + [True] * (len(marks) - first)
    return marks


def _differing(value: str, other: str) -> tuple[list[bool], list[int]]:
    """For each character, whether `other` lacks it (by the longest common subsequence); and where `other` has more."""
    marks = [False] * len(value)
    gaps: list[int] = []
    for step in Indel.opcodes(value, other):
        if step.tag == "insert":
            gaps.append(step.src_start)
        elif step.tag != "equal":
            marks[step.src_start : step.src_end] = [True] * (step.src_end - step.src_start)
    return marks, gaps


def _aligned(value: str, shown: str, differs: list[bool], gaps: list[int]) -> list[tuple[str, bool]]:
    """Characters shown, with their marks: the same at both ends, something hidden between."""
    if len(shown) == len(value):
        at = set(gaps)
        masked = [c != v and (i in at or i + 1 in at) for i, (c, v) in enumerate(zip(shown, value, strict=True))]
        return [(c, d or m) for c, d, m in zip(shown, differs, masked, strict=True)]
    head = 0
    while head < min(len(shown), len(value)) and shown[head] == value[head]:
        head += 1
    tail = 0
    while tail < min(len(shown), len(value)) - head and shown[-1 - tail] == value[-1 - tail]:
        tail += 1
    hidden = any(differs[head : len(value) - tail]) or any(head <= gap <= len(value) - tail for gap in gaps)
    middle = shown[head : len(shown) - tail]
    end = [(c, differs[len(value) - tail + i]) for i, c in enumerate(shown[len(shown) - tail :])]
    return [*zip(shown[:head], differs[:head], strict=True), *((c, hidden) for c in middle), *end]


def _joined(characters: list[tuple[str, bool]]) -> list[Piece]:
    runs = groupby(characters, key=lambda one: one[1])
    return [Piece("".join(character for character, _ in run), differs) for differs, run in runs]
