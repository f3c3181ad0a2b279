"""Exposure: the records that affect each known release or are fixed in it, the most severe first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.heads import Head
from kb.library import Library, sort_key
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
    """What all records mean for the known releases of their products."""

    def __init__(self, library: Library) -> None:
        heads = [head for head in library.heads.values() if head.exposed and head.status not in _ELSEWHERE]
        worst = {severity: place for place, severity in enumerate(SEVERITIES)}
        self._ranked = sorted(heads, key=lambda head: (
            head.kind, worst[head.severity], -head.updated.timestamp(), sort_key(head.id)))
        self._kinds: dict[Kind, tuple[int, int]] = {}
        for rank, head in enumerate(self._ranked):
            self._kinds[head.kind] = (self._kinds.get(head.kind, (rank, 0))[0], rank + 1)
        self._products = {product.id: _by_release(product, self._ranked) for product in library.catalogue.products}
        self._articles: defaultdict[tuple[str, str], list[Head]] = defaultdict(list)
        for head in library.heads.values():
            if head.releases:
                self._article(library, head)

    def records(self, product: Product, release: str, effect: Effect, kind: Kind) -> Sequence[Head]:
        """The records of a kind that affect a release (and those fixed in it): the most severe first, then the newest."""
        ranks = self._of(product, release, effect, kind)
        return _Heads(self._ranked, ranks)

    def count(self, product: Product, release: str, effect: Effect, kind: Kind) -> int:
        return len(self._of(product, release, effect, kind))

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


def _by_release(product: Product, ranked: Sequence[Head]) -> dict[Effect, _Releases]:
    affected: list[tuple[int, bytes]] = []
    fixed: list[tuple[int, bytes]] = []
    for rank, head in enumerate(ranked):
        for exposed in head.exposed:
            if exposed.product == product.id:
                if exposed.affected:
                    affected.append((rank, exposed.affected))
                if exposed.fixed:
                    fixed.append((rank, exposed.fixed))
    ranks, stretches = _joined(affected, 8)
    pairs = stretches.reshape(-1, 2)
    sizes = (pairs[:, 1] - pairs[:, 0]).astype(np.int64)
    starts = np.repeat(pairs[:, 0] - (np.cumsum(sizes) - sizes), sizes)
    places = (starts + np.arange(len(starts))).astype(np.uint32)
    ranks = np.repeat(ranks, sizes)
    others, singles = _joined(fixed, 4)
    count = len(product.releases)
    return {"affected": _grouped(places, ranks, count), "fixed": _grouped(singles, others, count)}


def _joined(found: Sequence[tuple[int, bytes]], size: int) -> tuple[_Numbers, _Numbers]:
    """(rank for each item, numbers of all items): an item has ``size`` bytes."""
    ranks = np.repeat(np.array([rank for rank, _data in found], np.uint32), [len(data) // size for _rank, data in found])
    return ranks, np.frombuffer(b"".join(data for _rank, data in found), np.uint32)


def _grouped(places: _Numbers, ranks: _Numbers, count: int) -> _Releases:
    """The ranks of each place; they stay in order."""
    narrow = places.astype(np.uint16) if count <= 1 << 16 else places  # sorted by digits, which is linear
    order = np.argsort(narrow, kind="stable")
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(places, minlength=count))))
    return _Releases(starts, ranks[order])
