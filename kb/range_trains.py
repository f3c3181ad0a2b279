"""What ranges say of the known releases train by train, remembered.

Reports by the thousand say "21.4 before 21.4R3-S5". Where all that a record says lies within trains and holds for one set of
platforms, each train is asked apart, and once for all records that say the same of it. What reaches over trains is left to
``kb.ranges``, which gives the same answers in all cases and takes ten times as long.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec

from kb.range_groups import compile_group
from kb.range_rules import compile_rule
from kb.range_syntax import Affected, VersionRange, parse_span
from kb.releases import TOP, Key, ReleaseOrder, family_length

_REMEMBERED = 1 << 15  # what is said of a train, in different words

Said = tuple[tuple[VersionRange, ...], tuple[VersionRange, ...], tuple[str, ...]]  # ranges, exceptions, fixes of an entry


class Outcome(msgspec.Struct, frozen=True):
    """Places in the order of known releases: runs (first, end) that are affected; those listed as fixed and not affected."""

    affected: tuple[tuple[int, int], ...]
    fixed: tuple[int, ...]


class Trains:
    """The known releases of a product line by train."""

    def __init__(self, order: ReleaseOrder, scheme: str) -> None:
        self._order, self._scheme, self._family = order, scheme, family_length(scheme)
        self._train_of_range = lru_cache(_REMEMBERED)(self._range_train)
        self._train_of_fix = lru_cache(_REMEMBERED)(self._fix_train)
        self._remembered = lru_cache(_REMEMBERED)(self._outcome)

    def outcomes(self, entries: Sequence[Affected]) -> list[Outcome] | None:
        """What a product's own entries say of each train that they name, if they speak of each train apart and of all platforms
        alike; else None. Entries that cannot be read raise ``ReleaseError``."""
        said: dict[Key, Said] = {}
        for entry in entries:
            if entry.default_status == "affected" or entry.platforms != entries[0].platforms:
                return None
            own = self._by_train(entry)
            if own is None or (said and not said.keys().isdisjoint(own)):  # two entries on one train are rare
                return None
            said |= own
        return [self._remembered(train, words) for train, words in said.items()]

    def _by_train(self, entry: Affected) -> dict[Key, Said] | None:
        parts: dict[Key, tuple[list[VersionRange], list[VersionRange], list[str]]] = {}
        for exception, items in enumerate((entry.ranges, entry.unaffected)):
            for item in items:
                train = self._train_of_range(item)
                if not train:
                    return None
                ranges, exceptions, _ = parts.setdefault(train, ([], [], []))
                (exceptions if exception else ranges).append(item)
        for text in entry.fixed:
            train = self._train_of_fix(text)
            if not train:
                return None
            parts.setdefault(train, ([], [], []))[2].append(text)
        return {train: (tuple(ranges), tuple(exceptions), tuple(fixes)) for train, (ranges, exceptions, fixes)
                in parts.items()}

    def _range_train(self, item: VersionRange) -> Key:
        """The only train that a range names and covers; empty where there is no such."""
        rule = compile_rule(item, item.status, self._scheme)
        return next(iter(rule.trains)) if rule.single and len(rule.trains) == 1 else ()

    def _fix_train(self, text: str) -> Key:
        low, high = parse_span(text, self._scheme)
        train = low.key[:self._family]
        return train if high.key[:self._family] == train else ()

    def _outcome(self, train: Key, said: Said) -> Outcome:
        ranges, exceptions, fixes = said
        group = compile_group((), [Affected("", (), ranges, fixes, exceptions)], self._scheme)
        keys = self._order.keys
        first, end = bisect_left(keys, train), bisect_left(keys, (*train, TOP))
        cuts = sorted({bisect_left(keys, edge, first, end) for edge in group.edges} | {first, end})
        runs = tuple((start, after) for start, after in pairwise(cuts)
                     if group.verdict(self._order.releases[start]).status == "affected")
        return Outcome(runs, tuple(at for at in dict.fromkeys(self._listed(fixes))
                                   if not any(start <= at < after for start, after in runs)))

    def _listed(self, fixes: Sequence[str]) -> list[int]:
        """Places of the known releases that are listed, one by one or in spans."""
        keys = self._order.keys
        spans = [parse_span(text, self._scheme) for text in fixes]
        return [at for low, high in spans for at in range(bisect_left(keys, low.key), bisect_right(keys, high.key))]
