"""guiyi run FILE… : the nightly job."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import UsageError
from ..i18n import Text
from .options import DEFAULT_STORE, ConfigFile, Delimiter, Encoding, HeaderRow, Hidden, PasswordEnv, Sheet, Store

if TYPE_CHECKING:
    from ..io.databases import DatabaseQuery


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "run",
        help=str(Text("读入、清洗、查重、制定合并方案并发布。", "Read, clean, find duplicates, plan merges, publish.")),
    )(run)


def run(
    files: Annotated[
        list[str],
        typer.Argument(
            help=str(
                Text(
                    "CSV、Excel 文件，或 postgresql://、mysql:// 地址。",
                    "CSV and Excel files, postgresql:// or mysql://.",
                )
            ),
            show_default=False,
        ),
    ],
    db: Store = DEFAULT_STORE,
    config: ConfigFile = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    header_row: HeaderRow = None,
    hidden: Hidden = False,
    password_env: PasswordEnv = None,
    query: Annotated[
        str | None,
        typer.Option("--query", help=str(Text("数据库地址要运行的 SELECT。", "The SELECT to run at the database."))),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", help=str(Text("来源名称（默认取文件名或表名）。", "Name of the source (default: file or table)."))
        ),
    ] = None,
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
    accept_change: Annotated[
        bool,
        typer.Option(
            "--accept-change",
            help=str(
                Text(
                    "输入确实变了：即使规则报警突增也发布。",
                    "The input did change: publish even if rules speak up suddenly.",
                )
            ),
        ),
    ] = False,
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
        name=name,
    )
    with listener(quiet) as hear:
        outcome = run_nightly(
            _origins(files, query),
            db,
            settings,
            settings.language or language(),
            hear,
            breaker_on=not accept_change,
        )
    if quiet:
        typer.echo(summary_line(outcome.run, outcome.tables))
    else:
        summary_table(outcome.run, outcome.tables, db)
    return int(fails(outcome.tables["finding"], fail_on))


def _origins(files: list[str], query: str | None) -> "list[Path | DatabaseQuery]":
    """Files and database addresses; a query belongs to an address, and an address needs one."""
    from ..io.databases import DatabaseQuery, is_address

    addresses = [file for file in files if is_address(file)]
    if len(addresses) > 1 or bool(addresses) != (query is not None):
        raise UsageError(
            Text("--query 要与恰好一个数据库地址一起使用。", "--query goes with exactly one database address."),
            Text(
                'guiyi run postgresql://用户@主机/库 --query "select * from 表"',
                'guiyi run postgresql://user@host/database --query "select * from t"',
            ),
        )
    return [DatabaseQuery(file, query) if query is not None and is_address(file) else Path(file) for file in files]
