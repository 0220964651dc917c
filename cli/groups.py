"""guiyi groups : the duplicate groups of the last published run."""

from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, OUTPUT_FORM, LevelName, Reason, Store, Unmask, checked_level, option, why_in_full

# As text; csv and json have every column.
SHOWN = ("group_id", "band", "size", "score_min", "person_name", "company_name", "phone")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "groups", help=str(Text("列出重复组，最没把握的在前。", "List duplicate groups, the least certain first."))
    )(groups)


def groups(
    db: Store = DEFAULT_STORE,
    level: LevelName = "contact",
    band: Annotated[
        Literal["auto", "review"] | None,
        option(Text("只看 auto 或 review。", "Only auto or review."), "--band"),
    ] = None,
    limit: Annotated[int, option(Text("最多几组。", "At most so many."), "--limit", min=1)] = 20,
    form: Annotated[Literal["text", "json", "csv"], option(OUTPUT_FORM, "--format")] = "text",
    unmask: Unmask = False,
    reason: Reason = None,
) -> None:
    """One line per group, on standard output; a terminal has no room for every column."""
    from ..io.store.store import open_store
    from ..pipelines.steward.browse import list_groups
    from ..reports.terminal import show_frame

    checked_level(level)
    why = why_in_full(unmask, reason)
    with open_store(db, write=unmask) as store:
        frame = list_groups(store, level, band, limit, unmask, why)
    show_frame(frame, form, SHOWN)
