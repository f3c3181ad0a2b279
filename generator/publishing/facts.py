"""What a built tree tells programs and subscribers, read from the tree alone: records, feed entries, documents, redirects."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from generator.bulletin_history import PATH as BULLETINS
from generator.bulletin_history import History
from generator.history_rules import Known, Published
from generator.publishing.failure import PublishError
from generator.publishing.manifest import PortalFacts
from generator.record_lists import INDEX, Listed, RecordFile, RecordIndex

_FEED = re.compile(r"(?:([a-z]{2,3}(?:-\w+)?)/)?feeds/(?:all|archive/all/[^/]+)\.atom")
_ENTRY = re.compile(rb'<entry>\s*<id>([^<]*)</id>(?:(?!</entry>).)*?<link rel="alternate"[^>]* href="([^"]*)"', re.DOTALL)
_DOCUMENT = re.compile(r"\.well-known/csaf/[^/]+/\d{4}/[^/]+\.json")
_REDIRECT = re.compile(r'^"([^"]+)" "([^"]+)";$', re.MULTILINE)


class _Tracking(msgspec.Struct, frozen=True):
    id: str
    version: str


class _Head(msgspec.Struct, frozen=True):
    tracking: _Tracking


class _Document(msgspec.Struct, frozen=True):
    document: _Head


def read_facts(folder: Path, paths: Collection[str]) -> PortalFacts:
    """Raises PublishError where a file that each portal has is missing or unreadable."""
    try:
        index = msgspec.json.decode((folder / INDEX).read_bytes(), type=RecordIndex)
        listed = [record for file in index.files
                  for record in msgspec.json.decode((folder / file.path).read_bytes(), type=RecordFile).records]
        history = msgspec.json.decode((folder / BULLETINS).read_bytes(), type=History)
        documents = _documents(folder, paths)
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise PublishError(f"{folder}: what it tells programs cannot be read ({error}); build it again") from None
    hidden = next((record.id for record in listed if record.status in {"draft", "embargoed"}), "")
    if hidden:
        raise PublishError(f"{folder} is a preview: it shows {hidden}, which is not public; publish what waypost build makes")
    guarded = {bulletin.id: bulletin for bulletin in history.bulletins}
    entries = _entries(folder, paths, index.url)
    records = tuple(_known(record, guarded.get(record.id), entries.get(record.path, {}), documents.get(record.id, ""))
                    for record in sorted(listed, key=lambda record: (record.id, record.kind)))
    return PortalFacts(index.url, records, _redirects(folder, paths, index.url), history.format)


def _known(record: Listed, guarded: Published | None, entries: dict[str, str], document: str) -> Known:
    revision, digest = (guarded.revision, guarded.digest) if guarded else ("", "")
    return Known(record.id, record.kind, record.status, record.published, record.updated, revision, digest, record.path,
                 tuple(record.titles.values()), record.products, record.aliases, entries, document)


def _entries(folder: Path, paths: Collection[str], url: str) -> dict[str, dict[str, str]]:
    """Ids of the feed entries of records by their path and language, "" for the default one."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        if match := _FEED.fullmatch(path):
            language = match[1] or ""
            root = f"{url}{language}/" if language else url
            for name, address in _ENTRY.findall((folder / path).read_bytes()):
                found[unescape(address.decode()).removeprefix(root)][language] = unescape(name.decode())
    return found


def _documents(folder: Path, paths: Collection[str]) -> dict[str, str]:
    """Versions of CSAF documents by their id."""
    found = (msgspec.json.decode((folder / path).read_bytes(), type=_Document).document.tracking
             for path in paths if _DOCUMENT.fullmatch(path))
    return {tracking.id: tracking.version for tracking in found}


def _redirects(folder: Path, paths: Collection[str], url: str) -> dict[str, str]:
    """Redirects from path to path, below the portal's root."""
    return dict(_below(folder, urlsplit(url).path.rstrip("/"))) if "redirects/nginx.map" in paths else {}


def _below(folder: Path, base: str) -> Iterator[tuple[str, str]]:
    for old, new in _REDIRECT.findall((folder / "redirects/nginx.map").read_text(encoding="utf-8")):
        yield old.removeprefix(base), new.removeprefix(base)
