"""Keeps the live run at hand: a new one is read in the background while the old one goes on answering."""

import threading
import time
from pathlib import Path

from ..errors import GuiyiError
from .published import Published, live_state, load

LOOK_EVERY = 1.0  # seconds between two looks at the file's time
TRY_AGAIN = 5.0  # seconds until a store that was busy is asked again


class Reader:
    """The published run of a store. `current()` never waits for DuckDB, except for the first run."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._stamp = self._file_stamp()
        self._published = load(store)
        self._next_look = 0.0
        self._loading: threading.Thread | None = None

    def current(self) -> Published:
        """The newest run that has been read; starts to read a newer one where the file has changed."""
        now = time.monotonic()
        if now >= self._next_look:
            with self._lock:
                self._next_look = now + LOOK_EVERY
                if self._loading is None and self._file_stamp() != self._stamp:
                    self._loading = threading.Thread(target=self._renew, daemon=True)
                    self._loading.start()
        return self._published

    def wait(self) -> None:
        """Wait until what is being read has been read."""
        loading = self._loading
        if loading is not None:
            loading.join()

    def _renew(self) -> None:
        """Read what is live now, unless it is known: an audit changes the file, neither the run nor what is applied."""
        stamp, pause = self._file_stamp(), TRY_AGAIN
        try:
            if live_state(self._store) != self._published.state:
                self._published = load(self._store)
            self._stamp, pause = stamp, 0.0
        except GuiyiError:  # held by a run that publishes, or moved away: the old one still answers
            return
        finally:
            with self._lock:
                self._next_look = time.monotonic() + pause
                self._loading = None

    def _file_stamp(self) -> tuple[int, int]:
        try:
            known = self._store.stat()
        except OSError:
            return (0, 0)
        return (known.st_mtime_ns, known.st_size)
