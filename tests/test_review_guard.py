"""Who may see and say what: the link's token, the host, forms of our own pages only, masked until asked for, noted when shown."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from guiyi.io.journal import audits_of
from guiyi.io.store import open_store
from guiyi.tests.review_server import Served, page, review_run, review_store, serve

__all__ = ["page", "review_run", "review_store", "serve"]


def test_without_the_token_nothing_is_shown(page):
    answer = page.ask("GET", "/", Cookie="")
    assert answer.status == 403
    assert "链接" in answer.text
    assert page.ask("GET", "/open/wrong", Cookie="").status == 403


def test_the_link_sets_a_cookie_that_scripts_and_other_sites_cannot_use(page):
    answer = page.ask("GET", f"/open/{page.keys.token}", Cookie="")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert page.keys.token not in cookie


def test_a_cookie_of_another_server_opens_nothing(serve: Callable[..., Served]):
    one, other = serve(), serve()
    assert other.ask("GET", "/", Cookie=one.cookie).status == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("evil.example", 421, id="a name that somebody lets point here"),
        pytest.param("evil.example:80", 421, id="with a port"),
        pytest.param("127.0.0.1.evil.example", 421, id="a name that begins like ours"),
        pytest.param("localhost:1234", 200, id="localhost through a tunnel"),
        pytest.param("127.0.0.1", 200, id="loopback"),
        pytest.param("[::1]:80", 200, id="loopback of IPv6"),
    ],
)
def test_only_known_hosts_are_answered(page, host, status):
    assert page.ask("GET", "/", Host=host).status == status


def form_of(page: Served, **changed: str) -> str:
    hidden = page.get("/").fields("/undo")
    return urlencode({"key": hidden["key"], "seen": hidden["seen"], "act": "approve"} | changed)


@pytest.mark.parametrize(
    ("changed", "headers"),
    [
        pytest.param({"key": ""}, {}, id="no form key"),
        pytest.param({"key": "guessed"}, {}, id="wrong form key"),
        pytest.param({}, {"Origin": "http://evil.example"}, id="another page"),
        pytest.param({}, {"Origin": "null"}, id="a sandboxed page"),
        pytest.param({}, {"Origin": ""}, id="no origin"),
        pytest.param({}, {"Origin": "http://127.0.0.1:1"}, id="another port"),
        pytest.param({}, {"Cookie": ""}, id="no session"),
    ],
)
def test_a_form_that_is_not_ours_stores_nothing(page, changed, headers):
    group = page.groups(band="review")[0]["group_id"]
    assert page.ask("POST", f"/group/{group}/decide", form_of(page, **changed), **headers).status == 403
    assert page.kinds() == []


def test_a_decision_cannot_be_asked_for_by_an_address(page):
    group = page.groups(band="review")[0]["group_id"]
    assert page.get(f"/group/{group}/decide?act=approve").status in (404, 405)
    assert page.kinds() == []


def test_a_form_without_end_is_refused(page):
    assert page.ask("POST", "/undo", "a=" + "x" * 1_100_000).status == 413


@pytest.mark.parametrize("path", ["/", "/history", "/bulk", "/nowhere", "/static/review.css", "/static/nothing"])
def test_every_answer_carries_the_policy(page, path):
    headers = page.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("max-age=3600" if path.startswith("/static/") else "no-store")


def test_pages_hold_no_inline_script_or_style(page):
    group = page.groups(band="review")[0]["group_id"]
    for path in ("/", f"/group/{group}", "/bulk", "/history"):
        text = page.get(path).text
        assert text.count("<script") == text.count('<script src="/static/review.js"') == 1
        assert "style=" not in text
        assert "<style" not in text
        assert " on" + "click=" not in text


def personal(page: Served) -> tuple[dict[str, object], dict[str, str]]:
    """A contact group and what must not be seen of its first record."""
    group = page.groups(level="contact", band="review")[0]
    row = next(r for r in page.desk.reader.current().members.of(group["place"]).to_dicts() if r["phone"])
    return group, {f: row[f] for f in ("person_name", "phone", "email") if row[f]}


def test_personal_data_is_masked_until_it_is_asked_for_and_the_look_is_noted(page):
    group, secrets = personal(page)
    address = f"/group/{group['group_id']}"
    for path in (address, "/", f"/?q={secrets['phone'][-4:]}", "/bulk?level=contact&band=all", "/history"):
        assert not [v for v in secrets.values() if v in page.get(path).text.replace(f'value="{v}"', "")]
    assert page.post(address + "/reveal", act="show").status == 303
    assert all(v in page.get(address).text for v in secrets.values())
    noted = audits_of(page.store).to_dicts()
    assert [n["action"] for n in noted] == ["unmask"]
    assert group["group_id"] in noted[0]["detail"]
    assert "王芳" in noted[0]["detail"]


def test_masking_again_needs_no_note(page):
    group, secrets = personal(page)
    address = f"/group/{group['group_id']}"
    page.post(address + "/reveal", act="show")
    page.post(address + "/reveal", act="hide")
    assert secrets["phone"] not in page.get(address).text


def test_another_group_stays_masked_when_one_is_shown(page):
    group, _ = personal(page)
    other = page.groups(level="contact", band="review")[1]
    page.post(f"/group/{group['group_id']}/reveal", act="show")
    phone = page.desk.reader.current().members.of(other["place"])["phone"].drop_nulls()[0]
    assert phone not in page.get(f"/group/{other['group_id']}").text


def test_text_of_the_data_is_never_markup(page):
    with open_store(page.store, write=True) as store:
        store._connection.execute(
            "UPDATE versions.record SET company_name = '<script>alert(1)</script>', owner = '\"><i>'"
        )
        store._connection.execute("UPDATE history.run SET run_id = 'r000002-x'")
    page.desk.reader._next_look = 0.0
    page.get("/")
    page.desk.reader.wait()
    group = page.groups(band="review")[0]["group_id"]
    for path in ("/", f"/group/{group}", "/?q=<script>", "/?owner=%22%3E%3Ci%3E"):
        text = page.get(path).text
        assert "<script>" not in text
        assert '"><i>' not in text


def test_an_unforeseen_fault_tells_its_kind_and_nothing_else(page, monkeypatch, capfd):
    def fail(*_: object, **__: object) -> None:
        raise ValueError("13800138000 王伟")

    monkeypatch.setattr(page.desk.reader, "current", fail)
    answer = page.get("/")
    assert answer.status == 500
    assert "ValueError" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "13800138000" not in answer.text + "".join(capfd.readouterr())
