"""`guiyi run --metrics-file`: what monitoring scrapes, written however the job ends; it never fails a job."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import GuiyiError, UsageError, exit_code_of
from ..i18n import Text
from ..log import tell

if TYPE_CHECKING:
    from ..reports.prometheus import Published

_PATIENCE = 2.0  # seconds: a store that is busy for longer is left out


@contextmanager
def measured(path: Path | None, store: Path, exit_code: Callable[[], int]) -> Iterator[None]:
    """Write the metrics of the job inside to `path` (None: nowhere). exit_code: asked where it ends without a fault."""
    if path is not None and (path.suffix != ".prom" or not path.absolute().parent.is_dir()):
        what = Text(
            "--metrics-file 的文件名须以 .prom 结尾，所在文件夹须已存在。",
            "--metrics-file takes a name ending in .prom, in a folder that exists.",
        )
        raise UsageError(what)
    try:
        yield
    except BaseException as fault:
        _write(path, store, exit_code_of(fault))
        raise
    _write(path, store, exit_code())


def _write(path: Path | None, store: Path, exit_code: int) -> None:
    if path is None:
        return
    from ..io.write.export import write_file
    from ..reports.prometheus import render_prometheus

    text = render_prometheus(store.stem, exit_code, datetime.now(UTC), _published(store))
    try:
        write_file(path, text.encode(), mode=0o644)  # read by the exporter's user; no personal data
    except GuiyiError as fault:
        tell("metrics", Text("警告：{w}", "Warning: {w}").format(w=fault), "warning")


def _published(store: Path) -> "Published | None":
    from ..io.store.store import open_store
    from ..reports.prometheus import Published

    try:
        with open_store(store, patience=_PATIENCE) as opened:
            run = opened.last_run()
            if run is None:
                return None
            run |= {name: run[name].replace(tzinfo=UTC) for name in ("started_at", "finished_at")}  # type: ignore[attr-defined]
            sources = opened.query("SELECT DISTINCT source FROM main.source_file")[
                "source"
            ]  # file names may name people
            metric = opened.table("metric")
            return Published(run, metric.filter(~metric["scope"].is_in(sources.implode())), opened.table("stage"))
    except GuiyiError:
        return None
