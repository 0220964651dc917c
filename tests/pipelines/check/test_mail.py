"""`guiyi check --dns`: mail domains asked of a real small name server on this machine, and what silence means."""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.rcode
import dns.rrset
import polars as pl
import pytest
from guiyi.config import Config
from guiyi.errors import UsageError
from guiyi.io.notify import mail_servers
from guiyi.io.notify.mail_servers import mail_domains
from guiyi.pipelines.check.gate import Checked, CheckRequest, check_file

# name → its records by type; a name that is missing does not exist, "fail" is a server's own fault
ZONE = {
    "mx.cn.": {"MX": "10 mail.mx.cn."},
    "address.cn.": {"A": "192.0.2.1"},
    "six.cn.": {"AAAA": "2001:db8::1"},
    "nomail.cn.": {"MX": "0 ."},
    "text.cn.": {"TXT": '"v=spf1 -all"'},
    "broken.cn.": {"fail": ""},
    "xn--fiq228c.cn.": {"MX": "10 mail.mx.cn."},
}
HEAD = "客户编号,联系人,手机号,邮箱\n"


class _Server(socketserver.ThreadingUDPServer):
    daemon_threads = True
    asked: Counter[str]


class _Answer(socketserver.BaseRequestHandler):
    """One question, one answer out of ZONE."""

    def handle(self) -> None:
        data, socket = self.request
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        self.server.asked[f"{name} {kind}"] += 1  # type: ignore[attr-defined]
        reply, records = dns.message.make_response(query), ZONE.get(name)
        if records is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif "fail" in records:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif kind in records:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, records[kind]))
        socket.sendto(reply.to_wire(), self.client_address)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    """A name server that knows ZONE, and guiyi told to ask it."""
    with _Server(("127.0.0.1", 0), _Answer) as running:
        running.asked = Counter()
        threading.Thread(target=running.serve_forever, daemon=True).start()
        monkeypatch.setenv("GUIYI_DNS", f"127.0.0.1:{running.server_address[1]}")
        yield running
        running.shutdown()


def check(folder: Path, *addresses: str, dns: bool = True) -> Checked:
    rows = "".join(f"{i},张伟,1390000{i:04},{address}\n" for i, address in enumerate(addresses))
    (folder / "a.csv").write_text(HEAD + rows, "utf-8")
    return check_file(CheckRequest(folder / "a.csv", Config(), "zh", folder, dns=dns))


def told(checked: Checked, rule: str) -> list[tuple[object, ...]]:
    findings = checked.report.findings.filter(pl.col("rule") == rule)
    return findings.select("severity", "cell", "value", "suggestion").rows()


@pytest.mark.parametrize(
    ("domain", "takes"),
    [
        pytest.param("mx.cn", True, id="mail-server"),
        pytest.param("address.cn", True, id="address-only"),
        pytest.param("six.cn", True, id="ipv6-address-only"),
        pytest.param("nomail.cn", False, id="says-no-mail"),
        pytest.param("text.cn", False, id="neither-server-nor-address"),
        pytest.param("gone.cn", False, id="does-not-exist"),
        pytest.param("broken.cn", None, id="servers-fault"),
        pytest.param("中文.cn", True, id="international-name"),
        pytest.param("a" * 64 + ".cn", None, id="label-too-long"),
    ],
)
def test_a_domain_takes_mail_or_does_not_or_nobody_knows(server: _Server, domain: str, takes: bool | None) -> None:
    assert mail_domains([domain, "mx.cn"]) == {domain: takes, "mx.cn": True}


def test_dead_domains_are_warnings_at_their_cells(server: _Server, tmp_path: Path) -> None:
    checked = check(tmp_path, "zhangwei@mx.cn", "lina@gone.cn", "wangfang@gone.cn", "")
    assert told(checked, "email.no_mail_server") == [
        ("warning", "D3", "li***@gone.cn", "域名 gone.cn"),
        ("warning", "D4", "wa***@gone.cn", "域名 gone.cn"),
    ]
    assert told(checked, "file.dns_unanswered") == []


def test_each_domain_is_asked_once_and_public_providers_never(server: _Server, tmp_path: Path) -> None:
    check(tmp_path, "a@mx.cn", "b@mx.cn", "c@qq.com", "d@163.com")
    assert server.asked == {"mx.cn. MX": 1}


def test_nobody_is_asked_unless_the_user_says_so(server: _Server, tmp_path: Path) -> None:
    assert told(check(tmp_path, "a@gone.cn", dns=False), "email.no_mail_server") == []
    assert not server.asked


def test_silence_is_one_note_and_no_finding_against_a_cell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody listens at the port; of 20 domains the first round is tried, and the rest is spared."""
    monkeypatch.setenv("GUIYI_DNS", "127.0.0.1:9")
    monkeypatch.setattr(mail_servers, "_SECONDS", 0.3)
    checked = check(tmp_path, *(f"a@d{i}.cn" for i in range(20)))
    assert told(checked, "email.no_mail_server") == []
    assert told(checked, "file.dns_unanswered") == [("info", None, None, "20 个域名没有查到结果")]


def test_a_wrong_server_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIYI_DNS", "nameserver:x")
    with pytest.raises(UsageError, match="GUIYI_DNS"):
        mail_domains(["mx.cn"])


def test_a_missing_library_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_servers, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"guiyi\[dns\]"):
        mail_domains(["mx.cn"])
