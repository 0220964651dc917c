"""A local SMTP server that keeps what it is given; with a certificate of its own where a test wants TLS."""

import datetime
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Mailbox(MessageHandler):  # type: ignore[misc]
    """What came in. refuse: answers for the next recipients, one each."""

    mails: list[Message] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)
    users: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)

    def let_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.users.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"geheim", handled=False)


@contextmanager
def mail_server(certificate: Path | None = None, implicit: bool = False) -> Iterator[tuple[Mailbox, int]]:
    """The mailbox and the port; `certificate` holds key and certificate, for STARTTLS or (implicit) TLS from the start."""
    box, context = Mailbox(), None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    secure = {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": context is not None}
    auth = {"authenticator": box.let_in, "auth_required": context is not None, "auth_require_tls": not implicit}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **secure, **(auth if context is not None else {}))
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def self_signed(folder: Path) -> Path:
    """A file with a fresh key and a certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    san = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = builder.add_extension(san, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    path = folder / "server.pem"
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    return path
