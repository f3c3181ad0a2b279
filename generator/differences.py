"""What readers and subscribers would see change: two trees side by side, by record, feed and file for programs."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from lxml import etree

from generator.changes import Tally
from generator.reading import Read, read_record
from generator.tree_state import MARKER
from kb.records import SECTIONS

Effect = Literal["new", "changed", "withdrawn", "gone"]
Digests = Mapping[str, str]

_KINDS = {section: kind for kind, section in SECTIONS.items()}
_RECORD = re.compile(rf"(?:([a-z]{{2,3}}(?:-\w+)?)/)?({'|'.join(_KINDS)})/([^/]*[0-9][^/]*)/index\.html")
_FEED = re.compile(r"(?:.*/)?feeds/[^/]+\.atom")
_FOR_PROGRAMS = re.compile(r"(?:\.well-known|osv|api)/.*(?<!\.asc)(?<!\.sha256)(?<!\.sha512)(?<!\.html)")
_ATOM = "{http://www.w3.org/2005/Atom}"


class FactChange(msgspec.Struct, frozen=True):
    """A line of the facts panel, or the title; empty where it is new or gone."""

    field: str
    before: str
    after: str


class SectionChange(msgspec.Struct, frozen=True):
    """Lines of a section that come (``+``), go (``-``) and stand around them."""

    section: str
    lines: tuple[str, ...]


class RecordChange(msgspec.Struct, frozen=True):
    """A record's page in one language; facts and sections are told of those that have changed."""

    id: str
    kind: str
    language: str
    effect: Effect
    title: str
    facts: tuple[FactChange, ...] = ()
    sections: tuple[SectionChange, ...] = ()


class FeedChange(msgspec.Struct, frozen=True):
    """Titles of entries that are new to a feed's subscribers, that come again because they are updated, and that leave it."""

    path: str
    appear: tuple[str, ...]
    update: tuple[str, ...]
    leave: tuple[str, ...]


class FileChange(msgspec.Struct, frozen=True):
    path: str
    effect: Effect


class Held(msgspec.Struct, frozen=True):
    """A record that stays hidden, for the eyes of its authors only."""

    id: str
    until: datetime


class Differences(msgspec.Struct, frozen=True):
    """``same`` counts changed pages that read as before: their frame, links or scripts are others."""

    records: tuple[RecordChange, ...]
    pages: Tally
    same: int
    feeds: tuple[FeedChange, ...]
    files: tuple[FileChange, ...]
    held: tuple[Held, ...] = ()


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 in hex of all files of a tree by path; none where there is no tree."""
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(folder.rglob("*")) if file.is_file() and file.name != MARKER} if folder.is_dir() else {}


def differences(live: Path, before: Digests, preview: Path, after: Digests, held: Iterable[Held] = ()) -> Differences:
    """What changes from one tree to the other, each given by its folder and the digests of its files."""
    effects: dict[str, Effect] = dict.fromkeys(before.keys() - after.keys(), "gone")
    effects |= {path: "new" if path not in before else "changed" for path, digest in after.items() if before.get(path) != digest}
    records = [*_records(live, preview, effects)]
    pages = [effect for path, effect in effects.items() if path.endswith(".html")]
    told = [record for record in records if record.effect != "changed" or record.facts or record.sections]
    feeds = (_feed(path, live, preview) for path in sorted(effects) if _FEED.fullmatch(path))
    return Differences(
        tuple(told), Tally(pages.count("new"), pages.count("changed"), pages.count("gone")), len(records) - len(told),
        tuple(feed for feed in feeds if feed.appear or feed.update or feed.leave),
        tuple(FileChange(path, effects[path]) for path in sorted(effects) if _FOR_PROGRAMS.fullmatch(path)), tuple(held))


def _records(live: Path, preview: Path, effects: Mapping[str, Effect]) -> Iterator[RecordChange]:
    for path in sorted(effects):
        if match := _RECORD.fullmatch(path):
            effect = effects[path]
            old = read_record((live / path).read_bytes()) if effect != "new" else None
            new = read_record((preview / path).read_bytes()) if effect != "gone" else None
            yield _record(match, effect, old, new)


def _record(match: re.Match[str], effect: Effect, old: Read | None, new: Read | None) -> RecordChange:
    if old and new and "withdrawn" in new.banners - old.banners:
        effect = "withdrawn"
    title = (new or old or _NOTHING).title
    facts, sections = ((), ()) if effect in {"new", "gone"} else (
        tuple(_facts(old or _NOTHING, new or _NOTHING)), tuple(_sections(old or _NOTHING, new or _NOTHING)))
    return RecordChange(match[3], _KINDS[match[2]], match[1] or "", effect, title, facts, sections)


_NOTHING = Read("", {}, {}, frozenset())


def _facts(old: Read, new: Read) -> Iterator[FactChange]:
    if old.title != new.title:
        yield FactChange("title", old.title, new.title)
    for name in dict.fromkeys((*old.facts, *new.facts)):
        before, after = old.facts.get(name, ""), new.facts.get(name, "")
        if before != after:
            yield FactChange(name, before, after)


def _sections(old: Read, new: Read) -> Iterator[SectionChange]:
    for name in dict.fromkeys((*new.sections, *old.sections)):
        before, after = old.sections.get(name, []), new.sections.get(name, [])
        if before != after:
            lines = [line for line in difflib.unified_diff(before, after, n=1, lineterm="")
                     if not line.startswith(("---", "+++", "@@"))]
            yield SectionChange(name, tuple(lines))


def _feed(path: str, live: Path, preview: Path) -> FeedChange:
    old, new = _entries(live / path), _entries(preview / path)
    return FeedChange(path, tuple(title for name, (title, _) in new.items() if name not in old),
                      tuple(title for name, (title, updated) in new.items() if name in old and old[name][1] != updated),
                      tuple(title for name, (title, _) in old.items() if name not in new))


def _entries(file: Path) -> dict[str, tuple[str, str]]:
    """(title, time of the last update) of a feed's entries by id."""
    if not file.is_file():
        return {}
    root = etree.fromstring(file.read_bytes(), etree.XMLParser(resolve_entities=False))
    return {entry.findtext(f"{_ATOM}id", ""): (entry.findtext(f"{_ATOM}title", ""), entry.findtext(f"{_ATOM}updated", ""))
            for entry in root.iterfind(f"{_ATOM}entry")}
