"""What stands before every page: who may ask (host, token, origin, form key), and what browsers may do with the answer."""

import hmac
import os
import re
import secrets
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..i18n import Text

LOOPBACK = ("127.0.0.1", "localhost", "::1")
FORM_LIMIT = 1_000_000  # bytes of a form; a batch of 500 groups is 10 kB
HEADER_LIMIT = 16_384  # bytes; a browser sends one or two thousand
FIELDS_LIMIT = 2_000
_SEVERAL = ("record",)  # fields that a form of ours holds more than once
_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})|[^\x20-\x7e]")  # in what a browser sends percent-encoded
_ADDRESS = re.compile(r'\b(href|src|action)="/')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "same-origin",  # without one, browsers send `Origin: null` with our own forms
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
REFUSED = {
    "host": Text("不接受这个主机名。", "This host name is not accepted."),
    "token": Text("请用启动时打印的完整链接打开。", "Open the whole link that was printed at the start."),
    "origin": Text("请求来自别的网页，已拒绝。", "The request comes from another page and was refused."),
    "form": Text("表单已过期，请刷新后再试。", "The form is out of date: reload the page and try again."),
    "size": Text("表单太大。", "The form is too large."),
    "kind": Text("只接受本页面的表单。", "Only this page's own forms are accepted."),
    "malformed": Text("请求的写法不对，已拒绝。", "The request is malformed and was refused."),
}


_FAULT = Text("内部错误（{k}）。请返回再试。", "Internal fault ({k}). Go back and try again.")
_UNSURE = (
    Text(  # after the fault of a form: whether it came before or after the journal took the decision is not known here
        "内部错误（{k}）。请打开“今日决定”核对刚才的操作是否已保存，再继续。",
        "Internal fault ({k}). See under Today whether what you just did was stored, before you go on.",
    )
)


class Keys:
    """Secrets of one process: the token of the link, the session it opens, the key that every form carries, and `root`.

    root: what every address of ours begins with. Cookies do not know ports, but they know paths: that of this session is sent to no
    other program of this machine, for none can guess where it belongs.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self.session = secrets.token_urlsafe(24)
        self.form = secrets.token_urlsafe(24)
        self.root = "/" + secrets.token_urlsafe(12)


class Guard:
    """ASGI middleware. A checked form is handed on as `scope["form"]`: name → values."""

    def __init__(self, app: ASGIApp, keys: Keys, hosts: Sequence[str]) -> None:
        self._app, self._keys = app, keys
        self._hosts = {h.lower() for h in (*LOOPBACK, *hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        try:
            answer = await self._refusal(scope, receive)
        except Exception:  # whatever a stranger may have sent: an answer with every header, nothing in a log
            answer = refusal("malformed", 400)
        inside = {**scope, "path": scope["path"].removeprefix(self._keys.root)}
        careful = _careful(send, self._keys.root, inside["path"].startswith("/static/"))
        try:
            await (answer or self._app)(inside, receive, careful)
        except Exception:  # answered by `unforeseen`; its text and its frames may quote a customer, so they go nowhere
            if os.environ.get("GUIYI_DEBUG"):
                raise

    async def _refusal(self, scope: Scope, receive: Receive) -> Response | None:
        """The answer to a request that goes no further, or None."""
        headers = Headers(scope=scope)
        if sum(len(name) + len(value) for name, value in headers.raw) > HEADER_LIMIT:
            return refusal("malformed", 431)
        if _BROKEN.search((scope["raw_path"] + b"?" + scope["query_string"]).decode("latin-1")) or _CONTROL.search(
            scope["path"]
        ):
            return refusal("malformed", 400)
        host = headers.get("host", "")
        if _host_name(host) not in self._hosts:
            return refusal("host", 421)
        if scope["path"].startswith("/open/"):
            return self._opened(scope, headers.get("sec-fetch-site", "none") in ("none", "same-origin"))
        begins = scope["path"].startswith(self._keys.root + "/")
        if begins and scope["path"].startswith(self._keys.root + "/static/"):
            return None
        if not begins or not _same(_cookie(headers, cookie_name(scope)), self._keys.session):
            return refusal("token", 403)
        if scope["method"] in ("GET", "HEAD"):
            return None
        return await self._checked_form(scope, receive, headers, host)

    def _opened(self, scope: Scope, direct: bool) -> Response:
        """The session for the link's token. direct: typed or pasted; from another page a browser sends a strict cookie only to
        what a page of ours leads to."""
        if not _same(scope["path"].removeprefix("/open/"), self._keys.token):
            return refusal("token", 403)
        root = self._keys.root + "/"
        answer: Response = RedirectResponse("/", status_code=303)
        if not direct:
            answer = HTMLResponse(
                f'<!doctype html><meta http-equiv="refresh" content="0;url={root}"><a href="{root}">guiyi</a>'
            )
        answer.set_cookie(cookie_name(scope), self._keys.session, httponly=True, samesite="strict", path=root)
        return answer

    async def _checked_form(self, scope: Scope, receive: Receive, headers: Headers, host: str) -> Response | None:
        origins = headers.getlist("origin")
        if len(origins) != 1 or urlsplit(origins[0]).netloc != host:
            return refusal("origin", 403)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            return refusal("kind", 415)
        body = await _body(receive)
        if body is None:
            return refusal("size", 413)
        form = _form(body)
        if not _same((form.get("key") or [""])[0], self._keys.form):
            return refusal("form", 403)
        scope["form"] = form
        return None


async def _body(receive: Receive) -> bytes | None:
    """All that was sent; None for too much. Raises ValueError where it ends too early."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ValueError("the client has gone")
        body += bytes(message.get("body", b""))
        if len(body) > FORM_LIMIT:
            return None
        if not message.get("more_body"):
            return body


def _form(body: bytes) -> dict[str, list[str]]:
    """name → values. Raises ValueError for what no form of ours sends."""
    text = body.decode("ascii")
    if _BROKEN.search(text):
        raise ValueError("broken percent-encoding")
    form = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_LIMIT)
    if any(len(values) > 1 for name, values in form.items() if name not in _SEVERAL):
        raise ValueError("a field comes twice")
    return form


def _host_name(host: str) -> str:
    """The name in a Host header; empty where there is more than a name and a port. Raises ValueError."""
    parts = urlsplit(f"//{host}")
    _ = parts.port  # raises for a port that is none
    return (parts.hostname or "").lower() if parts.netloc == host and "@" not in host else ""


def cookie_name(scope: Any) -> str:
    """One per port: cookies do not know ports, and two stores may be reviewed side by side."""
    return f"guiyi_{(scope.get('server') or ('', 0))[1]}"


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def unforeseen(request: Request, fault: Exception) -> Response:
    """The answer where our own code fails: the kind of the fault, nothing else."""
    text = _UNSURE if request.method == "POST" else _FAULT
    return PlainTextResponse(f"{text.format(k=type(fault).__name__)!s}\n", 500)


def refusal(why: str, status: int) -> Response:
    """An answer of one sentence."""
    return PlainTextResponse(f"{REFUSED[why]!s}\n", status)


def rooted(html: str, root: str) -> str:
    """A page whose addresses begin with the root. Text of the data cannot look like one: its quotes are escaped."""
    return _ADDRESS.sub(rf'\1="{root}/', html)


def _careful(send: Send, root: str, lasting: bool) -> Send:
    """Every answer says what the browser may do with it, and leads on below the root; only our own style and script may be kept."""

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if headers.get("location", "").startswith("/"):
                headers["location"] = root + headers["location"]
            headers["cache-control"] = "max-age=3600" if lasting else "no-store"
        await send(message)

    return with_headers
