"""guiyi match FILE : new rows against what is known, without publishing."""

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import InputError
from ..i18n import Text
from .options import DEFAULT_STORE, OUTPUT_FORM, ConfigFile, Reason, Store, Unmask, argument, option, why_in_full

if TYPE_CHECKING:
    import polars as pl

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*[\[{])")
_WANTED = Text("请传入 CSV，或每行一个完整的 JSON 对象。", "Send a CSV, or one whole JSON object on each line.")
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
    form: Annotated[Literal["text", "json", "csv"], option(OUTPUT_FORM, "--format")] = "text",
    fail_on: Annotated[
        Literal["duplicate", "review", "never"],
        option(Text("有此结果时退出码为 1。", "Exit 1 on such an answer."), "--fail-on"),
    ] = "never",
    unmask: Unmask = False,
    reason: Reason = None,
) -> int:
    """Print one answer per row; exit 1 on answers at or above --fail-on."""
    from ..config import load_config
    from ..i18n import language
    from ..pipelines.audit import audit_full
    from ..pipelines.resolve.match import match_files
    from ..reports.masking import masked
    from ..reports.terminal import show_frame

    why = why_in_full(unmask, reason)
    settings = load_config(config).reading(name=name)
    with tempfile.TemporaryDirectory(prefix="guiyi-") as folder:
        path = _from_stdin(Path(folder)) if file == "-" else Path(file)
        with _named_as_typed(path, file):
            answers = match_files([path], db, settings, settings.language or language())
    if unmask:
        audit_full(db, "match", why, rows=answers.height)
    told = masked(answers if form != "text" else _for_people(answers), unmask)
    show_frame(told, form)
    grave = {"duplicate": ["duplicate", "known"], "review": ["duplicate", "known", "review"], "never": []}[fail_on]
    return int(answers["verdict"].is_in(grave).any())


def _for_people(answers: "pl.DataFrame") -> "pl.DataFrame":
    """The columns to show; the key of another row of the batch says no more than `same_as_row`."""
    import polars as pl

    told = answers.with_columns(of_record=pl.when(pl.col("same_as_row").is_null()).then("of_record"))
    return told.select(c for c in SHOWN if c in ALWAYS or told[c].count())


def _from_stdin(folder: Path) -> Path:
    """What comes on standard input as a file, which is what readers read. Raises InputError for nothing and broken JSON."""
    data = sys.stdin.buffer.read()
    if not data.strip():
        raise InputError(Text("标准输入是空的。", "Standard input is empty."), _WANTED, reason="file.empty")
    as_json = _JSON.match(data) is not None
    if as_json:
        _refuse_broken(data)
    path = folder / ("stdin.jsonl" if as_json else "stdin.csv")
    path.write_bytes(data)
    return path


def _refuse_broken(data: bytes) -> None:
    """Whoever sends objects wants an answer for each: none is passed over as some other kind of text."""
    from ..io.read.typed_tables import no_object

    place = no_object(data)
    if place is None:
        return
    what = Text(
        "标准输入的第 {n} 行（数组则为第 {n} 项）不是完整的 JSON 对象。",
        "Line {n} of standard input (item, if it is an array) is not a whole JSON object.",
    )
    if not place:
        what = Text("标准输入不是合法的 JSON。", "Standard input is not valid JSON.")
    raise InputError(what.format(n=place), _WANTED, reason="file.not_a_table")


@contextmanager
def _named_as_typed(path: Path, file: str) -> Iterator[None]:
    """Faults of standard input name it, not the file it was put into."""
    try:
        yield
    except InputError as fault:
        if file != "-":
            raise
        zh, en = fault.what.zh.replace(str(path), "标准输入"), fault.what.en.replace(str(path), "standard input")
        raise InputError(Text(zh, en), fault.advice, reason=fault.reason) from None
