"""Options and arguments that several commands share."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ..i18n import Text

DEFAULT_STORE = Path("guiyi.duckdb")

Store = Annotated[Path, typer.Option("--db", help=str(Text("DuckDB 数据库。", "The DuckDB store.")), show_default=True)]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help=str(Text("配置文件（默认向上查找 guiyi.toml）。", "Configuration (default: guiyi.toml here or above).")),
    ),
]
Unmask = Annotated[
    bool,
    typer.Option(
        "--unmask", help=str(Text("显示完整的个人信息（会记入审计）。", "Show personal data in full (audited)."))
    ),
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help=str(Text("文件编码，如 gb18030。", "Encoding, such as gb18030.")))
]
Delimiter = Annotated[str | None, typer.Option("--delimiter", help=str(Text("分隔符。", "Delimiter.")))]
Sheet = Annotated[str | None, typer.Option("--sheet", help=str(Text("只读这个工作表。", "Only this sheet.")))]
HeaderRow = Annotated[
    int | None, typer.Option("--header-row", min=1, help=str(Text("表头所在行。", "Row of the header.")))
]
Hidden = Annotated[bool, typer.Option("--hidden", help=str(Text("也读隐藏的工作表。", "Read hidden sheets too.")))]
PasswordEnv = Annotated[
    str | None,
    typer.Option(
        "--password-env",
        help=str(Text("存放工作簿密码的环境变量名。", "Environment variable with the workbook's password.")),
    ),
]
Query = Annotated[
    str | None,
    typer.Option("--query", help=str(Text("数据库地址要运行的 SELECT。", "The SELECT to run at the database."))),
]
# How a file is read: parameter → (option, default).
_READING: dict[str, tuple[Any, object]] = {
    "encoding": (Encoding, None), "delimiter": (Delimiter, None), "sheet": (Sheet, None),
    "header_row": (HeaderRow, None), "hidden": (Hidden, False), "password_env": (PasswordEnv, None),
}  # fmt: skip
LevelName = Annotated[
    str, typer.Option("--level", help=str(Text("层级：contact 或 account。", "Level: contact or account.")))
]


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


def checked_level(level: str) -> str:
    """The level, or a usage error."""
    if level not in ("contact", "account"):
        from ..errors import UsageError

        raise UsageError(Text("--level 只能是 contact 或 account。", "--level is contact or account."))
    return level
