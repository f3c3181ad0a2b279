"""The static index of PR Search: files that a browser queries without a server. docs/pr-index.md says what is in them."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.library import Library, sort_key
from prsearch.documents import card, facets, in_order, names, read
from prsearch.encoding import file_name, packed, table, varint, varints
from prsearch.layout import Layout, Part, lay_out
from prsearch.query import STATUSES
from prsearch.rows import PLACE_RANK, POSTING_RANK, Batch, Rows, merged, merged_list, place_lists, posting_lists, rows_of

FORMAT = 1
PART, PLACES_PART, WORDS_PART = 40_000, 96_000, 48_000  # bytes of a part before packing
BLOCK, MOST_BLOCKS = 16, 3_300  # documents of a block of cards, more where there would be too many blocks
PREFIX_FROM, WORD_FROM, WORD_TO = 3, 3, 32  # letters
CHUNK = 512  # documents handed to a worker at once; whole blocks
PARALLEL_FROM = 2_000  # documents; fewer are read faster than workers start


def index_files(library: Library, jobs: int = 1) -> dict[str, bytes]:
    """All files of the index by path below ``prsearch/``."""
    order = in_order(library)
    block = block_size(len(order))
    read = _read_all(_Reader(library, order, block), jobs)
    files = {path: data for batch in read for path, data in batch.cards.items()}
    rows = merged([batch.rows for batch in read])
    del read
    tables = [_texts(rows), _places(rows), _words(rows), _words(rows, backwards=True)]
    for made in tables:
        files.update((f"{made.name}/{file_name(part.name)}.bin", packed(made.data(part))) for part in made.layout.parts)
    branches = [branch for branch in tables[0].layout.branches if len(branch.name) >= PREFIX_FROM and branch.name[0] not in "#="]
    starts = rows_of(rows.postings, POSTING_RANK, len(rows.vocabulary))
    for branch in branches:
        count, data = merged_list(rows.postings[starts[branch.start] : starts[branch.end]])
        files[f"x/{file_name(branch.name)}.bin"] = packed(varint(count) + data)
    files["rank.bin"] = packed(_ranks(library, order))
    files["options.json"] = _json(options(library))
    root = {"format": FORMAT, "generation": "", "documents": len(order), "block": block,
            **{made.name: [part.name for part in made.layout.parts] for made in tables},
            "x": sorted(branch.name for branch in branches)}
    root["generation"] = _generation(root, files)
    files["root.json"] = _json(root)
    return files


def block_size(documents: int) -> int:
    return max(BLOCK, -(-documents // MOST_BLOCKS))


def options(library: Library) -> dict[str, object]:
    """What forms offer and filters may name."""
    components = {record.component for record in library.records.values() if record.kind == "report" and record.component}  # type: ignore[union-attr]
    return {"products": [{
        "id": product.id, "name": product.name, "scheme": product.scheme, "aliases": product.aliases,
        "names": {language: name for language, name, _ in product.translations if name},
        "releases": [{"id": release.id, "train": release.train} for release in product.releases],
        "platforms": [_named(item) for item in product.platforms], "components": [_named(item) for item in product.components],
    } for product in library.catalogue.products], "statuses": STATUSES, "facets": {"component": sorted(components)}}


def _named(item: object) -> dict[str, object]:
    return {"id": item.id, "name": item.name, "aliases": item.aliases, "names": dict(item.names)}  # type: ignore[attr-defined]


class _Read(NamedTuple):
    """What a worker made of some documents."""

    rows: Rows
    cards: dict[str, bytes]


class _Reader:
    """Reads the records of a library, in chunks by number."""

    def __init__(self, library: Library, order: Sequence[str], block: int) -> None:
        self._library, self._order, self._block = library, order, block
        self._names = names(library)
        self._size = max(1, CHUNK // block) * block
        self.chunks = range(0, len(order), self._size)

    def read(self, start: int) -> _Read:
        ordinals = range(start, min(start + self._size, len(self._order)))
        batch = Batch()
        for ordinal in ordinals:
            self._add(batch, ordinal)
        return _Read(batch.rows(), {f"c/{first // self._block}.bin": self.cards(first) for first in ordinals[:: self._block]})

    def _add(self, batch: Batch, ordinal: int) -> None:
        library, key = self._library, self._order[ordinal]
        record = library.records[key]
        texts, places = read(record, self._shown)
        batch.add(ordinal, [*texts.items(), *((name, 0) for name in self._names[key]), *facets(library, record)], places)

    def cards(self, first: int) -> bytes:
        """The packed block of cards that begins with a document."""
        keys = self._order[first : first + self._block]
        return packed(_json([card(self._library.records[key], self._shown) for key in keys]))

    def _shown(self, name: str) -> bool:
        return self._library.find(name) is not None


def _read_all(reader: _Reader, jobs: int) -> list[_Read]:
    if jobs < 2 or len(reader.chunks) * CHUNK < PARALLEL_FROM:
        return [reader.read(start) for start in reader.chunks]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _enter, (reader,)) as pool:
        return list(pool.map(_read, reader.chunks))


_reader: _Reader  # in a worker only: what it inherited when it was forked


def _enter(reader: _Reader) -> None:
    global _reader
    _reader = reader


def _read(start: int) -> _Read:
    return _reader.read(start)


class _Table(NamedTuple):
    """A table to be written: where it is cut, and the bytes of a part."""

    name: str
    layout: Layout
    data: Callable[[Part], bytes]


def _texts(rows: Rows) -> _Table:
    keys = [key.encode() for key in rows.vocabulary]
    starts = rows_of(rows.postings, POSTING_RANK, len(keys))
    lists = posting_lists(rows.postings, starts)
    counts = np.diff(starts).tolist()

    def data(part: Part) -> bytes:
        return table((keys[at], varint(counts[at]) + varint(len(lists[at])) + lists[at]) for at in range(part.start, part.end))

    return _Table("t", lay_out(rows.vocabulary, _sizes(keys, lists), PART), data)


def _places(rows: Rows) -> _Table:
    starts = rows_of(rows.places, PLACE_RANK, len(rows.vocabulary))
    held = np.flatnonzero(np.diff(starts)).tolist()
    lists = place_lists(rows.places, np.append(starts[held], len(rows.places)))
    vocabulary = [rows.vocabulary[at] for at in held]
    keys = [key.encode() for key in vocabulary]

    def data(part: Part) -> bytes:
        return table((keys[at], varint(len(lists[at])) + lists[at]) for at in range(part.start, part.end))

    return _Table("p", lay_out(vocabulary, _sizes(keys, lists), PLACES_PART), data)


def _words(rows: Rows, backwards: bool = False) -> _Table:
    """The keys of letters only, with the magnitude of their number of documents."""
    counts = np.diff(rows_of(rows.postings, POSTING_RANK, len(rows.vocabulary))).tolist()
    found = [(key[::-1] if backwards else key, counts[at].bit_length()) for at, key in enumerate(rows.vocabulary)
             if WORD_FROM <= len(key) <= WORD_TO and key.isalpha()]
    found.sort()
    vocabulary = [word for word, _ in found]
    keys = [word.encode() for word in vocabulary]

    def data(part: Part) -> bytes:
        return table((keys[at], bytes((found[at][1],))) for at in range(part.start, part.end))

    sizes = np.array([len(key) + 2 for key in keys], np.int64)
    return _Table("w" if backwards else "v", lay_out(vocabulary, sizes, WORDS_PART), data)


def _sizes(keys: Sequence[bytes], lists: Sequence[bytes]) -> NDArray[np.int64]:
    """About the bytes of each row; keys share their beginnings, so theirs count half."""
    return np.array([len(key) // 2 + 4 + len(data) for key, data in zip(keys, lists, strict=True)], np.int64)


def _ranks(library: Library, order: Sequence[str]) -> bytes:
    """For each ordinal the place of its id in the order of ids."""
    by_id = sorted(range(len(order)), key=lambda ordinal: sort_key(library.records[order[ordinal]].id))
    ranks = np.empty(len(order), np.int64)
    ranks[by_id] = np.arange(len(order))
    steps = np.diff(ranks, prepend=np.int64(0))
    return varints(((steps << 1) ^ (steps >> 63)).astype(np.uint64))[0].tobytes()


def _generation(root: Mapping[str, object], files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(_json(root))
    for path in sorted(files):
        digest.update(f"\0{path}\0".encode())
        digest.update(hashlib.sha256(files[path]).digest())
    return digest.hexdigest()[:16]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
