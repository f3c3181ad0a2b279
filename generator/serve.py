"""Preview: builds with drafts, serves on this machine, builds again when a file changes and tells the browser."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from watchfiles import DefaultFilter, watch
from watchfiles.main import FileChange

from generator.build import BuildFailed, Options, build
from generator.mkdocs_config import mkdocs_file
from generator.output import MARKER
from generator.output_folder import OutputError

STATUS_PATH, SCRIPT_PATH = "/__waypost/status", "/__waypost/reload.js"
_WHILE = 100  # milliseconds until the watch says that nothing changed; it looks at Ctrl+C more often than that

_SCRIPT = """\
const panel = document.createElement("pre");
panel.id = "waypost-findings";
panel.setAttribute("role", "alert");
panel.style.cssText = "position:fixed;inset:auto 0 0 0;max-height:40vh;overflow:auto;margin:0;padding:12px;z-index:99;" +
  "background:#55141c;color:#fff;font:14px/1.5 monospace;white-space:pre-wrap";
let version;
async function look() {
  try {
    const status = await (await fetch("/__waypost/status", {cache: "no-store"})).json();
    if (version !== undefined && status.version !== version) location.reload();
    version = status.version;
    panel.textContent = status.findings.join("\\n");
    if (status.findings.length) document.body.append(panel); else panel.remove();
  } catch { /* the preview has ended */ }
  setTimeout(look, 700);
}
look();
"""


_NOTHING_YET = (b'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Waypost</title></head>'
                b"<body><p>There is nothing to show until the findings are mended.</p></body></html>")


class ServeError(Exception):
    """The preview cannot start; the message says why."""


class Status:
    """What the browser asks for: grows with each build that changed something; findings of the last one."""

    def __init__(self) -> None:
        self.version = 0
        self.findings: list[str] = []

    def as_json(self) -> bytes:
        return json.dumps({"version": self.version, "findings": self.findings}, ensure_ascii=False).encode()


class _Handler(SimpleHTTPRequestHandler):
    """Serves the built tree with the reload script in every page."""

    def __init__(self, *arguments: Any, status: Status, **named: Any) -> None:
        self._status = status
        super().__init__(*arguments, **named)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == STATUS_PATH:
            self._answer(self._status.as_json(), "application/json")
        elif path == SCRIPT_PATH:
            self._answer(_SCRIPT.encode(), "text/javascript")
        elif (page := self._page(path)) is not None:
            code, html = page
            self._answer(html.replace(b"</body>", f'<script src="{SCRIPT_PATH}"></script></body>'.encode()), "text/html", code)
        else:
            super().do_GET()

    def _page(self, path: str) -> tuple[int, bytes] | None:
        """(status, HTML) of an address that ends in a slash or names nothing; None for files, which are served as they are."""
        if not (Path(self.directory) / MARKER).is_file():
            return 503, _NOTHING_YET
        file = Path(self.translate_path(path))
        if path.endswith("/") and (file / "index.html").is_file():
            return 200, (file / "index.html").read_bytes()
        if path.endswith(".html") and file.is_file():
            return 200, file.read_bytes()
        if file.exists() or not (Path(self.directory) / "404.html").is_file():
            return None
        return 404, (Path(self.directory) / "404.html").read_bytes()

    def _answer(self, data: bytes, kind: str, code: int = 200) -> None:
        self.send_response(code)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing of single requests."""


class _SourceFilter(DefaultFilter):
    """All changes below the site but those that builds make."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def __call__(self, change: Any, path: str) -> bool:
        try:
            first = Path(path).relative_to(self._root).parts[:1]
        except ValueError:
            return super().__call__(change, path)
        return first not in {(".waypost",), ("site",), (".site.spare",), ("site-editorial",)} and super().__call__(change, path)


def serve(root: Path, host: str, port: int, audience: str, cache: Path | None, tell: Callable[[str], None],
          stop: threading.Event | None = None) -> None:
    """Serves until interrupted. Raises ServeError where the address is taken."""
    status = Status()
    with tempfile.TemporaryDirectory(prefix="waypost-preview-") as folder, closing(_changes(root, stop)) as changes:
        if next(changes, None) is None:  # watches from here on, so that edits during the first build count
            return  # interrupted
        out = Path(folder) / "site"
        _rebuild(root, out, audience, cache, status, tell)
        if not (out / MARKER).exists():
            tell("the preview starts empty until the findings above are mended")
            out.mkdir(exist_ok=True)
        try:
            server = ThreadingHTTPServer((host, port), partial(_Handler, status=status, directory=str(out)))
        except OSError as error:
            raise ServeError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tell(f"http://{host}:{server.server_port}/  (press Ctrl+C to stop)")
        try:
            for changed in changes:
                if changed:
                    _rebuild(root, out, audience, cache, status, tell)
        finally:
            server.shutdown()
            server.server_close()


def _changes(root: Path, stop: threading.Event | None) -> Generator[set[FileChange], None, None]:
    """Sets of changes of the source; an empty one as soon as it watches, and whenever nothing changes for a while."""
    above = [file] if (file := mkdocs_file(root)) and file != root / "mkdocs.yml" else []
    return watch(root, *above, watch_filter=_SourceFilter(root), stop_event=stop, raise_interrupt=False, debounce=200,
                 rust_timeout=_WHILE, yield_on_timeout=True)


def _rebuild(root: Path, out: Path, audience: str, cache: Path | None, status: Status, tell: Callable[[str], None]) -> None:
    options = Options(root, out, datetime.now(UTC).replace(microsecond=0), audience, drafts=True, cache=cache)
    try:
        summary = build(options)
    except BuildFailed as failed:
        status.findings = [str(finding) for finding in failed.findings if finding.level == "error"]
        tell("\n".join(status.findings))
        return
    except (OutputError, OSError) as error:  # such as a file that an editor made and removed meanwhile
        status.findings = [str(error)]
        tell(str(error))
        return
    status.findings = []
    if summary.changed:
        status.version += 1
    tell(f"{summary.pages:,} pages, {summary.rendered:,} rendered, {sum(summary.seconds.values()):.1f} s")
