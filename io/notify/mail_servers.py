"""Whether a mail domain can receive mail, asked of the name servers: MX, else an address of its own (RFC 5321, 7505)."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...i18n import Text

if TYPE_CHECKING:
    from dns.resolver import Resolver

_AT_ONCE = 8
_SECONDS = 3.0  # for one question, all servers and repetitions together


def mail_domains(domains: Iterable[str]) -> dict[str, bool | None]:
    """domain → whether it takes mail; None where nobody answered. Each is asked once, in the order given.

    The system's name servers, or the one in `$GUIYI_DNS` (host or host:port). When a whole round goes unanswered the
    rest is not asked. Raises UsageError where dnspython is missing or `$GUIYI_DNS` is no address.
    """
    resolver, left = _resolver(), list(dict.fromkeys(domains))
    found: dict[str, bool | None] = dict.fromkeys(left)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for start in range(0, len(left), _AT_ONCE):
            part = left[start : start + _AT_ONCE]
            answers = list(pool.map(lambda domain: _takes_mail(resolver, domain), part))
            found |= dict(zip(part, answers, strict=True))
            if all(answer is None for answer in answers):
                break
    return found


def _resolver() -> "Resolver | None":
    """None where the system names no server, as a machine without a network may."""
    if find_spec("dns") is None:
        raise UsageError(
            Text("--dns 需要另装 dnspython。", "--dns needs dnspython, which is not installed."),
            Text("请运行：pip install 'guiyi[dns]'", "Run: pip install 'guiyi[dns]'"),
        )
    from dns.resolver import NoResolverConfiguration, Resolver

    own = os.environ.get("GUIYI_DNS")
    try:
        resolver = Resolver(configure=own is None)
    except NoResolverConfiguration:
        return None
    resolver.lifetime = _SECONDS
    if own is not None:
        host, _, port = own.partition(":") if own.count(":") == 1 else (own, "", "")
        try:
            resolver.nameservers, resolver.port = [host], int(port or 53)
        except ValueError:
            what = Text("$GUIYI_DNS 须为 IP 地址或 IP:端口。", "$GUIYI_DNS is to be an IP address, or one with a port.")
            raise UsageError(what) from None
    return resolver


def _takes_mail(resolver: "Resolver | None", domain: str) -> bool | None:
    from dns.exception import DNSException
    from dns.resolver import NXDOMAIN, NoAnswer

    if resolver is None:
        return None
    try:
        for kind in ("MX", "A", "AAAA"):
            try:
                answer = resolver.resolve(domain, kind, search=False)
            except NoAnswer:
                continue
            # A single MX that points to the root says: no mail here.
            return kind != "MX" or any(str(record.exchange) != "." for record in answer)
    except NXDOMAIN:
        return False
    except (DNSException, OSError, ValueError):  # no answer in time, a server's fault, a name that cannot be asked for
        return None
    return False
