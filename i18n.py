"""Two languages: Chinese first, English beside it. A text that a user reads is a `Text` with both."""

import locale
import os
from collections.abc import Callable
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Text(NamedTuple):
    """One sentence in both languages; `{name}` places are filled by `format`."""

    zh: str
    en: str

    def format(self, **values: object) -> "Text":
        return Text(self.zh.format(**values), self.en.format(**values))

    def __str__(self) -> str:
        return self.en if language() == "en" else self.zh


_chosen: list[Language] = []


def use_language(choice: Language) -> None:
    """Let an option (`--lang`) win over the environment, for the rest of the process."""
    _chosen[:] = [choice]


def language() -> Language:
    """`--lang`, then `$GUIYI_LANG`, then the locale; Chinese where none of them says English."""
    if _chosen:
        return _chosen[0]
    wish = os.environ.get("GUIYI_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or _system_locale()
    return "en" if wish.lower().startswith("en") else "zh"


def _system_locale() -> str:
    read: Callable[[], tuple[str | None, str | None]] = locale.getlocale
    try:
        return read()[0] or ""
    except ValueError:  # a locale name that Python does not know
        return ""
