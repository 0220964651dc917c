"""An alarm as an e-mail, over TLS unless the configuration says otherwise."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ...config import Channel
from ...i18n import Text

_PORTS = {"tls": 465, "starttls": 587, "none": 25}


class MailError(Exception):
    """A mail was not taken; `again` where another attempt may help. `what` repeats nothing that a server said."""

    def __init__(self, what: Text, *, again: bool) -> None:
        self.what, self.again = what, again
        super().__init__(what.en)


def mail_of(channel: Channel, title: str, text: str) -> EmailMessage:
    """The message with its headers."""
    sender = str(channel.sender)
    mail = EmailMessage()
    mail["Subject"] = " ".join(title.split())
    mail["From"], mail["To"] = sender, ", ".join(channel.recipients)
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid("guiyi", sender.rpartition("@")[2] or "localhost")
    mail.set_content(text, charset="utf-8", cte="base64")
    return mail


def send_mail(channel: Channel, title: str, text: str, user: str | None, password: str | None) -> None:
    """Send a mail. Raises MailError."""
    try:
        with _connected(channel) as server:
            if channel.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if user is not None and password is not None:
                server.login(user, password)
            server.send_message(mail_of(channel, title, text))
    except smtplib.SMTPRecipientsRefused as fault:
        codes = [code for code, _ in fault.recipients.values()]
        raise _fault(
            Text("收件人被拒收（{k}）", "the recipients were refused ({k})"), max(codes), max(codes) < 500
        ) from None
    except smtplib.SMTPResponseException as fault:
        busy = 400 <= fault.smtp_code < 500
        raise _fault(Text("邮件服务器拒收（{k}）", "the mail server refused ({k})"), fault.smtp_code, busy) from None
    except (ssl.SSLError, smtplib.SMTPNotSupportedError) as fault:
        raise _fault(
            Text("邮件服务器的加密有问题（{k}）", "encryption failed ({k})"), type(fault).__name__, False
        ) from None
    except (OSError, smtplib.SMTPException) as fault:
        raise _fault(Text("连接失败（{k}）", "no connection ({k})"), type(fault).__name__, True) from None


def _connected(channel: Channel) -> smtplib.SMTP:
    host, port = str(channel.host), channel.port or _PORTS[channel.security]
    if channel.security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=channel.timeout, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=channel.timeout)


def _fault(what: Text, kind: object, again: bool) -> MailError:
    return MailError(what.format(k=kind), again=again)
