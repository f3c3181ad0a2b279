"""Reads files of a published portal, from its folder or over https."""

from __future__ import annotations

from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, build_opener

from kb.findings import Finding, SourceError

TIMEOUT = 30.0  # seconds without a byte
MOST_BYTES = 100_000_000  # of a file
_GONE = frozenset({404, 410})


class Source:
    """A published portal: ``where`` is its folder or its https address."""

    def __init__(self, where: str) -> None:
        self.where = where.rstrip("/")
        self.folder = None if urlsplit(where).scheme in {"https", "http"} else Path(where)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file by its path below the portal's root, None where it is not there. Raises SourceError."""
        if path.startswith("/") or ".." in path.split("/"):
            raise self._wrong(path, "is outside the portal", "build and publish the portal again")
        try:
            return (self.folder / path).read_bytes() if self.folder else self._fetched(path)
        except FileNotFoundError:
            return None
        except HTTPError as error:
            if error.code in _GONE:
                return None
            raise self._wrong(path, f"cannot be read ({error.code} {error.reason})") from None
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "strerror", "") or getattr(error, "reason", "") or error
            raise self._wrong(path, f"cannot be read ({reason})") from None

    def _fetched(self, path: str) -> bytes:
        request = Request(f"{self.where}/{quote(path)}", headers={"User-Agent": "waypost", "Cache-Control": "no-cache"})
        with build_opener().open(request, timeout=TIMEOUT) as answer:
            if urlsplit(answer.url).scheme not in {"https", "http"}:
                raise URLError("leads elsewhere")
            data: bytes = answer.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} bytes")
        return data

    def _wrong(self, path: str, reason: str, remedy: str = "name the folder or https address of a built portal") -> SourceError:
        return SourceError(Finding(f"{self.where}/{path}", 0, "", "", reason, remedy))
