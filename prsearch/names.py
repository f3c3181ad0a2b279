"""What a query that is an id, an alias or a release leads to, and what lies nearest to one that nobody has.

docs/pr-index.md says it in full; theme/assets/names.js answers alike.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kb.products import Catalogue
from prsearch.analysis import name_key

NEAREST = 5  # records or releases that are offered
AROUND = 32  # names on either side, in their order, that are looked at
ALIKE_FROM = 4  # characters; shorter names are too much alike
LONGEST = 64  # characters of a name that others are compared with
FARTHEST = 2  # edits
MOST_FOUND = 12  # records of one name
MOST_WORDS = 4  # of an id that is written with blanks

_ID = re.compile(r"[a-z]{0,12}[0-9][a-z0-9.]*")
_FAMILY = re.compile(r"([a-z]*)([0-9]{1,15})")
_RELEASE = re.compile(r"[0-9]{1,4}\.[0-9][a-z0-9.]*")
_SURE = re.compile(r"cve[0-9]{7,}")
_PR = re.compile(r"\s*pr[-#\s]*[0-9]+\s*", re.IGNORECASE)
_BLANK = re.compile(r"\S+")


class Target(NamedTuple):
    """A record by its ordinal, or a release of a product; ``ordinal`` is -1 then."""

    ordinal: int
    product: str = ""
    release: str = ""


class LookedUp(NamedTuple):
    """What goes by a name, the best first; where nothing does and the query is like an id, what lies nearest."""

    found: list[Target]
    unknown: bool = False
    near: Sequence[Target] = ()


class Names:
    """The names of records with their documents, and the releases of products."""

    def __init__(self, names: Mapping[str, Iterable[int]], ids: Sequence[str], catalogue: Catalogue) -> None:
        self._holders = {key[1:]: sorted(holders, reverse=True) for key, holders in names.items()}
        self._sorted = sorted(name for name in self._holders if _is_compared(name))
        self._ids, self._catalogue = ids, catalogue

    def look_up(self, query: str) -> LookedUp:
        """What a query leads to when it is a name as a whole."""
        name = name_key(query)[1:]
        own = sorted(self._holders.get(name, ())[:MOST_FOUND], key=lambda ordinal: name_key(self._ids[ordinal])[1:] != name)
        found = [*map(Target, own), *self._releases(name)]
        if found or not is_id_like(query):
            return LookedUp(found)
        if self._begins(name):
            return LookedUp([])
        near = self._near_releases(name) if _RELEASE.fullmatch(name) else []
        near = near or [Target(ordinal) for ordinal in self._near(name)]
        return LookedUp([], bool(near) or is_sure(query), near)

    def _releases(self, name: str) -> Iterator[Target]:
        for product in self._catalogue.products:
            wanted = {name, *(name.removeprefix(start) for other in (product.id, product.name)
                              if (start := name_key(other)[1:]) and name.startswith(start))}
            for release in product.releases:
                if name_key(release.id)[1:] in wanted:
                    yield Target(-1, product.id, release.id)

    def _begins(self, name: str) -> bool:
        """Whether the reader may still be typing a name."""
        at = bisect_left(self._sorted, name)
        after = self._sorted[at : at + 1]
        return any(other.startswith(name) for other in after) or any(
            name_key(release.id).startswith(name, 1) for product in self._catalogue.products for release in product.releases)

    def _near_releases(self, name: str) -> list[Target]:
        found = [(away, Target(-1, product.id, release.id))
                 for product in self._catalogue.products for release in product.releases
                 if (away := edits(name, name_key(release.id)[1:])) <= FARTHEST]
        return [target for _away, target in sorted(found, key=lambda item: item[0])[:NEAREST]]

    def _near(self, name: str) -> list[int]:
        """Ordinals of the records with the names nearest to one."""
        if not ALIKE_FROM <= len(name) <= LONGEST:
            return []
        at = bisect_left(self._sorted, name)
        others = {*self._sorted[max(0, at - AROUND) : at + AROUND],
                  *(other for other in self._sorted if abs(len(other) - len(name)) < 2 and edits(name, other) == 1)}
        found: dict[int, None] = {}
        for _rank, other in sorted((rank, other) for other in others if (rank := nearness(name, other))):
            found.update(dict.fromkeys(self._holders[other]))
        return list(found)[:NEAREST]


def _is_compared(name: str) -> bool:
    return len(name) <= LONGEST and any("0" <= letter <= "9" for letter in name)


def is_id_like(query: str) -> bool:
    """Whether a query that names nothing is meant as an id: few words, letters before digits, three digits at least."""
    name = name_key(query)[1:]
    return (bool(_ID.fullmatch(name)) and len(_BLANK.findall(query)) <= MOST_WORDS and len(name) <= LONGEST
            and sum("0" <= letter <= "9" for letter in name) >= (2 if _RELEASE.fullmatch(name) else 3))


def is_sure(query: str) -> bool:
    """Whether a query can be nothing but an id: it says CVE or PR."""
    return bool(_SURE.fullmatch(name_key(query)[1:]) or _PR.fullmatch(query))


def nearness(name: str, other: str) -> tuple[int, int] | None:
    """The less, the nearer: edits up to two, then the distance of numbers of as many digits; None for what is too far."""
    away = edits(name, other)
    one, two = _FAMILY.fullmatch(name), _FAMILY.fullmatch(other)
    same = one and two and len(name) == len(other) and one[1] == two[1]
    if away > FARTHEST and not same:
        return None
    return min(away, FARTHEST + 1), abs(int(one[2]) - int(two[2])) if one and two and same else 10**15


def edits(one: str, other: str) -> int:
    """Letters added, left out or changed, or neighbours swapped, that turn one word into the other (restricted edit distance);
    one more than is of interest where the lengths say so."""
    if abs(len(one) - len(other)) > FARTHEST:
        return FARTHEST + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
