"""What a file of a portal is for: when it is sent where files change one by one, and how it is served.

A file is sent after everything that it refers to, so that nobody meets a link to what is not there yet; entry points go last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import IntEnum

import msgspec

from generator.publishing.manifest import PortalFacts
from generator.publishing.source import TWINS


class Role(IntEnum):
    """In the order in which files are sent."""

    asset = 0  # scripts, styles, pictures, attachments, parts of search indexes and sealed tables
    document = 1  # what is complete by itself: CSAF and OSV documents, calendars
    record = 2  # pages of records
    page = 3  # guides and lists, which lead to records, and what feeds and lists of programs are made of
    index = 4  # feeds, roots of search indexes, lists of documents, parts of sitemaps
    entry = 5  # where readers and programs begin


_ASSET = re.compile(r"(?:assets|attachments)/.*|.*\.(?:pf_fragment|pf_index|pf_meta|pagefind|bin|css|png|svg|wasm)")
_DOCUMENT = re.compile(r"\.well-known/csaf/[^/]+/\d{4}/[^/]+\.(?:json|json\.asc|json\.sha256|json\.sha512)|osv/(?!all\.json)[^/]+"
                       r"|.*\.ics|api/v1/case\.schema\.json")
_LIST = re.compile(r"(?:.*/)?feeds/archive/.*|api/v1/records/.*")
_ENTRY = re.compile(r"(?:index|404)\.html|sitemap\.xml|robots\.txt|\.well-known/security\.txt"
                    r"|\.well-known/csaf/(?:provider-metadata|service)\.json|api/v1/(?:records|bulletins)\.json|.*\.opml")
_HASHED = re.compile(r"(?:assets|attachments)/.*\.[0-9a-f]{8,}\..*|pagefind/.*_[0-9a-f]{7,}\.pf_[a-z]+")


def role_of(portal: PortalFacts) -> Callable[[str], Role]:
    """A function from the path of a file to its role."""
    records = {record.path for record in portal.records}
    languages = {f"{language}/" for record in portal.records for language in record.entries if language}

    def role(path: str) -> Role:
        path = _plain(path)
        if _ENTRY.fullmatch(path):
            return Role.entry
        if _ASSET.fullmatch(path):
            return Role.asset
        if _DOCUMENT.fullmatch(path):
            return Role.document
        if _LIST.fullmatch(path):
            return Role.page
        if path.endswith(".html"):
            address = path.removesuffix("index.html")
            if address in languages:
                return Role.entry
            start = address.partition("/")[0] + "/"
            return Role.record if (address.removeprefix(start) if start in languages else address) in records else Role.page
        return Role.index

    return role


def stages(paths: Iterable[str], role: Callable[[str], Role]) -> list[tuple[Role, list[str]]]:
    """Paths by role, in the order in which they are sent."""
    found: dict[Role, list[str]] = {}
    for path in sorted(paths):
        found.setdefault(role(path), []).append(path)
    return sorted(found.items())


class Headers(msgspec.Struct, frozen=True, array_like=True):
    """How a file is served."""

    content_type: str
    cache_control: str
    content_encoding: str = ""


_TYPES = {
    "html": "text/html; charset=utf-8", "json": "application/json", "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8", "xml": "application/xml; charset=utf-8", "opml": "text/x-opml; charset=utf-8",
    "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml", "png": "image/png",
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8", "ics": "text/calendar; charset=utf-8",
    "log": "text/plain; charset=utf-8", "asc": "text/plain; charset=us-ascii", "sha256": "text/plain; charset=us-ascii",
    "sha512": "text/plain; charset=us-ascii", "wasm": "application/wasm", "zip": "application/zip",
}
_FEED = re.compile(r"(?:.*/)?feeds/.*\.json")
_ENCODINGS = {".gz": "gzip", ".br": "br", ".zst": "zstd"}
_SECONDS = {Role.entry: 60, Role.index: 60, Role.page: 300, Role.record: 300}


def headers_of(path: str, role: Role, private: bool) -> Headers:
    """Types are exact, as CSAF demands (RFC 8259 knows no charset for JSON); what is named by its content never changes."""
    plain = _plain(path)
    scope = "private" if private else "public"
    cache = f"{scope}, max-age=31536000, immutable" if _HASHED.fullmatch(plain) else f"{scope}, max-age={_SECONDS.get(role, 300)}"
    kind = _TYPES.get(plain.rpartition(".")[2], "application/octet-stream")
    if plain.endswith("opensearch.xml"):
        kind = "application/opensearchdescription+xml"
    elif _FEED.fullmatch(plain):
        kind = "application/feed+json"
    return Headers(kind, cache, "" if plain == path else _ENCODINGS[path[len(plain):]])


def _plain(path: str) -> str:
    """The path of the file that a packed twin stands for, else the path."""
    return path.rpartition(".")[0] if path.endswith(TWINS) else path
