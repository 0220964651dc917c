"""The commands, one file each; what they need is imported when they run, so that --help answers at once."""

from importlib import import_module
from typing import Annotated, Literal

import typer

from .. import __version__
from ..i18n import Text
from .options import option

EXIT_CODES = Text(
    "退出码：0 正常 · 1 有达到 --fail-on 的问题 · 2 用法或配置错误 · 3 输入无法读取 · 4 数据库被占用、已满或不可写 · 5 内部错误",
    "Exit codes: 0 clean · 1 findings at or above --fail-on · 2 usage or config · 3 input unreadable · "
    "4 store locked, full or not writable · 5 internal",
)

# In the order of the help; further commands of a module.
_MODULES = (
    "run", "init", "check", "columns", "match", "rules", "packs", "audit", "reconcile", "groups", "show",
    "review", "explain", "score", "decide", "plan", "history", "workbook", "alarm", "report", "export",
    "evaluate", "thresholds", "tune", "demo", "doctor",
)  # fmt: skip
_FURTHER = {
    "approve": "decide",
    "reject": "decide",
    "split": "decide",
    "apply": "plan",
    "undo": "plan",
    "prune": "history",
}


def build_app(command: str = "") -> typer.Typer:
    """The app with the one command that a user asks for; with all of them where it is none.

    The library reads the types of every option of every command before it runs one.
    """
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
    app.callback()(_options)
    module = _FURTHER.get(command, command)
    for name in (module,) if module in _MODULES else _MODULES:
        import_module(f".{name}", __package__).register(app)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"guiyi {__version__}")
        raise typer.Exit


def _options(
    lang: Annotated[
        Literal["zh", "en"] | None, option(Text("语言：zh 或 en。", "Language: zh or en."), "--lang")
    ] = None,
    version: Annotated[
        bool,
        option(Text("显示版本。", "Show the version."), "--version", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Options of every command; `--lang` has been read by then (see __main__)."""
