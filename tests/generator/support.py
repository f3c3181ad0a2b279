"""A small site with every kind of record, quick ways to build it, and readers of what comes out."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from generator.build import BuildFailed, Options, Summary, build
from generator.concealed import Unseen
from generator.frames import SLOTS, Frame, cut
from generator.shell import TABS, Shell
from generator.urls import ROOT
from kb.findings import Finding
from kb.policy import Policy
from kb.portal import Portal

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d0000001549444154789c6364"
                    "6462666060606060606280010000a6000a01de682f0000000049454e44ae426082")

SITE: dict[str, str] = {
    "portal.yml": """\
name: Box Support
vendor: Box Networks
url: https://support.example.com/
languages: [en, ru]
summary: All about boxes.
audiences: [public, partner, internal]
""",
    "products.yml": """\
products:
  - id: box
    name: BoxOS
    scheme: dotted
    platforms:
      - {id: bx1, name: Box 1}
    components:
      - {id: web, name: Web}
    releases:
      - {id: 1.0.0, date: 2026-01-10}
      - {id: 1.0.1, date: 2026-02-10, recommended: true}
""",
    "redirects.yml": "/old/first.html: KB10001\n/gone: /kb/\n",
    "mkdocs.yml": """\
site_name: Box Support
docs_dir: pages
theme: {name: material, features: [navigation.tabs]}
plugins: []
nav: [{Home: index.md}, {Articles: /kb/}, {Help: help/index.md}]
validation:
  nav: {absolute_links: ignore}
  links: {absolute_links: ignore}
""",
    "pages/index.md": "# Box Support\n\nWelcome.\n",
    "pages/help/index.md": "# Help\n\nSee [an article](/kb/KB10001/) and [all of them](/kb/).\n\n## By phone\n\nCall us.\n",
    "articles/KB10001.md": """\
---
id: KB10001
status: published
title: Restart a box
summary: How to restart a box.
products: [box]
created: 2026-01-20
updated: 2026-01-21
---

Read [[KB10002]] too.

## Solution

Press the button, then read [the log](box.log).

![The button](box.png)
""",
    "articles/KB10001.ru.md": "---\ntitle: Перезапуск\nsummary: Как перезапустить.\n---\n\n## Решение\n\nНажмите кнопку.\n",
    "articles/KB10002.md": """\
---
id: KB10002
status: published
title: Clean a box
summary: How to clean a box.
products: [box]
created: 2026-01-20
updated: 2026-02-21
---

## Solution

Use a brush.
""",
    "articles/box.log": "box[1]: restarted\n",
    "reports/100001.md": """\
---
id: 100001
status: fixed
title: The box hums
severity: medium
component: web
affected:
  - {product: box, platforms: [bx1], ranges: [1.0 before 1.0.1], fixed: [1.0.1]}
created: 2026-01-22
updated: 2026-02-10
---

## Problem

It hums.
""",
    "advisories/SA-2026-0001.md": """\
---
id: SA-2026-0001
status: final
title: The box opens to everybody
summary: No key is needed.
publish_at: 2026-02-10T16:00:00Z
cvss: ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"]
affected:
  - {product: box, ranges: [1.0 before 1.0.1], fixed: [1.0.1]}
revisions:
  - {number: "1", date: 2026-02-10, text: First publication.}
---

## Problem

It opens.
""",
    "notices/SN-2026-0001.md": """\
---
id: SN-2026-0001
status: final
title: Boxes are sold on markets
summary: Not all of them are ours.
publish_at: 2026-02-10T16:00:00Z
products: [box]
revisions:
  - {number: "1", date: 2026-02-10, text: First publication.}
---

Look at the label.
""",
    "bulletins/TB-2026-0001.md": """\
---
id: TB-2026-0001
status: published
type: hardware
title: New screws
summary: From March on boxes have other screws.
products: [box]
created: 2026-02-01
updated: 2026-02-01
---

Nothing to do.
""",
}


def write_site(root: Path, changes: Mapping[str, str | None] | None = None) -> Path:
    """Writes the small site with some files changed, added or (None) left out, and gives its folder."""
    for path, text in (SITE | dict(changes or {})).items():
        if text is not None:
            write(root, path, text)
    (root / "articles" / "box.png").write_bytes(PNG)
    return root


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    if path.endswith(".key"):
        (root / path).chmod(0o600)


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Replaces a text that stands once in a file."""
    text = (root / path).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
    write(root, path, text.replace(old, new))


def article(record_id: str, body: str = "## Solution\n\nWait.\n", **fields: str) -> str:
    """Text of a published article with some fields changed or added."""
    known = {"id": record_id, "status": "published", "title": f"Article {record_id}", "summary": "In short.", "products": "[box]",
             "created": "2026-03-01", "updated": "2026-03-02"} | fields
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in known.items()) + f"---\n\n{body}"


def report(record_id: str, body: str = "## Problem\n\nIt fails.\n", **fields: str) -> str:
    """Text of an open problem report with some fields changed or added."""
    known = {"id": record_id, "status": "open", "title": f"Report {record_id}", "affected": "[{product: box, ranges: [1.0]}]",
             "created": "2026-03-01", "updated": "2026-03-02"} | fields
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in known.items()) + f"---\n\n{body}"


def build_site(root: Path, out: Path, cache: Path | None = None, at: datetime = AT, audience: str = "", drafts: bool = False,
               jobs: int = 1) -> Summary:
    """Builds; tests edit published bulletins at will (test_bulletin_history.py holds that others cannot)."""
    try:
        return build(Options(root, out, at, audience, drafts, cache, jobs, rewrites=("all",)))
    except BuildFailed as failed:
        failed.add_note("\n".join(str(finding) for finding in failed.findings))
        raise


def tree(out: Path) -> dict[str, bytes]:
    """All files of a folder by path."""
    return {file.relative_to(out).as_posix(): file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file()}


def pages_of(out: Path) -> list[str]:
    """Paths of the pages for readers; listings of folders for programs are none."""
    return [path for path in tree(out) if path.endswith(".html") and not path.startswith(".well-known/")]


def differences(left: Path, right: Path) -> list[str]:
    """Paths of the files that are not alike in two folders."""
    one, other = tree(left), tree(right)
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def page(out: Path, path: str) -> LexborHTMLParser:
    """A page of the tree by its address."""
    file = out / path / "index.html" if path.endswith("/") or not path else out / path
    return LexborHTMLParser(file.read_text(encoding="utf-8"))


def all_bytes(path: str, data: bytes) -> bytes:
    """A file's content; what is packed in Pagefind's files is unpacked."""
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def fragments(files: Mapping[str, bytes]) -> list[dict[str, object]]:
    """The pages as Pagefind knows them."""
    found = []
    for path, data in files.items():
        if path.endswith(".pf_fragment"):
            text = gzip.decompress(data).decode("utf-8").removeprefix("pagefind_dcd")
            found.append(json.loads(text))
    return found


FRAME = ('<!doctype html><html lang="{language}"><head><meta charset="utf-8"><!--wp:head--><!--/wp:head-->'
         '\n<!--wp:styles--><!--/wp:styles--></head><body data-tab="{tab}"><header><!--wp:topic--><!--/wp:topic-->'
         "\n<!--wp:search--><!--/wp:search-->\n<!--wp:languages--><!--/wp:languages--></header>"
         "<main><!--wp:body--><!--/wp:body--></main><footer><!--wp:footer--><!--/wp:footer--></footer>"
         "<!--wp:scripts--><!--/wp:scripts--></body></html>")


def plain_frame(language: str = "en", tab: str = "") -> Frame:
    return cut(FRAME.format(language=language, tab=tab))


def plain_shell(root: Path, portal: Portal, policy: Policy | None, unseen: Unseen,
                cache: Path | None) -> tuple[Shell, list[Finding]]:
    """In place of ``make_shell``: frames without MkDocs, no editorial pages."""
    return Shell({f"{language}:{tab}": plain_frame(language, tab) for language in portal.languages for tab in TABS}, (), {}), []


def slots(html: str, frame: Frame, up: str) -> dict[str, str]:
    """What a finished page has in the slots of its frame; ``up`` is the way from the page to the root of the tree."""
    pieces = [piece.replace(ROOT, up) for piece in frame.pieces]
    assert html.startswith(pieces[0])
    found, position = {}, len(pieces[0])
    for slot, piece in zip(frame.slots, pieces[1:], strict=True):
        end = html.index(piece, position)
        found[slot] = html[position:end]
        position = end + len(piece)
    assert position == len(html)
    assert set(found) >= set(SLOTS)
    return found


def scripts_of(html: str) -> list[tuple[str, str]]:
    """(attributes, code) of all script elements, as the HTML says them."""
    return re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL)
