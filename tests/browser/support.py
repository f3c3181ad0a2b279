"""The example portal on a loopback server, its kinds of pages, and a watch over what a page does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from playwright.sync_api import Page

CONTENT = Path(__file__).resolve().parents[2] / "content"
SOFTWARE = CONTENT.parent / "tests" / "sites" / "software-vendor"
LANGUAGES = {"en": "", "ru": "ru/"}

# One page of each kind: name -> address below a language's root.
KINDS = {
    "home": "", "articles": "kb/", "reports": "pr/", "advisories": "advisories/", "facet": "pr/severity/critical/",
    "article": "kb/KB10016/", "picture": "kb/KB10013/", "nested lists": "kb/KB10018/", "retired": "kb/KB10037/",
    "report": "pr/1747984/", "duplicate": "pr/1748316/", "advisory": "advisories/EXSA-2026-0007/",
    "interim": "advisories/EXSA-2026-0010/", "superseded": "advisories/EXSA-2025-0002/",
    "withdrawn": "advisories/EXSA-2026-0008/", "notice": "notices/EXSN-2026-0002/", "bulletin": "bulletins/EXTB-2026-0003/",
    "products": "releases/", "product": "products/exos/", "platform": "products/exos/ar900/",
    "release": "releases/exos/22.4R2/", "component": "components/bgp/", "news": "new/", "guides": "help/",
    "guide": "help/priorities/", "search": "search/", "compare": "compare/", "feeds": "feeds/", "entitlement": "entitlement/",
    "cases": "cases/", "case": "help/case/", "network": "network/", "not found": "404.html",
    "life cycle": "lifecycle/", "product life cycle": "lifecycle/exos/", "train": "lifecycle/exos/22.4/",
}


class Portal(NamedTuple):
    """A built portal and the address at which it is served, which ends with a slash."""

    folder: Path
    url: str


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        """Adds the headers that the build gives for hosts."""
        file = Path(self.directory) / "_headers"
        for line in file.read_text(encoding="utf-8").splitlines()[1:] if file.is_file() else []:
            name, value = line.strip().split(": ", 1)
            self.send_header(name, value)
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers with the portal's own page, as hosts do."""
        body = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing of single requests."""


@contextmanager
def served(folder: Path) -> Iterator[Portal]:
    """A folder on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Portal(folder, f"http://127.0.0.1:{server.server_port}/")
    finally:
        server.shutdown()
        server.server_close()


def chromium() -> str | None:
    """The distribution's Chromium, where there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


class Watch:
    """What goes wrong on a page: console errors, exceptions, failed requests, requests to another origin."""

    def __init__(self, page: Page, origin: str) -> None:
        self.found: list[str] = []
        page.on("console", lambda message: self._note(message.type in {"error", "warning"}, f"console: {message.text}"))
        page.on("pageerror", lambda error: self._note(True, f"exception: {error}"))
        page.on("requestfailed", lambda request: self._note(True, f"failed: {request.url}"))
        page.on("response", lambda answer: self._note(answer.status >= 400, f"{answer.status}: {answer.url}"))
        page.on("request", lambda request: self._note(not request.url.startswith((origin, "data:")), f"leaves: {request.url}"))

    def _note(self, wrong: bool, text: str) -> None:
        if wrong:
            self.found.append(text)


def until(page: Page, expression: str) -> None:
    """Waits until a JavaScript expression holds; Playwright's own way polls with eval, which the pages' policy forbids."""
    for _ in range(150):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {expression}")
