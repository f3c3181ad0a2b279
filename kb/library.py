"""The library: the records that one audience sees at one time, with everything between them resolved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Literal
from urllib.parse import unquote

import msgspec

from kb.attachments import Attachment
from kb.heads import Head, head_of, told_with
from kb.policy import Policy
from kb.portal import Portal, Redirect
from kb.products import Catalogue
from kb.range_syntax import Affected
from kb.records import AnyRecord, Kind, Place, Text, affected_of, normal_id
from kb.store import Shown
from kb.synonyms import Synonyms

Reason = Literal["related", "refers", "referred", "successor", "predecessor"]


class View(msgspec.Struct, frozen=True):
    """Who reads when: ``at`` in UTC; ``drafts`` shows drafts and embargoed records too, for previews only."""

    at: datetime
    audience: str = ""
    drafts: bool = False


class Relation(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A related record's id and why it is related: both name each other or one lists the other (``related``), the text links to
    it (``refers``), its text links here (``referred``), it takes this one's place (``successor``) or the reverse."""

    id: str
    reason: Reason


class Library(msgspec.Struct, frozen=True, dict=True):
    """Only what the view may see. ``records`` and ``relations`` are keyed by ``normal_id``, ``attachments`` by path."""

    portal: Portal
    catalogue: Catalogue
    policy: Policy | None
    redirects: tuple[Redirect, ...]
    records: Mapping[str, AnyRecord]
    names: Mapping[str, tuple[str, ...]]
    relations: Mapping[str, tuple[Relation, ...]]
    attachments: Mapping[str, Attachment]
    view: View
    synonyms: Synonyms = Synonyms()

    @cached_property
    def heads(self) -> Mapping[str, Head]:
        """The heads of all records by key, in the order of ids."""
        if isinstance(self.records, Shown):
            return {key: row.head for key, row in self.records.rows.items()}
        return {key: head_of(self.records[key], self.catalogue) for key in in_id_order(self.records)}

    def digest_of(self, key: str) -> bytes:
        """16 bytes that stand for all that the files of a record say."""
        if isinstance(self.records, Shown):
            return self.records.rows[key].digest
        return hashlib.blake2b(msgspec.msgpack.encode(self.records[key]), digest_size=16).digest()

    def is_embargoed(self, record: Head | AnyRecord) -> bool:
        """Only in previews: its time has not come."""
        return record.publish_at is not None and record.publish_at > self.view.at and record.status != "draft"

    def told(self, heads: Iterable[Head]) -> bytes:
        """What changes with all that lists say of these records, 12 bytes each."""
        if self.view.drafts:
            return b"".join([told_with(head.told, b"embargoed") if self.is_embargoed(head) else head.told for head in heads])
        return b"".join([head.told for head in heads])

    @cached_property
    def sources(self) -> list[tuple[bytes, str]]:
        """For each record, in the order of ``heads``, what stands for all that its files say, and where they are."""
        if isinstance(self.records, Shown):
            return [(row.digest, "\0".join((row.path, *row.paths)) if row.paths else row.path)
                    for row in self.records.rows.values()]
        return [(self.digest_of(key), self.place_of(key).path) for key in self.heads]

    def parts_for(self, key: str) -> tuple[str, ...]:
        """The audiences for whom parts of a record are that not all see who see the record."""
        return self.records.rows[key].parts_for if isinstance(self.records, Shown) else ()

    def place_of(self, key: str) -> Place:
        return self.records.rows[key].place if isinstance(self.records, Shown) else self.records[key].place

    def affected_of(self, key: str) -> tuple[Affected, ...]:
        """The affected products of a record; for those who pass over many records and need nothing else of them."""
        return self.records.affected(key) if isinstance(self.records, Shown) else affected_of(self.records[key])

    def texts_of(self, key: str) -> tuple[Text, ...]:
        """The texts of a record, the original first; for those who pass over many records and need nothing else of them."""
        return self.records.texts(key) if isinstance(self.records, Shown) else self.records[key].texts

    def links_of(self, key: str) -> list[str]:
        """Targets of the links in its texts that are written ``[[...]]``."""
        return [unquote(link.target) for link in self.heads[key].links if link.wiki]

    def shows(self, name: str) -> bool:
        """Whether a record has this id or another name like it."""
        key = normal_id(name)
        return key in self.records or bool(self.names.get(key))

    def find(self, name: str) -> AnyRecord | None:
        """The record with this id, or the first that is also known by this name."""
        key = normal_id(name)
        if key in self.records:
            return self.records[key]
        named = self.names.get(key)
        return self.records[named[0]] if named else None

    def of_kind(self, *kinds: Kind) -> list[Head]:
        """Heads of records of some kinds, newest change first."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return [head for head in self.newest_first if head.kind in kinds]

    @cached_property
    def _by_kind(self) -> dict[Kind, list[Head]]:
        found: dict[Kind, list[Head]] = {}
        for head in self.newest_first:
            found.setdefault(head.kind, []).append(head)
        return found

    @cached_property
    def ordinals(self) -> dict[str, int]:
        """The records by key with their numbers in the search index: what was published later comes later, so that a new record
        moves no other; of one moment, by id."""
        times = {key: head.published for key, head in self.heads.items()}
        return {key: ordinal for ordinal, key in enumerate(sorted(times, key=times.__getitem__))}

    @cached_property
    def newest_first(self) -> list[Head]:
        return newest_first(self.heads.values())

    @cached_property
    def by_product(self) -> dict[str, list[Head]]:
        """The records that name each product, newest change first."""
        found: dict[str, list[Head]] = {}
        for head in self.newest_first:
            for product in head.products:
                found.setdefault(product, []).append(head)
        return found

    @cached_property
    def by_component(self) -> dict[str, list[Head]]:
        """The problem reports of each component, newest change first."""
        found: dict[str, list[Head]] = {}
        for head in self.of_kind("report"):
            if head.component:
                found.setdefault(head.component, []).append(head)
        return found

    def related(self, record: AnyRecord) -> list[tuple[AnyRecord, Reason]]:
        return [(self.records[relation.id], relation.reason) for relation in self.relations.get(normal_id(record.id), ())]

    def named(self, record: AnyRecord) -> list[AnyRecord]:
        """The related records that the record names itself; who else names it later is no change of its own."""
        own = set(map(normal_id, record.related))
        return [other for other, reason in self.related(record) if reason == "refers" or normal_id(other.id) in own]


def newest_first(heads: Iterable[Head]) -> list[Head]:
    """Sorted by last change; what changed at one time stays in its order."""
    return sorted(heads, key=attrgetter("updated"), reverse=True)


def in_id_order(keys: Iterable[str]) -> list[str]:
    """Keys of records sorted by ``sort_key``."""
    numbers: list[str] = []
    others: list[str] = []
    for key in keys:
        (numbers if key.isdigit() else others).append(key)
    return [*sorted(sorted(numbers), key=int), *sorted(others)]


def sort_key(record_id: str) -> tuple[int, int, str]:
    """Numbers in numeric order before all other ids in alphabetic order."""
    return (0, int(record_id), "") if record_id.isdigit() else (1, 0, record_id)
