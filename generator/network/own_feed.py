"""A feed of one's own (Atom 1.0): an entry for each device and record that affects it.

The file is its own memory: what it holds has been told. An entry keeps its id; it stays while the record affects the device, and
after that as one of the newest GONE.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from html import escape
from pathlib import Path

import msgspec
from lxml import etree

from generator.feed_entries import Entry
from generator.feed_formats import Feed, atom, atom_entry
from generator.i18n import Speaker
from generator.network.report import Line, Report, Reported
from kb.atomic import write_atomically
from kb.fields import parse_instant
from kb.findings import Finding, SourceError
from kb.printable import printable_line

GONE = 1_000  # entries of what no longer affects a device
MOST = 50_000  # entries
MOST_BYTES = 200_000_000
_ATOM = "{http://www.w3.org/2005/Atom}"
_AUTHOR = "Waypost"


class Change(msgspec.Struct, frozen=True):
    """Numbers of entries that came, and of those that are kept as history since this run."""

    new: int
    gone: int


def update_feed(file: Path, whole: Report, shown: Report) -> Change:
    """Brings the feed up to date. ``whole`` is the report on all records, ``shown`` that on those which may come as new. Raises
    SourceError where the file is something else or the feed too large, OSError."""
    feed_id = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, whole.portal + '#my-network')}"
    before = _entries_of(file, feed_id)
    due = {_id(whole, key, line) for key, _device, line in shown.hits()} | before.keys()
    entries: dict[str, Entry] = {}
    for key, device, line in whole.hits():
        entry_id = _id(whole, key, line)
        if entry_id in due and entry_id not in entries:
            if len(entries) == MOST:
                reason = f"would have more than {MOST:,} entries"
                raise SourceError(Finding(str(file), 0, "", "", reason, "tell of less with --since"))
            entries[entry_id] = _entry(whole, entry_id, device, line, before.get(entry_id))
    gone = _newest(entry for entry_id, entry in before.items() if entry_id not in entries)[:GONE]
    data = _document(feed_id, whole, _newest([*entries.values(), *gone]))
    if not file.is_file() or file.read_bytes() != data:
        write_atomically(file, data, durable=True)
    return Change(len(entries.keys() - before.keys()), len(gone))


def _id(report: Report, key: str, line: Line) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{report.portal}#{key}#{line.id}')}"


def _newest(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.updated, entry.id), reverse=True)


def _document(feed_id: str, report: Report, entries: list[Entry]) -> bytes:
    title = Speaker(report.language).text("My network: what affects it")
    feed = Feed(feed_id, "", report.portal, title, report.portal, report.language, _AUTHOR, "")
    return atom(feed, entries[0].updated if entries else None, [atom_entry(entry, _AUTHOR) for entry in entries])


def _entry(report: Report, entry_id: str, device: Reported, line: Line, before: Entry | None) -> Entry:
    told, speaker = report.records[line.id], Speaker(report.language)
    updated = _midnight(told.updated)
    name = printable_line(device.name)
    title = speaker.text("{record} affects {device}: {title}", record=line.id, device=name, title=printable_line(told.title))
    said = f"{name}, {device.product} {printable_line(device.written)}: {printable_line(line.why)}"
    published = min(before.published, updated) if before else updated
    return Entry(entry_id, title, told.url, published, updated, said, f"<p>{escape(said)}</p>",
                 tuple((term, term) for term in (told.kind, told.severity) if term))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _entries_of(file: Path, feed_id: str) -> dict[str, Entry]:
    """The entries by id; none where there is no file."""
    if not file.exists():
        return {}
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ValueError("too large")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        root = etree.fromstring(file.read_bytes(), parser)
        if root.tag != f"{_ATOM}feed" or root.findtext(f"{_ATOM}id") != feed_id:
            raise ValueError("another feed")
        entries = [_read(element) for element in root.iterfind(f"{_ATOM}entry")]
    except (etree.XMLSyntaxError, ValueError, AttributeError):
        raise SourceError(Finding(str(file), 0, "", "", "is not the feed that this command has written for this portal",
                                  "name another file for --feed")) from None
    return {entry.id: entry for entry in entries}


def _read(element: etree._Element) -> Entry:
    """An entry as ``atom_entry`` has written it; raises ValueError (Wrong) and AttributeError for others."""

    def part(name: str) -> str:
        found = element.findtext(f"{_ATOM}{name}")
        if found is None:
            raise ValueError(f"no {name}")
        return found

    link = element.find(f"{_ATOM}link")
    url = link.get("href") if link is not None else None
    if not url:
        raise ValueError("no link")
    categories = tuple((item.get("term") or "", item.get("label") or "") for item in element.iterfind(f"{_ATOM}category"))
    published, updated = (parse_instant(part(name)) for name in ("published", "updated"))
    return Entry(part("id"), part("title"), url, published, updated, "", part("summary"), categories)
