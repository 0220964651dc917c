"""Who may see and say what: the link's token, the host, forms of our own pages only, masked until asked for, noted when shown."""

import socket
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from guiyi.io.store.journal import audits_of
from guiyi.io.store.store import open_store
from guiyi.review.guard import HEADERS
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


def test_the_cookie_belongs_to_a_path_that_no_other_program_knows(page):
    cookie = page.ask("GET", f"/open/{page.keys.token}", Cookie="").headers["set-cookie"]
    assert f"path={page.root}/" in cookie.lower().replace(page.root.lower(), page.root)
    assert len(page.root) > 12


def test_outside_its_own_path_the_session_opens_nothing(page):
    for path in ("/", "/history", page.root, page.root.rstrip("/") + "x/"):
        answer = sent(
            page,
            b"GET " + path.encode() + b" HTTP/1.1\r\nHost: {here}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n",
        )
        assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    ("site", "status"), [("none", 303), ("same-origin", 303), ("cross-site", 200), ("same-site", 200)]
)
def test_a_link_followed_from_another_page_leads_on_by_a_page_of_ours(page, site, status):
    """A redirect would go on without the strict cookie."""
    answer = page.ask("GET", f"/open/{page.keys.token}", Cookie="", Sec_Fetch_Site=site)
    assert (answer.status, "set-cookie" in answer.headers) == (status, True)
    assert status == 303 or 'http-equiv="refresh"' in answer.text


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


def sent(page: Served, request: bytes) -> bytes:
    """The answer to bytes as they are; `{here}`, `{cookie}` and `{key}` stand for those of the page."""
    hidden = page.get("/").fields("/undo")
    known = {
        b"{here}": f"127.0.0.1:{page.port}",
        b"{cookie}": page.cookie,
        b"{key}": hidden["key"],
        b"{root}": page.root,
    }
    for name, value in known.items():
        request = request.replace(name, value.encode())
    with socket.create_connection(("127.0.0.1", page.port), timeout=20) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def form(body: bytes, *headers: bytes, kind: bytes = b"application/x-www-form-urlencoded") -> bytes:
    """A form that would be ours but for what is changed in it."""
    origin = b"" if any(h.startswith(b"Origin:") for h in headers) else b"Origin: http://{here}\r\n"
    typed = b"Content-Type: " + kind + b"\r\n" if kind else b""
    length = b"" if any(b"Transfer" in h for h in headers) else b"Content-Length: {length}\r\n"
    more = b"".join(h + b"\r\n" for h in headers)
    head = b"POST {root}/undo HTTP/1.1\r\nHost: {here}\r\nCookie: {cookie}\r\n" + origin + typed + length + more
    return head + b"Connection: close\r\n\r\n" + body


def got(target: bytes, *headers: bytes, host: bytes = b"Host: {here}\r\n") -> bytes:
    root = b"{root}" if target.startswith(b"/") else b""
    head = b"GET " + root + target + b" HTTP/1.1\r\n" + host + b"Cookie: {cookie}\r\nConnection: close\r\n"
    return head + b"".join(h + b"\r\n" for h in headers) + b"\r\n"


HOSTILE = {
    "half an address of IPv6 as host": (got(b"/", host=b"Host: [::1\r\n"), 400),
    "an empty host": (got(b"/", host=b"Host:\r\n"), 421),
    "no host": (got(b"/", host=b""), 400),
    "two hosts": (got(b"/", b"Host: evil.example"), 400),
    "a host of bytes": (got(b"/", host=b"Host: \xff\xfe\r\n"), 421),
    "a host with a port that is none": (got(b"/", host=b"Host: 127.0.0.1:x:y\r\n"), 400),
    "a host behind a user's name": (got(b"/", host=b"Host: evil.example@127.0.0.1\r\n"), 421),
    "a host with a path": (got(b"/", host=b"Host: 127.0.0.1/evil\r\n"), 421),
    "half an address of IPv6 as origin": (form(b"key={key}", b"Origin: http://[::1"), 400),
    "two origins": (form(b"key={key}", b"Origin: http://{here}", b"Origin: http://{here}"), 403),
    "an origin of bytes": (form(b"key={key}", b"Origin: \xff"), 403),
    "a form of 6,000 fields": (form(b"key={key}" + b"&a=1" * 6_000), 400),
    "a form without a type": (form(b"key={key}", kind=b""), 415),
    "a form of JSON": (form(b'{"key": "{key}"}', kind=b"application/json"), 415),
    "a form in parts": (form(b"key={key}", kind=b"multipart/form-data; boundary=x"), 415),
    "a form of plain text": (form(b"key={key}", kind=b"text/plain"), 415),
    "a form that is no UTF-8": (form(b"key={key}&note=\xff\xfe"), 400),
    "a form that is no UTF-8 when decoded": (form(b"key={key}&note=%FF%FE"), 400),
    "half a surrogate in a form": (form(b"key={key}&note=%ED%A0%80"), 400),
    "broken percent-encoding in a form": (form(b"key={key}&note=%zz"), 400),
    "the key twice": (form(b"key={key}&key={key}"), 400),
    "the act twice": (form(b"key={key}&act=undo&act=approve"), 400),
    "a chunk that is none": (form(b"zz\r\nkey", b"Transfer-Encoding: chunked"), 400),
    "broken percent-encoding in an address": (got(b"/group/%zz"), 400),
    "an address that ends in a percent sign": (got(b"/?q=50%"), 400),
    "an address that is no UTF-8": (got(b"/group/%ff%fe"), 404),
    "a null in an address": (got(b"/static/%00"), 400),
    "a line break in an address": (got(b"/group/a%0d%0aSet-Cookie:x=1"), 400),
    "bytes in an address": (got(b"/group/\xff"), 400),
    "a long address": (got(b"/static/" + b"a" * 9_000), 404),
    "a way out of the folder": (got(b"/static/..%2f..%2fguard.py"), 404),
    "a whole address as target": (got(b"http://evil.example/"), 403),
    "a target without an address": (got(b"*"), 403),
    "another method": (got(b"/").replace(b"GET", b"BREW"), 403),
    "a header of 20,000 bytes": (got(b"/", b"X-Long: " + b"x" * 20_000), 431),
    "a header without end": (got(b"/", b"X-Long: " + b"x" * 70_000).removesuffix(b"\r\n\r\n"), 400),
    "three thousand headers": (got(b"/", *(b"X-%d: 1" % i for i in range(3_000))), 431),
    "a header without a name": (got(b"/", b": x"), 400),
    "a cookie of control characters": (got(b"/").replace(b"Cookie: ", b'Cookie: a="\\001\\'), 403),
    "a length that is none": (form(b"").replace(b"{length}", b"ten"), 400),
    "two lengths": (form(b"key={key}", b"Content-Length: 1"), 400),
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 9, 400),
    "a version that is none": (b"GET {root}/ HTTP/x.y\r\nHost: {here}\r\n\r\n", 400),
}


@pytest.mark.parametrize(("request_bytes", "status"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_request_is_refused_with_every_header_and_leaves_no_trace(page, request_bytes, status, capfd):
    length = len(request_bytes.partition(b"\r\n\r\n")[2].replace(b"{key}", page.keys.form.encode()))
    answer = sent(page, request_bytes.replace(b"{length}", b"%d" % length))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert [name for name in HEADERS if f"\r\n{name}: ".encode() not in head.lower()] == []
    assert b"cache-control: no-store" in head.lower() or b"/static/" in request_bytes
    assert b"evil" not in body
    assert "".join(capfd.readouterr()) == ""
    assert page.kinds() == []
    assert page.get("/").status == 200


def test_a_form_that_is_cut_short_stores_nothing_and_leaves_no_trace(page, capfd):
    group = page.groups(band="review")[0]["group_id"]
    body = form_of(page).encode()
    request = (
        form(body).replace(b"/undo", f"/group/{group}/decide".encode()).replace(b"{length}", b"%d" % (len(body) + 9))
    )
    for name, value in ((b"{here}", f"127.0.0.1:{page.port}"), (b"{cookie}", page.cookie), (b"{root}", page.root)):
        request = request.replace(name, value.encode())
    with socket.create_connection(("127.0.0.1", page.port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65_536) in (b"", b"HTTP/1.1 400 Bad Request")
    assert page.get("/").status == 200
    assert (page.kinds(), "".join(capfd.readouterr())) == ([], "")
