"""The link given to a browser without a word on its command line, which everybody on the machine can read."""

import atexit
import html
import os
import shutil
import tempfile
import threading
import webbrowser
from pathlib import Path

LASTS = 60.0  # seconds that a browser has to start and read the file


def open_in_browser(link: str) -> None:
    """Open a file that leads on to the link; it goes after a minute, and with the process."""
    folder = Path(tempfile.mkdtemp(prefix="guiyi-"))  # 0700

    def remove() -> None:
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    later = threading.Timer(LASTS, remove)
    later.daemon = True
    later.start()
    webbrowser.open(write_page(folder, link).as_uri())


def write_page(folder: Path, link: str) -> Path:
    """A page that only its owner can read, and that leads on at once."""
    path, address = folder / "guiyi.html", html.escape(link)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as page:
        page.write('<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">')
        page.write(f'<meta http-equiv="refresh" content="0;url={address}"><a href="{address}">guiyi review</a>')
    return path
