"""The browser fixture itself: it sees complaints, requests and what a screen reader would miss."""

from collections.abc import Callable
from pathlib import Path

from guiyi.tests.browser import Look


def test_a_look_remembers_complaints_requests_and_serious_findings(look: Callable[..., Look], tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<title>x</title><img src='http://127.0.0.1:9/x.png'><script>console.error('oh')</script>")
    seen = look().open(page)
    assert "oh" in seen.complaints
    assert seen.outside("file:") == ["http://127.0.0.1:9/x.png"]
    assert any(f.startswith("image-alt") for f in seen.accessibility())
