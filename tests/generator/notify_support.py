"""A portal that is published by hand, a real mail server and a receiver of hooks on this machine, both with faults to order."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from generator.notify.run import Order, Summary, notify
from generator.record_lists import FORMAT, INDEX, FileEntry, Listed, Name, ProductNames, RecordFile, RecordIndex

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRODUCTS = (
    ProductNames("box", {"en": "BoxOS", "ru": "БоксОС"}, ("bos",), (Name("bx1", {"en": "Box 1"}),), (Name("web", {"en": "Web"}),),
                 ("1.0", "1.1")),
    ProductNames("can", {"en": "Can"}, (), (Name("cn1", {"en": "Can 1"}),)))


def listed(record_id: str, updated: datetime = NOW - timedelta(days=9), kind: str = "report", **fields: Any) -> Listed:
    """A problem report, or something else, with some fields changed."""
    section = {"report": "pr", "advisory": "advisories", "article": "kb", "notice": "notices", "bulletin": "bulletins"}[kind]
    known: dict[str, Any] = {
        "published": NOW - timedelta(days=10), "status": "open", "language": "en", "titles": {"en": f"Title of {record_id}"},
        "summaries": {"en": f"Summary of {record_id}"}, "digest": "0", "severity": "high", "products": ("box",)} | fields
    return Listed(id=record_id, kind=kind, path=f"{section}/{record_id}/", updated=updated, **known)


def publish(folder: Path, records: Iterable[Listed], hub: str = "") -> Path:
    """Writes what ``waypost build`` writes for programs, with two files for the records."""
    known, files = sorted(records, key=lambda record: record.id), []
    (folder / "api/v1/records").mkdir(parents=True, exist_ok=True)
    for bit in (0, 1):
        own = tuple(record for record in known if int(hashlib.sha256(record.id.encode()).hexdigest(), 16) % 2 == bit)
        data, path = msgspec.json.encode(RecordFile(FORMAT, own)), f"api/v1/records/{bit}.json"
        (folder / path).write_bytes(data)
        files.append(FileEntry(path, hashlib.sha256(data).hexdigest(), len(own)))
    index = RecordIndex(FORMAT, "https://support.example.com/", {"en": "Box Support", "ru": "Поддержка Box"}, "Box Networks", "UTC",
                        max((record.updated for record in known), default=None), PRODUCTS, tuple(files), hub)
    (folder / INDEX).write_bytes(msgspec.json.encode(index))
    return folder


def subscribed(file: Path, *entries: Mapping[str, object]) -> Path:
    """Writes subscribers; JSON is YAML too."""
    file.write_text("subscribers:" + ("".join(f"\n  - {json.dumps(entry)}" for entry in entries) or " []") + "\n", encoding="utf-8")
    return file


def run(folder: Path, variables: Mapping[str, str] | None = None, now: datetime = NOW, **options: Any) -> Summary:
    """One run with the portal, subscribers and state in a folder; without pauses."""
    known: dict[str, Any] = {"portal": str(folder / "portal"), "subscribers": folder / "subscribers.yml", "state": folder / "state",
                             "pauses": (0.0, 0.0)}
    return notify(Order(now=now, variables=variables or {}, **(known | options)))


# -- mail ---------------------------------------------------------------------------------------------


class Mailbox:
    """Takes mail. ``answer`` may be told (stage, recipient, how often it was asked) and give an answer, such as ``451 Later``, or
    ``cut`` for hanging up; stages are rcpt, data and done."""

    def __init__(self, answer: Callable[[str, str, int], str] | None = None) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.sessions: set[int] = set()
        self._answer, self._asked = answer, dict[tuple[str, str], int]()

    def _said(self, stage: str, to: str) -> str:
        self._asked[stage, to] = self._asked.get((stage, to), 0) + 1
        return self._answer(stage, to, self._asked[stage, to]) if self._answer else ""

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]) -> str:
        self.sessions.add(id(session))
        said = self._said("rcpt", to)
        if said == "cut":
            _cut(server)
        if not said:
            envelope.rcpt_tos.append(to)
        return said or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        to, content = envelope.rcpt_tos[0], envelope.content
        assert isinstance(content, bytes)
        said = self._said("data", to)
        if said == "cut":
            _cut(server)
            return "451 cut"
        if not said:
            self.taken.append((to, content))
            if self._said("done", to) == "cut":
                _cut(server)
        return said or "250 OK"

    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(data, policy=policy.default) for _to, data in self.taken]
        assert all(isinstance(mail, EmailMessage) for mail in found)
        return found  # type: ignore[return-value]


def _cut(server: SMTP) -> None:
    transport = server.transport
    assert isinstance(transport, asyncio.Transport)
    transport.abort()


@contextmanager
def serving(mailbox: Mailbox, **options: Any) -> Iterator[dict[str, str]]:
    """A mail server for it; gives the environment variables that name it."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield {"WAYPOST_SMTP_HOST": "127.0.0.1", "WAYPOST_SMTP_PORT": str(controller.port), "WAYPOST_SMTP_SECURITY": "none",
               "WAYPOST_SMTP_FROM": "Box Support <support@example.com>"}
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


# -- hooks --------------------------------------------------------------------------------------------


class Receiver:
    """Takes posts. ``answer`` may be told (path, how often it was asked) and give a status, 0 for hanging up, -1 for silence."""

    def __init__(self, answer: Callable[[str, int], int] | None = None) -> None:
        self.taken: list[tuple[str, str, bytes]] = []  # path, idempotency key, body
        self.asked: dict[str, int] = {}
        self.answer = answer

    @contextmanager
    def serving(self) -> Iterator[str]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body, size = self.rfile.read(int(self.headers["Content-Length"])), int(self.headers["Content-Length"])
                if len(body) < size:  # no server takes an incomplete request (RFC 9112, section 8), here JSON without its end
                    return
                receiver.asked[self.path] = receiver.asked.get(self.path, 0) + 1
                status = receiver.answer(self.path, receiver.asked[self.path]) if receiver.answer else 200
                if status == -1:
                    time.sleep(1)
                if status > 0:
                    if status < 300:
                        receiver.taken.append((self.path, self.headers.get("Idempotency-Key", ""), body))
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(b"tell noc@example.org")

            def log_message(self, *arguments: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
