"""What readers searched for, from access logs: docs/search.md says what is in them and what is not."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from generator.access_logs import Request
from kb.portal import Portal
from kb.printable import printable
from kb.records import SECTIONS

TYPING = 30  # seconds between two states of one query that is being typed
CLICK = 600  # seconds after a search in which a record that the same reader opens counts as found by it
LONGEST = 200  # characters of a query
_READERS = 10_000  # in memory; past that, those whose time is over are let go

_ROBOT = re.compile(
    r"bot|crawl|spider|slurp|scan|monitor|preview|headless|curl|wget|python|java/|go-http|okhttp|libwww|http-?client",
    re.IGNORECASE)
_PERSONAL = (
    (re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+"), "<e-mail>"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "<address>"),
    (re.compile(r"(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])"), "<address>"),
    (re.compile(r"(?<![\w.-])\+?\d(?:[ ()-]{0,2}\d){9,}(?![\w.-])"), "<number>"),
)
_MASKED = re.compile("|".join(sorted({name for _pattern, name in _PERSONAL})))  # such a query cannot be asked again


class Asked(msgspec.Struct):
    """A query with how often it was searched, and how many of these searches led to no click."""

    query: str
    searches: int = 0
    without_click: int = 0


class SearchReport(msgspec.Struct):
    """``first`` and ``last`` are times of requests in seconds; ``robots`` counts requests that programs made."""

    queries: list[Asked] = []
    first: float = 0
    last: float = 0
    requests: int = 0
    robots: int = 0

    @property
    def searches(self) -> int:
        return sum(asked.searches for asked in self.queries)

    def without_click(self) -> list[Asked]:
        """The queries after which no record was opened, the most frequent first."""
        missed = (asked for asked in self.queries if asked.without_click)
        return sorted(missed, key=lambda asked: (-asked.without_click, asked.query))

    def without_results(self, finds: Callable[[str], bool], most: int) -> list[Asked]:
        """The most frequent queries for which ``finds`` gives nothing."""
        found: list[Asked] = []
        for asked in self.queries:
            if len(found) == most:
                break
            if not _MASKED.search(asked.query) and not finds(asked.query):
                found.append(asked)
        return found


class _Open(NamedTuple):
    """The last search of a reader, which may still be typed or clicked."""

    at: float
    page: str
    query: str
    clicked: bool


class Searches:
    """Follows the readers of a portal through its logs."""

    def __init__(self, portal: Portal) -> None:
        roots = ["", *(f"{language}/" for language in portal.languages[1:])]
        address = urlsplit(portal.url)
        self._host, base = address.hostname, re.escape(address.path.rstrip("/"))
        root = f"{base}/(?:{'|'.join(map(re.escape, roots))})"
        self._page = re.compile(rf"{root}(?:search|pr)/(?:index\.html)?")
        self._record = re.compile(rf"{root}(?:{'|'.join(SECTIONS.values())})/[^/]+/(?:index\.html)?")
        self._address = re.compile(rf"{root}(?:[^/]+/)+(?:index\.html)?")
        self._readers: dict[bytes, _Open] = {}
        self._most = _READERS
        self._counts: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()

    def report(self, requests: Iterable[Request]) -> SearchReport:
        found = SearchReport()
        for request in requests:
            found.requests += 1
            found.first = min(found.first or request.at, request.at)
            found.last = max(found.last, request.at)
            if not request.agent or _ROBOT.search(request.agent):
                found.robots += 1
            elif request.method == "GET" and request.status < 400:
                self._take(request)
        for left in self._readers.values():
            self._close(left)
        found.queries = [Asked(query, count, self._missed[query]) for query, count in self._counts.items()]
        found.queries.sort(key=lambda asked: (-asked.searches, asked.query))
        return found

    def _take(self, request: Request) -> None:
        path, _mark, query = request.target.partition("?")
        source = _split(request.referer)
        own = source if source and source.hostname == self._host else None
        searched = self._query(unquote(own.path), own.query) if own else None
        if searched:  # the page with this query in its address asks for files and leads to pages
            self._ask(request, *searched)
        if asked := self._query(path, query):
            self._ask(request, *asked)
        elif (self._record.fullmatch(path) and own is source) or (
                searched and self._address.fullmatch(path) and not self._page.fullmatch(path)):
            self._click(request)

    def _query(self, path: str, query: str) -> tuple[str, str] | None:
        """(page, query) of an address of a search page."""
        if "q=" not in query or not self._page.fullmatch(path):
            return None
        try:
            values = dict(parse_qsl(query, max_num_fields=40, errors="replace"))
        except ValueError:
            return None
        text = plain(values.get("q", ""))
        return (path, text) if text else None

    def _ask(self, request: Request, page: str, query: str) -> None:
        before = self._readers.get(request.client)
        if before and before.query == query and request.at - before.at <= CLICK:  # going back to the results is no new search
            return
        if before and not before.clicked and before.page == page and request.at - before.at <= TYPING and (
                before.query.startswith(query) or query.startswith(before.query)):
            self._readers[request.client] = before._replace(at=request.at, query=query)
            return
        if before:
            self._close(before)
        elif len(self._readers) >= self._most:
            self._forget(request.at)
        self._readers[request.client] = _Open(request.at, page, query, False)

    def _click(self, request: Request) -> None:
        search = self._readers.get(request.client)
        if search and request.at - search.at <= CLICK:
            self._readers[request.client] = search._replace(clicked=True)

    def _forget(self, now: float) -> None:
        for client, search in list(self._readers.items()):
            if now - search.at > CLICK:
                self._close(self._readers.pop(client))
        self._most = max(_READERS, 2 * len(self._readers))

    def _close(self, search: _Open) -> None:
        query = masked(search.query)
        self._counts[query] += 1
        self._missed[query] += not search.clicked


def plain(query: str) -> str:
    """The form in which queries are counted: composed, in lower case, with single blanks, without what cannot be printed."""
    text = unicodedata.normalize("NFC", query[: 4 * LONGEST]).casefold()
    return " ".join(printable(text, " ").split())[:LONGEST]


def masked(query: str) -> str:
    """Without what may be somebody's: e-mail and network addresses, long numbers."""
    for pattern, name in _PERSONAL:
        query = pattern.sub(name, query)
    return query


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address) if address else None
    except ValueError:
        return None
