"""What can be told of a regular expression without matching anything: anchors, nested repeats, width, an example.

Python's parser reads the pattern; one in syntax of Rust that Python does not know (`\\p{Han}`) is judged by its text.
"""

import re
import re._constants as op  # type: ignore[import-not-found, unused-ignore]
import re._parser as parser  # type: ignore[import-not-found, unused-ignore]
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, getattr(op, "POSSESSIVE_REPEAT", op.MAX_REPEAT))
_MANY = 100  # a repeat without an upper end, or with one as good as none
_TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@cache
def _parsed(pattern: str) -> Any:
    """The parse tree as a list; None where Python's syntax differs."""
    try:
        return list(parser.parse(pattern))
    except (re.error, OverflowError, RecursionError):
        return None


def is_anchored(pattern: str) -> bool:
    """Whether every alternative begins with ^ or \\A and ends with $, \\z or \\Z."""
    tree = _parsed(pattern.removesuffix(r"\z") + "$" if pattern.endswith(r"\z") else pattern)
    if tree is None:
        plain = re.sub(r"^\(\?[a-z]+\)", "", pattern)
        return plain.startswith(("^", r"\A")) and plain.endswith(("$", r"\z", r"\Z")) and not plain.endswith(r"\$")
    return _anchored_at(tree, 0) and _anchored_at(tree, -1)


def _anchored_at(tree: Sequence[Any], end: int) -> bool:
    """Whether every way through the tree has an anchor at this end (0: first, -1: last)."""
    if not tree:
        return False
    code, argument = tree[end]
    if code is op.SUBPATTERN:
        return _anchored_at(list(argument[3]), end)
    if code is op.BRANCH:
        return all(_anchored_at(list(branch), end) for branch in argument[1])
    ends = (op.AT_BEGINNING, op.AT_BEGINNING_STRING) if end == 0 else (op.AT_END, op.AT_END_STRING)
    return code is op.AT and argument in ends


def is_explosive(pattern: str) -> bool:
    """A repeat of a repeat, (a+)+, or of alternatives that begin alike, (a|a)*: exponential in engines that step back."""
    tree = _parsed(pattern)
    return bool(re.search(r"[+*}]\)[+*]", pattern)) if tree is None else _explodes(tree, False, False)


def _explodes(tree: Sequence[Any], repeated: bool, alone: bool) -> bool:
    """repeated: inside a repeat without end; alone: nothing but this is repeated, so that a repeat in it doubles it."""
    for code, argument in tree:
        inner, many = [], False
        if code in _REPEATS:
            inner, many = list(argument[2]), argument[1] is op.MAXREPEAT or int(argument[1]) >= _MANY
            if many and alone:
                return True
        elif code is op.SUBPATTERN:
            inner = list(argument[3])
        elif code is op.BRANCH:
            branches = [list(branch) for branch in argument[1]]
            heads = [str(branch[:1]) for branch in branches]
            if (repeated and len(set(heads)) < len(heads)) or any(_explodes(b, repeated, alone) for b in branches):
                return True
        if _explodes(inner, repeated or many, (alone or many) and len(inner) == 1):
            return True
    return False


def width(pattern: str) -> tuple[int, int] | None:
    """Fewest and most characters that a match has; None where it cannot be told."""
    if _parsed(pattern) is None:
        return None
    low, high = parser.parse(pattern).getwidth()
    return int(low), int(high)


def example(pattern: str) -> str | None:
    """A text that the pattern matches as a whole; None where none is found."""
    tree = _parsed(pattern)
    if tree is None:
        return None
    try:
        text = _written(tree)
        return text if re.fullmatch(pattern, text) else None
    except (re.error, NotImplementedError, RecursionError):
        return None


def _written(tree: Iterable[Any]) -> str:
    return "".join(_one(code, argument, 0) for code, argument in tree)


def _one(code: Any, argument: Any, turn: int) -> str:
    if code is op.LITERAL:
        return chr(argument)
    if code is op.NOT_LITERAL:
        return "x" if argument != ord("x") else "y"
    if code is op.ANY:
        return "x"
    if code is op.IN:
        return _of_class(argument, turn)
    if code in _REPEATS:
        least, most, inner = argument
        times = min(max(int(least), 1), int(most))
        return "".join("".join(_one(c, a, turn + i) for c, a in inner) for i in range(min(times, 200)))
    if code is op.SUBPATTERN:
        return _written(argument[3])
    if code is op.BRANCH:
        return _written(argument[1][0])
    if code is op.AT:
        return ""
    raise NotImplementedError(str(code))


def _of_class(members: Sequence[Any], turn: int) -> str:
    """A character of a class; in turn, so that [A-Z]{3} reads ABC and \\d{4} 1234."""
    if members[0][0] is op.NEGATE:
        source = "".join(chr(a) for c, a in members[1:] if c is op.LITERAL)
        return next((c for c in "x中1 -" if c not in source), "x")
    code, argument = members[0]
    if code is op.LITERAL:
        return chr(argument)
    if code is op.RANGE:
        low, high = argument
        first = low + 1 if low == ord("0") and high > low else low
        return chr(first + turn % (high - first + 1))
    kinds = {op.CATEGORY_DIGIT: "1234567890", op.CATEGORY_WORD: _TOKEN, op.CATEGORY_SPACE: " ",
             op.CATEGORY_NOT_DIGIT: "x", op.CATEGORY_NOT_SPACE: "x", op.CATEGORY_NOT_WORD: "-"}  # fmt: skip
    letters = kinds[argument]
    return letters[turn % len(letters)]
