"""Sends mail by SMTP (RFC 5321), many messages over one connection."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.headerregistry import Address

import msgspec

from generator.notify.sending import Doubtful, Hand, Refused, Unreachable
from generator.notify.subscribers import parse_mail
from kb.fields import Wrong, parse_line, whole_number

TIMEOUT = 60.0  # seconds without an answer
_MOST = 100  # messages over one connection
_TEMPORARY = range(400, 500)
_SHUTTING_DOWN = 421
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"tls": 465, "starttls": 587, "none": 25}


class SettingsError(Exception):
    """An environment variable is missing or wrong; the message names it, never its value."""


class MailServer(msgspec.Struct, frozen=True):
    """Where mail goes. ``security`` is tls, starttls or none; ``sender`` stands in From, its address in the envelope."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender_name: str
    sender: str
    timeout: float = TIMEOUT

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> MailServer:
        """The server that ``WAYPOST_SMTP_*`` name; raises SettingsError."""
        host, sender = (variables.get(f"WAYPOST_SMTP_{name}", "").strip() for name in ("HOST", "FROM"))
        for name, value in (("HOST", host), ("FROM", sender)):
            if not value:
                raise SettingsError(f"WAYPOST_SMTP_{name} is not set; mail cannot be sent without it")
        security = variables.get("WAYPOST_SMTP_SECURITY", "").strip() or "starttls"
        if security not in _PORTS:
            raise SettingsError("WAYPOST_SMTP_SECURITY is none of tls, starttls, none")
        user, password = variables.get("WAYPOST_SMTP_USER", ""), variables.get("WAYPOST_SMTP_PASSWORD", "")
        if security == "none" and user and host not in _LOOPBACK:
            raise SettingsError("WAYPOST_SMTP_SECURITY is none, which would send the password in the clear; set tls or starttls")
        match = re.fullmatch(r"(?:(?P<name>[^<>]*)<)?(?P<address>[^<>]+?)>?", sender)
        try:
            port = whole_number(1, 65535)(variables.get("WAYPOST_SMTP_PORT", "").strip() or str(_PORTS[security]))
            address = parse_mail(match["address"].strip() if match else "")
            name = parse_line(match["name"].strip().strip('"')) if match and (match["name"] or "").strip() else ""
        except Wrong as wrong:
            raise SettingsError(f"WAYPOST_SMTP_PORT or WAYPOST_SMTP_FROM {wrong.reason}; {wrong.remedy}") from None
        return cls(host, port, security, user, password, name, address)

    @property
    def author(self) -> Address:
        """What stands in From."""
        return Address(self.sender_name, addr_spec=self.sender)


class Mailer:
    """Sends over one connection, which is opened when it is needed. For one thread."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, to: str, data: bytes, hand: Hand) -> None:
        """Sends a message. Raises Refused, Doubtful, Unreachable."""
        smtp = self._connected()
        try:
            self._offer(smtp, to, data)
        except smtplib.SMTPServerDisconnected as error:
            self.close()
            raise Refused(f"the mail server hung up: {error}") from None
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Refused(f"the mail server failed: {_told(error)}") from None
        hand()
        try:
            smtp.send(b".\r\n")
            code, answer = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Doubtful(f"the mail server did not say whether it took the message: {_told(error)}") from None
        self._sent += 1
        self._judge(code, answer, 250)

    def _offer(self, smtp: smtplib.SMTP, to: str, data: bytes) -> None:
        """All up to the end of the message, by which a server takes it."""
        self._judge(*smtp.mail(self._server.sender), 250)
        self._judge(*smtp.rcpt(to), 250, 251)
        self._judge(*smtp.docmd("DATA"), 354)
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
        smtp.send(re.sub(rb"(?m)^\.", b"..", lines) + (b"" if lines.endswith(b"\r\n") else b"\r\n"))

    def _judge(self, code: int, answer: bytes, *fine: int) -> None:
        """Raises Refused where an answer is not fine; the connection is then ready for the next message, or closed."""
        if code in fine:
            return
        if code == _SHUTTING_DOWN or code < 0:
            self.close()
        elif self._smtp and 250 not in fine:
            self.close()  # after DATA nothing else is sure
        elif self._smtp:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.rset()
        raise Refused(f"{code} {answer.decode('utf-8', 'replace')}", code not in _TEMPORARY and code > 0)

    def _connected(self) -> smtplib.SMTP:
        if self._smtp and self._sent >= _MOST:
            self.close()
        if self._smtp is None:
            self._sent = 0
            try:
                self._smtp = _connect(self._server)
            except (OSError, smtplib.SMTPException) as error:
                raise Unreachable(f"the mail server {self._server.host} cannot be used: {_told(error)}") from None
        return self._smtp

    def close(self) -> None:
        if self._smtp:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.close()
        self._smtp = None

    def quit(self) -> None:
        """Ends the connection as the protocol wants."""
        if self._smtp:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._smtp = None


def _told(error: Exception) -> str:
    """What an error says, without what has been sent."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        return f"{error.smtp_code} {answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer}"
    return str(getattr(error, "strerror", "") or error) or type(error).__name__


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    make: Callable[[], smtplib.SMTP] = lambda: (  # noqa: E731
        smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context) if server.security == "tls"
        else smtplib.SMTP(server.host, server.port, timeout=server.timeout))
    smtp = make()
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        if smtp.sock:  # the end of a message does not wait for the answer to its beginning
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        smtp.close()
        raise
    return smtp
