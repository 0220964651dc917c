"""`guiyi run` without file names: the new files of `inputs`, a run after the other; a file that is refused holds up no other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .run_job import Job, nothing_new

if TYPE_CHECKING:
    from ..config import Config
    from ..pipelines.context import RunOptions
    from ..pipelines.nightly.files_aside import AsideError
    from ..pipelines.nightly.inputs import Asked, Waiting
    from ..pipelines.read.intake import Origin

Publish = Callable[["Sequence[Origin]"], None]


def run_inbox(
    settings: "Config", db: Path, asked: "Asked", options: "RunOptions", job: Job, publish: Publish
) -> "AsideError | None":
    """Publish what is new → what the job ends with where files were refused, which are set aside by then."""
    from ..pipelines.nightly.files_aside import REFUSED, note_aside, refusal_of, run_each, say_aside
    from ..pipelines.nightly.inputs import waiting
    from ..pipelines.resolve.previous_run import rules_of

    under = f"{settings.digest()}/{rules_of(settings, options.folder)}"
    found = waiting(settings, options.folder, db, under, asked)
    job.skipped, job.aside = [path.name for path in found.skipped], found.aside
    say_aside(found.aside)
    refused = [*found.unreadable, *run_each(found.batches or _without_files(found, db, options.whole), publish)]
    if not refused:
        return None
    known = [(one.path.name, found.digests[one.path], one.fault.reason) for one in refused if one.path in found.digests]
    noted = note_aside(db, REFUSED, known, under)
    job.refused = refused
    return refusal_of(refused, job.has_published(), noted)


def _without_files(found: "Waiting", db: Path, whole: bool) -> "list[list[Origin]]":
    """A run over what is known, if stewards have spoken since the last, or everything is to be compared."""
    from ..pipelines.resolve.previous_run import words_waiting

    words = words_waiting(db)
    again = words is not None and (whole or words > 0)
    nothing_new(found.skipped, words if again else None, others=bool(found.digests or found.unreadable))
    return [[]] if again else []
