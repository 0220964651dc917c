"""The words around names of persons (rules/data/titles.toml): titles, departments, remarks."""

import re
from functools import cache

from ..data import read_toml


@cache
def word_lists() -> dict[str, list[str]]:
    """Lists of rules/data/titles.toml, longest first, each word in both scripts."""
    lists = read_toml("titles.toml")
    traditional = lists.pop("traditional")
    both = {name: {*words, *traditional.get(name, ())} for name, words in lists.items()}
    return {name: sorted(words, key=lambda w: (-len(w), w)) for name, words in both.items()}


def any_of(words: list[str]) -> str:
    """A pattern for one of the words, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in words) + ")"
