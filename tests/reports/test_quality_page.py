"""The report's page in a real browser. `SCREENSHOTS=docs/images` (make screenshots) keeps what it looked like."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from guiyi.config import Config
from guiyi.pipelines.report.quality import make_report
from guiyi.reports.quality.html import render_html
from guiyi.tests.browser import DESKTOP, PHONE, Look
from guiyi.tests.report_store import nights

__all__ = ["nights"]

VIEWS = [
    pytest.param("light", DESKTOP, False, id="light"),
    pytest.param("dark", DESKTOP, True, id="dark"),
    pytest.param("phone", PHONE, False, id="phone"),
]


@pytest.fixture(scope="module")
def page(nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(make_report(nights, Config(), "zh")), "utf-8")
    return path


@pytest.mark.parametrize(("name", "size", "dark"), VIEWS)
def test_the_page_is_quiet_self_contained_and_accessible(
    name: str, size: tuple[int, int], dark: bool, page: Path, look: Callable[..., Look], tmp_path: Path
) -> None:
    seen = look(size, dark=dark).open(page)
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    assert seen.screenshot(folder / f"report-{name}.png").startswith(b"\x89PNG")
    seen.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert seen.complaints == []
    assert seen.outside(page.as_uri()) == []
    assert seen.accessibility() == []
    width = seen.page.evaluate("document.documentElement.scrollWidth")
    assert width <= size[0], "the page scrolls sideways"


def test_the_toggle_chooses_the_colours_without_a_script(page: Path, look: Callable[..., Look]) -> None:
    seen = look(dark=False).open(page)
    background = "getComputedStyle(document.body).backgroundColor"
    light = seen.page.evaluate(background)
    seen.page.get_by_text("深色", exact=True).click()
    dark = seen.page.evaluate(background)
    assert light != dark
    seen.page.get_by_text("浅色", exact=True).click()
    assert seen.page.evaluate(background) == light


def test_light_can_be_chosen_on_a_dark_system(page: Path, look: Callable[..., Look]) -> None:
    seen = look(dark=True).open(page)
    background = "getComputedStyle(document.body).backgroundColor"
    dark = seen.page.evaluate(background)
    seen.page.get_by_text("浅色", exact=True).click()
    assert seen.page.evaluate(background) != dark


def test_print_is_light_and_has_no_controls(page: Path, look: Callable[..., Look]) -> None:
    seen = look(dark=True).open(page)
    seen.page.emulate_media(media="print", color_scheme="dark")
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not seen.page.locator(".theme").is_visible()
    assert seen.page.locator(".watermark").is_visible()
    assert seen.page.pdf().startswith(b"%PDF")


def test_figures_open_with_the_keyboard(page: Path, look: Callable[..., Look]) -> None:
    seen = look().open(page)
    summary = seen.page.locator("summary", has_text="null_rate")
    summary.focus()
    seen.page.keyboard.press("Enter")
    assert seen.page.get_by_text("guiyi report --drill null_rate").first.is_visible()


def test_every_chart_is_drawn(page: Path, look: Callable[..., Look]) -> None:
    seen = look().open(page)
    assert seen.page.locator("svg.trend").count() == 6
    assert seen.page.locator("svg.ring").count() == 1
    assert seen.page.locator("svg.spark").count() >= 8
    boxes = seen.page.eval_on_selector_all("svg.trend .line", "all => all.map(e => e.getBBox().width)")
    assert min(boxes) > 150  # a night of which a figure cannot be told leaves its line shorter
