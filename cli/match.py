"""guiyi match FILE : new rows against what is known, without publishing."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..i18n import Text
from .options import DEFAULT_STORE, ConfigFile, Store, argument, option

if TYPE_CHECKING:
    import polars as pl

# As text, those that hold anything; csv and json have every column.
SHOWN = ("row_number", "source_record_id", "verdict", "entity_id", "score", "of_record", "same_as_row")
ALWAYS = ("row_number", "verdict")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "match",
        help=str(
            Text(
                "新数据与库中客户比对，不发布：新客户、重复还是待复核。",
                "Match new rows with the store; nothing is published.",
            )
        ),
    )(match)


def match(
    file: Annotated[
        str,
        argument(
            Text("文件；- 表示标准输入（CSV 或每行一个 JSON）。", "File, or - for standard input."), show_default=False
        ),
    ],
    db: Store = DEFAULT_STORE,
    config: ConfigFile = None,
    name: Annotated[str | None, option(Text("来源名称。", "Name of the source."), "--name")] = None,
    form: Annotated[Literal["text", "json", "csv"], typer.Option("--format", help="text | json | csv")] = "text",
    fail_on: Annotated[
        Literal["duplicate", "review", "never"],
        option(Text("有此结果时退出码为 1。", "Exit 1 on such an answer."), "--fail-on"),
    ] = "never",
) -> int:
    """Print one answer per row; exit 1 on answers at or above --fail-on."""
    from ..config import load_config
    from ..i18n import language
    from ..pipelines.match import match_files
    from ..reports.terminal import show_frame

    settings = load_config(config).reading(name=name)
    with tempfile.TemporaryDirectory(prefix="guiyi-") as folder:
        path = _from_stdin(Path(folder)) if file == "-" else Path(file)
        answers = match_files([path], db, settings, settings.language or language())
    told = answers if form != "text" else _for_people(answers)
    show_frame(told, form)
    grave = {"duplicate": ["duplicate", "known"], "review": ["duplicate", "known", "review"], "never": []}[fail_on]
    return int(answers["verdict"].is_in(grave).any())


def _for_people(answers: "pl.DataFrame") -> "pl.DataFrame":
    """The columns to show; the key of another row of the batch says no more than `same_as_row`."""
    import polars as pl

    told = answers.with_columns(of_record=pl.when(pl.col("same_as_row").is_null()).then("of_record"))
    return told.select(c for c in SHOWN if c in ALWAYS or told[c].count())


def _from_stdin(folder: Path) -> Path:
    """What comes on standard input as a file, which is what readers read."""
    data = sys.stdin.buffer.read()
    path = folder / ("stdin.jsonl" if data.lstrip()[:1] == b"{" else "stdin.csv")
    path.write_bytes(data)
    return path
