"""Access logs of web servers, read line by line: combined (nginx, Apache), Caddy's JSON, and W3C extended (CloudFront)."""

from __future__ import annotations

import gzip
import re
import secrets
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import IO, NamedTuple, cast
from urllib.parse import unquote

import msgspec

LONGEST = 65_536  # bytes of a line; what is longer is not read
_COMBINED = re.compile(
    r'(?:[^ ]+ )??(?P<client>[^ ]+) [^ ]+ [^\["]*\[(?P<time>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>[0-9]{3}) [^ ]+'
    r'(?: "(?P<referer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)")?.*', re.DOTALL)
_TIME = re.compile(r"(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ESCAPED = re.compile(r"((?:\\x[0-9A-Fa-f]{2})+)|\\(.)")  # nginx writes \x22, Apache \"
_TWICE = re.compile(r"%25[0-9A-Fa-f]{2}")
_LAST = 4_102_444_800  # 2100-01-01 as seconds; no log is of a later time


class Request(NamedTuple):
    """A request that was answered: ``at`` in seconds since 1970, ``client`` a digest of address and program that holds for one
    run only, ``target`` the address as it was asked, ``referer`` and ``agent`` as the browser sent them, empty for none."""

    at: float
    client: bytes
    method: str
    target: str
    status: int
    referer: str
    agent: str


class Unreadable(Exception):
    """A line that is no request in a format that is known."""


class AccessLog:
    """Reads logs; ``unreadable`` counts the lines that were none, ``broken`` names the files that ended too early."""

    def __init__(self) -> None:
        self.lines = self.unreadable = 0
        self.broken: list[str] = []
        self._salt = secrets.token_bytes(16)

    def requests(self, files: Sequence[str]) -> Iterator[Request]:
        """The requests of all files, the file with the earliest first; ``-`` is standard input. Raises OSError."""
        for file in sorted(files, key=self._beginning) if len(files) > 1 else files:
            yield from self._requests(file)

    def _beginning(self, file: str) -> float:
        return 0.0 if file == "-" else next((request.at for request in AccessLog()._requests(file)), 0.0)

    def _requests(self, file: str) -> Iterator[Request]:
        columns: tuple[str, ...] = ()
        for line in self._lines(file):
            if line.startswith(b"#"):
                if line.lower().startswith(b"#fields:"):
                    columns = tuple(line.decode("utf-8", "replace").split()[1:])
                continue
            if not line.strip():
                continue
            self.lines += 1
            try:
                yield self._request(line, columns)
            except Unreadable:
                self.unreadable += 1

    def _lines(self, file: str) -> Iterator[bytes]:
        with ExitStack() as stack:
            source = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))
            packed = file != "-" and source.read(2) == b"\x1f\x8b"
            if file != "-":
                source.seek(0)
            opened = cast(IO[bytes], stack.enter_context(gzip.open(source)) if packed else source)
            try:
                while line := opened.readline(LONGEST):
                    if len(line) == LONGEST and not line.endswith(b"\n"):
                        while (rest := opened.readline(LONGEST)) and not rest.endswith(b"\n"):
                            pass
                        line = b"?"  # no request
                    yield line
            except (EOFError, gzip.BadGzipFile, zlib.error):
                self.broken.append(file)

    def _request(self, line: bytes, columns: tuple[str, ...]) -> Request:
        if line.startswith(b"{"):
            address, found = _from_json(line)
        elif columns:
            address, found = _from_columns(line.decode("utf-8", "replace").rstrip("\r\n"), columns)
        else:
            address, found = _from_combined(line.decode("utf-8", "replace").rstrip("\r\n"))
        if not 0 <= found.at < _LAST or not found.target.startswith("/"):
            raise Unreadable
        told = f"{address}\0{found.agent}".encode("utf-8", "replace")
        return found._replace(client=blake2b(told, digest_size=8, key=self._salt).digest())


def _from_combined(line: str) -> tuple[str, Request]:
    match = _COMBINED.fullmatch(line)
    words = _unescaped(match["request"]).split(" ") if match else []
    if match is None or len(words) not in {2, 3}:
        raise Unreadable
    return match["client"], Request(_moment(match["time"]), b"", words[0], words[1], int(match["status"]),
                                    _unescaped(match["referer"] or "").removeprefix("-"),
                                    _unescaped(match["agent"] or "").removeprefix("-"))


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        return bytes.fromhex(match[1].replace("\\x", "")).decode("utf-8", "replace") if match[1] else match[2]

    return _ESCAPED.sub(plain, text) if "\\" in text else text


@lru_cache(maxsize=4096)
def _moment(text: str) -> float:
    """``22/Nov/2026:12:00:00 +0000`` as seconds."""
    match = _TIME.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        raise Unreadable
    try:
        offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (1 if match[7] == "+" else -1)
        return datetime(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]), int(match[4]), int(match[5]), int(match[6]),
                        tzinfo=timezone(offset)).timestamp()
    except (ValueError, OverflowError):
        raise Unreadable from None


class _Asked(msgspec.Struct):
    """The request of a line of Caddy's."""

    uri: str
    method: str = "GET"
    remote_ip: str = ""
    client_ip: str = ""
    headers: dict[str, list[str]] = {}


class _Line(msgspec.Struct):
    ts: float | str
    request: _Asked
    status: int = 200


_LINE = msgspec.json.Decoder(_Line)


def _from_json(line: bytes) -> tuple[str, Request]:
    try:
        found = _LINE.decode(line)
        at = found.ts if isinstance(found.ts, float) else datetime.fromisoformat(found.ts).timestamp()
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
        raise Unreadable from None
    asked = found.request
    headers = {name.lower(): values[0] for name, values in asked.headers.items() if values}
    return asked.client_ip or asked.remote_ip, Request(at, b"", asked.method, asked.uri, found.status,
                                                       headers.get("referer", ""), headers.get("user-agent", ""))


def _from_columns(line: str, columns: tuple[str, ...]) -> tuple[str, Request]:
    values = dict(zip(columns, line.split("\t" if "\t" in line else " "), strict=False))
    try:
        at = datetime.fromisoformat(f"{values['date']}T{values['time']}").replace(tzinfo=UTC).timestamp()
        query = _once(values.get("cs-uri-query", "-"))
        target = values["cs-uri-stem"] + (f"?{query}" if query not in {"", "-"} else "")
        return values["c-ip"], Request(at, b"", values["cs-method"], target, int(values["sc-status"]),
                                       _once(values.get("cs(Referer)", "")).removeprefix("-"),
                                       unquote(values.get("cs(User-Agent)", "")).removeprefix("-"))
    except (KeyError, ValueError, OverflowError):
        raise Unreadable from None


def _once(value: str) -> str:
    """CloudFront quotes what is quoted already: ``%2520`` for a blank."""
    return unquote(value) if _TWICE.search(value) else value
