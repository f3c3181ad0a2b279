"""Reads the records of a library into rows and blocks of cards, alone or with workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from itertools import pairwise
from typing import NamedTuple

import msgspec

from kb.library import Library
from kb.workers import done
from prsearch.analysis import name_key, words
from prsearch.documents import card, facets, other_names, parts
from prsearch.encoding import packed
from prsearch.gathering import Batch, Gathered, Vocabulary
from prsearch.quoted import message_keys

BLOCK, MOST_BLOCKS = 16, 2_900  # documents of a block of cards, more where there would be too many blocks
CHUNK = 2_048  # documents that are read at once

_encode = msgspec.json.Encoder().encode


class Read(NamedTuple):
    """What was made of some documents: their rows, and their packed cards by path."""

    rows: Gathered
    cards: dict[str, bytes]


class Reader:
    """The records of a library by ordinal."""

    def __init__(self, library: Library) -> None:
        self.library, self.order = library, list(library.ordinals)
        self.block = max(BLOCK, -(-len(self.order) // MOST_BLOCKS))
        self._names = other_names(library)
        self._vocabulary = Vocabulary()

    def chunks(self) -> Iterator[range]:
        """All ordinals in runs of whole blocks; the first run is short."""
        size, end = max(1, CHUNK // self.block) * self.block, len(self.order)
        first = max(1, CHUNK // self.block // 8) * self.block
        starts = [*range(0, min(first, end), first), *range(first, end, size)]
        return (range(start, after) for start, after in pairwise([*starts, end]))

    def rows(self, ordinals: Iterable[int]) -> Gathered:
        batch = Batch(self._vocabulary)
        for ordinal in ordinals:
            key = self.order[ordinal]
            record = self.library.records[key]
            for level, part in parts(record, self.library.shows):
                batch.add_part(ordinal, level, words(part))
            found = facets(self.library, record)
            names = dict.fromkeys(map(name_key, (record.id, *self._names.get(key, ()))))
            batch.add_keys(ordinal, 0, [*names, *found.plain, *message_keys(record, self.library.shows)])
            batch.add_keys(ordinal, 1, found.depending)
        return batch.gathered()

    def blocks(self, ordinals: Iterable[int]) -> list[int]:
        """Numbers of the blocks of cards that hold some documents."""
        return list(dict.fromkeys(at // self.block for at in ordinals))

    def cards(self, number: int) -> tuple[str, bytes]:
        """Path and packed bytes of a block of cards."""
        keys = self.order[number * self.block : (number + 1) * self.block]
        found = [card(self.library.records[key], self.library.shows) for key in keys]
        return f"c/{number}.bin", packed(_encode(found))

    @cached_property
    def fingerprints(self) -> bytes:
        """For each document 16 bytes that are the same as long as nothing of it changes that the index knows."""
        library, names, found = self.library, self._names, dict.fromkeys(self.order, b"")
        for key, head in library.heads.items():
            found[key] = digest = library.digest_of(key)
            links = library.links_of(key) if head.links else ()
            if links or key in names:  # a link to what this portal does not show says nothing
                facts = [digest.hex(), names.get(key), [library.shows(name) for name in links]]
                found[key] = hashlib.blake2b(_encode(facts), digest_size=len(digest)).digest()
        return b"".join(found.values())


def read_all(reader: Reader, jobs: int) -> Iterator[Read]:
    """All documents, chunk by chunk."""
    work = [partial(_read, reader, chunk) for chunk in reader.chunks()]
    yield from done(work[:1], 1)  # here, so that workers begin with the stems of frequent words
    yield from done(work[1:], jobs, least=2)


def _read(reader: Reader, ordinals: Sequence[int]) -> Read:
    return Read(reader.rows(ordinals), dict(map(reader.cards, reader.blocks(ordinals))))
