"""What a process says on standard error: sentences for people, or one JSON object per line for collectors of logs."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from .i18n import Text

Level = Literal["info", "warning", "error"]
_chosen: dict[str, object] = {"json": False, "run_id": None}


def use_json_lines() -> None:
    """From now on every line on standard error is a JSON object: time, level, event, run_id, message, figures."""
    _chosen["json"] = True


def speaks_json() -> bool:
    """Whether lines are for programs."""
    return bool(_chosen["json"])


def name_run(run_id: str | None) -> None:
    """The run that what follows belongs to; None: none, or one that has no id yet."""
    _chosen["run_id"] = run_id


def tell(event: str, text: Text | str | None, level: Level = "info", /, **figures: object) -> None:
    """Say what happened. text: the sentence, without personal data; None: of interest to programs only."""
    for hide in _hidden if text is not None else ():
        text = hide(str(text))
    if not speaks_json():
        if text is not None:
            sys.stderr.write(f"{text}\n")
        return
    import json

    line = {
        "time": now(), "level": level, "event": event, "run_id": _chosen["run_id"],
        "message": None if text is None else str(text), "figures": figures,
    }  # fmt: skip
    sys.stderr.write(json.dumps(line, default=str) + "\n")
    sys.stderr.flush()


def warn(warning: Text) -> None:
    """Something is not as it should be, and the work goes on."""
    tell("warning", Text("警告：{w}", "Warning: {w}").format(w=warning), "warning")


_hidden: list[Callable[[str], str]] = []


def hide_in_messages(hide: Callable[[str], str]) -> None:
    """Let every message pass through a masker, which stands above this module."""
    _hidden[:] = [hide]


def now() -> str:
    """The time of this machine, with its offset from UTC."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
