"""guiyi doctor : what this installation is made of, and whether a store is in order."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..i18n import Text
from ..log import warn
from .options import DEFAULT_STORE, OUTPUT_FORM, ConfigFile, existing_store, option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", help=str(Text("检查安装环境与数据库。", "Check the installation and a store.")))(doctor)


def doctor(
    db: Annotated[
        Path | None,
        option(
            Text("要检查的数据库（默认 guiyi.duckdb，如有）。", "Store to check (default: guiyi.duckdb, if there)."),
            "--db",
            callback=existing_store,
        ),
    ] = None,
    config: ConfigFile = None,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
) -> int:
    """Print versions, free space and the rows of the store, and a verdict per line; exit 1 where something is wrong."""
    from ..pipelines.setup.doctor import examine, open_to_others
    from ..pipelines.setup.health import judge
    from ..reports.terminal import show_facts

    if db is None and DEFAULT_STORE.exists():
        db = DEFAULT_STORE
    verdicts = judge(db, config)
    readable = any(v.check == "age" for v in verdicts)
    facts = examine(db if readable else None)
    if form == "json":
        facts["checks"] = [{"check": v.check, "fine": v.fine, "message": str(v.text)} for v in verdicts]
    show_facts(facts, form)
    if form == "text":
        for verdict in verdicts:
            typer.echo(f"{'✓' if verdict.fine else '✗'} {verdict.text}")
    for path in open_to_others(db) if db is not None else ():
        warn(
            Text(
                "{p} 对其他用户开放，里面是个人信息；请执行 chmod go= {p}。",
                "{p} is open to other users, and holds personal data: chmod go= {p}",
            ).format(p=path)
        )
    return int(not all(v.fine for v in verdicts))
