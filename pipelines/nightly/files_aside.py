"""Files of `inputs` that no run can take: set aside by content, so that one bad file does not stop the nights after it.

A file that was refused is not tried again until its content or the configuration changes, or it is asked for by name
(`run --retry`); one that was skipped (`run --skip`) until its content changes. Both are told by events of the audit.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ...errors import GuiyiError, InputError
from ...i18n import Text
from ...io.store.store import open_store
from ...log import warn
from ..read.intake import Origin
from .gates import GateError

REFUSED, SKIPPED = "file.refused", "file.skipped"
_EVENTS = """
SELECT detail ->> '$.sha256' AS sha256, arg_max(action, "at") AS action, arg_max(detail ->> '$.reason', "at") AS reason,
       arg_max(detail ->> '$.under', "at") AS under, max("at") AS since
FROM history.audit_event WHERE action IN (?, ?) GROUP BY 1
"""


class Aside(NamedTuple):
    """A file that is not read: why (a reason's code, null where it was skipped), and since when (UTC)."""

    name: str
    reason: str | None
    since: datetime


class Refusal(NamedTuple):
    """A file that was refused now, and what it was refused with."""

    path: Path
    fault: GuiyiError


class AsideError(GuiyiError):
    """Files were refused; exit 1 where others were published, else the code of the first of them."""


def set_aside(store: Path, under: str) -> dict[str, Aside]:
    """sha256 → what is set aside. under: the configuration that files are judged by now."""
    if not store.exists():
        return {}
    with open_store(store) as opened:
        events = opened.query(_EVENTS, [REFUSED, SKIPPED]).rows()
    return {
        digest: Aside("", reason if action == REFUSED else None, since)
        for digest, action, reason, judged_under, since in events
        if action == SKIPPED or judged_under == under
    }


def note_aside(store: Path, action: str, files: Iterable[tuple[str, str, str | None]], under: str) -> bool:
    """Note files (name, sha256, reason) as refused or skipped. False where there is no store yet: they are tried again."""
    if not store.exists():
        return False
    with open_store(store, write=True) as opened, opened.transaction():
        for name, digest, reason in files:
            opened.audit(action, {"file": name, "sha256": digest, "reason": reason, "under": under})
    return True


def run_each(batches: Sequence[Sequence[Origin]], run: Callable[[Sequence[Origin]], None]) -> list[Refusal]:
    """Run each batch; a file that is refused is left out, and the others go on. Raises what is no file's fault.

    A batch that a gate refuses is run file by file: then it is known whose fault it is.
    """
    todo, refused = [list(batch) for batch in batches], list[Refusal]()
    while todo:
        batch = todo.pop(0)
        try:
            run(batch)
        except (InputError, GateError) as fault:
            known = fault.origin if isinstance(fault, InputError) else None
            guilty = known if known in batch else batch[0] if len(batch) == 1 else None
            if isinstance(guilty, Path):
                refused.append(Refusal(guilty, fault))
                others = [origin for origin in batch if origin != guilty]
                todo[:0] = [others] if others else []
            elif len(batch) > 1:
                todo[:0] = [[origin] for origin in batch]
            else:
                raise
    return refused


def say_aside(aside: Sequence[Aside]) -> None:
    """One line for the files that are set aside since an earlier night."""
    told = [file for file in aside if file.reason is not None]
    if not told:
        return
    more = "…" if len(told) > 5 else ""
    zh = "、".join(f"{file.name}（{file.reason}，{file.since:%Y-%m-%d} 起）" for file in told[:5]) + more
    en = ", ".join(f"{file.name} ({file.reason}, since {file.since:%Y-%m-%d})" for file in told[:5]) + more
    words = Text(
        "{n} 个文件仍搁置，没有读入：{zh}。用 --retry 再试，用 --skip 不再提醒。",
        "{n} files are still set aside and were not read: {en}. --retry tries one again, --skip drops it.",
    )
    warn(words.format(n=len(told), zh=zh, en=en))


def refusal_of(refused: Sequence[Refusal], published: bool, noted: bool) -> AsideError:
    """What the job ends with when files were refused: the first of them; the others are warned of now."""
    first, *others = [_told(one, noted) for one in refused]
    for other in others:
        warn(Text(*(f"{what}{advice}" for what, advice in zip(other.what, other.advice or other.what, strict=True))))
    first.exit_code = 1 if published else refused[0].fault.exit_code
    return first


def _told(one: Refusal, noted: bool) -> AsideError:
    """The fault with the file's name, and what becomes of it."""
    fault, name = one.fault, one.path.name
    accepting = " --accept-change" if isinstance(fault, GateError) else ""
    later = Text(
        "文件已搁置，内容或配置改动之前不再读取；其余文件照常。再试：guiyi run --retry {n}{a}；不再需要：guiyi run --skip {n}。",
        "It is set aside until it or the configuration changes; other files go on."
        " Again: guiyi run --retry {n}{a}; never: guiyi run --skip {n}.",
    )
    if not noted:
        later = Text("其余文件照常，下次会再试它。", "Other files go on; it is tried again the next time.")
    own = Text("", "") if fault.advice is None or accepting else Text(fault.advice.zh, fault.advice.en + " ")
    later = later.format(n=name, a=accepting)
    if getattr(fault, "origin", None) is None:
        fault.about(name)
    return AsideError(fault.what, Text(own.zh + later.zh, own.en + later.en), reason=fault.reason)
