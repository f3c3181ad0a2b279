"""The library: the records that one audience sees at one time, with everything between them resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Literal

import msgspec

from kb.attachments import Attachment
from kb.policy import Policy
from kb.portal import Portal, Redirect
from kb.products import Catalogue
from kb.records import AnyRecord, Head, Kind, head_of, normal_id

_WIKI_LINK = re.compile(r"\[\[([^\]|]*)")

Reason = Literal["related", "refers", "referred", "successor", "predecessor"]


class View(msgspec.Struct, frozen=True):
    """Who reads when: ``at`` in UTC; ``drafts`` shows drafts and embargoed records too, for previews only."""

    at: datetime
    audience: str = ""
    drafts: bool = False


class Relation(msgspec.Struct, frozen=True):
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

    @cached_property
    def heads(self) -> Mapping[str, Head]:
        """What lists need of each record."""
        return {key: head_of(record) for key, record in self.records.items()}

    def digest_of(self, key: str) -> bytes:
        """16 bytes that identify everything that a record's files say."""
        return self._digests[key]

    @cached_property
    def _digests(self) -> dict[str, bytes]:
        encode = msgspec.msgpack.Encoder().encode
        return {key: blake2b(encode(record), digest_size=16).digest() for key, record in self.records.items()}

    def links_of(self, key: str) -> tuple[str, ...]:
        """Targets of the links between records in its texts, as written."""
        return self._links.get(key, ())

    @cached_property
    def _links(self) -> dict[str, tuple[str, ...]]:
        found = {}
        for key, record in self.records.items():
            names = [name for text in record.texts for section in text.sections if "[[" in section.markdown
                     for name in _WIKI_LINK.findall(section.markdown)]
            if names:
                found[key] = tuple(names)
        return found

    def shows(self, name: str) -> bool:
        """Whether a record has this id or another name like it."""
        key = normal_id(name)
        return key in self.heads or bool(self.names.get(key))

    def find(self, name: str) -> AnyRecord | None:
        """The record with this id, or the first that is also known by this name."""
        key = normal_id(name)
        if key in self.records:
            return self.records[key]
        named = self.names.get(key)
        return self.records[named[0]] if named else None

    def of_kind(self, *kinds: Kind) -> list[AnyRecord]:
        """Records of some kinds, newest change first."""
        return [record for record in self._newest_first if record.kind in kinds]

    @cached_property
    def _newest_first(self) -> list[AnyRecord]:
        return sorted(self.records.values(), key=lambda record: (-record.updated.timestamp(), sort_key(record.id)))

    def related(self, record: AnyRecord) -> list[tuple[AnyRecord, Reason]]:
        return [(self.records[relation.id], relation.reason) for relation in self.relations.get(normal_id(record.id), ())]


def sort_key(record_id: str) -> tuple[int, int, str]:
    """Numbers in numeric order before all other ids in alphabetic order."""
    return (0, int(record_id), "") if record_id.isdigit() else (1, 0, record_id)
