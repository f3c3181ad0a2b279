"""Ranges of releases as authors write them: the shorthand of ``docs/records.md`` and its mapping form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, get_args

import msgspec

from kb.releases import Bound, Key, Release, ReleaseError, parse_bound, parse_release

Status = Literal["affected", "unaffected", "unknown"]

_OPEN: Final = frozenset({"", "0", "all", "unspecified", "*"})
_STATUSES: Final[tuple[str, ...]] = get_args(Status)
_WORDS: Final = re.compile(r"(\S+)\s+(before|through)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_SPACED_DASH: Final = re.compile(r"(?<=\S)\s+[-–]\s+(?=\S)")
# A dash joins two releases where numbers follow it; the dashes within a release are followed by a letter. A semantic
# version may hold -1.2, so there a whole version has to follow.
_DASH: Final = re.compile(r"[-–](?=[0-9]{1,9}\.[0-9])")
_SEMVER_DASH: Final = re.compile(r"[-–](?=[0-9]{1,9}\.[0-9]{1,9}\.[0-9])")
_DASHES: Final = MappingProxyType({"junos": _DASH, "dotted": _DASH, "semver": _SEMVER_DASH})
_EXAMPLES: Final = "write it like '21.4', '21.4 before 21.4R3-S5', '21.4R1 through 21.4R3' or 'all'"


class VersionRange(msgspec.Struct, frozen=True, array_like=True, cache_hash=True):
    """A stretch of releases.

    It begins with ``start`` (empty: the oldest release) and ends before the fixes in ``before``, or with ``through``;
    ``through`` may be a wildcard (``21.1*``, or ``*`` for no end). With neither, it is exactly ``start``: that release,
    that whole train, or everything where ``start`` is empty too. ``changes`` are pairs (at, status), each holding from
    there on. ``text`` is what the author wrote.
    """

    start: str = ""
    before: tuple[str, ...] = ()
    through: str = ""
    status: Status = "affected"
    changes: tuple[tuple[str, Status], ...] = ()
    text: str = ""


class Affected(msgspec.Struct, frozen=True, array_like=True, cache_hash=True):
    """Which releases of one product (on some platforms; none named: on all) a record affects.

    ``fixed`` holds releases and spans ``a-b``. ``unaffected`` are exceptions, whatever their own status says.
    ``introduced`` is for readers. ``default_status`` is that of releases in no range. ``ref`` names the entry within its
    record. ``name`` and ``versions`` are the words of another source for the product and its versions, which ``ranges`` need
    not be able to say; ``models`` are its model numbers.
    """

    product: str
    platforms: tuple[str, ...] = ()
    ranges: tuple[VersionRange, ...] = ()
    fixed: tuple[str, ...] = ()
    unaffected: tuple[VersionRange, ...] = ()
    introduced: str = ""
    default_status: Status = "unaffected"
    ref: str = ""
    name: str = ""
    versions: str = ""
    models: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 15)
def parse_range(text: str, scheme: str) -> tuple[VersionRange, ...]:
    """The ranges of a shorthand text such as ``22.2 before 22.2R2-S2, 22.2R3`` or ``3.7.14.2-3.7.15, 4.3.0-4.4.2``.

    ``ReleaseError`` when it cannot be read, or when a range ends before it starts.
    """
    clauses: list[str] = []
    for item in _items(text):
        if clauses and _continues(clauses[-1], item, scheme):
            clauses[-1] += f", {item}"
        else:
            clauses.append(item)
    if not clauses:
        raise ReleaseError("is an empty range", _EXAMPLES, text)
    return tuple(_clause(clause, scheme) for clause in clauses)


def range_from_mapping(mapping: object, scheme: str) -> VersionRange:
    """The range of a mapping with ``from``, ``before`` or ``through``, ``status`` and ``changes``.

    ``before`` is a text or a list of texts. ``ReleaseError`` for anything else, and for an end before the start.
    """
    if not isinstance(mapping, Mapping) or not mapping:
        raise ReleaseError("is not a range", "write a mapping such as {from: 21.4, before: 21.4R3-S5}", str(mapping))
    unknown = [str(name) for name in mapping if name not in ("from", "before", "through", "status", "changes")]
    if unknown:
        raise ReleaseError(f"holds '{unknown[0]}', which is no field of a range",
                           "use from, before, through, status and changes", unknown[0])
    before, changes = mapping.get("before", ""), mapping.get("changes", ())
    fixes = ", ".join(_text(item, "before") for item in (before if isinstance(before, list | tuple) else [before]))
    if not isinstance(changes, list | tuple):
        raise ReleaseError("has changes that are no list", "write [{at: 5.2.1, status: unaffected}]", str(changes))
    start, through = _text(mapping.get("from", ""), "from"), _text(mapping.get("through", ""), "through")
    return build_range(start, fixes, through, scheme, status=_status(mapping.get("status", "affected")),
                       changes=[_change(item) for item in changes])


@lru_cache(maxsize=1 << 15)
def parse_fixed(text: str, scheme: str) -> tuple[str, ...]:
    """The entries of a list of fixed releases, such as ``5.9.4, 5.12.0-5.14.0``, as ``Affected.fixed`` takes them."""
    entries = []
    for item in _items(text):
        low, high = parse_span(item, scheme)
        entries.append(low.text if low is high else f"{low.text}-{high.text}")
    if not entries:
        raise ReleaseError("names no release", "write a release or two with a dash between", text)
    return tuple(entries)


def parse_span(text: str, scheme: str) -> tuple[Release, Release]:
    """The first and last release of ``a-b``; twice the same of a single release."""
    first, dash, last = _halves(_SPACED_DASH.sub("-", text.strip()), scheme)
    low = parse_release(first, scheme)
    if not dash:
        return low, low
    high = parse_release(last, scheme)
    if high < low:
        raise ReleaseError(f"ends with {high}, which precedes its start {low}", "put the earlier release first", text)
    return low, high


def build_range(start: str, before: str, through: str, scheme: str, *, status: Status = "affected",
                changes: Sequence[tuple[str, Status]] = (), text: str = "") -> VersionRange:
    """A checked range with its bounds printed canonically; ``before`` lists fixes with commas or spaces between."""
    first = "" if start.strip().casefold() in _OPEN else _bound(start, scheme).text
    fixes = tuple(_bound(fix, scheme).text for fix in before.replace(",", " ").replace(";", " ").split())
    last = _bound(through, scheme).text if through.strip() else ""
    if fixes and last:
        raise ReleaseError("has both before and through", "keep one of them", text or before)
    if before.strip() and not fixes:
        raise ReleaseError("has an empty end", "name the fixed releases after before", before)
    wildcards = [fix for fix in fixes if "*" in fix]
    if wildcards and len(fixes) > 1:
        raise ReleaseError("mixes a wildcard with fixed releases", "keep one of them", before)
    if wildcards:
        fixes, last = (), wildcards[0]
    points = [(_bound(at, scheme), kind) for at, kind in changes]
    points.sort(key=lambda point: point[0].prefix)
    found = VersionRange(first, fixes, last, status, tuple((point.text, kind) for point, kind in points),
                         text or _written(first, fixes, last))
    check_order(found, scheme)
    return found


def check_order(item: VersionRange, scheme: str) -> None:
    """``ReleaseError`` when the range ends before it starts."""
    low: Key = parse_bound(item.start, scheme).prefix if item.start else ()
    ends = [parse_bound(end, scheme) for end in (item.before or (item.through,)) if end]
    if item.before:
        wrong = bool(low) and max(end.prefix for end in ends) <= low
    else:
        wrong = any(low[:len(end.prefix)] > end.prefix for end in ends)
    if wrong:
        raise ReleaseError(f"ends with {ends[-1].text}, which does not come after its start {item.start}",
                           "put the earlier release first", item.text)


def _items(text: str) -> list[str]:
    parts = (part.strip() for part in _SPACED_DASH.sub("-", text).replace(";", ",").split(","))
    return [part for part in parts if part]


def _halves(text: str, scheme: str) -> tuple[str, str, str]:
    """The text cut at the dash of a span: first, dash, last; the latter two empty without one."""
    dash = _DASHES[scheme].search(text) if scheme in _DASHES else None
    return (text[:dash.start()], dash[0], text[dash.end():]) if dash else (text, "", "")


def _continues(clause: str, item: str, scheme: str) -> bool:
    """Whether the item lists more fixes of a ``before`` clause. A train could mean either, so it is refused."""
    words = _WORDS.fullmatch(clause)
    if not words or words[2].casefold() != "before" or _WORDS.fullmatch(item) or _halves(item, scheme)[1]:
        return False
    for word in item.split():
        if _bound(word, scheme).kind != "release":
            raise ReleaseError(f"holds '{word}' after a comma, which could be a fix or another range",
                               "write each range on a line of its own", item)
    return True


def _clause(text: str, scheme: str) -> VersionRange:
    words = _WORDS.fullmatch(text)
    if words and words[2].casefold() == "before":
        return build_range(words[1], words[3], "", scheme, text=text)
    if words:
        return build_range(words[1], "", words[3], scheme, text=text)
    first, _, last = _halves(text, scheme)
    if len(text.split()) > 1:
        raise ReleaseError(f"holds '{text}', which is not a range", _EXAMPLES, text)
    return build_range(first, "", last, scheme, text=text)


def _bound(text: str, scheme: str) -> Bound:
    try:
        return parse_bound(text, scheme)
    except ReleaseError as error:
        raise ReleaseError(f"holds '{text}', which {error}", error.remedy, text) from None


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ReleaseError(f"has '{value}' in {name}, which is not text", "put it in quotes", str(value))
    return value


def _status(value: object) -> Status:
    if value not in _STATUSES:
        raise ReleaseError(f"has the status '{value}'", f"write one of {', '.join(_STATUSES)}", str(value))
    return value  # type: ignore[return-value]  # one of the literals, as just checked


def _change(value: object) -> tuple[str, Status]:
    if not isinstance(value, Mapping) or set(value) != {"at", "status"}:
        raise ReleaseError(f"has the change '{value}'", "write {at: 5.2.1, status: unaffected}", str(value))
    return _text(value["at"], "at"), _status(value["status"])


def _written(start: str, fixes: tuple[str, ...], through: str) -> str:
    """The shorthand of a range that was written otherwise."""
    if fixes:
        return f"{start or 'all'} before {', '.join(fixes)}"
    return f"{start or 'all'} through {through}" if through else start or "all"
