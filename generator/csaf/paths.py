"""Where the files of a CSAF provider stand, below the portal's root (CSAF 2.0, sections 5.1 and 7.1.11)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from kb.findings import Finding
from kb.heads import Head
from kb.library import Library
from kb.lines import Lines
from kb.store import Row

FOLDER = ".well-known/csaf/"
METADATA = f"{FOLDER}provider-metadata.json"


_URI = "!#$%&'()*+,-./:;=?@[]_~"  # what an address may hold as it is (RFC 3986)


class Published(Protocol):
    """A security bulletin, or its head."""

    @property
    def id(self) -> str: ...
    @property
    def tlp(self) -> str: ...
    @property
    def published(self) -> datetime: ...


def file_name(record_id: str) -> str:
    """The name of a document's file; ids that become the same name differ in signs that a file name may not hold."""
    return re.sub(r"[^+\-a-z0-9]+", "_", record_id.lower()) + ".json"


def label_folder(tlp: str) -> str:
    """The folder of all documents of a TLP label, ``.well-known/csaf/white/``."""
    return f"{FOLDER}{tlp.lower()}/"


def csaf_path(record: Published) -> str:
    """The address of a bulletin's document, ``.well-known/csaf/white/2026/exsa-2026-0007.json``; its signature and hashes have
    ``.asc``, ``.sha256`` and ``.sha512`` after it."""
    return f"{label_folder(record.tlp)}{record.published.year:04}/{file_name(record.id)}"


def same_paths(rows: Iterable[Row], root: Path) -> Iterator[Finding]:
    """Findings for bulletins whose documents would be one file."""
    found: dict[str, Row] = {}
    lines = Lines(root)
    for row in rows:
        first = found.setdefault(csaf_path(row.head), row) if row.head.status != "draft" else row
        if first is not row:
            yield Finding(row.path, lines.of(row.place, "id"), "id", row.head.id,
                          f"differs from {first.head.id} ({first.path}) in signs that become '_' in the name of a CSAF document",
                          "give one of them another id")


def provided(library: Library) -> list[Head]:
    """The heads of the bulletins that have a document: previews show drafts too, of which nothing is final."""
    return [head for head in library.of_kind("advisory", "notice") if head.status != "draft"]


def as_uri(address: str) -> str:
    """A web address as a URI, which CSAF demands: letters of other scripts as IDNA and in percent signs."""
    if address.isascii():
        return address
    parts = urlsplit(address)
    try:
        host = parts.netloc.encode("idna").decode("ascii")
    except UnicodeError:
        host = quote(parts.netloc, safe=_URI)
    return urlunsplit((parts.scheme, host, *(quote(part, safe=_URI) for part in parts[2:])))
