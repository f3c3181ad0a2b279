"""Ranges compiled to keys, and the two rules that decide: is a release in a range, and does it hold a fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from kb.range_syntax import Status, VersionRange
from kb.releases import TOP, Bound, Key, family_length, parse_bound, parse_release
from kb.verdicts import (
    ALL,
    BEFORE,
    EXCEPTED,
    FIXED_IN,
    FROM,
    FROM_BEFORE,
    FROM_THROUGH,
    HOLDS_FIX,
    IN_TRAIN_BEFORE,
    LISTED,
    NOT_STATED,
    THROUGH,
    WHOLE_TRAIN,
    Reason,
    Verdict,
)

_EVERYTHING = Bound("wildcard", (), (), "", "*")


def held_fix(key: Key, fixes: Iterable[Bound], family: int) -> Bound | None:
    """The fix that the release with this key holds, None when it holds none.

    Within a train a release holds a fix when it has the same number after the train's name (R, D, the third number) and
    is not older, or when that number is above those of all fixes. So 22.4R2-S1 does not hold ``22.4R2-S2, 22.4R3`` and
    18.4R2 does not hold 18.4R1-S8 where 18.4R2-S7 is a fix too.
    """
    train, number = key[:family], key[family]
    held = highest = None
    ahead = False
    for fix in fixes:
        prefix = fix.prefix
        if prefix[:family] != train:
            continue
        if key < prefix:
            ahead = True
        elif prefix == train or prefix[family] == number:
            held = fix if held is None or prefix < held.prefix else held
        elif highest is None or prefix > highest.prefix:
            highest = fix
    return held or (None if ahead else highest)


def fixed(key: Key, fix: Bound) -> Verdict:
    """The verdict on a release that holds the fix."""
    return _fixed(FIXED_IN if key[:len(fix.prefix)] == fix.prefix else HOLDS_FIX, fix.text)


@lru_cache(maxsize=1 << 14)
def _fixed(msgid: str, fix: str) -> Verdict:
    return Verdict("fixed", Reason(msgid, {"fix": fix}))


def edges(bounds: Iterable[Bound], family: int) -> Iterator[Key]:
    """The places in the order of releases where an answer that rests on these bounds can change."""
    for bound in bounds:
        for place in (bound.family, bound.prefix[:family + 1], bound.prefix):
            yield place
            yield (*place, TOP)


class _Change(msgspec.Struct, frozen=True):
    """Consecutive changes to one status. Changes to ``unaffected`` are fixes and follow the rule of trains."""

    status: Status
    points: tuple[Bound, ...]

    def reached(self, key: Key, family: int) -> Bound | None:
        fix = held_fix(key, self.points, family) if self.status == "unaffected" else None
        if fix or (self.status == "unaffected" and any(point.family == key[:family] for point in self.points)):
            return fix
        return self.points[0] if key >= self.points[0].prefix else None


class Rule(msgspec.Struct, frozen=True):
    """A range ready for use.

    It covers nothing from ``end`` on. ``trains`` are those that its bounds name, ``single`` says that it lies within
    one, ``affects`` that some release is affected by it. ``edges`` are the places where what it says can change.
    """

    start: Bound
    fixes: tuple[Bound, ...]
    through: Bound
    end: Key
    status: Status
    changes: tuple[_Change, ...]
    trains: frozenset[Key]
    single: bool
    affects: bool
    verdict: Verdict
    edges: tuple[Key, ...]
    family: int

    @property
    def rank(self) -> tuple[bool, Key, Key]:
        """Greater for the more specific range: of one train, beginning later, ending earlier."""
        return self.single, self.start.prefix, tuple(-number for number in self.end)

    def covers(self, key: Key) -> bool:
        if key < self.start.prefix:
            return False
        if self.fixes:
            return key < self.end and held_fix(key, self.fixes, self.family) is None
        return key[:len(self.through.prefix)] <= self.through.prefix

    def at(self, key: Key) -> tuple[Verdict, Key]:
        """The verdict on a covered release, and where that status began."""
        verdict, since = self.verdict, self.start.prefix
        for change in self.changes:
            point = change.reached(key, self.family)
            if point and change.status == "affected" and verdict.status != "affected":
                verdict, since = Verdict("affected", Reason(FROM, {"start": point.text})), point.prefix
            elif point and change.status == "unaffected" and verdict.status != "not_affected":
                verdict, since = fixed(key, point), point.prefix
            elif point and change.status == "unknown":
                verdict, since = Verdict("unknown", Reason(NOT_STATED)), point.prefix
        return verdict, since

    def passed(self, key: Key) -> Bound | None:
        """The fix of this range that the release holds."""
        if not self.affects or key < self.start.prefix:
            return None
        mended = bool(self.changes) and self.changes[-1].status == "unaffected"
        return held_fix(key, self.changes[-1].points if mended else self.fixes, self.family)


@lru_cache(maxsize=1 << 14)
def compile_rule(item: VersionRange, status: Status, scheme: str) -> Rule:
    """The rule of a range that holds this status; ``ReleaseError`` for a bound that cannot be read."""
    family = family_length(scheme)
    start = parse_bound(item.start, scheme) if item.start else _EVERYTHING
    fixes = tuple(sorted((parse_bound(fix, scheme) for fix in item.before), key=_prefix))
    through = parse_bound(item.through, scheme) if item.through else start
    changes = _changes(item, scheme)
    end = fixes[-1].prefix if fixes else (*through.prefix, TOP)
    points = [*fixes, *(point for change in changes for point in change.points)]
    trains = frozenset(bound.family for bound in (start, through, *points) if bound.family)
    places = edges((start, through, *points), family)
    return Rule(start, fixes, through, end, status, changes, trains,
                single=bool(start.family) and end[:family] == start.family,
                affects=status == "affected" or any(change.status == "affected" for change in changes),
                verdict=_verdict(status, start, fixes, through),
                edges=tuple(dict.fromkeys(places)), family=family)


def _changes(item: VersionRange, scheme: str) -> tuple[_Change, ...]:
    points = sorted(((parse_bound(at, scheme), status) for at, status in item.changes), key=lambda pair: pair[0].prefix)
    changes: list[_Change] = []
    for point, status in points:
        if changes and changes[-1].status == status:
            changes[-1] = _Change(status, (*changes[-1].points, point))
        else:
            changes.append(_Change(status, (point,)))
    return tuple(changes)


def _verdict(status: Status, start: Bound, fixes: Sequence[Bound], through: Bound) -> Verdict:
    if status == "unknown":
        return Verdict("unknown", Reason(NOT_STATED))
    if status == "unaffected":
        return Verdict("not_affected", Reason(EXCEPTED))
    return Verdict("affected", _before(start, fixes) if fixes else _through(start, through))


def _before(start: Bound, fixes: Sequence[Bound]) -> Reason:
    names = tuple(fix.text for fix in fixes)
    if not start.prefix:
        return Reason(BEFORE, {"fixes": names})
    if start.kind == "train" and all(fix.family == start.family for fix in fixes):
        # Of "22.4 before 22.4R3-EVO" the end has the train's full name.
        train = max(start.text, fixes[-1].train, key=len)
        return Reason(IN_TRAIN_BEFORE, {"train": train, "fixes": names})
    return Reason(FROM_BEFORE, {"start": start.text, "fixes": names})


def _through(start: Bound, through: Bound) -> Reason:
    if not through.prefix:
        return Reason(FROM, {"start": start.text}) if start.prefix else Reason(ALL)
    if start.prefix == through.prefix:
        return _listed(start)
    if not start.prefix:
        return Reason(THROUGH, {"end": through.text})
    if through.kind == "wildcard" and through.family == start.family:
        return Reason(FROM, {"start": start.text})
    return Reason(FROM_THROUGH, {"start": start.text, "end": through.text})


def _listed(bound: Bound) -> Reason:
    if bound.kind == "release":
        return Reason(LISTED, {"release": bound.text})
    return Reason(WHOLE_TRAIN, {"train": bound.train or bound.text})


def _prefix(bound: Bound) -> Key:
    return bound.prefix


def in_range(release: str, item: VersionRange, scheme: str) -> bool:
    """Whether the range, its changes included, calls the release affected."""
    key = parse_release(release, scheme).key
    rule = compile_rule(item, item.status, scheme)
    return rule.covers(key) and rule.at(key)[0].status == "affected"


def is_fixed_by(release: str, fixes: Iterable[str], scheme: str) -> bool:
    """Whether the release holds one of the fixes: by the rule of its train where they name that train, else never."""
    bounds = [parse_bound(fix, scheme) for fix in fixes]
    return held_fix(parse_release(release, scheme).key, bounds, family_length(scheme)) is not None
