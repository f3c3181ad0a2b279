"""Feeds: Atom 1.0 (RFC 4287) by topic, newest change first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import msgspec
from lxml import etree

from generator.edition import SECTION_TITLES, Edition
from generator.keys import Keys
from generator.plan import Derived
from generator.urls import ROOT, localise, slug
from kb.heads import Head
from kb.library import Library, newest_first
from kb.records import SECTIONS, AnyRecord

WINDOW = 50
_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Topic(msgspec.Struct, frozen=True):
    """What a feed is about; ``id`` is its file name without ending, ``group`` a heading for lists of feeds, ``records``
    are keys."""

    id: str
    title: str
    group: str
    place: str
    records: tuple[str, ...]


def topics(edition: Edition) -> Iterator[Topic]:
    """The feeds of an edition: everything, each kind, each product, each component."""
    library, say = edition.library, edition.say
    everything = library.newest_first
    yield _topic("all", say("Everything"), say("By kind"), "new/", everything)
    for kind, title in SECTION_TITLES.items():
        section = SECTIONS[kind]
        yield _topic(section, say(title), say("By kind"), f"{section}/", library.of_kind(kind))
    for product in library.catalogue.products:
        yield _topic(f"product-{product.id}", product.name_in(edition.language), say("By product"), f"products/{product.id}/",
                     library.by_product.get(product.id, []))
    for name, heads in components(library).items():
        title = edition.component_name(heads[0].component, heads[0].products)
        yield _topic(f"component-{name}", title, say("By component"), f"components/{name}/", heads)


def _topic(name: str, title: str, group: str, place: str, heads: Sequence[Head]) -> Topic:
    return Topic(name, title, group, place, tuple(head.key for head in heads[:WINDOW]))


def components(library: Library) -> dict[str, list[Head]]:
    """The problem reports of each component by its name in addresses, newest change first; names may differ in case."""
    found: dict[str, list[Head]] = {}
    for component, heads in library.by_component.items():
        name = slug(component)
        found[name] = newest_first([*found[name], *heads]) if name in found else heads
    return dict(sorted(found.items()))


def feed_files(edition: Edition, keys: Keys) -> Iterator[Derived]:
    """The file of each feed."""
    for topic in topics(edition):
        path = localise(f"feeds/{topic.id}.atom", edition.language, edition.portal.language)
        yield Derived(path, keys.of((path, topic.title, topic.place), topic.records), partial(_feed, edition, topic, path))


def _feed(edition: Edition, topic: Topic, path: str) -> bytes:
    base = edition.portal.url
    namespaces: dict[str, str] = {None: _ATOM}  # type: ignore[dict-item]
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap=namespaces, attrib={_XML_LANG: edition.language})
    name = edition.portal.text_in(edition.language).name
    _add(feed, "id", base + path)
    _add(feed, "title", f"{name}: {topic.title}")
    records = [edition.library.records[key] for key in topic.records]
    _add(feed, "updated", _stamp(max((record.updated for record in records), default=datetime(2000, 1, 1, tzinfo=UTC))))
    _add(feed, "link", rel="self", type="application/atom+xml", href=base + path)
    _add(feed, "link", rel="alternate", type="text/html", href=_absolute(edition, topic.place))
    author = _add(feed, "author")
    _add(author, "name", edition.portal.vendor)
    for record in records:
        _entry(edition, feed, record)
    return bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _entry(edition: Edition, feed: etree._Element, record: AnyRecord) -> None:
    text = edition.text_of(record)
    entry = _add(feed, "entry")
    _add(entry, "id", _tag(edition, record))
    _add(entry, "title", f"{record.id}: {text.title}")
    _add(entry, "updated", _stamp(record.updated))
    _add(entry, "published", _stamp(record.published))
    _add(entry, "link", rel="alternate", type="text/html", href=_absolute(edition, record.path))
    for chip in edition.chips(record):
        _add(entry, "category", term=f"{chip.kind}:{chip.value}", label=chip.label)
    for link in edition.product_links(record.products):
        _add(entry, "category", term=f"product:{link.href.rstrip('/').rpartition('/')[2]}", label=link.title)
    summary = _add(entry, "summary", text.summary, type="text")
    if edition.lang_attribute(text):
        summary.set(_XML_LANG, text.language)


def _tag(edition: Edition, record: AnyRecord) -> str:
    """A tag URI (RFC 4151) that never changes: host, a fixed year, language, kind and id."""
    host = urlsplit(edition.portal.url).hostname
    return f"tag:{host},2026:{edition.language}/{record.kind}/{record.id}"


def _absolute(edition: Edition, place: str) -> str:
    return edition.href(place).replace(ROOT, edition.portal.url)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attrib=attributes)
    element.text = text
    return element


