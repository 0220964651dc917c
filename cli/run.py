"""guiyi run FILE… : the nightly job."""

from typing import Annotated, Any, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, ConfigFile, Query, Store, with_reading_options
from .origins import origins


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "run",
        help=str(Text("读入、清洗、查重、制定合并方案并发布。", "Read, clean, find duplicates, plan merges, publish.")),
    )(with_reading_options(run))


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
    query: Query = None,
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
    whole: Annotated[
        bool,
        typer.Option(
            "--whole",
            help=str(
                Text(
                    "重新比对全部记录，而不只是今天涉及的。",
                    "Compare all records again, not only what today's rows touch.",
                )
            ),
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help=str(Text("只打印一行汇总。", "One summary line only.")))
    ] = False,
    *,
    reading: dict[str, Any],
) -> int:
    """Run the pipeline and print a summary; exit 1 if there are findings at or above --fail-on."""
    from ..config import load_config
    from ..i18n import language
    from ..pipelines.nightly import Wishes, run_nightly
    from ..reports.summary import fails, summary_line, summary_table
    from .progress import listener

    settings = load_config(config).reading(**reading, name=name)
    with listener(quiet) as hear:
        outcome = run_nightly(
            origins(files, query, "run"),
            db,
            settings,
            settings.language or language(),
            hear,
            Wishes(breaker=not accept_change, whole=whole),
        )
    if quiet:
        typer.echo(summary_line(outcome.run, outcome.metric))
    else:
        summary_table(outcome.run, outcome.metric, db)
    return int(fails(outcome.tables["finding"], fail_on))
