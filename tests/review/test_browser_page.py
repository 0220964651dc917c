"""The review page in a real browser: the keyboard, what a screen reader meets, what is loaded, how it looks.

Screenshots are taken in every run; with `GUIYI_SCREENSHOTS=docs/images` in the environment they replace those of the documents.
"""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from guiyi.config import Config
from guiyi.io.store.journal import decisions_of
from guiyi.io.store.store import open_store
from guiyi.pipelines.nightly.run import run_nightly
from guiyi.review.opening import write_page
from guiyi.tests.browser import PHONE, Look
from guiyi.tests.review_server import Served, page, review_run, review_store, serve

__all__ = ["page", "review_run", "review_store", "serve"]

STEWARDS_SCREEN = (1440, 900)
LIMIT = 500_000  # bytes of a page with everything it loads


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    return Path(os.environ.get("GUIYI_SCREENSHOTS") or tmp_path)


def opened(
    look: Callable[..., Look], page: Served, path: str = "/", size: tuple[int, int] = STEWARDS_SCREEN, **options: Any
) -> Look:
    """A look at a page of the server, past the link with the token."""
    seen = look(size, **options).open(page.link)
    return seen.open(page.base + path) if path != "/" else seen


def press(seen: Look, *keys: str) -> None:
    """Press keys; one that decides leads on to another page."""
    for key in keys:
        seen.page.keyboard.press(key)


def pressed(seen: Look, key: str) -> None:
    """Press a key that leads to another page, and wait for it."""
    with seen.page.expect_navigation(wait_until="domcontentloaded"):
        seen.page.keyboard.press(key)


def group_of(seen: Look) -> str:
    found = re.search(r"/group/([0-9a-f]+)", seen.page.url)
    return found[1] if found else ""


def test_sixty_decisions_by_keyboard_are_all_kept_by_the_next_run(look, page):
    """Every kind of act, only keys: the journal holds exactly what was pressed on exactly those groups, and so does the
    run after it."""
    seen = opened(look, page, "/?band=all")
    press(seen, "j")
    pressed(seen, "Enter")
    meant: list[tuple[str, str]] = []
    members = {g["group_id"]: g for g in page.groups()}
    for turn in range(60):
        group = group_of(seen)
        act = ("m", "m", "n", "s", "x")[turn % 5]
        if act in "sx":
            press(seen, "2")
        pressed(seen, act)
        meant.append((group, {"m": "must_link", "n": "cannot_link"}.get(act, "split")))
    frame = decisions_of(page.store)
    assert frame["kind"].to_list() == [kind for _, kind in meant]
    assert len({group for group, _ in meant}) == 60
    for (group, kind), said in zip(meant, frame["record_keys"].to_list(), strict=True):
        keys = page.keys_of(members[group])
        rest = sorted(k for k in keys if k != keys[1])
        assert json.loads(said) == (sorted([[keys[1]], rest]) if kind == "split" else sorted(keys))
    assert seen.complaints == []
    run_nightly([page.store.with_name("records.csv")], page.store, Config(), "zh")
    assert broken_decisions(page.store, frame) == []


def broken_decisions(store: Path, decisions: pl.DataFrame) -> list[str]:
    """The decisions (table `decision`) that the live run does not list, does not keep, or breaks in its groups."""
    with open_store(store) as opened:
        status = dict(opened.query("SELECT decision_id, status FROM main.decision_status").iter_rows())
        members = opened.query("SELECT level, record_key, entity_id FROM main.entity_member")
        listed = set(opened.table("decision")["decision_id"])
    entity = {(level, key): entity for level, key, entity in members.iter_rows()}
    broken = []
    for row in decisions.iter_rows(named=True):
        keys = json.loads(row["record_keys"])
        parts = {"must_link": [keys], "cannot_link": [[key] for key in keys]}.get(row["kind"], keys)
        entities = [{entity[row["level"], key] for key in part} for part in parts]
        apart = len(set.union(*entities)) == sum(map(len, entities))
        one = row["kind"] != "must_link" or len(entities[0]) == 1
        if not (apart and one and status.get(row["decision_id"]) == "kept" and row["decision_id"] in listed):
            broken.append(f"{row['kind']} {keys}")
    return broken


def test_j_and_k_walk_the_groups_u_takes_back_and_q_returns(look, page):
    seen = opened(look, page)
    ids = [g["group_id"] for g in page.groups(band="review")]
    press(seen, "j", "j", "k", "j")
    pressed(seen, "Enter")
    assert group_of(seen) == ids[1]
    pressed(seen, "j")
    assert group_of(seen) == ids[2]
    pressed(seen, "k")
    pressed(seen, "n")
    assert group_of(seen) == ids[2]
    pressed(seen, "u")
    assert (group_of(seen), page.kinds()) == (ids[1], ["cannot_link", "retract"])
    pressed(seen, "q")
    assert seen.page.url.startswith(page.base + "/?") or seen.page.url == page.base + "/"


def test_a_digit_chooses_a_record_and_again_drops_it(look, page):
    group = next(g for g in page.groups(band="review") if g["size"] >= 3)
    seen = opened(look, page, f"/group/{group['group_id']}")
    press(seen, "3", "1", "3")
    assert seen.page.eval_on_selector_all("input[name=record]:checked", "all => all.map(b => b.dataset.number)") == [
        "1"
    ]
    assert "选中 1 条" in seen.page.inner_text(".chosen")


def test_x_without_a_chosen_record_says_what_is_missing_and_stores_nothing(look, page):
    seen = opened(look, page, f"/group/{page.groups(band='review')[0]['group_id']}")
    press(seen, "x", "s")
    assert "1–9" in seen.page.inner_text("#hint")
    assert page.kinds() == []


def test_keys_typed_into_a_field_or_while_composing_are_text(look, page):
    seen = opened(look, page, f"/group/{page.groups(band='review')[0]['group_id']}")
    seen.page.focus("input[name=note]")
    press(seen, "m", "n", "u", "1", "Enter")
    assert seen.page.input_value("input[name=note]") == "mnu1"
    seen.page.evaluate("document.activeElement.blur()")
    for event in (
        "{key: 'm', isComposing: true}",
        "{key: 'm', keyCode: 229}",
        "{key: 'm', ctrlKey: true}",
        "{key: 'Process', keyCode: 229}",
    ):
        seen.page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{...{event}, bubbles: true}}))")
    seen.page.wait_for_timeout(200)
    assert page.kinds() == []


def test_a_chinese_note_composed_with_an_input_method_is_stored(look, page):
    seen = opened(look, page, f"/group/{page.groups(band='review')[0]['group_id']}")
    seen.page.focus("input[name=note]")
    session = seen.page.context.new_cdp_session(seen.page)
    session.send("Input.imeSetComposition", {"text": "tongyiren", "selectionStart": 9, "selectionEnd": 9})
    session.send("Input.insertText", {"text": "同一人"})
    press(seen, "Escape")
    pressed(seen, "m")
    assert decisions_of(page.store)["note"].to_list() == ["同一人"]


def test_a_key_held_down_decides_once(look, page):
    seen = opened(look, page, f"/group/{page.groups(band='review')[0]['group_id']}")
    with seen.page.expect_navigation():
        for _ in range(4):
            seen.page.keyboard.down("m")
    seen.page.keyboard.up("m")
    seen.page.wait_for_timeout(300)
    assert page.kinds() == ["must_link"]


def test_help_opens_with_a_question_mark_and_keys_rest_meanwhile(look, page):
    seen = opened(look, page, f"/group/{page.groups(band='review')[0]['group_id']}")
    press(seen, "?", "m", "n")
    assert seen.page.is_visible("#help")
    press(seen, "Escape")
    assert not seen.page.is_visible("#help")
    assert page.kinds() == []


def test_a_click_on_a_value_chooses_it_at_once(look, page):
    group = next(g for g in page.groups(level="contact", band="review") if "company_name" in g["reasons"])
    seen = opened(look, page, f"/group/{group['group_id']}")
    wanted = seen.page.locator('button.value[aria-pressed="false"]').first
    text = wanted.inner_text()
    with seen.page.expect_navigation():
        wanted.click()
    assert page.kinds() == ["choose_value"]
    assert text in seen.page.inner_text(".sheet .golden:has(.chip), .sheet tr.golden")


def test_a_node_of_the_graph_shows_the_records_links(look, page):
    group = next(g for g in page.groups(band="review") if g["size"] == 4)
    seen = opened(look, page, f"/group/{group['group_id']}")
    with seen.page.expect_navigation():
        seen.page.locator('[data-node="2"]').click()
    assert seen.page.get_attribute('[data-node="2"]', "aria-current") == "true"
    assert "2" in seen.page.inner_text("#h-why")


def test_everything_works_without_our_script(look, page):
    group = next(g for g in page.groups(band="review") if g["size"] >= 3)
    seen = opened(look, page, f"/group/{group['group_id']}", java_script_enabled=False)
    seen.page.locator("input[name=record]").nth(1).check()
    seen.page.locator('button[value="exclude"]').click()
    assert page.kinds() == ["split"]


def paths(page: Served, few: bool) -> list[str]:
    """One address of every kind of page, large and small groups of both levels among them."""
    large = max(page.groups(), key=lambda g: g["size"])["group_id"]
    contact = page.groups(level="contact", band="review")[0]["group_id"]
    page.decide(page.groups(level="account", band="review")[1]["group_id"], "approve")
    telling = ["/", f"/group/{contact}?at=1", f"/group/{large}", "/history"]
    return telling if few else [*telling, f"/group/{contact}", "/?q=nothing-at-all", "/bulk", "/nowhere"]


@pytest.mark.parametrize(("size", "dark"), [(STEWARDS_SCREEN, False), (STEWARDS_SCREEN, True), (PHONE, False)],
                         ids=["light", "dark", "phone"])  # fmt: skip
def test_every_page_is_accessible_quiet_small_and_asks_nobody_else(look, page, size, dark):
    seen = opened(look, page, size=size, dark=dark)
    loaded: list[int] = []
    seen.page.on("response", lambda answer: loaded.append(int(answer.headers.get("content-length", 0))))
    wrong = []
    for path in paths(page, few=dark or size == PHONE):
        loaded.clear()
        seen.open(page.base + path)
        wrong += [f"{path}: {finding}" for finding in seen.accessibility()]
        wrong += [f"{path}: {sum(loaded)} bytes"] if sum(loaded) > LIMIT else []
        sideways = seen.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        wrong += [f"{path}: scrolls sideways"] if sideways else []
    assert wrong == []
    assert [c for c in seen.complaints if "404" not in c] == []
    assert seen.outside(page.origin) == []


def test_a_typical_group_fits_one_screen(look, page):
    """Groups of two to four records are nine of ten."""
    seen = opened(look, page)
    small = [g for g in page.groups(band="review") if g["size"] <= 4][:12]
    too_high = []
    for group in small:
        seen.open(f"{page.base}/group/{group['group_id']}")
        if seen.page.evaluate("document.documentElement.scrollHeight") > STEWARDS_SCREEN[1]:
            too_high.append(group["group_id"])
    assert too_high == []


def test_screenshots_of_the_documents(look, page, shots: Path):
    group = next(
        g for g in page.groups(level="contact", band="review") if g["size"] in (3, 4) and "company_name" in g["reasons"]
    )
    graph = next(g for g in page.groups(band="review") if 6 <= g["size"] <= 14)
    seen = opened(look, page)
    seen.screenshot(shots / "review-queue.png")
    seen.open(f"{page.base}/group/{group['group_id']}").screenshot(shots / "review-group.png")
    seen.open(f"{page.base}/group/{graph['group_id']}?at=1").page.locator(".right").screenshot(
        path=shots / "review-graph.png"
    )
    phone = opened(look, page, f"/group/{group['group_id']}", PHONE)
    phone.screenshot(shots / "review-phone.png")
    dark = opened(look, page, f"/group/{group['group_id']}", dark=True)
    dark.screenshot(shots / "review-dark.png")
    assert all(
        (shots / f"review-{n}.png").stat().st_size > 10_000 for n in ("queue", "group", "graph", "phone", "dark")
    )


def told(seen: Look) -> int:
    """How many keys the page says did nothing."""
    found = re.search(r"有 (\d+) 次按键没有算", seen.page.inner_text("#hint"))
    return int(found[1]) if found else 0


def settled(seen: Look) -> None:
    """Wait until nothing is on its way and what came has been painted."""
    seen.page.wait_for_load_state("networkidle")
    seen.page.wait_for_timeout(400)


def watch_keys(seen: Look) -> None:
    """Note in the page, at every m, which group was on the screen, and whether the page said that the key did nothing."""
    seen.page.evaluate(
        """() => { window.pressed = []; const hint = () => document.getElementById('hint');
        addEventListener('keydown', (event) => { if (event.key !== 'm') return; hint().textContent = '';
          window.pressed.push([document.querySelector('.facts .id').textContent, false]); }, true);
        addEventListener('keydown', (event) => { if (event.key === 'm')
          window.pressed.at(-1)[1] = hint().textContent.includes('没有算'); }); }"""
    )


@pytest.mark.parametrize("pause", [0, 30, 120])
def test_of_ten_fast_keys_each_decides_the_group_on_the_screen_or_is_said_to_have_done_nothing(look, page, pause):
    seen = opened(look, page, f"/group/{page.groups(band='review')[0]['group_id']}")
    watch_keys(seen)
    for _ in range(10):
        seen.page.keyboard.press("m")
        seen.page.wait_for_timeout(pause)
    settled(seen)
    pressed = seen.page.evaluate("window.pressed")
    keys = {g["group_id"]: sorted(page.keys_of(g)) for g in page.groups()}
    decided = [json.loads(keys) for keys in decisions_of(page.store)["record_keys"]]
    assert len(pressed) == 10
    assert decided == [keys[group] for group, idle in pressed if not idle]
    assert seen.complaints == []


def slow(seen: Look, address: str) -> None:
    """Answers from an address take a second."""

    def wait(route: Any) -> None:
        seen.page.wait_for_timeout(1_000)
        route.continue_()

    seen.page.route(address, wait)


def test_keys_pressed_while_a_decision_is_on_its_way_decide_nothing_and_are_counted(look, page):
    first, second = [g["group_id"] for g in page.groups(band="review")[:2]]
    seen = opened(look, page, f"/group/{first}")
    slow(seen, "**/decide*")
    with seen.page.expect_navigation():
        for key in ("m", "m", "n", "2", "m"):
            seen.page.keyboard.press(key)
    settled(seen)
    assert (group_of(seen), page.kinds(), told(seen)) == (second, ["must_link"], 4)
    assert not seen.page.is_checked("input[data-number='2']")


def test_a_key_pressed_on_the_way_to_the_next_group_decides_neither(look, page):
    first, second = [g["group_id"] for g in page.groups(band="review")[:2]]
    seen = opened(look, page, f"/group/{first}")
    slow(seen, f"**/group/{second}*")
    with seen.page.expect_navigation():
        press(seen, "j", "m")
    settled(seen)
    assert (group_of(seen), page.kinds(), told(seen)) == (second, [], 1)


def test_a_key_that_is_older_than_the_picture_on_the_screen_decides_nothing(look, page):
    """The page was busy drawing; the key waited in the browser and reached the next group."""
    seen = opened(look, page, f"/group/{page.groups(band='review')[0]['group_id']}")
    pressed(seen, "j")
    seen.page.evaluate(
        """() => { const event = new KeyboardEvent('keydown', {key: 'm', bubbles: true});
        Object.defineProperty(event, 'timeStamp', {value: 1}); document.body.dispatchEvent(event); }"""
    )
    settled(seen)
    assert (page.kinds(), told(seen)) == ([], 1)


def test_a_decision_without_an_answer_is_said_to_be_unsure_and_keys_work_again(look, page):
    seen = opened(look, page, f"/group/{page.groups(band='review')[0]['group_id']}")
    seen.page.route("**/decide*", lambda route: route.abort())
    press(seen, "m")
    settled(seen)
    assert "不知道是否已保存" in seen.page.inner_text("#hint")
    seen.page.unroute("**/decide*")
    pressed(seen, "m")
    assert page.kinds() == ["must_link"]


def test_back_after_decisions_shows_the_group_before(look, page):
    first, second = [g["group_id"] for g in page.groups(band="review")[:2]]
    seen = opened(look, page, f"/group/{first}")
    pressed(seen, "m")
    assert group_of(seen) == second
    seen.page.go_back()
    settled(seen)
    assert group_of(seen) == first
    assert "已同意" in seen.page.inner_text("main")


def test_a_cookie_is_sent_to_no_other_port_of_this_machine(look, page, serve):
    other = serve()
    seen = opened(look, page)
    asked = [seen.page.goto(other.origin + path).request for path in ("/", "/group/1")]
    assert ["cookie" in request.all_headers() for request in asked] == [False, False]
    back = seen.page.goto(page.base + "/")
    assert (back.status, "cookie" in back.request.all_headers()) == (200, True)


def test_a_link_in_a_file_opens_the_queue(look, page, tmp_path: Path):
    """As `--open` gives it to the browser."""
    file = write_page(tmp_path, page.link)
    seen = look(STEWARDS_SCREEN)
    seen.page.goto(file.as_uri())
    seen.page.wait_for_selector("table.queue")
    assert seen.page.url == page.base + "/"
