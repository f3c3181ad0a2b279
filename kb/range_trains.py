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
from kb.range_syntax import Affected, parse_span
from kb.releases import TOP, Key, ReleaseOrder
from kb.train_verdicts import Said, said_apart

_REMEMBERED = 1 << 15  # what is said of a train, in different words


class Outcome(msgspec.Struct, frozen=True):
    """Places in the order of known releases: runs (first, end) that are affected; those listed as fixed and not affected."""

    affected: tuple[tuple[int, int], ...]
    fixed: tuple[int, ...]


class Trains:
    """The known releases of a product line by train."""

    def __init__(self, order: ReleaseOrder, scheme: str) -> None:
        self._order, self._scheme = order, scheme
        self._remembered = lru_cache(_REMEMBERED)(self._outcome)

    def outcomes(self, entries: Sequence[Affected]) -> list[Outcome] | None:
        """What a product's own entries say of each train that they name, if they speak of each train apart and of all platforms
        alike; else None. Entries that cannot be read raise ``ReleaseError``."""
        said = said_apart(entries, self._scheme)
        return None if said is None else [self._remembered(train, words) for train, words in said.items()]

    def _outcome(self, train: Key, said: Said) -> Outcome:
        group = compile_group((), [Affected("", (), said.ranges, said.fixed, said.unaffected)], self._scheme)
        keys = self._order.keys
        first, end = bisect_left(keys, train), bisect_left(keys, (*train, TOP))
        cuts = sorted({bisect_left(keys, edge, first, end) for edge in group.edges} | {first, end})
        runs = tuple((start, after) for start, after in pairwise(cuts)
                     if group.verdict(self._order.releases[start]).status == "affected")
        return Outcome(runs, tuple(at for at in dict.fromkeys(self._listed(said.fixed))
                                   if not any(start <= at < after for start, after in runs)))

    def _listed(self, fixes: Sequence[str]) -> list[int]:
        """Places of the known releases that are listed, one by one or in spans."""
        keys = self._order.keys
        spans = [parse_span(text, self._scheme) for text in fixes]
        return [at for low, high in spans for at in range(bisect_left(keys, low.key), bisect_right(keys, high.key))]
