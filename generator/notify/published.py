"""Reads what a portal has published, from its folder or over https."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, build_opener

import msgspec

from generator.record_lists import FORMAT, INDEX, FileEntry, Listed, RecordFile, RecordIndex
from kb.findings import Finding, SourceError

TIMEOUT = 30.0  # seconds without a byte
MOST_BYTES = 100_000_000  # of a file
_HIDDEN = frozenset({"draft", "embargoed"})
_READ_ANEW = "build and publish the portal again, then run this again"
T = TypeVar("T")


class Portal:
    """A published portal: ``where`` is its folder or its https address."""

    def __init__(self, where: str) -> None:
        self.where = where.rstrip("/")
        self.folder = None if urlsplit(where).scheme in {"https", "http"} else Path(where)

    def index(self) -> RecordIndex:
        """What ``records.json`` says; raises SourceError."""
        index = self._decoded(INDEX, self._read(INDEX), RecordIndex)
        if index.format != FORMAT:
            raise self._wrong(INDEX, f"has format {index.format}, not {FORMAT}",
                              "use the version of Waypost that built the portal")
        if not index.names:
            raise self._wrong(INDEX, "names no language", _READ_ANEW)
        return index

    def records(self, files: Iterable[FileEntry]) -> list[Listed]:
        """The records of some files; raises SourceError where one is not as the index says."""
        found: list[Listed] = []
        for file in files:
            data = self._read(file.path)
            if hashlib.sha256(data).hexdigest() != file.sha256:
                raise self._wrong(file.path, "is not what records.json lists: damaged, or published only in part", _READ_ANEW)
            found += self._decoded(file.path, data, RecordFile).records
        hidden = next((record for record in found if record.status in _HIDDEN), None)
        if hidden:
            raise self._wrong(INDEX, "is that of a preview with records that are not public", "name the published portal")
        return found

    def _decoded(self, path: str, data: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(data, type=kind)
        except (ValueError, msgspec.MsgspecError):
            raise self._wrong(path, "is damaged", _READ_ANEW) from None

    def _read(self, path: str) -> bytes:
        if ".." in path.split("/") or path.startswith("/"):
            raise self._wrong(INDEX, "lists a file outside the portal", _READ_ANEW)
        try:
            return (self.folder / path).read_bytes() if self.folder else self._fetched(path)
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "strerror", "") or getattr(error, "reason", "") or error
            raise self._wrong(path, f"cannot be read ({reason})", "name the folder or https address of a built portal") from None

    def _fetched(self, path: str) -> bytes:
        request = Request(f"{self.where}/{path}", headers={"User-Agent": "waypost-notify", "Cache-Control": "no-cache"})
        with build_opener().open(request, timeout=TIMEOUT) as answer:
            if not urlsplit(answer.url).scheme.startswith("http"):
                raise URLError("leads elsewhere")
            data: bytes = answer.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} bytes")
        return data

    def _wrong(self, path: str, reason: str, remedy: str) -> SourceError:
        return SourceError(Finding(f"{self.where}/{path}", 0, "", "", reason, remedy))
