"""Feeds as Atom 1.0 (RFC 4287) with archives (RFC 5005), RSS 2.0 and JSON Feed 1.1.

An entry is made once and stands in many feeds: documents are put together from the bytes of their entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

import msgspec
from lxml import etree

from generator.feed_entries import Entry
from kb.fields import instant

FORMATS: Final = ("atom", "rss", "json")
MEDIA_TYPES: Final = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
NAMES: Final = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}

_ATOM, _DC, _HISTORY = "http://www.w3.org/2005/Atom", "http://purl.org/dc/elements/1.1/", "http://purl.org/syndication/history/1.0"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NONE = datetime(2000, 1, 1, tzinfo=UTC)  # of a feed without entries, which has to have a time
_ENCODER = msgspec.json.Encoder()


class Feed(msgspec.Struct, frozen=True):
    """A feed without its entries; addresses are absolute but ``style``. ``id`` is that of an Atom feed, ``by_publication`` says
    which time orders the entries; ``archive`` marks an archive document of the feed at ``current``."""

    id: str
    url: str
    home: str
    title: str
    description: str
    language: str
    author: str
    style: str
    hub: str = ""
    by_publication: bool = False
    archive: bool = False
    current: str = ""
    previous: str = ""
    next: str = ""


# -- Atom --------------------------------------------------------------------------------------------


def atom(feed: Feed, updated: datetime | None, entries: Sequence[bytes]) -> bytes:
    """An Atom document; ``entries`` as ``atom_entry`` makes them, ``updated`` is the time of the newest."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap=_names({None: _ATOM, **({"fh": _HISTORY} if feed.archive else {})}),
                         attrib={_LANG: feed.language})
    _atom(root, "id", feed.id)
    _atom(root, "title", feed.title)
    _atom(root, "subtitle", feed.description)
    _atom(root, "updated", instant(updated or _NONE))
    if feed.archive:
        etree.SubElement(root, f"{{{_HISTORY}}}archive")
    for relation, href, kind in (("self", feed.url, MEDIA_TYPES["atom"]), ("alternate", feed.home, "text/html"),
                                 ("hub", feed.hub, ""), ("current", feed.current, MEDIA_TYPES["atom"]),
                                 ("prev-archive", feed.previous, MEDIA_TYPES["atom"]),
                                 ("next-archive", feed.next, MEDIA_TYPES["atom"])):
        if href:
            _atom(root, "link", rel=relation, href=href, **({"type": kind} if kind else {}))
    author = _atom(root, "author")
    _atom(author, "name", feed.author)
    return _document(root, "feed", feed.style, entries)


def atom_entry(entry: Entry, author: str) -> bytes:
    element = etree.Element(f"{{{_ATOM}}}entry", nsmap=_names({None: _ATOM}))
    _atom(element, "id", entry.id)
    title = _atom(element, "title", entry.title)
    _atom(element, "updated", instant(entry.updated))
    _atom(element, "published", instant(entry.published))
    _atom(element, "link", rel="alternate", type="text/html", href=entry.url, **(
        {"hreflang": entry.language} if entry.language else {}))
    by = _atom(element, "author")
    _atom(by, "name", author)
    for term, label in entry.categories:
        _atom(element, "category", term=term, label=label)
    summary = _atom(element, "summary", entry.html, type="html")
    for own in (title, summary) if entry.language else ():
        own.set(_LANG, entry.language)
    return _bare(element)


def _atom(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attrib=attributes)
    element.text = text
    return element


# -- RSS ---------------------------------------------------------------------------------------------


def rss(feed: Feed, updated: datetime | None, items: Sequence[bytes]) -> bytes:
    """An RSS document; ``items`` as ``rss_item`` makes them."""
    root = etree.Element("rss", nsmap=_names({"atom": _ATOM, "dc": _DC}), attrib={"version": "2.0", _LANG: feed.language})
    channel = etree.SubElement(root, "channel")
    for name, text in (("title", feed.title), ("link", feed.home), ("description", feed.description), ("language", feed.language),
                       ("lastBuildDate", _rfc_822(updated or _NONE))):
        etree.SubElement(channel, name).text = text
    for relation, href, kind in (("self", feed.url, MEDIA_TYPES["rss"]), ("hub", feed.hub, "")):
        if href:
            _atom(channel, "link", rel=relation, href=href, **({"type": kind} if kind else {}))
    return _document(root, "channel></rss", feed.style, items)


def rss_item(entry: Entry, author: str, by_publication: bool) -> bytes:
    """An item; its date is the one that orders the feed."""
    item = etree.Element("item", nsmap=_names({"atom": _ATOM, "dc": _DC}))
    etree.SubElement(item, "title").text = entry.title
    etree.SubElement(item, "link").text = entry.url
    etree.SubElement(item, "guid", attrib={"isPermaLink": "false"}).text = entry.id
    etree.SubElement(item, "pubDate").text = _rfc_822(entry.published if by_publication else entry.updated)
    etree.SubElement(item, f"{{{_ATOM}}}published").text = instant(entry.published)
    etree.SubElement(item, f"{{{_ATOM}}}updated").text = instant(entry.updated)
    etree.SubElement(item, f"{{{_DC}}}creator").text = author
    if entry.language:
        etree.SubElement(item, f"{{{_DC}}}language").text = entry.language
    for term, label in entry.categories:
        etree.SubElement(item, "category", attrib={"domain": term.partition(":")[0]}).text = label
    etree.SubElement(item, "description").text = entry.html
    return _bare(item)


def _rfc_822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


# -- JSON --------------------------------------------------------------------------------------------


def json(feed: Feed, updated: datetime | None, items: Sequence[bytes]) -> bytes:
    """A JSON Feed; ``items`` as ``json_item`` makes them. The format has no time of the feed."""
    found = {"version": "https://jsonfeed.org/version/1.1", "title": feed.title, "home_page_url": feed.home, "feed_url": feed.url,
             "description": feed.description, "language": feed.language, "authors": [{"name": feed.author}],
             **({"hubs": [{"type": "WebSub", "url": feed.hub}]} if feed.hub else {}),
             "items": [msgspec.Raw(item) for item in items]}
    return _ENCODER.encode(found) + b"\n"


def json_item(entry: Entry, author: str) -> bytes:
    found = {"id": entry.id, "url": entry.url, "title": entry.title, "summary": entry.summary, "content_html": entry.html,
             "date_published": instant(entry.published), "date_modified": instant(entry.updated), "authors": [{"name": author}],
             "tags": [label for _term, label in entry.categories], **({"language": entry.language} if entry.language else {})}
    return _ENCODER.encode(found)


# -- XML ---------------------------------------------------------------------------------------------


def _names(prefixes: dict[str | None, str]) -> dict[str, str]:
    return prefixes  # type: ignore[return-value]  # the stubs know no default namespace


def _document(root: etree._Element, ends_with: str, style: str, entries: Sequence[bytes]) -> bytes:
    """The document with its entries before the end tags."""
    end = f"</{ends_with}>".encode()
    data = etree.tostring(root, encoding="utf-8")
    assert data.endswith(end)
    look = b'<?xml-stylesheet type="text/css" href="%b"?>\n' % style.encode() if style else b""
    return b"".join((b'<?xml version="1.0" encoding="utf-8"?>\n', look,
                     data.removesuffix(end), b"\n", *entries, end, b"\n"))


def _bare(element: etree._Element) -> bytes:
    """An entry on its lines, without the namespaces that its document declares."""
    data = bytes(etree.tostring(element, encoding="utf-8", pretty_print=True))
    for prefix, uri in element.nsmap.items():
        name = f":{prefix}" if prefix else ""
        data = data.replace(f' xmlns{name}="{uri}"'.encode(), b"", 1)
    return data
