"""Which records stand in which document of a feed.

A topic has two views. The *updates* of a topic are ordered by last change, its *new* records by publication; the document that
readers subscribe to holds the entries of 90 days or 50 entries, whichever is more, and never more than 1,000 (250 in large
portals). Days count back from the newest entry, not from the clock, so that nothing changes where nothing is published.

Older entries stand in archive documents (RFC 5005, section 4), cut from the records in the order of publication. A record begins
a document where the checksum of its key says so, which holds whatever is published before or after it: a record that is
backdated changes the one document that it belongs into. What no finished document holds yet stays in the subscription document.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b
from itertools import chain, pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from generator.exposure import joined
from generator.keys import leads_to
from generator.topics import platform_topic, train_topic
from generator.urls import slug
from kb.heads import TOLD, Head
from kb.library import Library
from kb.products import Product
from kb.records import SECTIONS

WINDOW, DAYS = 50, 90  # entries at least, days
MOST, FEWER = 1_000, 250  # entries at most, and in a portal of more records than ALL_ARCHIVED
RUN, LONGEST = 64, 256  # entries of an archive document: on the average, at most
ALL_ARCHIVED = 2_000  # records; a larger portal keeps one archive, that of everything, and shorter documents
RECENT = timedelta(days=366)  # for which a report keeps a feed of its own after its last change
EVERYTHING = "all"

_DIGEST = 16
_Places = NDArray[np.int64]


class Part(NamedTuple):
    """Entries of a document, newest first, as ``Windows.heads`` takes them; ``digest`` changes with all that they say."""

    places: _Places
    digest: bytes


class Views(NamedTuple):
    """The entries of a topic: those of its two subscription documents and of its archives, (name, entries), the oldest first."""

    updates: Part
    new: Part
    archives: tuple[tuple[str, Part], ...] = ()


class Windows:
    """The views of all topics, which all languages share. Records are numbered in the order of their ids."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._heads = heads = list(library.heads.values())
        numbers = {head.key: number for number, head in enumerate(heads)}
        self._by_update = np.fromiter((numbers[head.key] for head in library.newest_first), np.int64, len(heads))
        published = np.fromiter((head.published.timestamp() for head in heads), np.int64, len(heads))
        self._by_publication = np.argsort(-published, kind="stable")
        self._update_rank, self._publication_rank = _ranks(self._by_update), _ranks(self._by_publication)
        self._members = _members(library, heads)
        self._most = MOST if len(heads) <= ALL_ARCHIVED else FEWER
        self._views: dict[str, Views] = {}

    def heads(self, part: Part) -> list[Head]:
        return [self._heads[place] for place in part.places.tolist()]

    def archived(self, topic: str) -> bool:
        """Whether a topic has archives."""
        wanted = self._library.portal.feeds.archives or ("all" if len(self._heads) <= ALL_ARCHIVED else "everything")
        return wanted == "all" or (wanted == "everything" and topic == EVERYTHING)

    def views(self, topic: str) -> Views:
        """The views of a topic, by its id; empty where no record belongs to it."""
        if topic not in self._views:
            self._views[topic] = self._made(topic, self._members.get(topic, np.empty(0, np.int64)))
        return self._views[topic]

    @cached_property
    def own(self) -> list[tuple[Head, str]]:
        """The records that have feeds of their own, each with what changes with all that they say."""
        newest, settings = self._library.newest_first, self._library.portal.feeds
        if not newest or settings.records == "none":
            return []
        since = newest[0].updated - RECENT
        return [(head, self._told[place].tobytes().hex()) for place, head in enumerate(self._heads)
                if settings.has_own(head.kind, head.status) or (head.kind == "report" and head.updated > since)]

    def _made(self, topic: str, members: _Places) -> Views:
        updates, new = self._update_rank[members], self._publication_rank[members]
        recent = self._window(updates, self._by_update, "updated")
        if not self.archived(topic):
            return Views(self._part(self._by_update, recent),
                         self._part(self._by_publication, self._window(new, self._by_publication, "published")))
        new = np.sort(new)
        runs = list(self._runs(new, len(self._window(new, self._by_publication, "published"))))
        rest = new[: len(new) - sum(len(part.places) for _name, part in runs)]
        updates = np.union1d(recent, self._update_rank[self._by_publication[rest]])
        return Views(self._part(self._by_update, updates), self._part(self._by_publication, rest), tuple(runs))

    def _part(self, order: _Places, ranks: _Places) -> Part:
        places = order[ranks]
        return Part(places, blake2b(self._told[places].tobytes(), digest_size=_DIGEST).digest())

    def _window(self, ranks: _Places, order: _Places, time: str) -> _Places:
        """The first of these ranks that a subscription document holds, in order."""
        first = np.sort(np.partition(ranks, self._most)[: self._most] if len(ranks) > self._most else ranks)
        if len(first) <= WINDOW:
            return first
        since = getattr(self._heads[order[first[0]]], time) - timedelta(days=DAYS)
        count = bisect_left(first.tolist(), True, key=lambda rank: getattr(self._heads[order[rank]], time) < since)
        return first[: max(WINDOW, count)]

    def _runs(self, ranks: _Places, window: int) -> Iterator[tuple[str, Part]]:
        """The finished archive documents; ``ranks`` is sorted, the newest first, and begins with those of the window."""
        oldest = ranks[::-1]
        starts = _cut(self._begins[self._by_publication[oldest]])
        for first, end in pairwise(starts):  # what follows the last of them is not finished
            if end > len(ranks) - window:
                return
            part = self._part(self._by_publication, oldest[first:end][::-1])
            yield self._heads[part.places[-1]].id if first else "first", part

    @cached_property
    def _begins(self) -> NDArray[np.bool_]:
        return np.fromiter((crc32(head.key.encode()) % RUN == 0 for head in self._heads), np.bool_, len(self._heads))

    @cached_property
    def _told(self) -> NDArray[np.uint8]:
        """For each record what changes with all that entries say of it."""
        library, count = self._library, len(self._heads)
        lists = np.frombuffer(library.told(self._heads), np.uint8).reshape(count, TOLD)
        files = np.frombuffer(b"".join([digest for digest, _paths in library.sources]), np.uint8).reshape(count, _DIGEST)
        links = np.zeros((count, _DIGEST), np.uint8)
        for place, head in enumerate(self._heads):
            if head.links and (named := self._named(head)):
                links[place] = np.frombuffer(blake2b(named, digest_size=_DIGEST).digest(), np.uint8)
        return np.concatenate((lists, files, links), axis=1)

    def _named(self, head: Head) -> bytes:
        """Where links of a record's history lead, and what is said of the records there."""
        found, library = b"", self._library
        for link in head.links:
            if link.field in {"history", "revisions"}:
                _file, target = leads_to(library, head, link)
                other = library.heads.get(target)
                found += target.encode() + b"\0" + (library.told((other,)) if other else b"")
        return found


def _ranks(order: _Places) -> _Places:
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return ranks


def _cut(begins: NDArray[np.bool_]) -> list[int]:
    """Where documents begin in a sequence: at the marks, and where a document would grow too long."""
    marks = [0, *(place for place in np.flatnonzero(begins).tolist() if place), len(begins)]
    return [at for first, end in pairwise(marks) for at in range(first, end, LONGEST)]


def _members(library: Library, heads: Sequence[Head]) -> dict[str, _Places]:
    """The records of each topic."""
    alike: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    placed: defaultdict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = defaultdict(list)
    for place, head in enumerate(heads):
        alike[head.kind, head.type, head.severity, head.component, head.products].append(place)
        if head.platforms:
            placed[head.products, head.platforms].append(place)
    found: defaultdict[str, list[list[int]]] = defaultdict(list)
    for (kind, type_, severity, component, products), places in alike.items():
        for topic in _topics_of(str(kind), str(type_), str(severity), str(component), products):  # type: ignore[arg-type]
            found[topic].append(places)
    for (products, platforms), places in placed.items():
        for topic in _platform_topics(library, products, platforms):
            found[topic].append(places)
    members = {topic: np.fromiter(chain.from_iterable(parts), np.int64) for topic, parts in found.items()}
    for product in library.catalogue.products:
        members |= _by_train(product, heads)
    return members


def _topics_of(kind: str, type_: str, severity: str, component: str, products: tuple[str, ...]) -> Iterator[str]:
    section = SECTIONS[kind]  # type: ignore[index]
    yield "all"
    yield section
    if type_:
        yield f"{section}-{type_}"
    if severity:
        yield f"severity-{severity}"
    if component:
        yield f"component-{slug(component)}"
    for product in dict.fromkeys(products):
        yield f"product-{product}"
        if kind == "advisory":
            yield f"advisories-{product}"


def _platform_topics(library: Library, products: Sequence[str], platforms: Sequence[str]) -> Iterator[str]:
    for product in filter(None, map(library.catalogue.find, dict.fromkeys(products))):
        yield from {platform_topic(product.id, known.id) for name in platforms if (known := product.platform(name))}


def _by_train(product: Product, heads: Sequence[Head]) -> dict[str, _Places]:
    """The records that affect a release of each train or are fixed in one."""
    stretches = product.train_stretches
    if not stretches:
        return {}
    exposed = [(place, item) for place, head in enumerate(heads) for item in head.exposed if item.product == product.id]
    numbers = np.fromiter((place for place, _item in exposed), np.uint32, len(exposed))
    first = np.array([start for _train, start, _end in stretches], np.int64)
    affected, bounds = joined(numbers, [item.affected for _place, item in exposed], 8)
    fixed, singles = joined(numbers, [item.fixed for _place, item in exposed], 4)
    pairs = bounds.reshape(-1, 2).astype(np.int64)
    begin = np.searchsorted(first, np.concatenate((pairs[:, 0], singles)), "right") - 1
    end = np.searchsorted(first, np.concatenate((pairs[:, 1] - 1, singles)), "right") - 1
    sizes = end - begin + 1
    places = np.repeat(np.concatenate((affected, fixed)).astype(np.int64), sizes)
    offsets = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    stretch = np.repeat(begin, sizes) + offsets
    ends = np.cumsum(np.bincount(stretch, minlength=len(stretches)))
    parts_of = np.split(places[np.argsort(stretch, kind="stable")], ends[:-1])
    found: defaultdict[str, list[_Places]] = defaultdict(list)
    for (train, _first, _end), part in zip(stretches, parts_of, strict=True):
        found[train_topic(product.id, train)].append(part)
    return {topic: np.unique(np.concatenate(parts)) for topic, parts in found.items()}
