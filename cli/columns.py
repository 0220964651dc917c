"""guiyi columns FILE… : how each column will be read, and why."""

from typing import Annotated, Any, Literal

import typer

from ..i18n import Text
from .options import OUTPUT_FORM, ConfigFile, Query, Reason, Unmask, argument, option, why_in_full, with_reading_options
from .origins import origins

# As text; json has every column.
SHOWN = ("column", "header", "label", "confidence", "reason", "filled", "distinct", "sample")
HOW = Text(
    '要改：在 guiyi.toml 的 [sources."文件名".headers] 里写 "表头" = "字段"（空串：不用这一列）；guiyi init 可生成。',
    'To change: "header" = "field" under [sources."file".headers] in guiyi.toml ("": not used); guiyi init writes it.',
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "columns",
        help=str(Text("每一列会怎么读、为什么。", "How each column will be read, and why.")),
    )(with_reading_options(columns))


def columns(
    files: Annotated[
        list[str],
        argument(
            Text("CSV、Excel 文件，或数据库地址。", "CSV or Excel files, or a database."),
            metavar="FILE…",
            show_default=False,
        ),
    ],
    config: ConfigFile = None,
    query: Query = None,
    form: Annotated[Literal["text", "json"], option(OUTPUT_FORM, "--format")] = "text",
    unmask: Unmask = False,
    reason: Reason = None,
    *,
    reading: dict[str, Any],
) -> int:
    """A line per column that is read or doubtful, the others in one sentence; nothing is written."""
    import polars as pl

    from ..config import load_config
    from ..pipelines.check.columns import profile_columns, sentence
    from ..reports.terminal import show_frame

    why_in_full(unmask, reason)
    table = profile_columns(origins(files, query, "columns"), load_config(config).reading(**reading), unmask)
    if form == "json":
        show_frame(table, form)
        return 0
    for (file, sheet), own in table.group_by("file", "sheet", maintain_order=True):
        typer.echo(f"{file}{f'［{sheet}］' if sheet else ''}")
        told = own.filter(pl.col("field").is_not_null() | pl.col("rule").is_not_null())
        shares = pl.col("confidence", "filled").map_elements(lambda share: f"{share:.0%}", pl.String)
        show_frame(told.with_columns(shares), form, SHOWN)
        if (words := sentence(own)) is not None:
            typer.echo(words)
    typer.echo(str(HOW))
    return 0
