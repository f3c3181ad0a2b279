"""Reads files of a published portal, from its folder or over the web: bounded, and never from elsewhere."""

from __future__ import annotations

import re
import time
import zlib
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from kb.fields import Wrong
from kb.findings import Finding, SourceError, shorten

TIMEOUT = 30.0  # seconds without a byte
LONGEST = 300.0  # seconds for a file
MOST_BYTES = 50_000_000  # of a file, unpacked
_PART = 1 << 16
_PATH = re.compile(r"[A-Za-z0-9_~+-][A-Za-z0-9._~+-]*(/[A-Za-z0-9_~+-][A-Za-z0-9._~+-]*)*", re.ASCII)
_PORTAL = "name the folder or address of a built portal"
_LATER = "try again later, or tell those who run the portal"


class Source:
    """A published portal: ``where`` is its folder or its http or https address. Raises Wrong for what is neither."""

    def __init__(self, where: str) -> None:
        self.where = where.rstrip("/") or where
        self.is_web = "://" in where
        if self.is_web:
            _check_address(where)
        self.folder = Path(where)
        self._opener = build_opener(_SameHost())

    def read(self, path: str, query: str = "") -> bytes:
        """The bytes of a file below the root; raises SourceError where it cannot be read or is too large."""
        if not _PATH.fullmatch(path):
            raise self.wrong(path, "is no path of a portal", _LATER)
        try:
            return self._fetched(path, query) if self.is_web else self._from_folder(path)
        except HTTPError as error:
            error.close()
            raise self.wrong(path, f"is not there (HTTP {error.code})", _PORTAL) from None
        except (OSError, HTTPException, ValueError, zlib.error) as error:
            reason = getattr(error, "strerror", "") or getattr(error, "reason", "") or error
            raise self.wrong(path, f"cannot be read ({shorten(str(reason))})", _PORTAL) from None

    def wrong(self, path: str, reason: str, remedy: str = _LATER) -> SourceError:
        """The error that says what is wrong with a file."""
        return SourceError(Finding(f"{self.where}/{shorten(path)}", 0, "", "", reason, remedy))

    def _from_folder(self, path: str) -> bytes:
        file = self.folder / path
        if not file.is_file():
            raise OSError("no such file")
        if file.stat().st_size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} bytes")
        return unpacked(file.read_bytes()) if path.endswith(".bin") else file.read_bytes()

    def _fetched(self, path: str, query: str) -> bytes:
        address = f"{self.where}/{path}{f'?v={query}' if query else ''}"
        request = Request(address, headers={"User-Agent": "waypost", "Accept-Encoding": "gzip", "Cache-Control": "no-cache"})
        end, parts, size = time.monotonic() + LONGEST, list[bytes](), 0
        with self._opener.open(request, timeout=TIMEOUT) as answer:
            encoded = (answer.headers.get("Content-Encoding") or "").strip().lower()
            if encoded not in ("", "identity", "gzip"):
                raise ValueError("packed in a way that was not asked for")
            while part := answer.read1(_PART):
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    raise ValueError(f"more than {MOST_BYTES:,} bytes")
                if time.monotonic() > end:
                    raise TimeoutError("it takes too long")
            if answer.length:
                raise ValueError("it broke off")
        data = b"".join(parts)
        data = unpacked(data) if encoded == "gzip" else data
        return unpacked(data) if path.endswith(".bin") else data


def unpacked(data: bytes) -> bytes:
    """What a gzip stream holds, at most MOST_BYTES; other bytes as they are. Raises ValueError and zlib.error."""
    if data[:2] != b"\x1f\x8b":
        return data
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    found = stream.decompress(data, MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES:,} bytes")
    if not stream.eof:
        raise ValueError("it broke off")
    return found


def _check_address(where: str) -> None:
    try:
        parts = urlsplit(where)
        is_known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_known = False
    if not is_known or not where.isascii() or re.search(r"[\s<>\"\\^`{|}\x00-\x20\x7f]", where):
        raise Wrong("is neither a folder nor a web address", "write a path or https://host/path")
    if parts.username is not None or parts.query or parts.fragment:
        raise Wrong("has more than host and path", "write https://host/path, without a name, a password, ? and #")


class _SameHost(HTTPRedirectHandler):
    """Follows redirects within a host, and from http to https there."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage,
                         newurl: str) -> Request | None:
        old, new = urlsplit(req.full_url), urlsplit(urljoin(req.full_url, newurl))
        is_same = (old.scheme, old.netloc) == (new.scheme, new.netloc)
        if not is_same and not (old.scheme == "http" and new.scheme == "https" and old.hostname == new.hostname):
            raise ValueError("it leads to another host")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
