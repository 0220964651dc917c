"""What reaches a robot or a mailbox: form, signature, retries; and what never leaves: addresses and secrets in words."""

import base64
import hashlib
import hmac
import json
import time
from email import policy
from email.parser import BytesParser
from urllib.parse import parse_qs, urlsplit

import pytest
from guiyi.config import Channel
from guiyi.io.notify.channels import ChannelError, send, shortened
from guiyi.tests.mail_server import mail_server, self_signed
from guiyi.tests.web_server import Robot, web_server

SECRET = "SEC5f3e/+=x"


@pytest.fixture
def robot(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with web_server() as robot:
        yield robot


def told(robot: Robot, kind: str, secret: str | None = None, query: str = "?key=token", **more: object) -> list[float]:
    """Send one message; the waits between attempts."""
    channel = Channel(kind=kind, url_env="URL", secret_env="SECRET" if secret else None, **more)  # type: ignore[arg-type]
    waits: list[float] = []
    send(channel, "标题", "第一行\n第二行", {"URL": robot.url + query, "SECRET": secret or ""}, waits.append)
    return waits


def body_of(robot: Robot) -> dict[str, object]:
    return dict(json.loads(robot.posts[-1][2]))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("wecom", {"msgtype": "text", "text": {"content": "第一行\n第二行"}}, id="wecom"),
        pytest.param("dingtalk", {"msgtype": "text", "text": {"content": "第一行\n第二行"}}, id="dingtalk"),
        pytest.param("feishu", {"msg_type": "text", "content": {"text": "第一行\n第二行"}}, id="feishu"),
        pytest.param("webhook", {"title": "标题", "text": "第一行\n第二行"}, id="webhook"),
    ],
)
def test_each_kind_gets_its_own_form(robot, kind, body):
    told(robot, kind)
    path, headers, _ = robot.posts[0]
    assert body_of(robot) == body
    assert path == "/robot?key=token"
    assert headers["content-type"].startswith("application/json")


def test_dingtalk_is_signed_in_the_address(robot):
    told(robot, "dingtalk", SECRET)
    query = parse_qs(urlsplit(robot.posts[0][0]).query, strict_parsing=True)
    (at,), (sign,) = query["timestamp"], query["sign"]
    expected = base64.b64encode(hmac.digest(SECRET.encode(), f"{at}\n{SECRET}".encode(), "sha256")).decode()
    assert sign == expected
    assert abs(int(at) / 1000 - time.time()) < 60
    assert query["key"] == ["token"]


def test_a_dingtalk_signature_is_the_known_one():
    """Worked out with openssl: printf '1700000000000\\nSECabc' | openssl dgst -sha256 -hmac SECabc -binary | base64"""
    from guiyi.io.notify.channels import dingtalk_signature, feishu_signature

    assert dingtalk_signature("SECabc", 1700000000000) == DING
    assert feishu_signature("SECabc", 1700000000) == FEISHU


DING = "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM="
FEISHU = "XprR1de+0SSBnwWyU/4k6x2TL+Q2SJlM5NNEdAv7MWg="


def test_feishu_is_signed_in_the_body(robot):
    told(robot, "feishu", SECRET)
    body = body_of(robot)
    key = f"{body['timestamp']}\n{SECRET}".encode()
    assert body["sign"] == base64.b64encode(hmac.HMAC(key, digestmod=hashlib.sha256).digest()).decode()
    assert abs(int(str(body["timestamp"])) - time.time()) < 60


def test_a_webhook_is_signed_in_the_headers(robot):
    told(robot, "webhook", SECRET)
    _, headers, data = robot.posts[0]
    told_ = headers["x-guiyi-timestamp"].encode() + b"." + data
    assert headers["x-guiyi-signature"] == "sha256=" + hmac.digest(SECRET.encode(), told_, "sha256").hex()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((503, b""), id="server busy"),
        pytest.param((429, b""), id="too many"),
        pytest.param((200, b'{"errcode": 45009}'), id="too fast"),
        pytest.param((200, b'{"errcode": -1}'), id="system busy"),
    ],
)
def test_what_may_pass_is_tried_again_after_longer_and_longer(robot, answer):
    robot.answers = [answer, answer, answer]
    assert told(robot, "wecom") == [1.0, 2.0, 4.0]
    assert len(robot.posts) == 4


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        pytest.param("wecom", (403, b""), "HTTP 403", id="forbidden"),
        pytest.param(
            "dingtalk", (200, b'{"errcode": 310000, "errmsg": "sign not match, more: x"}'), "310000", id="bad signature"
        ),
        pytest.param(
            "feishu", (200, b'{"code": 19021, "msg": "sign match fail"}'), "19021", id="bad signature of feishu"
        ),
        pytest.param("wecom", (200, b"<html>login</html>"), "JSON", id="a login page"),
        pytest.param("wecom", (200, b"[]"), "JSON", id="no object"),
        pytest.param("wecom", (200, b'{"errcode": "token"}'), "code ?", id="an odd code"),
        pytest.param("webhook", (302, b""), "HTTP 302", id="moved"),
    ],
)
def test_what_will_not_pass_is_not_tried_again_and_repeats_nothing(robot, kind, answer, words):
    robot.answers = [answer]
    with pytest.raises(ChannelError) as refused:
        told(robot, kind)
    assert words in refused.value.what.en
    assert len(robot.posts) == 1
    assert "token" not in str(refused.value.what)
    assert "more: x" not in str(refused.value.what)


def test_a_robot_that_never_answers_is_given_up(robot):
    robot.delay = 0.6
    with pytest.raises(ChannelError, match=r"no connection|连接失败") as refused:
        told(robot, "wecom", timeout=0.1, retries=1)
    assert refused.value.again


def test_an_address_is_a_web_address(robot):
    with pytest.raises(ChannelError) as refused:
        send(Channel(kind="wecom", url_env="URL"), "t", "x", {"URL": "file:///etc/passwd"})
    assert refused.value.what.en == "URL does not hold an address"


@pytest.mark.parametrize("missing", ["URL", "SECRET"])
def test_a_variable_that_is_not_set_is_named(missing):
    environment = {"URL": "http://127.0.0.1:9", "SECRET": "s"}
    environment[missing] = " "
    with pytest.raises(ChannelError) as refused:
        send(Channel(kind="dingtalk", url_env="URL", secret_env="SECRET"), "t", "x", environment)
    assert refused.value.what.en == f"the environment variable {missing} is not set"


def test_long_texts_are_cut_between_characters(robot):
    assert shortened("归一", 6) == "归一"
    assert shortened("归一归一", 10) == "归一…"
    channel = Channel(kind="wecom", url_env="URL")
    send(channel, "t", "长" * 5000, {"URL": robot.url})
    content = body_of(robot)["text"]["content"]  # type: ignore[index]
    assert len(content.encode()) <= 2048
    assert content.endswith("长…")


# --- e-mail ------------------------------------------------------------------------------------------------------------


def mail(port: int, security: str, **more: object) -> Channel:
    settings = {"kind": "email", "host": "127.0.0.1", "port": port, "security": security, "sender": "guiyi@example.cn",
                "recipients": ["a@example.cn", "b@example.cn"], "timeout": 5}  # fmt: skip
    return Channel.model_validate(settings | more)


def test_a_mail_has_a_subject_both_recipients_and_the_text():
    with mail_server() as (box, port):
        send(mail(port, "none"), "归一告警：1 条\r\nBcc: x@y.cn", "1. 空手机：31 %", {})
    (got,) = [BytesParser(policy=policy.default).parsebytes(bytes(m)) for m in box.mails]
    assert got["Subject"] == "归一告警：1 条 Bcc: x@y.cn"
    assert got["To"] == "a@example.cn, b@example.cn"
    assert got["From"] == "guiyi@example.cn"
    assert got["Date"]
    assert got["Bcc"] is None
    assert got.get_content().strip() == "1. 空手机：31 %"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the test server overlooks that it speaks TLS from the start
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_out_encrypted_with_name_and_password(tmp_path, monkeypatch, security):
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate, implicit=security == "tls") as (box, port):
        channel = mail(port, security, user_env="USER_X", password_env="PASSWORD_X")
        send(channel, "t", "x", {"USER_X": "guiyi", "PASSWORD_X": "geheim"})
    assert box.users == [("guiyi", "geheim")]
    assert len(box.mails) == 1


def test_a_certificate_nobody_knows_is_refused(tmp_path):
    with mail_server(self_signed(tmp_path)) as (box, port), pytest.raises(ChannelError) as refused:
        send(mail(port, "starttls"), "t", "x", {})
    assert refused.value.what.en == "encryption failed (SSLCertVerificationError)"
    assert box.mails == []


def test_a_wrong_password_is_said_without_it(tmp_path, monkeypatch):
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate) as (_, port), pytest.raises(ChannelError) as refused:
        channel = mail(port, "starttls", user_env="USER_X", password_env="PASSWORD_X")
        send(channel, "t", "x", {"USER_X": "guiyi", "PASSWORD_X": "falsch"})
    assert refused.value.what.en == "the mail server refused (535)"


def test_a_busy_mail_server_is_tried_again():
    waits: list[float] = []
    with mail_server() as (box, port):
        box.refuse = ["451 later"] * 2
        send(mail(port, "none"), "t", "x", {}, waits.append)
    assert waits == [1.0]
    assert len(box.mails) == 1


def test_unknown_recipients_are_not_tried_again():
    with mail_server() as (box, port), pytest.raises(ChannelError) as refused:
        box.refuse = ["550 a@example.cn is nobody"] * 2
        send(mail(port, "none"), "t", "x", {})
    assert refused.value.what.en == "the recipients were refused (550)"
    assert box.mails == []
