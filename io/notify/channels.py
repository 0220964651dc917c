"""Alarms out of the house: group robots of WeCom, DingTalk and Feishu, any webhook; e-mail stands in `alarm_mail`.

These robots answer 200 with an error code inside, two of them want a signature, and their addresses hold the token: no
message of ours repeats an address, a secret or what a server said.
"""

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from ...config import Channel
from ...errors import GuiyiError
from ...i18n import Text
from .mail import MailError, send_mail

_LONGEST = {"wecom": 2000, "dingtalk": 18_000, "feishu": 18_000, "webhook": 60_000, "email": 60_000}  # bytes of text
_BUSY = {-1, 130101, 45009, 11232}  # error codes of robots that mean: later, or slower
_WAIT = 1.0  # seconds before the second attempt, doubled before each further one


class ChannelError(GuiyiError):
    """A message was not taken; `again` where another attempt may help."""

    exit_code = 1

    def __init__(self, what: Text, *, again: bool = False) -> None:
        self.again = again
        super().__init__(what, reason="alarm.not_sent")


class Post(NamedTuple):
    """What is sent to a webhook."""

    url: str
    body: bytes
    headers: dict[str, str]


def send(
    channel: Channel,
    title: str,
    text: str,
    environment: Mapping[str, str],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Send one message, waiting longer before each further attempt. Raises ChannelError naming no secret."""
    text = shortened(text, _LONGEST[channel.kind])
    for attempt in range(channel.retries + 1):
        try:
            if channel.kind == "email":
                send_mail(
                    channel, title, text, *(_secret(environment, n) for n in (channel.user_env, channel.password_env))
                )
            else:
                _post(post_of(channel, title, text, environment, time.time()), channel)
            return
        except ChannelError as fault:
            if not fault.again or attempt == channel.retries:
                raise
        except MailError as fault:
            if not fault.again or attempt == channel.retries:
                raise ChannelError(fault.what) from None
        sleep(_WAIT * 2**attempt)


def post_of(channel: Channel, title: str, text: str, environment: Mapping[str, str], now: float) -> Post:
    """Address, body and headers of a message, signed for `now`."""
    url, secret = _secret(environment, channel.url_env) or "", _secret(environment, channel.secret_env)
    if urlsplit(url).scheme not in ("http", "https"):
        raise ChannelError(Text("{e} 里不是网址", "{e} does not hold an address").format(e=channel.url_env))
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "guiyi"}
    if channel.kind == "wecom" or channel.kind == "dingtalk":
        body: dict[str, object] = {"msgtype": "text", "text": {"content": text}}
        url = _signed_by_dingtalk(url, secret, now) if channel.kind == "dingtalk" and secret else url
    elif channel.kind == "feishu":
        body = {"msg_type": "text", "content": {"text": text}}
        if secret:
            body |= {"timestamp": str(int(now)), "sign": feishu_signature(secret, int(now))}
    else:
        body = {"title": title, "text": text}
    data = json.dumps(body, ensure_ascii=False).encode()
    if channel.kind == "webhook" and secret:
        headers |= {"X-Guiyi-Timestamp": str(int(now)), "X-Guiyi-Signature": webhook_signature(secret, int(now), data)}
    return Post(url, data, headers)


def dingtalk_signature(secret: str, milliseconds: int) -> str:
    """HMAC-SHA256 of `timestamp\\nsecret`, keyed with the secret, base64 (not yet quoted)."""
    told = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()


def feishu_signature(secret: str, seconds: int) -> str:
    """HMAC-SHA256 of nothing, keyed with `timestamp\\nsecret`, base64."""
    return base64.b64encode(hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def webhook_signature(secret: str, seconds: int, body: bytes) -> str:
    """`sha256=` and the hex HMAC-SHA256 of `timestamp.body`."""
    return "sha256=" + hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def shortened(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, no character cut in two."""
    data = text.encode()
    return text if len(data) <= most else data[: most - 3].decode(errors="ignore") + "…"


def _signed_by_dingtalk(url: str, secret: str, now: float) -> str:
    at = round(now * 1000)
    joiner = "&" if urlsplit(url).query else "?"
    return f"{url}{joiner}timestamp={at}&sign={quote(dingtalk_signature(secret, at), safe='')}"


def _secret(environment: Mapping[str, str], name: str | None) -> str | None:
    if name is None:
        return None
    value = environment.get(name, "").strip()
    if not value:
        raise ChannelError(Text("没有设置环境变量 {e}", "the environment variable {e} is not set").format(e=name))
    return value


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A robot that moved is told about, not followed: its address is a secret."""

    def redirect_request(self, *_: object) -> None:
        return None


def _post(post: Post, channel: Channel) -> None:
    request = urllib.request.Request(post.url, post.body, post.headers, method="POST")
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=channel.timeout) as answer:
            said = answer.read(65_536)
    except urllib.error.HTTPError as fault:
        fault.close()
        told = Text("对方返回 HTTP {c}", "the server answered HTTP {c}").format(c=fault.code)
        raise ChannelError(told, again=fault.code == 429 or fault.code >= 500) from None
    except (OSError, HTTPException, ValueError) as fault:  # URLError and timeouts are OSErrors
        kind = type(getattr(fault, "reason", fault)).__name__
        raise ChannelError(Text("连接失败（{k}）", "no connection ({k})").format(k=kind), again=True) from None
    if channel.kind != "webhook":
        _refuse_error_code(said)


def _refuse_error_code(said: bytes) -> None:
    """Robots report most faults (signature, keyword, rate) with HTTP 200 and a code other than 0."""
    try:
        answer = json.loads(said)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise ChannelError(Text("对方的回答不是 JSON", "the server's answer is no JSON"))
    code = next((answer[name] for name in ("errcode", "code", "StatusCode") if name in answer), None)
    if code != 0:
        known = code if isinstance(code, int) else "?"
        raise ChannelError(Text("对方拒收，错误码 {c}", "refused with code {c}").format(c=known), again=code in _BUSY)
