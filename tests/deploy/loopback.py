"""Small servers on loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Loopback:
    """A server on a free port; handlers find this as ``server.owner``."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._handler = handler
        self._serve(0)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def _serve(self, port: int) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        self._server.daemon_threads = True
        self._server.owner = self  # type: ignore[attr-defined]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def pause(self) -> None:
        """Nobody listens until ``resume``."""
        self.close()

    def resume(self) -> None:
        self._serve(self.port)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def send(handler: BaseHTTPRequestHandler, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
    """Answers with JSON."""
    data = json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)
