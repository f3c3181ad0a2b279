"""The files of portals that an inventory is matched with, made without their pages, and a server that keeps account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import msgspec

from generator.api.affected_sets import affected_files
from generator.api.releases import release_files
from generator.edition import Edition
from generator.exposure import Exposure
from generator.keys import Keys
from generator.record_lists import INDEX
from kb.library import View
from kb.load import load
from kb.resolve import resolve
from prsearch.static import index_files

NOW = datetime(2026, 11, 22, tzinfo=UTC)

PORTAL = "name: Box Support\nvendor: Box Networks\nurl: https://support.example.com/\nlanguages: [en, ru]\nsummary: Boxes.\n"
PRODUCTS = """\
products:
  - id: box
    name: BoxOS
    scheme: dotted
    show_version: ["Hostname: {name}", "BoxOS {release} on {platform}"]
    platforms:
      - {id: bx1, name: Box 1, translations: {ru: {name: Ящик 1}}}
      - {id: bx2, name: Box 2}
    trains:
      - {id: "1.0", released: 2026-01-10, end_of_engineering: 2027-01-10, end_of_support: 2028-01-10}
    releases:
      - {id: 1.0.0, date: 2026-01-10}
      - {id: 1.0.1, date: 2026-02-10}
      - {id: 1.0.2, date: 2026-03-10, recommended: true}
      - {id: 1.1.0, date: 2026-04-10}
"""


class _NoKeys:
    def of(self, facts: object) -> str:
        return ""


def report(record_id: str, severity: str = "high", title: str = "It fails", ranges: str = "1.0 before 1.0.2", updated: str = "2026-05-01",
           platforms: str = "") -> dict[str, str]:
    """A report by its path."""
    on = f", platforms: [{platforms}]" if platforms else ""
    return {f"reports/{record_id}.md": f"""\
---
id: {record_id}
status: open
title: {title}
severity: {severity}
affected:
  - {{product: box{on}, ranges: [{ranges}]}}
created: 2026-01-22
updated: {updated}
---

## Problem

It fails.
"""}


def editions_of(site: Path) -> list[Edition]:
    library, findings = resolve(load(site, ("en", "ru")), View(NOW))
    assert library is not None, findings
    exposure = Exposure(library)
    return [Edition(library, language, exposure) for language in library.portal.languages]


def publish(editions: Sequence[Edition], out: Path) -> Path:
    """Writes the files that an inventory needs."""
    derived = [*affected_files(editions, cast(Keys, _NoKeys()), lambda path: ""), *release_files(editions)]
    files = {one.path: one.make() for one in derived} | {f"prsearch/{path}": data for path, data in index_files(editions[0].library).items()}
    files[INDEX] = msgspec.json.encode({"format": 1, "url": editions[0].portal.url})
    for path, data in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(data)
    return out


def boxes(folder: Path, *reports: dict[str, str]) -> Path:
    """The published files of a portal with these reports."""
    texts = {"portal.yml": PORTAL, "products.yml": PRODUCTS}
    for texts_of in reports:
        texts |= texts_of
    for path, text in texts.items():
        (folder / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "site" / path).write_text(text, "utf-8")
    return publish(editions_of(folder / "site"), folder / "portal")


@contextmanager
def serving(folder: Path, answer: Callable[[Any], bool] = lambda handler: False) -> Iterator[tuple[str, list[str]]]:
    """Serves a folder: its address, and the paths that were asked for. ``answer`` may answer a request itself and say so."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def do_GET(self) -> None:
            asked.append(self.path)
            if not answer(self):
                super().do_GET()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
