"""What has been published stays true (invariant 6): the rules, whoever asks.

A build asks them of the tree that it replaces (``generator.bulletin_history``), ``waypost publish`` of the manifest of what is
published (``generator.publishing.guard``), ``waypost check --published`` of either.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from kb.bulletins import revision_key
from kb.fields import instant
from kb.findings import shorten
from kb.records import normal_id

ALL = "all"
_WORD = re.compile(r"[^\W_]{2,}")
Broken = tuple[str, str, str, str]  # field, value, reason, remedy


class Published(msgspec.Struct, frozen=True):
    """A record that is published; times in UTC, ``digest`` the SHA-256 of what its source says, "" where that may change at
    any time, as that of an article may."""

    id: str
    kind: str
    status: str
    published: datetime
    updated: datetime
    revision: str
    digest: str


class Known(Published, frozen=True, omit_defaults=True):
    """What more is known of a record: ``path`` is its address below the root of a language, ``entries`` are the ids of its feed
    entries by language, ``document`` is the version of its CSAF document."""

    path: str = ""
    titles: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    entries: dict[str, str] = {}
    document: str = ""


class Terms(msgspec.Struct, frozen=True):
    """On what terms a portal may replace another: ``at`` is its time, ``now`` that of the clock (None: of no importance);
    ``allowed`` are ids of records whose history it may rewrite, or ``ALL``."""

    at: datetime
    now: datetime | None = None
    allowed: Collection[str] = ()

    def allows(self, record_id: str) -> bool:
        return ALL in self.allowed or normal_id(record_id) in map(normal_id, self.allowed)

    def concerns(self, old: Published) -> bool:
        """Whether the record counts; a preview of the future has shown it to nobody."""
        return not (self.now and old.published > self.now) and not self.allows(old.id)


def changed(old: Published, new: Published, comparable: bool, terms: Terms) -> list[Broken]:
    """What a record says otherwise than is published and may not. ``comparable`` are their digests where programs of the same
    format made them."""
    if new.kind != old.kind:
        return [("id", new.id, f"has been published as {old.kind}", "give this one another id and supersede the old one"),
                *_moved(old, new)]
    found = _moved(old, new)
    if old.digest:
        found += _revised(old, new, comparable, terms)
    if isinstance(old, Known) and isinstance(new, Known):
        found += [*_reused(old, new), *_told_anew(old, new)]
    return found


def aliases_of(records: Iterable[Published]) -> set[str]:
    """Other names of records: one of that id has become part of another."""
    return {normal_id(alias) for record in records if isinstance(record, Known) for alias in record.aliases
            if normal_id(alias) != normal_id(record.id)}


def _moved(old: Published, new: Published) -> list[Broken]:
    if new.published == old.published:
        return []
    return [("publish_at" if old.digest else "created", instant(new.published), "is not when it was first published",
             f"write {instant(old.published)}")]


def _revised(old: Published, new: Published, comparable: bool, terms: Terms) -> list[Broken]:
    if old.revision and revision_key(new.revision or "0") < revision_key(old.revision):
        return [("revisions", new.revision, f"goes back: revision {old.revision} has been published",
                 "restore its entry and add one")]
    if new.revision == old.revision and comparable and new.digest != old.digest:
        return [("revisions", new.revision, "is published already, and the bulletin has changed since",
                 "add an entry that says what changed")]
    if new.revision != old.revision and new.updated <= old.updated:
        later = max(terms.at, old.updated + timedelta(minutes=1))
        return [("revisions", new.revision,
                 f"is not later than the state that is published ({instant(old.updated)}), so programs that ask for changes "
                 "would miss it", f"give its date a time, such as {instant(later)}")]
    return []


def _reused(old: Known, new: Known) -> list[Broken]:
    """A title that shares no word with the published one, for other products: the id has got another record."""
    if not (old.titles and new.titles) or _words(old.titles) & _words(new.titles) or {*old.products} & {*new.products}:
        return []
    return [("id", new.id, f"has been published as '{shorten(old.titles[0], 50)}' and now names "
             f"'{shorten(new.titles[0], 50)}', for other products", "give this record an id of its own")]


def _words(titles: Sequence[str]) -> set[str]:
    return {word.casefold() for title in titles for word in _WORD.findall(title)}


def _told_anew(old: Known, new: Known) -> list[Broken]:
    found = []
    for language, name in old.entries.items():
        if (other := new.entries.get(language)) and other != name:
            found.append(("feeds", other, f"is not the id of its feed entry: {name} has been published, and readers would see "
                          "the record again", "keep url and id as they were"))
    if old.document and new.document and revision_key(new.document) < revision_key(old.document):
        found.append(("csaf", new.document, f"goes back: its CSAF document has been published as version {old.document}",
                      "restore its revisions and add one"))
    return found


def vanished(old: Published, field: str, terms: Terms) -> list[Broken]:
    """What is wrong with a record that is not shown any more. ``field`` is that of its file which hides it."""
    if old.published > terms.at:
        return [("publish_at", old.id, f"is public since {instant(old.published)}, after the time of this build",
                 "write a preview of an earlier time into another --out")]
    way = {"article": "write 'status: retired', which keeps its page", "report": "restore its file; a closed one keeps its page"}
    return [(field, old.id, "has been published and may not vanish",
             way.get(old.kind, "write 'status: withdrawn', which keeps its page"))]
