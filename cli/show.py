"""guiyi show GROUP : the records of one group side by side, and the golden record they would make."""

from typing import Annotated

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, Reason, Store, Unmask, argument, option, why_in_full


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "show",
        help=str(
            Text(
                "查看一个重复组：各条记录、合并结果、依据。",
                "Show a group: its records, the merged result, the reasons.",
            )
        ),
    )(show)


def show(
    group: Annotated[
        str,
        argument(Text("组编号（可只写开头几位）。", "Group id, or its beginning."), show_default=False),
    ],
    db: Store = DEFAULT_STORE,
    limit: Annotated[
        int,
        option(
            Text("最多列出几条记录、几对依据（0：全部）。", "List at most so many records and pairs (0: all)."),
            "--limit",
            min=0,
        ),
    ] = 6,
    unmask: Unmask = False,
    reason: Reason = None,
) -> None:
    """Print the group, as much of it as `limit` says."""
    from ..io.store.store import open_store
    from ..pipelines.steward.browse import group_view
    from ..reports.group import print_group

    why = why_in_full(unmask, reason)
    with open_store(db, write=unmask) as store:
        view = group_view(store, group, unmask, why)
    print_group(view, limit)
