"""The files of feeds: by topic in two views and three formats, archives, one a record, the list of all as OPML, the style sheet.

``feeds/<topic>.<format>`` has the updates of a topic, ``feeds/new/<topic>.<format>`` its new records,
``feeds/archive/<topic>/<name>.atom`` older ones (generator.feed_windows); ``feeds/pr/<id>.atom`` and
``feeds/advisories/<id>.atom`` have the changes of one record. Addresses and ids of entries stay for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from generator.edition import Edition
from generator.feed_entries import Entry, address, change_entries, record_entry, title_of
from generator.feed_formats import FORMATS, Feed, atom, atom_entry, json, json_item, rss, rss_item
from generator.feed_style import style_sheet
from generator.feed_windows import Part, Windows
from generator.keys import Keys
from generator.memory import Memory
from generator.opml import opml
from generator.plan import Derived
from generator.topics import Topic, topics
from kb.heads import Head
from kb.records import SECTIONS, AnyRecord

OPML, STYLE = "feeds/feeds.opml", "feeds/feed.css"
_DOCUMENTS = {"atom": atom, "rss": rss, "json": json}


def feed_files(edition: Edition, keys: Keys, windows: Windows) -> Iterator[Derived]:
    """All feeds of an edition; ``windows`` are those of its library."""
    maker, found = _Maker(edition, keys, windows), list(topics(edition))
    for topic in found:
        yield from maker.topic(topic)
    yield from maker.records()
    lists = [(topic.group, topic.full_title, topic.id, topic.place) for topic in found]
    yield Derived(edition.root + OPML, keys.of((OPML, lists)), partial(opml, edition, found))
    yield Derived(edition.root + STYLE, keys.of(STYLE), partial(style_sheet, edition))


def has_own_feed(edition: Edition, record: Head | AnyRecord) -> bool:
    """Whether a record's page offers a feed of this record alone."""
    return edition.portal.feeds.has_own(record.kind, record.status)


def own_feed(record: Head | AnyRecord) -> str:
    """The feed of a record by its place below ``feeds/``, without ending."""
    return f"{SECTIONS[record.kind]}/{record.id}"


class _Maker:
    """Plans the feeds of an edition. Entries are made when a feed is, and kept for the next."""

    def __init__(self, edition: Edition, keys: Keys, windows: Windows) -> None:
        self._edition, self._keys, self._windows = edition, keys, windows
        self._entries: Memory[str, Entry] = Memory(5_000)
        self._made: Memory[tuple[str, str], bytes] = Memory()

    def topic(self, topic: Topic) -> Iterator[Derived]:
        views, root = self._windows.views(topic.id), self._edition.root
        archives = [f"{root}feeds/archive/{topic.id}/{name}.atom" for name, _part in views.archives]
        newest = archives[-1] if archives else ""
        for folder, part in (("feeds/", views.updates), ("feeds/new/", views.new)):
            for name in FORMATS:
                path = f"{root}{folder}{topic.id}.{name}"
                key = self._keys.of((path, topic.full_title, topic.place, newest, part.digest))
                yield Derived(path, key, partial(self._view, topic, path, name, part, newest))
        parts = [part for _name, part in views.archives]
        for part, path, previous, following in zip(parts, archives, ("", *archives), (*archives[1:], ""), strict=False):
            key = self._keys.of((path, topic.full_title, topic.place, previous, following, part.digest))
            yield Derived(path, key, partial(self._archive, topic, path, part, previous, following))

    def records(self) -> Iterator[Derived]:
        """The feeds of single records. A report keeps its feed for a year after the last change: the fix is in it."""
        root, base = self._edition.root, self._keys.base
        for head, told in self._windows.own:
            yield Derived(f"{root}feeds/{own_feed(head)}.atom", base + told, partial(self._record, head))

    def _view(self, topic: Topic, path: str, name: str, part: Part, archive: str) -> bytes:
        say, by_publication = self._edition.say, "/new/" in path
        title = say("{topic}: new records", topic=topic.full_title) if by_publication else topic.full_title
        description = (say("New records: {topic}.", topic=topic.full_title) if by_publication
                       else say("New and changed records: {topic}.", topic=topic.full_title))
        feed = self._feed(path, topic.place, title, description, by_publication=by_publication,
                          previous=archive if name == "atom" else "")
        return self._document(name, feed, part)

    def _archive(self, topic: Topic, path: str, part: Part, previous: str, following: str) -> bytes:
        current = f"{self._edition.root}feeds/new/{topic.id}.atom"
        feed = self._feed(path, topic.place, self._edition.say("{topic}: archive", topic=topic.full_title),
                          self._edition.say("Older records: {topic}.", topic=topic.full_title), feed_id=current,
                          by_publication=True, archive=True, current=current, previous=previous, following=following)
        return self._document("atom", feed, part)

    def _record(self, head: Head) -> bytes:
        edition = self._edition
        record = edition.library.records[head.key]
        title = title_of(edition, record)
        entries = change_entries(edition, record)
        feed = self._feed(f"{edition.root}feeds/{own_feed(head)}.atom", head.path, title,
                          edition.say("The changes of {record}.", record=record.id))
        made = [atom_entry(entry, edition.portal.vendor) for entry in entries]
        return atom(feed, max(entry.updated for entry in entries), made)

    def _feed(self, path: str, place: str, title: str, description: str, feed_id: str = "", by_publication: bool = False,
              archive: bool = False, current: str = "", previous: str = "", following: str = "") -> Feed:
        edition = self._edition
        portal = edition.portal

        def whole(path: str) -> str:
            return portal.url + path if path else ""

        up = "../" * (path.removeprefix(edition.root).count("/") - 1)
        return Feed(
            id=whole(feed_id or path), url=whole(path), home=address(edition, place),
            title=f"{portal.text_in(edition.language).name}: {title}", description=description, language=edition.language,
            author=portal.vendor, style=up + "feed.css", hub="" if archive else portal.feeds.hub, by_publication=by_publication,
            archive=archive, current=whole(current), previous=whole(previous), next=whole(following))

    def _document(self, name: str, feed: Feed, part: Part) -> bytes:
        heads = self._windows.heads(part)
        updated = max((head.updated for head in heads), default=None)
        return _DOCUMENTS[name](feed, updated, [self._entry(name, feed.by_publication, head.key) for head in heads])

    def _entry(self, name: str, by_publication: bool, key: str) -> bytes:
        form = f"{name} {by_publication}" if name == "rss" else name
        found = self._made.get((form, key))
        if found is None:
            entry = self._entries.get(key) or self._entries.keep(
                key, record_entry(self._edition, self._edition.library.records[key]))
            found = self._made.keep((form, key), _made(entry, name, self._edition.portal.vendor, by_publication))
        return found


def _made(entry: Entry, name: str, author: str, by_publication: bool) -> bytes:
    if name == "rss":
        return rss_item(entry, author, by_publication)
    return atom_entry(entry, author) if name == "atom" else json_item(entry, author)
