"""guiyi history | prune : the life of an entity, and old runs that go."""

from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, OUTPUT_FORM, Store, argument, option


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("history", help=str(Text("一个实体的来龙去脉。", "The life of an entity.")))(history)
    app.command("prune", help=str(Text("只保留最近几次运行。", "Keep the last runs only.")))(prune)


def history(
    entity: Annotated[str, argument(Text("实体编号。", "Entity id."), show_default=False)],
    db: Store = DEFAULT_STORE,
    form: Annotated[Literal["text", "json", "csv"], option(OUTPUT_FORM, "--format")] = "text",
) -> None:
    """Oldest first: born, grew, split, decided, applied, undone."""
    from ..pipelines.merge.lineage import history_of_entity
    from ..reports.history import print_history

    print_history(history_of_entity(db, entity), form)


def prune(
    keep: Annotated[int, option(Text("保留最近多少次运行。", "Runs to keep."), "--keep", min=1)],
    db: Store = DEFAULT_STORE,
    compact: Annotated[
        bool,
        option(Text("重写文件，收回空间。", "Rewrite the file without the space of what went."), "--compact"),
    ] = False,
) -> None:
    """The live state, decisions, applied merges and the audit stay."""
    from ..pipelines.merge.lineage import compact as rewrite
    from ..pipelines.merge.lineage import prune as forget

    runs, rows = forget(db, keep)
    typer.echo(str(Text("移除 {r} 次运行、{n:,} 行。", "{r} runs and {n:,} rows removed.").format(r=runs, n=rows)))
    if compact:
        before, after = rewrite(db)
        typer.echo(f"{before / 1e6:,.1f} MB → {after / 1e6:,.1f} MB")
