"""guiyi run FILE… : the nightly job."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, ConfigFile, Delimiter, Encoding, HeaderRow, Hidden, PasswordEnv, Sheet, Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "run",
        help=str(Text("读入、清洗、查重、制定合并方案并发布。", "Read, clean, find duplicates, plan merges, publish.")),
    )(run)


def run(
    files: Annotated[
        list[Path], typer.Argument(help=str(Text("CSV 或 Excel 文件。", "CSV or Excel files.")), show_default=False)
    ],
    db: Store = DEFAULT_STORE,
    config: ConfigFile = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    header_row: HeaderRow = None,
    hidden: Hidden = False,
    password_env: PasswordEnv = None,
    fail_on: Annotated[
        Literal["error", "warning", "never"],
        typer.Option(
            "--fail-on",
            help=str(
                Text(
                    "有此级别的问题时退出码为 1：error、warning、never。",
                    "Exit 1 on findings of this severity: error, warning, never.",
                )
            ),
        ),
    ] = "never",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help=str(Text("只打印一行汇总。", "One summary line only.")))
    ] = False,
) -> int:
    """Run the pipeline and print a summary; exit 1 if there are findings at or above --fail-on."""
    from ..config import load_config
    from ..i18n import language
    from ..pipelines.nightly import run_nightly
    from ..reports.summary import fails, summary_line, summary_table
    from .progress import listener

    settings = load_config(config).reading(
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        header_row=header_row,
        hidden=hidden,
        password_env=password_env,
    )
    outcome = run_nightly(files, db, settings, settings.language or language(), listener(quiet))
    if quiet:
        typer.echo(summary_line(outcome.run, outcome.tables))
    else:
        summary_table(outcome.run, outcome.tables, db)
    return int(fails(outcome.tables["finding"], fail_on))
