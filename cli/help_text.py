"""Help in Chinese: a sentence without spaces is one long word, which the help's columns would cut off with an ellipsis."""

from typing import Any


def fold_long_words() -> None:
    """From now on such a word goes on in the next line. Loads what draws the help, so: only when help is asked for."""
    from typer import rich_utils

    make = getattr(rich_utils, "_make_rich_text", None)  # not public: without it the help is cut off, and no worse
    if make is None:
        return

    def folding(**given: Any) -> Any:
        text = make(**given)
        if hasattr(text, "overflow"):
            text.overflow = "fold"
        return text

    rich_utils._make_rich_text = folding
