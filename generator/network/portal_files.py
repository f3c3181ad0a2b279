"""What an inventory needs of a published portal, each file read once and only when it is needed (docs/api.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from generator.api import affected_sets, releases
from generator.api.affected_sets import AffectedSet
from generator.api.releases import ProductEntry, ProductReleases, ReleaseEntry, ReleaseIndex, TrainEntry
from generator.network.catalogue import known_of
from generator.network.matching import Match, Matcher
from generator.network.source import Source
from generator.record_lists import INDEX as RECORDS
from generator.record_lists import Name
from kb.inventory import Known
from kb.records import SECTIONS
from prsearch import documents
from prsearch.published import PublishedIndex

T = TypeVar("T")
CONNECTIONS = 8  # at a time
_ROOT = "prsearch/root.json"
MEANWHILE = "run this again; the portal may be just being published"


class Card(msgspec.Struct, frozen=True, array_like=True):
    """A record in the index of PR Search (docs/pr-index.md)."""

    id: str
    kind: str
    severity: str
    status: str
    updated: dt.date
    products: tuple[str, ...]
    fixed: tuple[str, ...]
    texts: dict[str, tuple[str, str]]


class _Address(msgspec.Struct, frozen=True):
    url: str


class _Formatted(msgspec.Struct, frozen=True):
    format: int


class PortalFiles:
    """The files of a portal, typed and checked. All methods raise SourceError where a file cannot be read or is damaged."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.index = _formatted(self.source, releases.INDEX, ReleaseIndex, releases.FORMAT)
        self._products = {product.id: product for product in self.index.products}
        self._releases: dict[str, ProductReleases] = {}
        self._matchers: dict[str, Matcher] = {}
        self.known: Known = known_of(self.index, lambda product: [release.id for release in self.releases(product.id).releases])

    @property
    def languages(self) -> tuple[str, ...]:
        """The portal's languages, its own first."""
        return tuple(dict.fromkeys(language for product in self.index.products for language in product.names))

    def url(self) -> str:
        """The public address of the portal, with a slash at its end."""
        where = self.source.where
        if not self.source.is_web:
            where = _decoded(self.source, RECORDS, self.source.read(RECORDS), _Address).url
        return where.rstrip("/") + "/"

    def product(self, product: str) -> ProductEntry:
        return self._products[product]

    def releases(self, product: str) -> ProductReleases:
        if product not in self._releases:
            path = self._products[product].path
            found = _formatted(self.source, path, ProductReleases, releases.FORMAT)
            trains = {train.id for train in found.trains}
            if any(release.train not in trains for release in found.releases):
                raise self.source.wrong(path, "is damaged")
            self._releases[product] = found
        return self._releases[product]

    def release(self, product: str, release: str) -> tuple[ReleaseEntry, TrainEntry]:
        """A listed release and its train."""
        found = self.releases(product)
        entry = next(one for one in found.releases if one.id == release)
        return entry, next(train for train in found.trains if train.id == entry.train)

    def matcher(self, train: TrainEntry) -> Matcher:
        """The affected set of a train, ready for questions."""
        path = train.affected
        if path not in self._matchers:
            self._matchers[path] = matcher_at(self.source, path)
        return self._matchers[path]

    def cards(self, matches: Iterable[Match]) -> dict[str, Card]:
        """The cards of records by id. The blocks that hold them are read a few at a time."""
        wanted = list(matches)
        if not wanted:
            return {}
        index = PublishedIndex(self.source.read, self.source.where)
        if any(match.card >= index.documents for match in wanted):
            raise self.source.wrong(_ROOT, "does not go with the other files", MEANWHILE)
        index.fetch((match.card for match in wanted), CONNECTIONS if self.source.is_web else 1)
        return {match.id: self._card(match, index.card(match.card)) for match in wanted}

    def _card(self, match: Match, told: documents.Card) -> Card:
        try:
            card = msgspec.convert(told, Card)
        except msgspec.ValidationError:
            raise self.source.wrong(_ROOT, f"leads to a damaged card of {match.id}") from None
        if card.id != match.id or card.kind not in SECTIONS:
            raise self.source.wrong(_ROOT, "does not go with the other files", MEANWHILE)
        return card


def matcher_at(source: Source, path: str) -> Matcher:
    """The affected set of a path, ready for questions. Raises SourceError."""
    found = _formatted(source, path, AffectedSet, affected_sets.FORMAT)
    try:
        return Matcher(_checked(found))
    except (IndexError, ValueError):
        raise source.wrong(path, "is damaged") from None


def _formatted(source: Source, path: str, kind: type[T], number: int) -> T:
    data = source.read(path)
    stands = _decoded(source, path, data, _Formatted).format
    if stands != number:
        raise source.wrong(path, f"has format {stands}, not {number}", "use the version of Waypost that built the portal")
    return _decoded(source, path, data, kind)


def _decoded(source: Source, path: str, data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise source.wrong(path, "is damaged or no file of a portal") from None


def name_in(item: Name, language: str) -> str:
    return item.names.get(language) or next(iter(item.names.values()), item.id)


def _checked(found: AffectedSet) -> AffectedSet:
    """The set; raises ValueError where its numbers lead nowhere."""
    releases, reasons, records = len(found.releases), min(map(len, found.reasons.values()), default=0), found.records
    rows = [row for case in found.cases for row in case]
    bounded = (
        (len(found.platforms), (place for places in found.sets for place in places or ())),
        (releases + 1, (end for _first, end, *_ in rows)), (reasons, (reason for _first, _end, reason, *_ in rows)),
        (len(found.sets), (on for _first, _end, _reason, *sets in rows for on in sets)),
        (len(found.kinds), records.kinds), (len(found.cases), records.cases), (len(found.sets), records.sets))
    if min(records.cards, default=0) < 0 or not all(0 <= place < end for end, places in bounded for place in places):
        raise ValueError("a number leads nowhere")
    if any(not 0 <= first <= end for first, end, *_ in rows):
        raise ValueError("a row has no order")
    return found
