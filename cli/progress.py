"""What a long run says while it works: on stderr, a line per finished stage, and nothing when quiet."""

import sys
from collections.abc import Callable

from ..i18n import Text

_NAMES = {
    "read": Text("读入", "read"), "compare": Text("比对", "compare"), "clean": Text("清洗", "clean"), "resolve": Text("查重", "resolve"),
    "plan": Text("合并方案", "plan"), "publish": Text("发布", "publish"),
}  # fmt: skip


def listener(quiet: bool) -> Callable[[str, int | None, float], None]:
    """A listener for the runner."""

    def hear(name: str, rows: int | None, seconds: float) -> None:
        if not quiet:
            count = "" if rows is None else f"{rows:,}"
            sys.stderr.write(f"  {_NAMES.get(name, name)!s:<8} {count:>12} {seconds:7.1f} s\n")

    return hear
