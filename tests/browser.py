"""A real headless Chromium for the pages that people see: the report and the review page.

`browser` and `look` are fixtures of all tests (conftest.py). Without Chromium (Debian: `apt-get install chromium`) the tests that
ask for them are skipped, with the reason. A `Look` opens a page and remembers what the browser complained about and asked for.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
DESKTOP, PHONE = (1280, 900), (390, 844)


def chromium() -> str | None:
    """The browser on this machine: `$CHROMIUM`, or one on the path."""
    return os.environ.get("CHROMIUM") or next((p for name in NAMES if (p := shutil.which(name))), None)


@dataclass
class Look:
    """A page of its own, what its console said (errors and warnings), and every address it asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, address: str | Path) -> "Look":
        """Go to an address or a file, and wait until nothing is loading."""
        self.page.goto(address.as_uri() if isinstance(address, Path) else address, wait_until="networkidle")
        return self

    def screenshot(self, path: Path, *, full_page: bool = False) -> bytes:
        """The page as PNG, written to `path` too."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return bytes(self.page.screenshot(path=path, full_page=full_page, animations="disabled"))

    def outside(self, *own: str) -> list[str]:
        """Requests that went anywhere else than to addresses beginning so (and `data:`)."""
        return [r for r in self.requests if not r.startswith((*own, "data:"))]

    def accessibility(self) -> list[str]:
        """axe-core's serious and critical findings: rule and the places."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        grave = [f for f in found if f["impact"] in ("serious", "critical")]
        return [f"{f['id']}: {[n['target'] for n in f['nodes']][:5]}" for f in grave]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests of the process."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium, or set $CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # As root (containers, CI) Chromium runs without its sandbox or not at all; the pages are our own.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def look(browser: Any) -> Iterator[Callable[..., Look]]:
    """`look(size=DESKTOP, dark=False, **context options)` → a `Look` at an empty page in a fresh, cookieless context."""
    contexts: list[Any] = []

    def make(size: tuple[int, int] = DESKTOP, *, dark: bool = False, **options: Any) -> Look:
        viewport = {"width": size[0], "height": size[1]}
        scheme = "dark" if dark else "light"
        contexts.append(browser.new_context(viewport=viewport, color_scheme=scheme, **{"locale": "zh-CN"} | options))
        page = contexts[-1].new_page()
        seen = Look(page)
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda m: seen.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda fault: seen.complaints.append(str(fault)))
        return seen

    yield make
    for context in contexts:
        context.close()
