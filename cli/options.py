"""Options and arguments that several commands share."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..i18n import Text

if TYPE_CHECKING:
    from ..config import Config


def option(told: Text, *names: str, **more: Any) -> Any:
    """A typer.Option with its help in the language of the session."""
    return typer.Option(*names, help=str(told), **more)


def argument(told: Text, **more: Any) -> Any:
    """A typer.Argument with its help in the language of the session."""
    return typer.Argument(help=str(told), **more)


DEFAULT_STORE = Path("guiyi.duckdb")
OUTPUT_FORM = Text("结果的格式。", "Format of the result.")


def file_behind(path: Path | None) -> Path | None:
    """The file behind a link: nothing behind this door sees the link."""
    from ..io.store.path import resolve_store

    return None if path is None else resolve_store(path)


def existing_store(path: Path | None) -> Path | None:
    from ..io.store.path import refuse_missing

    path = file_behind(path)
    if path is not None:
        refuse_missing(path)
    return path


_STORE = Text("DuckDB 数据库。", "The DuckDB store.")
# NewStore is made where it is not there; Store must be there, before a file is written beside it.
NewStore = Annotated[Path, option(_STORE, "--db", show_default=True, callback=file_behind)]
Store = Annotated[Path, option(_STORE, "--db", show_default=True, callback=existing_store)]
ConfigFile = Annotated[
    Path | None,
    option(
        Text("配置文件（默认向上查找 guiyi.toml）。", "Configuration (default: guiyi.toml here or above)."), "--config"
    ),
]
Unmask = Annotated[
    bool,
    option(
        Text("显示完整的个人信息；须同时用 --reason 说明原因。", "Show personal data in full; needs --reason."),
        "--unmask",
    ),
]
Reason = Annotated[
    str | None,
    option(
        Text("为何要看完整的个人信息（会记入审计）。", "Why personal data is needed in full (audited)."), "--reason"
    ),
]
Encoding = Annotated[str | None, option(Text("文件编码，如 gb18030。", "Encoding, such as gb18030."), "--encoding")]
Delimiter = Annotated[str | None, option(Text("分隔符。", "Delimiter."), "--delimiter")]
Sheet = Annotated[str | None, option(Text("只读这个工作表。", "Only this sheet."), "--sheet")]
HeaderRow = Annotated[int | None, option(Text("表头所在行。", "Row of the header."), "--header-row", min=1)]
Hidden = Annotated[bool, option(Text("也读隐藏的工作表。", "Read hidden sheets too."), "--hidden")]
PasswordEnv = Annotated[
    str | None,
    option(
        Text("存放工作簿密码的环境变量名。", "Environment variable with the workbook's password."), "--password-env"
    ),
]
Query = Annotated[
    str | None,
    option(Text("数据库地址要运行的 SELECT。", "The SELECT to run at the database."), "--query"),
]
# How a file is read: parameter → (option, default).
_READING: dict[str, tuple[Any, object]] = {
    "encoding": (Encoding, None), "delimiter": (Delimiter, None), "sheet": (Sheet, None),
    "header_row": (HeaderRow, None), "hidden": (Hidden, False), "password_env": (PasswordEnv, None),
}  # fmt: skip
LevelName = Annotated[str, option(Text("层级：contact 或 account。", "Level: contact or account."), "--level")]


def with_reading_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the options of reading behind its own; it gets them as one mapping, `reading`."""

    def run(**given: Any) -> int:
        reading = {name: given.pop(name) for name in _READING}
        return command(**given, reading=reading)

    more = {n: inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, annotation=a, default=d)
            for n, (a, d) in _READING.items()}  # fmt: skip
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != "reading"]
    run.__doc__ = command.__doc__
    run.__signature__ = signature.replace(parameters=[*own, *more.values()])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own, *more.values())} | {"return": int}
    return run


def load_settings(config: Path | None) -> "tuple[Config, Path]":
    """The configuration that applies, and the folder from which its rule packs are found."""
    from ..config import find_config, load_config

    found = find_config(config)
    return load_config(config), found.parent if found is not None else Path()


def why_in_full(unmask: bool, reason: str | None) -> str | None:
    """The reason to show personal data in full, None where it is masked. Raises UsageError for --unmask without one."""
    if unmask and not (reason or "").strip():
        from ..errors import UsageError

        raise UsageError(
            Text("--unmask 须用 --reason 说明原因。", "--unmask needs a --reason."),
            Text("例如：--unmask --reason 核对客户投诉。", 'Such as: --unmask --reason "complaint of a customer".'),
            reason="unmask.reason",
        )
    return reason if unmask else None


def checked_level(level: str) -> str:
    """The level, or a usage error."""
    if level not in ("contact", "account"):
        from ..errors import UsageError

        raise UsageError(Text("--level 只能是 contact 或 account。", "--level is contact or account."))
    return level
