"""Exposure: the records that affect each known release or are fixed in it, the most severe first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.release_health import TrainHealth, release_health
from kb.heads import TOLD, Exposed, Head
from kb.library import Library
from kb.products import Product, ReleaseInfo
from kb.ranges import in_range, parse_range
from kb.records import SEVERITIES, Kind

Effect = Literal["affected", "fixed"]

_ELSEWHERE = frozenset({"duplicate", "withdrawn", "superseded"})  # counted through the record that takes its place
_Numbers = NDArray[np.uint32]


class _Releases(NamedTuple):
    """Ranks of records by release: those of the release at place ``n`` stand from ``starts[n]`` to ``starts[n + 1]``, rising."""

    starts: NDArray[np.int64]
    ranks: _Numbers


class Exposure:
    """What all records mean for the known releases of their products; ``ranked`` are those that say something of one."""

    def __init__(self, library: Library) -> None:
        groups: defaultdict[tuple[Kind, int], list[Head]] = defaultdict(list)
        worst = {severity: place for place, severity in enumerate(SEVERITIES)}
        for head in library.newest_first:
            if head.exposed and head.status not in _ELSEWHERE:
                groups[head.kind, worst[head.severity]].append(head)
        self.ranked: list[Head] = []
        self._kinds: dict[Kind, tuple[int, int]] = {}
        self._severities: dict[Kind, list[int]] = {}
        for (kind, severity), heads in sorted(groups.items()):
            self.ranked += heads
            self._severities.setdefault(kind, [0] * len(SEVERITIES))[severity] = len(heads)
            self._kinds[kind] = (self._kinds.get(kind, (len(self.ranked) - len(heads), 0))[0], len(self.ranked))
        self._catalogue = library.catalogue
        self._products = _by_product(library.catalogue.products, self.ranked)
        self._told = np.frombuffer(library.told(self.ranked), np.uint8).reshape(-1, TOLD)
        self._articles: defaultdict[tuple[str, str], list[Head]] = defaultdict(list)
        for head in library.heads.values():
            if head.releases:
                self._article(library, head)

    def records(self, product: Product, release: str, effect: Effect, kind: Kind) -> Sequence[Head]:
        """The records of a kind that affect a release (and those fixed in it): the most severe first, then the newest."""
        ranks = self._of(product, release, effect, kind)
        return _Heads(self.ranked, ranks)

    def affecting(self, product: Product, stretches: Iterable[tuple[int, int]]) -> NDArray[np.uint32]:
        """The records that affect one of the releases from ``first`` up to ``end`` in the product's order, as places in
        ``ranked``."""
        found = self._products[product.id]["affected"]
        hit = np.zeros(len(self.ranked), bool)
        for first, end in stretches:
            hit[found.ranks[found.starts[first] : found.starts[end]]] = True
        return np.flatnonzero(hit).astype(np.uint32)

    def count(self, product: Product, release: str, effect: Effect, kind: Kind) -> int:
        return len(self._of(product, release, effect, kind))

    def by_severity(self, product: Product, release: str, kind: Kind) -> tuple[int, ...]:
        """How many records of a kind affect a release, in the order of SEVERITIES."""
        ends = self._kinds.get(kind, (0, 0))[0] + np.cumsum(self._severities.get(kind, [0] * len(SEVERITIES)))
        found = np.searchsorted(self._of(product, release, "affected", kind), ends)
        return tuple(np.diff(found, prepend=0).tolist())

    def ranks(self, product: Product, release: str, kind: Kind) -> _Numbers:
        """Numbers, rising, by which ``days`` tells of the records of a kind that affect a release."""
        return self._of(product, release, "affected", kind)

    @cached_property
    def days(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The days on which each record was created and last changed, as numbers of days (datetime.date.toordinal)."""
        count, heads = len(self.ranked), self.ranked
        return (np.fromiter((head.created.toordinal() for head in heads), np.int64, count),
                np.fromiter((head.updated.toordinal() for head in heads), np.int64, count))

    @cached_property
    def health(self) -> dict[str, tuple[TrainHealth, ...]]:
        """The health of each product's trains, by product."""
        return {product.id: release_health(self, product) for product in self._catalogue.products}

    def told(self, product: Product, release: str, effect: Effect, kind: Kind, most: int) -> bytes:
        """What changes with all that a list says of the first of these records, and with their number."""
        ranks = self._of(product, release, effect, kind)
        return len(ranks).to_bytes(8, "big") + self._told[ranks[:most]].tobytes()

    def _of(self, product: Product, release: str, effect: Effect, kind: Kind) -> _Numbers:
        found = self._products[product.id][effect]
        place = product.places[release]
        ranks = found.ranks[found.starts[place] : found.starts[place + 1]]
        first, end = np.searchsorted(ranks, self._kinds.get(kind, (0, 0)))
        return ranks[first:end]

    def _article(self, library: Library, article: Head) -> None:
        product = library.catalogue.find(article.products[0])
        ranges = [item for text in article.releases for item in parse_range(text, product.scheme)] if product else []
        for release in product.releases if product and ranges else ():
            if any(in_range(release.id, item, product.scheme) for item in ranges):  # type: ignore[union-attr]
                self._articles[article.products[0], release.id].append(article)

    def articles_for(self, product: Product, release: ReleaseInfo) -> list[Head]:
        """Articles that name this release, in the order of their ids."""
        return self._articles.get((product.id, release.id), [])


class _Heads(Sequence[Head]):
    """Heads by their ranks, looked up when they are asked for."""

    def __init__(self, ranked: Sequence[Head], ranks: _Numbers) -> None:
        self._ranked, self._ranks = ranked, ranks

    def __len__(self) -> int:
        return len(self._ranks)

    def __getitem__(self, place: int | slice) -> Head | list[Head]:  # type: ignore[override]
        if isinstance(place, slice):
            return [self._ranked[rank] for rank in self._ranks[place].tolist()]
        return self._ranked[int(self._ranks[place])]


def _by_product(products: Sequence[Product], ranked: Sequence[Head]) -> dict[str, dict[Effect, _Releases]]:
    found: dict[str, tuple[list[int], list[Exposed]]] = {product.id: ([], []) for product in products}
    for rank, head in enumerate(ranked):
        for exposed in head.exposed:
            ranks, own = found[exposed.product]
            ranks.append(rank)
            own.append(exposed)
    return {product.id: _by_release(product, *found[product.id]) for product in products}


def _by_release(product: Product, ranks: Sequence[int], exposed: Sequence[Exposed]) -> dict[Effect, _Releases]:
    numbers = np.array(ranks, np.uint32)
    affected, stretches = joined(numbers, [item.affected for item in exposed], 8)
    pairs = stretches.reshape(-1, 2)
    sizes = (pairs[:, 1] - pairs[:, 0]).astype(np.int64)
    starts = np.repeat(pairs[:, 0] - (np.cumsum(sizes) - sizes), sizes)
    places = (starts + np.arange(len(starts))).astype(np.uint32)
    fixed, singles = joined(numbers, [item.fixed for item in exposed], 4)
    count = len(product.releases)
    return {"affected": _grouped(places, np.repeat(affected, sizes), count), "fixed": _grouped(singles, fixed, count)}


def joined(ranks: _Numbers, found: Sequence[bytes], size: int) -> tuple[_Numbers, _Numbers]:
    """(rank for each item, numbers of all items): an item has ``size`` bytes (kb.heads.Exposed)."""
    sizes = np.fromiter(map(len, found), np.int64, len(found))
    return np.repeat(ranks, sizes // size), np.frombuffer(b"".join(found), np.uint32)


def _grouped(places: _Numbers, ranks: _Numbers, count: int) -> _Releases:
    """The ranks of each place; they stay in order."""
    narrow = places.astype(np.uint16) if count <= 1 << 16 else places  # sorted by digits, which is linear
    order = np.argsort(narrow, kind="stable")
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(places, minlength=count))))
    return _Releases(starts, ranks[order])
