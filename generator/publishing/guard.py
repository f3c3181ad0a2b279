"""Holds what is to be published to what is published: the rules of ``generator.history_rules`` for all records, and addresses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

import msgspec

from generator.history_rules import Known, Terms, aliases_of, changed, vanished
from generator.publishing.manifest import Manifest, PortalFacts
from kb.findings import Finding
from kb.records import normal_id

# Addresses that people and programs keep: pages, feeds, calendars, documents, lists. What is named by its content or is part of
# a list that is cut anew does not count.
_KEPT = re.compile(r".*(?:\.html|\.atom|\.rss|\.ics|\.opml)|(?:.*/)?feeds/.*\.json|\.well-known/.*|osv/.*|api/v1/[^/]+")
_PASSING = re.compile(r"(?:.*/)?(?:page/\d+/|feeds/archive/).*|404\.html|.*\.(?:gz|br|zst)")
_TAG = re.compile(r"tag:[^:]*:")
_FOLDER = 3  # addresses of a folder that is gone as a whole are told as one from so many on


class Objection(msgspec.Struct, frozen=True):
    """A finding and the name under which ``--force`` lets it through; ``record`` is the id of the record that it is about."""

    item: str
    finding: Finding
    record: str = ""


def objections(before: Manifest, portals: Mapping[str, PortalFacts], files: Collection[str], now: datetime) -> list[Objection]:
    """All that the new version may not do to the published one."""
    found: list[Objection] = []
    for name, old in before.portals.items():
        new = portals.get(name)
        if new is None:
            place = f"audience:{name}" if name else "portal"
            found.append(_objection(place, f"{name}/" if name else "/", "", name, "has been published as a portal here and "
                                    "is none any more", "build all audiences that are published here, in the same layout"))
            continue
        prefix = f"{name}/" if name else ""
        gone = {path.removeprefix(prefix) for path in before.files if path.startswith(prefix) and path not in files}
        found += [*_records(old, new, prefix, now), *_addresses(gone, files, new, prefix)]
    return sorted(set(found), key=lambda objection: (objection.item, objection.finding))


def _objection(item: str, path: str, field: str, value: str, reason: str, remedy: str, record: str = "") -> Objection:
    remedy += f", or publish with --force {item} --reason TEXT"
    return Objection(item, Finding(path, 0, field, value, reason, remedy), record)


def _records(old: PortalFacts, new: PortalFacts, prefix: str, now: datetime) -> Iterator[Objection]:
    shown = {record.id: record for record in new.records}
    merged = aliases_of(new.records)
    terms = Terms(now, now)
    moved = _moved_feeds(old, shown)
    if moved:
        for tag, count in moved.items():
            yield _objection(tag, prefix or "/", "feeds", tag, f"began the ids of {count:,} published feed entries, which begin "
                             "otherwise now: readers would see all of them again", "keep the host of url in portal.yml")
    for record in old.records:
        if not terms.concerns(record):
            continue
        after = shown.get(record.id)
        if after is None and normal_id(record.id) in merged:
            continue  # it goes by the name of another record now; its address is looked at by itself
        found = changed(record, after, old.format == new.format, terms) if after else vanished(record, "id", terms)
        for field, value, reason, remedy in found:
            if field != "feeds" or not moved:
                yield _objection(record.id, f"{prefix}{record.path}", field, value, reason, remedy, record.id)


def _moved_feeds(old: PortalFacts, shown: Mapping[str, Known]) -> dict[str, int]:
    """Beginnings of ids that changed for all records alike, as when the portal's host is another, and how many did."""
    counts: dict[str, int] = defaultdict(int)
    for record in old.records:
        for language, name in record.entries.items():
            other = shown[record.id].entries.get(language, name) if record.id in shown else name
            if other == name:
                continue
            match = _TAG.match(name)
            if not match or not other.endswith(name[match.end():]):
                return {}
            counts[match[0]] += 1
    return counts if sum(counts.values()) > 1 else {}


def _addresses(gone: Collection[str], files: Collection[str], new: PortalFacts, prefix: str) -> Iterator[Objection]:
    led = {old.strip("/").casefold() for old in new.redirects}
    lost = {address for path in gone if _KEPT.fullmatch(path) and not _PASSING.fullmatch(path)
            and (address := path.removesuffix("index.html")).strip("/").casefold() not in led}
    if not lost:
        return
    standing = {folder for path in files if path.startswith(prefix) for folder in _above(path.removeprefix(prefix))}
    groups: dict[str, list[str]] = defaultdict(list)
    for address in sorted(lost):
        groups[next((folder for folder in reversed([*_above(address)]) if folder not in standing), "")].append(address)
    for folder, addresses in groups.items():
        if folder and len(addresses) >= _FOLDER:
            yield _objection(f"/{prefix}{folder}*", f"{prefix}{folder}", "", f"/{folder}*",
                             f"is the beginning of {len(addresses):,} published addresses, none of which leads anywhere now",
                             "lead them on in redirects.yml")
            continue
        for address in addresses:
            yield _objection(f"/{prefix}{address}", f"{prefix}{address}", "", f"/{address}",
                             "has been published and leads nowhere now", "lead it on in redirects.yml")


def _above(path: str) -> Iterator[str]:
    """The folders in which a file is, each with / at its end, the innermost first."""
    folder = path.rpartition("/")[0]
    while folder:
        yield f"{folder}/"
        folder = folder.rpartition("/")[0]
