"""The files that a run without file names reads: those of the configuration's `inputs` that no published run has read."""

import glob
import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ...config import Config
from ...errors import InputError, UsageError
from ...i18n import Text
from ...io.read.readers import plugged_readers
from ...io.store.store import open_store
from ..read.intake import source_name, source_of
from .files_aside import SKIPPED, Aside, Refusal, note_aside, set_aside

# What a folder is searched for; a pattern takes whatever it matches.
TABLES = frozenset(
    (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".json", ".jsonl", ".ndjson", ".parquet",
     ".html", ".htm", ".xml")
)  # fmt: skip
_UNFINISHED = re.compile(r"^[.~]|\.(?:tmp|part|partial|crdownload)$", re.IGNORECASE)


class Asked(NamedTuple):
    """Files by name or path: set aside and to be tried `again`, or never to be read (`skip`)."""

    again: Sequence[str] = ()
    skip: Sequence[str] = ()


class Waiting(NamedTuple):
    """batches: the files of one run each, in order; skipped: files whose content a published run has read.

    aside: set aside since an earlier night. unreadable: could not even be opened. digests: sha256 of the others.
    """

    batches: list[list[Path]]
    skipped: list[Path]
    aside: list[Aside]
    unreadable: list[Refusal]
    digests: dict[Path, str]


def waiting(config: Config, folder: Path, store: Path, under: str, asked: Asked) -> Waiting:
    """What is to be read, patterns relative to `folder`. Raises UsageError without `inputs`, InputError for a lost folder.

    under: the configuration that files are judged by (files_aside.py).

    Oldest first by name, numbers by value. Two files of one source never meet in one run: the later must find the rows
    of the earlier to say what changed in them.
    """
    if not config.inputs:
        raise UsageError(
            Text("没有给出文件，配置里也没有 inputs。", "No file is named, and the configuration has no `inputs`."),
            Text(
                "guiyi run 文件…，或用 guiyi init 写一个配置。",
                "guiyi run FILE…, or let guiyi init write a configuration.",
            ),
            reason="inputs.none",
        )
    files = _found(config.inputs, folder)
    _note_skipped(files, asked, store, under)
    taken, held = _taken(store), set_aside(store, under)
    found = Waiting([], [], [], [], {})
    new: list[Path] = []
    for path in files:
        try:
            digest = found.digests[path] = _digest(path)
        except InputError as fault:
            found.unreadable.append(Refusal(path, fault))
            continue
        if digest not in taken and digest in held and not any(_is_named(path, name) for name in asked.again):
            found.aside.append(held[digest]._replace(name=path.name))
            continue
        (found.skipped if digest in taken else new).append(path)
        taken.add(digest)
    return found._replace(batches=_batches(new, config))


def _note_skipped(files: Sequence[Path], asked: Asked, store: Path, under: str) -> None:
    """Raises UsageError for a name that no file of `inputs` has, or where there is no store to remember it."""
    for name in (*asked.again, *asked.skip):
        if not any(_is_named(path, name) for path in files):
            raise UsageError(
                Text("inputs 里没有文件 {f}。", "`inputs` has no file {f}.").format(f=name), reason="inputs.no_file"
            )
    skipped = [path for path in files if any(_is_named(path, name) for name in asked.skip)]
    if skipped and not note_aside(store, SKIPPED, [(path.name, _digest(path), None) for path in skipped], under):
        raise UsageError(
            Text("还没有数据库 {p}，无处记下要跳过的文件。", "There is no store {p} yet to remember it in.").format(
                p=store
            ),
            Text("请把文件移出 inputs 的文件夹。", "Move the file out of the folder of `inputs`."),
            reason="store.missing",
        )


def _is_named(path: Path, name: str) -> bool:
    """Whether a name means this file: its name, or a path to it."""
    return path.name == name or path.resolve() == Path(name).resolve()


def _taken(store: Path) -> set[str]:
    """Hashes of the files that published runs have read."""
    if not store.exists():
        return set()
    with open_store(store) as opened:
        return set(opened.query("SELECT DISTINCT sha256 FROM main.source_file")["sha256"])


def _found(patterns: Sequence[str], folder: Path) -> list[Path]:
    """The files of all patterns, each once, oldest first by name."""
    found = {path.resolve(): path for pattern in patterns for path in _matches(pattern, folder) if path.is_file()}
    kept = (path for path in found.values() if not _UNFINISHED.search(path.name))
    return sorted(kept, key=lambda path: (_by_number(path.name), str(path)))


def _matches(pattern: str, folder: Path) -> Iterable[Path]:
    """The paths of a pattern; a folder stands for the tables in it."""
    _refuse_lost(pattern, folder)
    for name in glob.glob(pattern, root_dir=folder, recursive=True):  # noqa: PTH207  (patterns may be absolute)
        path = folder / name
        if path.is_dir():
            yield from (child for child in path.iterdir() if child.suffix.lower() in TABLES | plugged_readers().keys())
        else:
            yield path


def _refuse_lost(pattern: str, folder: Path) -> None:
    """A share that is not mounted must not look like a night without news."""
    fixed = folder
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        fixed = fixed / part
    if not fixed.exists():
        raise InputError(
            Text("inputs 中的 {p} 不存在。", "{p} of `inputs` does not exist.").format(p=fixed),
            Text("请检查路径，或共享文件夹是否已挂载。", "Check the path, and whether a shared folder is mounted."),
            reason="file.missing",
        )


def _by_number(name: str) -> list[str | int]:
    """leads_9 before leads_10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name.casefold())]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise InputError(
            Text("{p}：没有读取权限，或读取出错。", "{p}: no permission to read it, or reading failed.").format(p=path),
            reason="file.unreadable",
        ) from None


def _batches(paths: Iterable[Path], config: Config) -> list[list[Path]]:
    """Each file in the first run after that of the file of its source before it."""
    batches: list[list[Path]] = []
    turn: dict[str, int] = {}
    for path in paths:
        source = source_name(path, source_of(path, config))
        turn[source] = turn.get(source, -1) + 1
        if turn[source] == len(batches):
            batches.append([])
        batches[turn[source]].append(path)
    return batches
