"""Heads: what lists, orders and links need to know of a record, small enough to hold those of all records in memory."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce

import msgspec

from kb.products import Catalogue, Product
from kb.ranges import Affected, affected_stretches, compile_affected, fixed_releases
from kb.records import (
    SECTIONS,
    SUCCESSORS,
    AnyRecord,
    Article,
    Bulletin,
    Kind,
    Report,
    SecurityBulletin,
    Severity,
    Text,
    affected_of,
    normal_id,
    severity_of,
    successor_of,
)
from kb.text import links

_ENCODER = msgspec.msgpack.Encoder()


TOLD = 12  # bytes of ``Head.told``


class TextLink(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A link as it stands in a field or text. ``reason`` is that of a relation (related, successor, refers); ``line`` and
    ``path`` are given for links in the texts of Markdown files only: lines of JSON shift, and fields are looked up when they
    are wrong."""

    target: str
    reason: str
    field: str
    line: int = 0
    path: str = ""
    wiki: bool = False


class Exposed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Known releases of a product, by their places in its order: ``affected`` are pairs (first, end), ``fixed`` single ones that
    are not affected on any platform; both as unsigned 32-bit numbers of this machine."""

    product: str
    affected: bytes
    fixed: bytes


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The properties of a record that others are interested in; names as in ``kb.records``. ``names`` are aliases and CVE ids,
    ``languages`` those of its texts; ``told`` changes with all that a list shows of it."""

    key: str
    id: str
    kind: Kind
    status: str
    audience: str
    created: datetime
    updated: datetime
    languages: tuple[str, ...]
    told: bytes
    publish_at: datetime | None = None
    severity: Severity = ""
    component: str = ""
    type: str = ""
    tlp: str = ""
    products: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    workaround: bool = False
    links: tuple[TextLink, ...] = ()
    exposed: tuple[Exposed, ...] = ()

    @property
    def path(self) -> str:
        return f"{SECTIONS[self.kind]}/{self.id}/"

    @property
    def published(self) -> datetime:
        return max(self.publish_at, self.created) if self.publish_at else self.created


def head_of(record: AnyRecord, catalogue: Catalogue) -> Head:
    """The head of a record of a site with these products."""
    return Head(
        normal_id(record.id), record.id, record.kind, record.status, record.audience, record.created, record.updated,
        tuple(text.language for text in record.texts), _told(record), record.publish_at, severity_of(record),
        record.component if isinstance(record, Report) else "", record.type if isinstance(record, Bulletin) else "",
        record.tlp if isinstance(record, SecurityBulletin) else "", record.products, record.platforms,
        record.releases if isinstance(record, Article) else (),
        (*record.aliases, *(record.cves if isinstance(record, SecurityBulletin) else ())),
        any(text.section("workaround") for text in record.texts), tuple(_links(record)), tuple(_exposed(record, catalogue)))


def _told(record: AnyRecord) -> bytes:
    fields = [getattr(record, name, None) for name in (
        "id", "kind", "status", "severity", "type", "products", "platforms", "component", "publish_at", "created", "updated")]
    fixed = [(entry.product, entry.fixed) for entry in affected_of(record)]
    return reduce(told_with, map(told_of_text, record.texts), _digest((fields, fixed)))


def told_with(told: bytes, more: bytes) -> bytes:
    """The digest ``told`` of a head with that of one more text."""
    return hashlib.blake2b(told + more, digest_size=TOLD).digest()


def told_of_text(text: Text) -> bytes:
    """A digest of what lists show of a text."""
    return _digest((text.language, text.title, text.summary))


def _digest(value: object) -> bytes:
    return hashlib.blake2b(_ENCODER.encode(value), digest_size=TOLD).digest()


def _links(record: AnyRecord) -> Iterator[TextLink]:
    """The links of a record in its fields and texts, in that order."""
    for target in record.related:
        yield TextLink(target, "related", "related")
    if successor := successor_of(record):
        yield TextLink(successor, "successor", SUCCESSORS[record.kind][0])
    for text in record.texts:
        yield from text_links(text)
    for field, events in (("history", getattr(record, "history", ())), ("revisions", getattr(record, "revisions", ()))):
        for event in events:
            yield from (TextLink(link.target, "refers", field, wiki=link.wiki) for link in links(event.text))
    for remediation in getattr(record, "remediations", ()):
        yield from (TextLink(link.target, "refers", "remediations", wiki=link.wiki) for link in links(remediation.text))


def text_links(text: Text) -> Iterator[TextLink]:
    """The links in the sections of a text."""
    lines = text.place.path.endswith(".jsonl")
    for section in text.sections:
        for link in links(section.markdown):
            line = 0 if lines else text.line_in(section, link.line)
            yield TextLink(link.target, "refers", "link", line, "" if lines else text.place.path, link.wiki)


def _exposed(record: AnyRecord, catalogue: Catalogue) -> Iterator[Exposed]:
    for product_id in dict.fromkeys(entry.product for entry in affected_of(record)):
        product = catalogue.find(product_id)
        if product is None or not product.releases:
            continue
        own = [entry for entry in affected_of(record) if entry.product == product_id]
        outcomes = product.known_trains.outcomes(own)
        if outcomes is None:
            affected, fixed = _exposed_across(own, product)
        else:
            affected = [place for run in sorted(run for outcome in outcomes for run in outcome.affected) for place in run]
            fixed = sorted(place for outcome in outcomes for place in outcome.fixed)
        yield Exposed(product.id, array("I", affected).tobytes(), array("I", fixed).tobytes())


def _exposed_across(entries: Sequence[Affected], product: Product) -> tuple[list[int], list[int]]:
    """The general way, which any entries can go."""
    order, places = product.release_order, product.places
    affected: list[int] = []
    for names, _first in affected_stretches(compile_affected(entries, product.id, product.scheme), order):
        start = places[names[0]]
        if affected and affected[-1] == start:
            affected[-1] = start + len(names)
        else:
            affected += (start, start + len(names))
    fixed = [place for name in fixed_releases(entries, product.id, order, product.scheme)
             if not bisect_right(affected, place := places[name]) % 2]
    return affected, sorted(fixed)
