"""Posts messages to webhooks."""

from __future__ import annotations

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from generator.notify.sending import Doubtful, Hand, Refused

TIMEOUT = 30.0  # seconds without an answer
_RETRY = frozenset({408, 425, 429})
_READ = 300  # bytes of an answer that a reason may repeat


def post(address: str, body: bytes, name: str, hand: Hand, timeout: float = TIMEOUT) -> None:
    """Posts JSON. ``name`` is the same whenever this message is sent. Follows no redirects. Raises Refused and Doubtful."""
    parts = urlsplit(address)
    assert parts.hostname
    connection = HTTPConnection(parts.hostname, parts.port, timeout=timeout) if parts.scheme == "http" else HTTPSConnection(
        parts.hostname, parts.port, timeout=timeout, context=ssl.create_default_context())
    try:
        try:
            connection.putrequest("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            for header, value in (("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body))),
                                  ("User-Agent", "waypost-notify"), ("Idempotency-Key", name)):
                connection.putheader(header, value)
            connection.endheaders(body[:-1])
        except (OSError, HTTPException) as error:
            raise Refused(f"the hook cannot be reached: {_told(error)}") from None
        hand()
        try:
            connection.send(body[-1:])
            answer = connection.getresponse()
            status, told = answer.status, answer.read(_READ)
        except (OSError, HTTPException) as error:
            raise Doubtful(f"the hook did not say whether it took the message: {_told(error)}") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        text = " ".join(told.decode("utf-8", "replace").split())
        raise Refused(f"{status} {text}".strip(), status < 500 and status not in _RETRY)


def _told(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error) or type(error).__name__
