"""What a record says of each release train, apart from all others.

Records by the thousand say "21.4 before 21.4R3-S5". Where all that a record says lies within single trains, the verdicts on a
train depend on those words alone, so that they can be worked out once for all records. What reaches over trains is left to
``kb.ranges``, which gives the same answers in all cases.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import msgspec

from kb.range_groups import OUTSIDE, called_affected, compile_group
from kb.range_rules import compile_rule
from kb.range_syntax import Affected, VersionRange, parse_span
from kb.releases import TOP, Key, ReleaseOrder, family_length
from kb.verdicts import Verdict


class Run(NamedTuple):
    """Releases that stand together in a product's order, from ``first`` up to ``end``, and share a verdict."""

    first: int
    end: int
    verdict: Verdict


class Said(NamedTuple):
    """What entries say of one train."""

    ranges: tuple[VersionRange, ...]
    unaffected: tuple[VersionRange, ...]
    fixed: tuple[str, ...]


def said_by_train(entries: Sequence[Affected], scheme: str) -> dict[Key, Said] | None:
    """As ``said_apart``, where all else is not affected; None in all other cases."""
    if any(entry.default_status == "unknown" or not entry.ranges for entry in entries):
        return None
    return said_apart(entries, scheme)


def said_apart(entries: Sequence[Affected], scheme: str) -> dict[Key, Said] | None:
    """What a product's own entries say of each train (``Bound.family``), where they speak of each train apart, of all platforms
    alike, and call nothing else affected; None in all other cases. Raises ReleaseError for what cannot be read."""
    found: dict[Key, Said] = {}
    for entry in entries:
        if entry.default_status == "affected" or entry.platforms != entries[0].platforms:
            return None
        own = said_by(entry, scheme)
        if own is None or (found and not found.keys().isdisjoint(own)):  # two entries on one train are rare
            return None
        found.update(own)
    return found


@lru_cache(maxsize=1 << 8)  # reading a record asks more than once
def said_by(entry: Affected, scheme: str) -> Mapping[Key, Said] | None:
    """What the ranges and fixes of an entry say of each train; None where one of them reaches over trains."""
    parts: dict[Key, tuple[list[VersionRange], list[VersionRange], list[str]]] = {}
    for item in entry.ranges:
        parts.setdefault(_train_of_range(item, scheme), ([], [], []))[0].append(item)
    for item in entry.unaffected:
        parts.setdefault(_train_of_range(item, scheme), ([], [], []))[1].append(item)
    for text in entry.fixed:
        parts.setdefault(_train_of_fix(text, scheme), ([], [], []))[2].append(text)
    if () in parts:
        return None
    return {train: Said(tuple(ranges), tuple(unaffected), tuple(fixed)) for train, (ranges, unaffected, fixed) in parts.items()}


@lru_cache(maxsize=1 << 15)
def is_contradiction(said: Said, scheme: str) -> bool:
    """Whether the ranges call affected what is fixed."""
    releases = {release.key for text in said.fixed for release in parse_span(text, scheme)}
    return bool(called_affected(Affected("", (), said.ranges, (), said.unaffected), releases, scheme))


@lru_cache(maxsize=1 << 15)
def _train_of_range(item: VersionRange, scheme: str) -> Key:
    """The only train that a range names and covers; empty where there is no such."""
    rule = compile_rule(item, item.status, scheme)
    return next(iter(rule.trains)) if rule.single and len(rule.trains) == 1 else ()


@lru_cache(maxsize=1 << 15)
def _train_of_fix(text: str, scheme: str) -> Key:
    low, high = parse_span(text, scheme)
    train = low.key[:family_length(scheme)]
    return train if high.key[:len(train)] == train else ()


def runs_of_train(train: Key, said: Said, order: ReleaseOrder, scheme: str) -> list[Run]:
    """The verdicts on the known releases of a train on the platforms that the entries hold for."""
    group = compile_group((), [Affected("", (), said.ranges, said.fixed, said.unaffected)], scheme)
    group = msgspec.structs.replace(group, fallback=OUTSIDE)  # there may be no range in this train, but there is one in another
    first, end = bisect_left(order.keys, train), bisect_left(order.keys, (*train, TOP))
    cuts = sorted({bisect_left(order.keys, edge, first, end) for edge in group.edges} | {first, end})
    return [Run(start, after, group.verdict(order.releases[start])) for start, after in pairwise(cuts)]
