"""Scaffolds: a new site, and valid drafts of records with the next id."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from generator.bulletin_draft import Asker, Given, ask_answers, bulletin_text, check_text, read_answers
from generator.i18n import ui_languages
from kb.fields import Wrong, parse_title
from kb.findings import shorten
from kb.load import Content, load
from kb.parse import id_parser
from kb.products import Product
from kb.records import FOLDERS, Kind, normal_id

_PREFIXES: dict[Kind, str] = {"advisory": "SA", "notice": "SN", "bulletin": "TB"}


class ScaffoldError(Exception):
    """Nothing was written; the message says why and what to do."""


def init_site(directory: Path) -> list[Path]:
    """Writes the starter site into a folder that is new or empty and gives the files."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ScaffoldError(f"{directory} is not empty; name a new folder")
    written: list[Path] = []
    try:
        _copy(files("generator").joinpath("starter"), directory, written)
    except OSError as error:
        raise ScaffoldError(f"cannot write {directory}: {error.strerror}") from None
    return written


def _copy(source: Traversable, target: Path, written: list[Path]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in sorted(source.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            _copy(entry, target / entry.name, written)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())
            written.append(target / entry.name)


def new_bulletin(root: Path, kind: Kind, given: Given | None, asker: Asker, record_id: str, at: datetime) -> Path:
    """Writes a security bulletin from options, or from answers where there are none, and gives its path."""
    content = load(root, ui_languages())
    if content.portal is None:
        raise ScaffoldError("portal.yml cannot be read; run 'waypost check'")
    _product(content, "")
    try:
        answers = read_answers(given, content.catalogue) if given else ask_answers(asker, kind, content.catalogue)
    except Wrong as wrong:
        raise ScaffoldError(f"{wrong.reason}; {wrong.remedy}") from None
    if answers.status != "draft" and not (answers.title and answers.summary and answers.publish_at):
        raise ScaffoldError("a bulletin that is no draft needs --title, --summary and --publish-at")
    record_id, path = _place(root, content, kind, record_id, at)
    text = bulletin_text(kind, record_id, answers, _SECTIONS[kind], at)
    for finding in check_text(text, kind, path.relative_to(root).as_posix(), content.portal, content.catalogue):
        raise ScaffoldError(str(finding))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def new_record(root: Path, kind: str, title: str, product: str, record_id: str, at: datetime) -> Path:
    """Writes a draft and gives its path; it passes ``waypost check`` as it is."""
    known = next(name for name in FOLDERS.values() if name == kind)
    content = load(root, ui_languages())
    chosen = _product(content, product)
    title = _parsed(parse_title, title) if title.strip() else f"New {kind}"
    record_id, path = _place(root, content, known, record_id, at)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draft(known, record_id, title, chosen, at), encoding="utf-8")
    return path


def _place(root: Path, content: Content, known: Kind, record_id: str, at: datetime) -> tuple[str, Path]:
    """Id and file of a new record: the next free ones unless an id is given, which must be free."""
    record_id = _parsed(id_parser(known), record_id) if record_id else next_id(content, known, at.year)
    taken = {normal_id(record.id) for record in content.records}
    folder = root / next(folder for folder, name in FOLDERS.items() if name == known)
    path = folder / f"{record_id}.md"
    if normal_id(record_id) in taken or path.exists():
        raise ScaffoldError(f"{record_id} exists already; leave --id out to take the next free one")
    return record_id, path


def _parsed(parser: Callable[[str], str], text: str) -> str:
    try:
        return parser(text)
    except Wrong as wrong:
        raise ScaffoldError(f"'{shorten(text)}' {wrong.reason}; {wrong.remedy}") from None


def _product(content: Content, name: str) -> Product:
    if not content.catalogue.products:
        raise ScaffoldError("products.yml names no product that can be read; run 'waypost check'")
    if not name:
        return content.catalogue.products[0]
    product = content.catalogue.find(name)
    if product is None:
        known = ", ".join(item.id for item in content.catalogue.products)
        raise ScaffoldError(f"'{name}' is not a known product; write one of {known}")
    return product


def next_id(content: Content, kind: Kind, year: int) -> str:
    """The id after the highest one of its kind; security and technical bulletins count by year."""
    ids = [record.id for record in content.records if record.kind == kind]
    names = [path.stem for folder, name in FOLDERS.items() if name == kind for path in (content.root / folder).rglob("*.md")]
    ids += names  # files that cannot be read keep their ids
    if kind in {"article", "report"}:
        prefix, first, form = ("KB", 10001, r"KB(\d{5,9})") if kind == "article" else ("", 1000001, r"(\d{1,9})")
        numbers = [int(found[1]) for name in ids if (found := re.fullmatch(form, name))]
        return f"{prefix}{max(numbers, default=first - 1) + 1}"
    parts = [found for name in ids if (found := re.fullmatch(r"([A-Za-z][A-Za-z0-9]*)-(\d{4})-(\d{1,6})", name))]
    latest = max(parts, key=lambda found: (found[2], int(found[3])), default=None)
    prefix, width = (latest[1], len(latest[3])) if latest else (_PREFIXES[kind], 4)
    number = max((int(found[3]) for found in parts if found[2] == str(year)), default=0) + 1
    return f"{prefix}-{year}-{number:0{width}}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def draft(kind: Kind, record_id: str, title: str, product: Product, at: datetime) -> str:
    """Text of a draft of this kind."""
    day = at.strftime("%Y-%m-%d")
    head = f"id: {record_id}\nstatus: draft\ntitle: {_quoted(title)}\n"
    release = product.releases[-1] if product.releases else None
    affected = f"affected:\n  - product: {product.id}\n" + (
        f"    ranges: [{_quoted(f'{release.train} before {release.id}')}]\n    fixed: [{_quoted(release.id)}]\n" if release and
        _begins_before(product, release.id) else f"    ranges: [{_quoted(release.id)}]\n" if release else "")
    summary = 'summary: "One or two sentences for lists, search results and feeds."\n'
    dates = f"created: {day}\nupdated: {day}\n"
    fields = {
        "article": f"{summary}products: [{product.id}]\nkeywords: []\n{dates}version: 1\n",
        "report": f"severity: medium\n{affected}{dates}related: []\n",
        "advisory": f'{summary}publish_at: {day}T16:00:00Z\ncves: []\ncvss: ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"]\n'
                    f'cwe: []\n{affected}related: []\nrevisions:\n  - {{number: "1", date: {day}, text: First publication.}}\n',
        "notice": f"{summary}publish_at: {day}T16:00:00Z\nproducts: [{product.id}]\n"
                  f'revisions:\n  - {{number: "1", date: {day}, text: First publication.}}\n',
        "bulletin": f"{summary}type: software\nproducts: [{product.id}]\n{dates}",
    }
    return f"---\n{head}{fields[kind]}---\n\n{_SECTIONS[kind]}"


def _begins_before(product: Product, release_id: str) -> bool:
    """Whether the release's train has an older release, so that 'train before release' says something."""
    release = product.release(release_id)
    return release is not None and any(other.train == release.train and other.id != release.id for other in product.releases)


_SECTIONS: dict[Kind, str] = {
    "article": "## Symptoms\n\nWhat the reader sees, with the exact message.\n\n## Cause\n\nWhy it happens.\n\n"
               "## Solution\n\n1. What to do.\n\n## Verification\n\nHow to see that it worked.\n",
    "report": "## Problem\n\nWhat happens.\n\n## Trigger\n\nWhat must come together.\n\n"
              "## Impact\n\nWhat it means for service.\n\n## Workaround\n\nWhat helps until the fix.\n",
    "advisory": "## Problem\n\nWhat an attacker can do.\n\n## Exploitation\n\nWe know of no exploitation.\n\n"
                "## Workaround\n\nNone.\n\n## Solution\n\nUpdate to a fixed release.\n",
    "notice": "What it is about, and why it deserves attention.\n\n## Required action\n\nWhat to do.\n",
    "bulletin": "What changes, and when.\n\n## Required action\n\nWhat to do before that.\n",
}
