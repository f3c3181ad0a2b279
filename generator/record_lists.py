"""All records that readers see, for programs: ``api/v1/records.json`` and the files that it lists (docs/notify.md).

Records are shared out by their ids, so that a changed record changes one file and the index. No file depends on what other
records say, except whether a link in a line of history leads to one that is shown.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from html import escape

import msgspec

from generator.buckets import even_buckets
from generator.bulletin_history import digest_of, without_targets
from generator.edition import Edition
from generator.keys import Keys
from generator.markdown import Target, Words, plain_text, to_html
from generator.plan import Derived
from kb.heads import Head
from kb.library import Library
from kb.products import Catalogue, Named, Product
from kb.records import AnyRecord, Event, Report, SecurityBulletin, affected_of, severity_of
from kb.resolve import record_target

INDEX = "api/v1/records.json"
FOLDER = "api/v1/records/"
FORMAT = 1
MOST = 256  # records a file
# Markdown that is its own text: words that begin and end as such, with punctuation between them.
_PLAIN = re.compile(r"(?!\d+[.)]( |$))[^\W_](?:[^\W_]|[,.;:/()-](?=[^\W_])|[,.;:/()]? (?=[^\W_])|[.)]$)*")
_HISTORY = frozenset({"history", "revisions"})  # fields whose last line is told


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last line of a record's history: plain text in the record's own language, number of a revision."""

    date: datetime
    text: str
    number: str = ""


class Listed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record as programs see it. ``path`` is its address below the root of a language, ``titles`` and ``summaries`` are by
    language, ``language`` is that of the original. ``trains`` are those of the releases that it affects, is fixed in or applies
    to, by product. ``digest`` changes with all that its page says by itself; times are UTC."""

    id: str
    kind: str
    path: str
    published: datetime
    updated: datetime
    status: str
    language: str
    titles: dict[str, str]
    summaries: dict[str, str]
    digest: str
    severity: str = ""
    type: str = ""
    products: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    trains: dict[str, tuple[str, ...]] = {}
    aliases: tuple[str, ...] = ()
    change: Change | None = None


class RecordFile(msgspec.Struct, frozen=True):
    """A file with its ``format`` and records."""

    format: int
    records: tuple[Listed, ...]


class FileEntry(msgspec.Struct, frozen=True):
    """A file that the index lists: its path below the root, SHA-256 in hex, number of records."""

    path: str
    sha256: str
    records: int


class Name(msgspec.Struct, frozen=True, omit_defaults=True):
    """An id with what it is called: names by language, and other names that people may write."""

    id: str
    names: dict[str, str]
    aliases: tuple[str, ...] = ()


class ProductNames(Name, frozen=True, omit_defaults=True):
    """A product with its platforms, the components of which reports are shown, and the ids of its release trains."""

    platforms: tuple[Name, ...] = ()
    components: tuple[Name, ...] = ()
    trains: tuple[str, ...] = ()


class RecordIndex(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ``records.json`` says: of the portal, with names by language, the default one first; of its products; ``updated``,
    the newest change of a record; the files with the records; the WebSub hub of its feeds, where there is one."""

    format: int
    url: str
    names: dict[str, str]
    vendor: str
    timezone: str
    updated: datetime | None
    products: tuple[ProductNames, ...]
    files: tuple[FileEntry, ...]
    hub: str = ""


def record_files(edition: Edition, keys: Keys, digest_of_file: Callable[[str], str]) -> Iterator[Derived]:
    """The files of records, then the index, for which ``digest_of_file`` gives the SHA-256 of the files that stand by then."""
    library = edition.library
    heads, sizes = library.heads, dict[str, int]()
    sources = {name: digest for name, (digest, _path) in zip(heads, library.sources, strict=True)}
    linking = {name for name, head in heads.items() if head.links}
    for bits, own in even_buckets(heads, MOST).items():
        path = f"{FOLDER}{bits or 'all'}.json"
        sizes[path] = len(own)
        links = [*_led_to(library, [name for name in own if name in linking])]
        facts = ("records", own, b"".join([sources[name] for name in own]), links)
        key = keys.of(facts, own if library.view.drafts else ())  # embargoed or not; else their sources say it all
        yield Derived(path, key, partial(_records, edition, own))
    updated = library.newest_first[0].updated if heads else None
    yield Derived(INDEX, "", partial(_index, library, updated, sizes, digest_of_file))


def _led_to(library: Library, own: Iterable[str]) -> Iterator[str | None]:
    """What the links in histories lead to."""
    heads = library.heads
    for name in own:
        for link in heads[name].links:
            if link.field in _HISTORY:
                yield record_target(link.target, library.records, library.names)


def _index(library: Library, updated: datetime | None, sizes: dict[str, int], digest_of_file: Callable[[str], str]) -> bytes:
    portal = library.portal
    names = {language: portal.text_in(language).name for language in portal.languages}
    files = tuple(FileEntry(path, digest_of_file(path), size) for path, size in sizes.items())
    index = RecordIndex(FORMAT, portal.url, names, portal.vendor, portal.timezone, updated, tuple(_products(library)), files,
                        portal.feeds.hub)
    return msgspec.json.format(msgspec.json.encode(index), indent=1) + b"\n"


def _products(library: Library) -> Iterator[ProductNames]:
    languages = library.portal.languages
    shown = {name.casefold() for name in library.by_component}
    for product in library.catalogue.products:
        components = (item for item in product.components if item.id.casefold() in shown)
        trains = dict.fromkeys((*(train.id for train in product.trains), *(release.train for release in product.releases)))
        yield ProductNames(product.id, names_of(product, languages), product.aliases, named(product.platforms, languages),
                           named(components, languages), tuple(trains))


def names_of(item: Named | Product, languages: Iterable[str]) -> dict[str, str]:
    """What something is called, by language."""
    return {language: item.name_in(language) for language in languages}


def named(items: Iterable[Named], languages: Iterable[str]) -> tuple[Name, ...]:
    """What platforms and components are called."""
    return tuple(Name(item.id, names_of(item, languages), item.aliases) for item in items)


def _records(edition: Edition, own: Sequence[str]) -> bytes:
    library = edition.library
    lines = (msgspec.json.encode(listed(edition, library.heads[name], library.records[name])) for name in own)
    return b'{"format":%d,"records":[\n%b\n]}\n' % (FORMAT, b",\n".join(lines))  # a line for each record


def listed(edition: Edition, head: Head, record: AnyRecord) -> Listed:
    """A record of the library as programs see it."""
    library = edition.library
    return Listed(
        id=record.id, kind=record.kind, path=record.path, published=record.published, updated=record.updated,
        status="embargoed" if library.is_embargoed(head) else record.status, language=record.text.language,
        titles={text.language: text.title for text in record.texts},
        summaries={text.language: text.summary for text in record.texts}, digest=_digest(record),
        severity=severity_of(record), type=head.type, products=record.products, platforms=record.platforms,
        components=(head.component,) if head.component else (), trains=_trains(library.catalogue, head), aliases=head.names,
        change=_change(edition, record))


def _digest(record: AnyRecord) -> str:
    """Of what the record's own files tell readers, without where their links lead, which comes and goes with other records."""
    if isinstance(record, SecurityBulletin):
        return digest_of(record)
    texts = [(text.language, text.title, text.summary,
              [(part.key, part.title, _told(part.markdown)) for part in text.sections]) for text in record.texts]
    facts = [getattr(record, name, None) for name in (
        "status", "severity", "type", "component", "products", "platforms", "releases", "applies_to", "version", "aliases")]
    events = [(event.date, _told(event.text)) for event in getattr(record, "history", ())]
    return hashlib.sha256(msgspec.msgpack.encode((texts, facts, events, affected_of(record)))).hexdigest()


def _told(markdown: str) -> str:
    return without_targets(markdown) if "[" in markdown or "<" in markdown else markdown  # no link is without one of them


def _trains(catalogue: Catalogue, head: Head) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for exposed in head.exposed:
        if product := catalogue.find(exposed.product):
            runs = [*zip(*[iter(array("I", exposed.affected))] * 2, strict=True),
                    *((place, place + 1) for place in array("I", exposed.fixed))]
            found[product.id] = _named(product.train_stretches, runs)
    for name in head.products if head.releases else ():
        if product := catalogue.find(name):
            trains = (known.train for release in head.releases if (known := product.release(release)))
            found[product.id] = tuple(dict.fromkeys((*found.get(product.id, ()), *trains)))
    return {product: trains for product, trains in found.items() if trains}


def _named(stretches: Sequence[tuple[str, int, int]], runs: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """The trains in which runs of places lie, in the order of releases."""
    starts = [first for _train, first, _end in stretches]
    places = {at for first, end in runs for at in range(bisect_right(starts, first) - 1, bisect_right(starts, end - 1))}
    return tuple(dict.fromkeys(stretches[at][0] for at in sorted(places)))


def _change(edition: Edition, record: AnyRecord) -> Change | None:
    events: tuple[Event, ...] = ()
    if isinstance(record, SecurityBulletin):
        events = record.revisions
    elif isinstance(record, Report):
        events = record.history
    return Change(events[-1].date, _plain(edition.library, events[-1].text), events[-1].number) if events else None


def _plain(library: Library, markdown: str) -> str:
    """A line of history as plain text; records that it links to without words go by their ids."""

    def target(address: str) -> Target | None:
        key = record_target(address, library.records, library.names)
        return Target("#", escape(library.heads[key].id)) if key else Target("")

    if _PLAIN.fullmatch(markdown):
        return markdown
    return plain_text(to_html(markdown, target, Words(table=""), set()))
