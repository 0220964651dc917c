"""guiyi doctor : what this installation is made of, and whether a store is in order."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..i18n import Text, warn
from .options import existing_store, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", help=str(Text("检查安装环境与数据库。", "Check the installation and a store.")))(doctor)


def doctor(
    db: Annotated[
        Path | None, option(Text("要检查的数据库。", "Store to check."), "--db", callback=existing_store)
    ] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="text | json")] = "text",
) -> None:
    """Print versions, free space and the state of the store."""
    from ..pipelines.doctor import examine, open_to_others
    from ..reports.terminal import show_facts

    show_facts(examine(db), form)
    for path in open_to_others(db) if db is not None else ():
        warn(
            Text(
                "{p} 对其他用户开放，里面是个人信息；请执行 chmod go= {p}。",
                "{p} is open to other users, and holds personal data: chmod go= {p}",
            ).format(p=path)
        )
