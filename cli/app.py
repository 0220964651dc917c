"""The commands, one file each; what they need is imported when they run, so that --help answers at once."""

from typing import Annotated, Literal

import typer

from .. import __version__
from ..i18n import Text
from . import (
    alarm,
    check,
    decide,
    demo,
    doctor,
    evaluate,
    explain,
    export,
    groups,
    history,
    init,
    match,
    plan,
    report,
    review,
    rules,
    run,
    score,
    show,
    thresholds,
    tune,
    workbook,
)
from .options import option

EXIT_CODES = Text(
    "退出码：0 正常 · 1 有达到 --fail-on 的问题 · 2 用法或配置错误 · 3 输入无法读取 · 4 数据库被占用、已满或不可写 · 5 内部错误",
    "Exit codes: 0 clean · 1 findings at or above --fail-on · 2 usage or config · 3 input unreadable · "
    "4 store locked, full or not writable · 5 internal",
)

app = typer.Typer(
    name="guiyi",
    help=str(
        Text(
            "归一：把杂乱的中文 CRM 表格整理成一份干净的客户数据。",
            "One clean customer from many dirty rows of Chinese CRM spreadsheets.",
        )
    ),
    epilog=str(EXIT_CODES),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"guiyi {__version__}")
        raise typer.Exit


@app.callback()
def options(
    lang: Annotated[
        Literal["zh", "en"] | None, option(Text("语言：zh 或 en。", "Language: zh or en."), "--lang")
    ] = None,
    version: Annotated[
        bool,
        option(Text("显示版本。", "Show the version."), "--version", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Options of every command; `--lang` has been read by then (see __main__)."""


for module in (
    run,
    init,
    check,
    match,
    rules,
    groups,
    show,
    review,
    explain,
    score,
    decide,
    plan,
    history,
    workbook,
    alarm,
    report,
    export,
    evaluate,
    thresholds,
    tune,
    demo,
    doctor,
):
    module.register(app)
