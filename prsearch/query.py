"""The query language: words, "phrases", -exclusions and name:value filters.

    affects:21.4R3-S5 severity:critical,high -status:closed "core dump" rpd

Words must all occur. A filter with several values, parted by commas, wants one of them. ``word*`` wants words that begin so, and
so does the last word as long as nothing follows it: the reader may still be typing. docs/pr-index.md has the whole meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from kb.fields import Wrong, parse_date
from kb.findings import nearest
from kb.records import SECTIONS, SEVERITIES

_PART = re.compile(r'(?P<minus>-)?(?:(?P<name>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')

STATUSES = (
    "draft", "open", "fixed", "closed", "duplicate", "published", "retired", "interim", "final", "withdrawn",
    "superseded",
)
# Filter names with what each takes; a name outside is a word like any other, so that log lines can be pasted.
FILTERS: Mapping[str, tuple[str, ...]] = {
    "affects": (), "fixed": (), "product": (), "platform": (), "component": (), "since": (),
    "severity": tuple(name or "unrated" for name in SEVERITIES), "status": STATUSES, "kind": tuple(SECTIONS),
    "has": ("workaround",),
}


class QueryError(ValueError):
    """A filter's value cannot be: the message names it and what to write instead."""


class Filter(msgspec.Struct, frozen=True):
    """A condition: one of ``values``; ``excluded`` turns it round."""

    name: str
    values: tuple[str, ...]
    excluded: bool = False


class Words(msgspec.Struct, frozen=True):
    """What must occur (or not): a word, a beginning of words, or a phrase. ``prefix`` also holds for the last word of a query."""

    text: str
    phrase: bool = False
    prefix: bool = False
    excluded: bool = False


class Query(msgspec.Struct, frozen=True):
    words: tuple[Words, ...]
    filters: tuple[Filter, ...]


def parse_query(text: str) -> Query:
    """Reads a query; raises QueryError."""
    words: list[Words] = []
    filters: list[Filter] = []
    parts = list(_PART.finditer(text))
    for at, match in enumerate(parts):
        name, excluded = (match["name"] or "").lower(), bool(match["minus"])
        quoted, plain = match["quoted"], match["plain"] or ""
        if name in FILTERS:
            filters.append(make_filter(name, plain if quoted is None else quoted, excluded))
            continue
        written = f"{match['name']}:" if match["name"] else ""
        if quoted is not None:
            words.append(Words(written + quoted, phrase=True, excluded=excluded))
        elif plain:
            last = at == len(parts) - 1 and match.end() == len(text) and not excluded
            starred = plain.endswith("*") and len(plain) > 2
            words.append(Words(written + plain.rstrip("*"), prefix=starred or last, excluded=excluded))
    return Query(tuple(_numbers([item for item in words if item.text.strip()])), tuple(filters))


def _numbers(words: list[Words]) -> Iterator[Words]:
    """``PR 1747984`` is one word."""
    rest = iter([*words, None])
    item = next(rest)
    while item is not None:
        after = next(rest)
        if (after and item.text.lower() == "pr" and re.fullmatch("[0-9]+", after.text)
                and not (item.phrase or after.phrase or after.excluded)):
            item, after = Words("pr" + after.text, prefix=after.prefix, excluded=item.excluded), next(rest)
        yield item
        item = after


def make_filter(name: str, text: str, excluded: bool = False) -> Filter:
    """A filter from its written values; raises QueryError."""
    values = tuple(value.strip() for value in text.split(",") if value.strip())
    if not values:
        raise QueryError(f"{name}: has no value; write {name}:VALUE")
    known = FILTERS[name]
    check: Callable[[str], str] = _one_of(name, known) if known else _day if name == "since" else str
    return Filter(name, tuple(check(value) for value in values), excluded)


def _one_of(name: str, known: tuple[str, ...]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value.casefold() in known:
            return value.casefold()
        guess = nearest(value, known)
        raise QueryError(f"{name}: '{value}' is not known; " + (f"did you mean {guess}?" if guess else
                                                                 f"write one of {', '.join(known)}"))

    return check


def _day(value: str) -> str:
    try:
        return parse_date(value).isoformat()
    except Wrong as wrong:
        raise QueryError(f"since: '{value}' {wrong.reason}; {wrong.remedy}") from None
