"""What stands before every page: who may ask (host, token, origin, form key), and what browsers may do with the answer."""

import hmac
import os
import secrets
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..i18n import Text

LOOPBACK = ("127.0.0.1", "localhost", "::1")
FORM_LIMIT = 1_000_000  # bytes of a form; a batch of 500 groups is 10 kB
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "same-origin",  # without one, browsers send `Origin: null` with our own forms
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_REFUSED = {
    "host": Text("不接受这个主机名。", "This host name is not accepted."),
    "token": Text("请用启动时打印的完整链接打开。", "Open the whole link that was printed at the start."),
    "origin": Text("请求来自别的网页，已拒绝。", "The request comes from another page and was refused."),
    "form": Text("表单已过期，请刷新后再试。", "The form is out of date: reload the page and try again."),
    "size": Text("表单太大。", "The form is too large."),
}


_FAULT = Text("内部错误（{k}）。请返回再试。", "Internal fault ({k}). Go back and try again.")
_UNSURE = (
    Text(  # after the fault of a form: whether it came before or after the journal took the decision is not known here
        "内部错误（{k}）。请打开“今日决定”核对刚才的操作是否已保存，再继续。",
        "Internal fault ({k}). See under Today whether what you just did was stored, before you go on.",
    )
)


class Keys:
    """Secrets of one process: the token of the link, the session it opens, the key that every form carries."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)
        self.session = secrets.token_urlsafe(24)
        self.form = secrets.token_urlsafe(24)


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
        answer = await self._refusal(scope, receive)
        careful = _careful(send, scope["path"].startswith("/static/"))
        try:
            await (answer or self._app)(scope, receive, careful)
        except Exception:  # answered by `unforeseen`; its text and its frames may quote a customer, so they go nowhere
            if os.environ.get("GUIYI_DEBUG"):
                raise

    async def _refusal(self, scope: Scope, receive: Receive) -> Response | None:
        """The answer to a request that goes no further, or None."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if (urlsplit(f"//{host}").hostname or "").lower() not in self._hosts:
            return _refused("host", 421)
        if scope["path"].startswith("/static/"):
            return None
        if scope["path"].startswith("/open/"):
            return self._opened(scope)
        if not _same(_cookie(headers, cookie_name(scope)), self._keys.session):
            return _refused("token", 403)
        if scope["method"] in ("GET", "HEAD"):
            return None
        return await self._checked_form(scope, receive, headers, host)

    def _opened(self, scope: Scope) -> Response:
        if not _same(scope["path"].removeprefix("/open/"), self._keys.token):
            return _refused("token", 403)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(cookie_name(scope), self._keys.session, httponly=True, samesite="strict", path="/")
        return answer

    async def _checked_form(self, scope: Scope, receive: Receive, headers: Headers, host: str) -> Response | None:
        origin = headers.get("origin")
        if origin is None or urlsplit(origin).netloc != host:
            return _refused("origin", 403)
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > FORM_LIMIT:
                return _refused("size", 413)
            if not message.get("more_body"):
                break
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=5_000)
        if not _same((form.get("key") or [""])[0], self._keys.form):
            return _refused("form", 403)
        scope["form"] = form
        return None


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


def _refused(why: str, status: int) -> Response:
    return PlainTextResponse(f"{_REFUSED[why]!s}\n", status)


def _careful(send: Send, lasting: bool) -> Send:
    """Every answer says what the browser may do with it; only our own style and script may be kept."""

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers["cache-control"] = "max-age=3600" if lasting else "no-store"
        await send(message)

    return with_headers
