"""A client that sends just the bytes it is given, over TLS to a server on loopback whatever the name asked for."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse, RemoteDisconnected
from typing import NamedTuple


class Answer(NamedTuple):
    """What came back; names of headers are in lower case, several of one name stand joined by newlines. Status 0: nothing."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Talks to ``port`` and trusts no certificate but those of the tests' own authority."""

    def __init__(self, port: int, trust: ssl.SSLContext) -> None:
        self.port, self._trust = port, trust

    def raw(self, host: str, request: bytes, patience: float = 10) -> bytes:
        """All bytes that the server sends to this request until it closes or says nothing for some seconds, the name of ``host``
        being that of the TLS session."""
        with self._connected(host) as connection:
            connection.settimeout(patience)
            connection.sendall(request)
            received = b""
            with contextlib.suppress(TimeoutError, ssl.SSLError, ConnectionError):
                while part := connection.recv(65536):
                    received += part
            return received

    def ask(self, host: str, target: str | bytes, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """One request on a connection of its own, with the target as it stands."""
        with self.walk(host) as walk:
            return walk.ask(target, headers, method)

    @contextmanager
    def walk(self, host: str) -> Iterator[Walk]:
        """Many requests on one connection."""
        with self._connected(host) as connection:
            yield Walk(host, connection)

    @contextmanager
    def _connected(self, host: str) -> Iterator[ssl.SSLSocket]:
        with (socket.create_connection(("127.0.0.1", self.port), timeout=20) as plain,
              self._trust.wrap_socket(plain, server_hostname=host) as secure):
            yield secure


class Walk:
    """Requests one after the other on a connection that is kept open."""

    def __init__(self, host: str, connection: ssl.SSLSocket) -> None:
        self._host, self._connection = host, connection

    def ask(self, target: str | bytes, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        lines = {"Host": self._host, **(headers or {})}
        path = target.encode() if isinstance(target, str) else target
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
        self._connection.sendall(method.encode() + b" " + path + b" HTTP/1.1\r\n" + head + b"\r\n")
        response = HTTPResponse(self._connection, method=method)  # type: ignore[arg-type]
        try:
            response.begin()
        except RemoteDisconnected:
            return Answer(0, {}, b"")
        body = response.read()
        found: dict[str, str] = {}
        for name, value in response.getheaders():
            found[name.lower()] = f"{found[name.lower()]}\n{value}" if name.lower() in found else value
        return Answer(response.status, found, body)
