"""The query language: words, "phrases", -exclusions and name:value filters.

    affects:21.4R3-S5 severity:critical,high -status:closed "core dump" rpd

Words must all occur. A filter with several values, parted by commas, wants one of them. ``word*`` wants words that begin so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

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
    "severity": tuple(name for name in SEVERITIES if name), "status": STATUSES, "kind": tuple(SECTIONS), "has": ("workaround",),
}


class QueryError(ValueError):
    """A filter's value cannot be: the message names it and what to write instead."""


class Filter(msgspec.Struct, frozen=True):
    """A condition: one of ``values``; ``excluded`` turns it round."""

    name: str
    values: tuple[str, ...]
    excluded: bool = False


class Words(msgspec.Struct, frozen=True):
    """What must occur (or not): a word, a beginning of words, or a phrase."""

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
    for match in _PART.finditer(text):
        name, excluded = (match["name"] or "").lower(), bool(match["minus"])
        quoted, plain = match["quoted"], match["plain"] or ""
        if name in FILTERS:
            filters.append(make_filter(name, plain if quoted is None else quoted, excluded))
            continue
        written = f"{match['name']}:" if match["name"] else ""
        if quoted is not None:
            words.append(Words(written + quoted, phrase=True, excluded=excluded))
        elif plain:
            prefix = plain.endswith("*") and len(plain) > 2
            words.append(Words(written + plain.rstrip("*"), prefix=prefix, excluded=excluded))
    return Query(tuple(item for item in words if item.text.strip()), tuple(filters))


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
