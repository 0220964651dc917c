"""Tables to files: csv, json lines, parquet. Written beside the target first, so that a half file never has its name."""

import os
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import polars as pl

from ...errors import StoreError
from ...i18n import Text
from ...plugins import load_named
from ..in_use import CLOSE_IT, is_in_use

Writer = Callable[[pl.DataFrame], bytes]
FORMATS = ("csv", "json", "parquet")
# What a spreadsheet takes for a formula when it opens a cell (OWASP, CSV injection), full-width forms included.
_LIVE = r"^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n\x00]"


@cache
def plugged_writers() -> dict[str, Writer]:
    """Format, which is the suffix of its files without the point → who makes the bytes of a table, masked or not as the user wishes."""
    return load_named("writers", Callable, taken=FORMATS)


def formula_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that a spreadsheet would run get a leading apostrophe; guiyi's readers take it off again."""
    text = pl.selectors.string()
    return frame.with_columns(pl.when(text.str.contains(_LIVE)).then(pl.lit("'") + text).otherwise(text).name.keep())


def encode(frame: pl.DataFrame, form: str) -> bytes:
    """The frame as a file's bytes: csv with a BOM (Excel needs it for Chinese) and no live formula; json one object a line; else as
    a plug-in writes it."""
    if form not in FORMATS:
        return plugged_writers()[form](frame)
    if form == "parquet":
        buffer = BytesIO()
        frame.write_parquet(buffer, compression="zstd")
        return buffer.getvalue()
    if form == "json":
        return frame.write_ndjson().encode()
    return b"\xef\xbb\xbf" + formula_safe(frame).write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.f").encode()


def write_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write whole or not at all, readable by the owner only unless `mode` says otherwise; a link stays one. Raises StoreError.

    A pipe or a device is written into: no file takes the place of /dev/null.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(Path(os.path.realpath(path)), data, mode)
    except OSError as fault:
        if is_in_use(fault, path):
            what = Text(
                "文件 {p} 正在别的程序里打开，没有写入。", "{p} is open in another program and was not written."
            )
            raise StoreError(what.format(p=path), CLOSE_IT, reason="file.in_use") from None
        raise StoreError(
            Text("文件 {p} 写不进去。", "The file {p} cannot be written.").format(p=path),
            Text("请检查文件夹的写权限和磁盘空间。", "Check the folder's permission and the free space."),
            reason="file.unwritable",
        ) from None


def _replace(path: Path, data: bytes, mode: int) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)  # whatever the umask is
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
