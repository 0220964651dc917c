"""guiyi doctor : what this installation is made of, and whether a store is in order."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import OUTPUT_FORM, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", help=str(Text("检查安装环境与数据库。", "Check the installation and a store.")))(doctor)


def doctor(
    db: Annotated[Path | None, option(Text("要检查的数据库。", "Store to check."), "--db")] = None,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
) -> None:
    """Print versions, free space and the state of the store."""
    from ..pipelines.doctor import examine
    from ..reports.terminal import show_facts

    show_facts(examine(db), form)
