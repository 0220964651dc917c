"""A commented guiyi.toml from a sample file: which header became which field, what is not known, and the usual settings."""

import glob
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ...config import Config, Gates, Source
from ...fields import BY_NAME
from ...i18n import Text
from ...io.read.readers import read_tables
from ...io.table.source_table import SourceTable
from ...reports.masking import mask_name
from ...rules.columns.column import Column
from ..read.intake import columns_read, source_name, source_of

KEEP_RUNS = 90
_HEAD = Text(
    "guiyi 的配置，由 guiyi init 生成。全部可用的键见 docs/zh/config.md；写错的键会被拒绝。",
    "Configuration of guiyi, written by guiyi init. All keys: docs/en/config.md; an unknown key is refused.",
)
_INPUTS = Text(
    "不带文件名的 guiyi run 读取这些文件（文件夹或通配符，相对本文件所在的文件夹），按文件名先旧后新；已读过的跳过。",
    "What guiyi run without file names reads (folders or patterns, from this file's folder), oldest first by name; what was\n"
    "# read before is skipped.",
)
_KEEP = Text("发布后保留最近多少次运行。", "Runs kept after publishing.")
_GATES = Text(
    "闸门：超出任何一条，本次运行不发布，退出码 1；确认输入无误后用 --accept-change。",
    "Gates: a run beyond one of them is not published (exit 1); if the input is right: --accept-change.",
)
_GATE = {
    "quarantined": Text("今日行中被隔离的比例上限", "largest share of today's rows set aside"),
    "gone": Text("全表来源消失的行占已知行的比例上限", "largest share of known rows that snapshots may take away"),
    "null_rate_jump": Text("某字段空值率比上次最多高多少", "how much emptier a field may become"),
    "links_jump": Text("每条记录的记录对数最多是上次的几倍", "times the pairs per record of the run before"),
    "largest_group": Text("最大的联系人组最多多少条记录", "records that one person's group may hold"),
}
_SNAPSHOT = Text(
    "若每个文件都是全表，改为 true：文件里不再有的记录视为消失",
    "true if each file is the whole table: what it no longer holds is gone",
)
_NAME = Text("来源名，是记录键的一部分；文件改名也不要改它", "part of every record key: keep it when files are renamed")
_MAPPED = Text(
    "表头 = 字段。认错了就改；字段名见 docs/zh/config.md。",
    "header = field. Correct what is wrong; fields: docs/en/config.md.",
)
_UNMAPPED = Text(
    "没有对应字段的列，清洗后保留在 extra；要对应，去掉行首的 # 并填上字段名。",
    "Columns that no field was found for are kept in `extra`; to map one, take the # away and name its field.",
)


class Sketch(NamedTuple):
    """A configuration to be written, and the headers that no field was found for."""

    text: str
    unmapped: list[str]


def sketch(sample: Path | None, folder: Path) -> Sketch:
    """The configuration for a folder, from a sample file (None: from nothing). Raises InputError.

    Nothing of the sample's rows goes into it: headers only.
    """
    if sample is None:
        return Sketch("\n".join([*_general(None), *_gates()]) + "\n", [])
    tables, source = read_tables(sample), source_of(sample, Config())
    name = source_name(sample, source)
    # A source is named on every page and in every record key: never after a person.
    called_after_person = mask_name(name) != name
    name, stem = ("source", "") if called_after_person else (name, glob.escape(name))
    pattern = f"{stem}*{sample.suffix}"
    place = os.path.relpath(sample.absolute().parent, folder.absolute())
    inputs = pattern if place == "." else f"{glob.escape(Path(place).as_posix())}/{pattern}"
    mapping, unmapped = _columns(tables)
    lines = [*_general(inputs), *_gates(), *_source(pattern, name, tables), *mapping]
    return Sketch("\n".join(lines) + "\n", unmapped)


def _general(inputs: str | None) -> Iterator[str]:
    yield f"# {_HEAD}"
    yield from ("", f"# {_INPUTS}", '# inputs = ["inbox"]' if inputs is None else f"inputs = [{_quoted(inputs)}]")
    yield from ("", f"# {_KEEP}", f"keep_runs = {KEEP_RUNS}")


def _gates() -> Iterator[str]:
    standard = Gates()
    yield from ("", f"# {_GATES}", "[gates]")
    yield from (f"{key} = {getattr(standard, key)}  # {words}" for key, words in _GATE.items())


def _source(pattern: str, name: str, tables: Sequence[SourceTable]) -> Iterator[str]:
    """The section of the source; what the reader found out stands there as a comment."""
    yield from ("", f"[sources.{_quoted(pattern)}]")
    by_sheet = any(table.sheet for table in tables)  # then each sheet is a source of its own, named after it
    yield f"{'# ' if by_sheet else ''}name = {_quoted(name)}  # {_NAME}"
    yield f"# snapshot = true  # {_SNAPSHOT}"
    for table in tables:
        found = {"encoding": table.encoding, "sheet": table.sheet, "header_row": table.header_row}
        known = ", ".join(f"{k} = {_quoted(v) if isinstance(v, str) else v}" for k, v in found.items() if v is not None)
        yield f"# {Text('自动识别：', 'found: ')}{known}"
    yield from ("", f"[sources.{_quoted(pattern)}.headers]", f"# {_MAPPED}")


def _columns(tables: Sequence[SourceTable]) -> tuple[list[str], list[str]]:
    """A line per header, each once, those without a field at the end and as comments; and these headers."""
    mapped: dict[str, str] = {}
    unmapped: dict[str, str] = {}
    for table in tables:
        for column in columns_read(table, Source()):
            key = _quoted(column.header)
            if column.field is not None:
                mapped.setdefault(column.header, f"{header_line(column)}  # {BY_NAME[column.field].label}")
            elif column.note is not None and column.note[0] == "header.second":
                label = BY_NAME[column.note[1] or ""].label
                words = Text(f"{label.zh}的又一列", f"another column of {label.en}")
                unmapped.setdefault(column.header, f'# {key} = ""  # {words}')
            else:
                unmapped.setdefault(column.header, f'# {key} = ""')
    left = {header: line for header, line in unmapped.items() if header not in mapped}
    tail = ["", f"# {_UNMAPPED}", *left.values()] if left else []
    return [*mapped.values(), *tail], list(left)


def header_line(column: Column) -> str:
    """The line of a configuration under `headers` that says what a column is; "" keeps it unread."""
    return f"{_quoted(column.header)} = {_quoted(column.field or '')}"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, but that it escapes every control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
