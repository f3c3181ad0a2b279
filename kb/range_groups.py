"""What several ranges together say of a release, on the platforms for which the same ranges hold."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import compress, pairwise
from typing import Final, TypeAlias

import msgspec

from kb.range_rules import Rule, compile_rule, edges, fixed, held_fix
from kb.range_syntax import Affected, parse_span
from kb.releases import Bound, Key, Release, family_length, parse_bound
from kb.verdicts import (
    BY_DEFAULT,
    FIXED_IN,
    FIXED_SPAN,
    NO_RANGE,
    NOT_STATED,
    TOO_EARLY,
    TOO_LATE,
    Reason,
    Verdict,
)

_BY_DEFAULT = Verdict("affected", Reason(BY_DEFAULT))
_NOT_STATED = Verdict("unknown", Reason(NOT_STATED))

OUTSIDE: Final = Verdict("not_affected", Reason(NO_RANGE))
"""The verdict on a release that no range covers; always this one object."""


class FixedSpan(msgspec.Struct, frozen=True):
    """Fixed releases from ``low`` to ``high``, both included; the same one twice for a single release."""

    low: Bound
    high: Bound
    verdict: Verdict

    def covers(self, key: Key) -> bool:
        return self.low.prefix <= key and key[:len(self.high.prefix)] <= self.high.prefix

    def reaches(self, train: Key) -> bool:
        """Whether a release of the train may lie in the span; an empty train stands for those that nothing names."""
        if self.low.family == self.high.family:
            return train == self.low.family
        return not train or self.low.family <= train <= self.high.family


class Scope(msgspec.Struct, frozen=True):
    """What of a group concerns one train: rules that can cover it, ``near`` those that name it, fixed releases."""

    rules: tuple[Rule, ...]
    near: tuple[Rule, ...]
    spans: tuple[FixedSpan, ...]
    points: tuple[Bound, ...]


class Group(msgspec.Struct, frozen=True):
    """The rules of all entries that hold for ``platforms`` (none named: for those that no other group names).

    ``trains`` holds the scope of each train that is named anywhere, ``others`` that of all other trains; ``edges`` are
    the places where the verdict can change; ``fallback`` is the verdict on a release that nothing covers.
    """

    platforms: tuple[str, ...]
    trains: Mapping[Key, Scope]
    others: Scope
    edges: tuple[Key, ...]
    fallback: Verdict
    family: int

    def verdict(self, release: Release) -> Verdict:
        """What the rules say of the release; the order is that of how explicitly they name it."""
        key = release.key
        scope = self.trains.get(key[:self.family], self.others)
        for span in scope.spans:
            if span.covers(key):
                return span.verdict
        rule = covering(scope, key)
        if rule is not None:
            found, since = rule.at(key)
            if found.status != "affected":
                return found
            # A fix that came before the problem appeared (again) is no fix of it.
            fix = held_fix(key, [point for point in scope.points if point.prefix > since], self.family)
            return fixed(key, fix) if fix else found
        fix = held_fix(key, scope.points, self.family) if scope.points else None
        return fixed(key, fix) if fix else self._uncovered(key, scope.near)

    def names(self, release: Release) -> bool:
        """Whether an affected range names the release's train."""
        scope = self.trains.get(release.key[:self.family])
        return scope is not None and bool(scope.near)

    def _uncovered(self, key: Key, near: Sequence[Rule]) -> Verdict:
        passed = [fix for rule in near if (fix := rule.passed(key))]
        if passed:
            return fixed(key, max(passed, key=_prefix))
        if not near or self.fallback.status != "not_affected":
            return self.fallback
        later = [rule for rule in near if key < rule.start.prefix]
        if len(later) == len(near):
            first = min(later, key=_start)
            return Verdict("not_affected", Reason(TOO_EARLY, {"start": first.start.text}))
        if not later and all(not rule.fixes for rule in near):
            last = max(near, key=_end)
            return Verdict("not_affected", Reason(TOO_LATE, {"end": last.through.text}))
        return self.fallback


def covering(scope: Scope, key: Key) -> Rule | None:
    """The most specific rule that covers the key; of several such, the one with the worst verdict."""
    found = [rule for rule in scope.rules if rule.covers(key)]
    if len(found) < 2:
        return found[0] if found else None
    return max(found, key=lambda rule: (rule.rank, rule.at(key)[0].badness))


def compile_group(platforms: tuple[str, ...], entries: Sequence[Affected], scheme: str) -> Group:
    """The group of these entries; ``ReleaseError`` for a bound that cannot be read."""
    rules = _rules(entries, scheme)
    spans = [_span(text, scheme) for entry in entries for text in entry.fixed]
    points = tuple(dict.fromkeys(point for span in spans for point in (span.low, span.high)))
    family = family_length(scheme)
    scopes = _scopes(rules, spans, points)
    places = [edge for rule in rules for edge in rule.edges] + list(edges(points, family))
    return Group(platforms, scopes, scopes.pop(()), tuple(dict.fromkeys(places)), _fallback(entries), family)


def _rules(entries: Sequence[Affected], scheme: str) -> list[Rule]:
    return [compile_rule(item, status or item.status, scheme) for entry in entries
            for items, status in ((entry.ranges, None), (entry.unaffected, "unaffected")) for item in items]


_Piece: TypeAlias = "tuple[tuple[bool, Key, Key], bool, int, int]"


def called_affected(entry: Affected, keys: Iterable[Key], scheme: str) -> set[Key]:
    """Those of the keys that the entry's ranges call affected, whatever its list of fixed releases says.

    A range is not asked about each key, but once between two places where its answer can change; the answers of the more
    specific ranges are painted over those of the others. ``ReleaseError`` for a bound that cannot be read.
    """
    rules, family, found = _rules([entry], scheme), family_length(scheme), set[Key]()
    near = {train for rule in rules if rule.affects for train in rule.trains}
    places = set(keys)
    for named in (True, False):
        asked = sorted(key for key in places if (key[:family] in near) == named)
        affected = bytearray(len(asked))
        for _rank, yes, first, end in sorted(piece for rule in rules for piece in _pieces(rule, asked, named)):
            affected[first:end] = (b"\1" if yes else b"\0") * (end - first)
        found.update(compress(asked, affected))
    return found


def _pieces(rule: Rule, keys: Sequence[Key], named: bool) -> Iterator[_Piece]:
    """Where among the keys the rule has a say: (its rank, whether it calls them affected, first, end). In trains that are
    ``named`` by an affected range, others that reach over many trains have none; see ``_scopes``."""
    rank = rule.rank
    elsewhere = not named or rule.single or rule.status != "affected"
    cuts = sorted({0, len(keys)}.union(bisect_left(keys, edge) for edge in rule.edges))
    for first, end in pairwise(cuts):
        key = keys[first]
        if rule.covers(key) and (elsewhere or key[:rule.family] in rule.trains):
            yield rank, rule.at(key)[0].status == "affected", first, end


def _scopes(rules: Sequence[Rule], spans: Sequence[FixedSpan], points: Sequence[Bound]) -> dict[Key, Scope]:
    """The scope of each train that is named; under the empty train that of those that nothing names.

    An affected range that reaches over many trains says nothing of a train that another affected range names: so "all
    before 17.3R3-S10" leaves 15.1X49 to "15.1X49 before 15.1X49-D240".
    """
    named: dict[Key, list[int]] = {(): []}  # the rules that name each train
    held: dict[Key, list[Bound]] = {}
    for at, rule in enumerate(rules):
        for train in rule.trains:
            named.setdefault(train, []).append(at)
    for point in points:
        named.setdefault(point.family, [])
        held.setdefault(point.family, []).append(point)
    wide = [at for at, rule in enumerate(rules) if not rule.single]
    narrow: dict[Key, list[int]] = {}
    across: list[int] = []
    for at, span in enumerate(spans):
        if span.low.family == span.high.family:
            narrow.setdefault(span.low.family, []).append(at)
        else:
            across.append(at)
    scopes = {}
    for train, own in named.items():
        near = tuple(rules[at] for at in own if rules[at].affects)
        able = own
        if wide:
            able = sorted({*own, *(at for at in wide if not (near and rules[at].status == "affected"))})
        reaching = narrow.get(train, [])
        if across:
            reaching = sorted([*reaching, *(at for at in across if spans[at].reaches(train))])
        scopes[train] = Scope(tuple(rules[at] for at in able), near, tuple(spans[at] for at in reaching),
                              tuple(held.get(train, ())))
    return scopes


@lru_cache(maxsize=1 << 14)
def _span(text: str, scheme: str) -> FixedSpan:
    low, high = parse_span(text, scheme)
    one, several = Reason(FIXED_IN, {"fix": low.text}), Reason(FIXED_SPAN, {"start": low.text, "end": high.text})
    return FixedSpan(_point(low), _point(high), Verdict("fixed", one if low == high else several))


def _point(release: Release) -> Bound:
    """The bound of a release. Not by ``parse_bound``, which takes ``5.11`` for a train."""
    bound = parse_bound(release.text, release.scheme)
    if bound.kind == "release":
        return bound
    return msgspec.structs.replace(bound, kind="release", prefix=release.key)


def _fallback(entries: Sequence[Affected]) -> Verdict:
    """The verdict on a release that nothing covers: the worst that an entry has for it."""
    statuses = {entry.default_status for entry in entries}
    if "affected" in statuses:
        return _BY_DEFAULT
    silent = any(not entry.ranges for entry in entries)
    return _NOT_STATED if silent or "unknown" in statuses else OUTSIDE


def _prefix(bound: Bound) -> Key:
    return bound.prefix


def _start(rule: Rule) -> Key:
    return rule.start.prefix


def _end(rule: Rule) -> Key:
    return rule.end
