"""The rows of the index as sorted numbers: which key stands in which document with which level, and in which places.

A posting is ``ordinal << 2 | level``, a place ``ordinal << 18 | place``. The rows of a key stand together, documents in order;
where those of each key begin is told beside them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, count, pairwise, repeat
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from prsearch.analysis import word_keys, word_stems
from prsearch.documents import OFTEN, OFTEN_FROM, ONCE, ROUND
from prsearch.encoding import Numbers, varint_lengths, varints

ORDINALS = 1 << 22  # documents that an index can hold
_LEVEL_BITS, _PLACE_BITS, _ORDINAL_BITS = 2, 18, 22

Starts = NDArray[np.int64]
Postings = NDArray[np.uint32]
_Row = TypeVar("_Row", np.uint32, np.uint64)


class Rows(NamedTuple):
    """The rows of the key ``vocabulary[rank]`` are those from ``starts[rank]`` to before ``starts[rank + 1]``."""

    vocabulary: list[str]
    postings: Postings
    posting_starts: Starts
    places: Numbers
    place_starts: Starts

    def count(self, rank: int) -> int:
        """The number of documents that hold a key."""
        return int(self.posting_starts[rank + 1] - self.posting_starts[rank])

    def rank(self, key: str) -> int | None:
        at = bisect_left(self.vocabulary, key)
        return at if at < len(self.vocabulary) and self.vocabulary[at] == key else None


class Gathered(NamedTuple):
    """Rows of some documents in no order, with the numbers of their keys in a vocabulary that is not sorted:
    ``number << 24 | posting`` and ``number << 40 | place``."""

    vocabulary: list[str]
    postings: Numbers
    places: Numbers


class Batch:
    """Gathers documents: tokens of their texts and other keys. What tokens stand for is worked out for all at once."""

    def __init__(self) -> None:
        self._token_ids: defaultdict[str, int] = defaultdict(count().__next__)
        self._key_ids: defaultdict[str | None, int] = defaultdict(count().__next__, {None: -1})
        self._tokens: list[int] = []
        self._parts: list[tuple[int, int, int]] = []  # ordinal, level, number of tokens
        self._keys: list[int] = []
        self._documents: list[int] = []  # ordinal and level of each key

    def add_part(self, ordinal: int, level: int, tokens: Sequence[str]) -> None:
        """Adds a part of a document's texts. Parts of a document follow each other."""
        self._tokens += map(self._token_ids.__getitem__, tokens)
        self._parts.append((ordinal, level, len(tokens)))

    def add_keys(self, ordinal: int, level: int, keys: Sequence[str]) -> None:
        """Adds keys of a document that do not come out of its texts."""
        self._keys += map(self._key_ids.__getitem__, keys)
        self._documents += repeat(ordinal << _LEVEL_BITS | level, len(keys))

    def gathered(self) -> Gathered:
        documents, levels, sizes = np.array(self._parts, np.int64).reshape(-1, 3).T
        tokens = np.array(self._tokens, np.int64)
        part = np.repeat(np.arange(len(sizes)), sizes)  # of each token
        stems, places = self._places(tokens, part, documents)
        found = self._postings(tokens, documents[part], levels[part])
        other = np.array(self._keys, np.int64) << 24 | np.array(self._documents, np.int64)
        places = (stems << 40 | places)[stems >= 0]
        vocabulary = [key for key in self._key_ids if key is not None]
        return Gathered(vocabulary, np.concatenate([found, other]).astype(np.uint64), places.astype(np.uint64))

    def _postings(self, tokens: Starts, documents: Starts, levels: Starts) -> Starts:
        """``number << 24 | posting`` of each key of each document with its highest level."""
        keys, token = self._expanded(word_keys, tokens)
        rows = keys << _ORDINAL_BITS | documents[token]
        rated = levels[token]
        once, counts = np.unique(rows[rated == ONCE], return_counts=True)
        others = (rows << 2 | rated)[rated != ONCE]
        found = np.concatenate([once << 2 | np.where(counts >= OFTEN_FROM, OFTEN, ONCE), others])
        found.sort()
        return found[np.append(found[1:] >> 2 != found[:-1] >> 2, True)] if len(found) else found

    def _places(self, tokens: Starts, part: Starts, documents: Starts) -> tuple[Starts, Starts]:
        """The number of each stem and its place, ``ordinal << 18 | place``."""
        stems, token = self._expanded(word_stems, tokens)
        own = part[token]
        sizes = np.bincount(own, minlength=len(documents))
        blocks = np.cumsum(sizes // ROUND + 1) - (sizes // ROUND + 1)  # before each part, over all documents
        first = np.append(True, documents[1:] != documents[:-1])[: len(documents)]
        blocks -= np.maximum.accumulate(np.where(first, blocks, 0))
        place = np.arange(len(stems)) - (np.cumsum(sizes) - sizes)[own] + blocks[own] * ROUND
        known = place < 1 << _PLACE_BITS
        return stems[known], (documents[own] << _PLACE_BITS | place)[known]

    def _expanded(self, parts: Callable[[str], tuple[str | None, ...]], tokens: Starts) -> tuple[Starts, Starts]:
        """What each token stands for as numbers of keys, and the index of the token."""
        found = [parts(token) for token in self._token_ids]
        lengths = np.fromiter(map(len, found), np.int64, len(found))
        keys = np.fromiter(map(self._key_ids.__getitem__, chain.from_iterable(found)), np.int64, int(lengths.sum()))
        sizes = lengths[tokens]
        token = np.repeat(np.arange(len(tokens)), sizes)
        within = np.arange(len(token)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return keys[(np.cumsum(lengths) - lengths)[tokens][token] + within], token


def merged(batches: Iterable[Gathered]) -> Rows:
    """The rows of all documents; each batch can go as soon as the next is asked for."""
    ids: dict[str, int] = {}
    postings, places = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    for batch in batches:
        numbers = np.array([ids.setdefault(key, len(ids)) for key in batch.vocabulary], np.uint64)
        postings.append(_renumbered(batch.postings, numbers, 24))
        places.append(_renumbered(batch.places, numbers, 40))
    vocabulary = list(ids)
    order = sorted(range(len(vocabulary)), key=vocabulary.__getitem__)
    ranks = np.empty(len(order), np.uint64)
    ranks[order] = np.arange(len(order), dtype=np.uint64)
    all_postings, posting_starts = _sorted(postings, ranks, 24)
    all_places, place_starts = _sorted(places, ranks, 40)
    vocabulary = [vocabulary[number] for number in order]
    return Rows(vocabulary, all_postings.astype(np.uint32), posting_starts, all_places, place_starts)


def _sorted(parts: list[Numbers], ranks: Numbers, bits: int) -> tuple[Numbers, Starts]:
    """All rows in order without the ranks of their keys, and where those of each begin. Takes the parts, to spare memory."""
    for at, numbers in enumerate(parts):
        parts[at] = _renumbered(numbers, ranks, bits)
    joined = np.concatenate(parts)
    parts.clear()
    joined.sort()
    starts = np.searchsorted(joined, np.arange(len(ranks) + 1, dtype=np.uint64) << np.uint64(bits))
    joined &= np.uint64((1 << bits) - 1)
    return joined, starts


def _renumbered(numbers: Numbers, ranks: Numbers, bits: int) -> Numbers:
    """Rows under the new numbers of their keys."""
    shift, low = np.uint64(bits), np.uint64((1 << bits) - 1)
    return (ranks[numbers >> shift] << shift) | (numbers & low) if len(numbers) else numbers


class Exchange(NamedTuple):
    """Rows after a change: the new ``ranks`` of the old keys, which of them are ``kept``, and the keys whose rows differ."""

    rows: Rows
    ranks: NDArray[np.int64]
    kept: NDArray[np.bool_]
    postings: set[str]
    places: set[str]


def exchanged(rows: Rows, new: Gathered, ordinals: Iterable[int]) -> Exchange:
    """The rows with those of some documents replaced by new ones."""
    changed = np.zeros(ORDINALS, bool)
    changed[list(ordinals)] = True
    old_postings = np.flatnonzero(changed[rows.postings >> np.uint32(_LEVEL_BITS)])
    old_places = np.flatnonzero(changed[rows.places >> np.uint64(_PLACE_BITS)])
    postings = _by_key(new.vocabulary, new.postings, 24)
    places = _by_key(new.vocabulary, new.places, 40)
    dirty = _differing(_held(rows, rows.postings, rows.posting_starts, old_postings), postings)
    dirty_places = _differing(_held(rows, rows.places, rows.place_starts, old_places), places)

    gone = [rank for key in dirty - postings.keys() if (rank := rows.rank(key)) is not None and _all_changed(rows, rank, changed)]
    added = sorted(key for key in postings if rows.rank(key) is None)
    kept = np.ones(len(rows.vocabulary), bool)
    kept[gone] = False
    vocabulary = rows.vocabulary
    if added or gone:
        vocabulary = sorted([*(key for key, stays in zip(vocabulary, kept.tolist(), strict=True) if stays), *added])
    before = np.array([bisect_left(rows.vocabulary, key) for key in added], np.int64)
    ranks = np.cumsum(np.bincount(before, minlength=len(kept) + 1)[:-1]) + np.cumsum(kept) - 1
    moves = _Moves(ranks, kept, {key: bisect_left(vocabulary, key) for key in postings}, len(vocabulary))
    return Exchange(Rows(vocabulary, *moves.replaced(rows.postings, rows.posting_starts, old_postings, postings),
                         *moves.replaced(rows.places, rows.place_starts, old_places, places)),
                    ranks, kept, dirty, dirty_places)


def _by_key(vocabulary: Sequence[str], numbers: Numbers, bits: int) -> dict[str, list[int]]:
    """New rows by key."""
    found: dict[str, list[int]] = {}
    for number in np.sort(numbers).tolist():
        found.setdefault(vocabulary[number >> bits], []).append(number & ((1 << bits) - 1))
    return found


def _held(rows: Rows, numbers: NDArray[_Row], starts: Starts, positions: NDArray[np.int64]) -> dict[str, list[int]]:
    """The rows at some positions by key."""
    ranks = np.searchsorted(starts, positions, side="right") - 1
    found: dict[str, list[int]] = {}
    for rank, number in zip(ranks.tolist(), numbers[positions].tolist(), strict=True):
        found.setdefault(rows.vocabulary[rank], []).append(number)
    return found


def _differing(before: dict[str, list[int]], after: dict[str, list[int]]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _all_changed(rows: Rows, rank: int, changed: NDArray[np.bool_]) -> bool:
    """Whether only documents that have changed hold a key."""
    held = rows.postings[rows.posting_starts[rank] : rows.posting_starts[rank + 1]]
    return bool(changed[held >> np.uint32(_LEVEL_BITS)].all())


class _Moves(NamedTuple):
    """Where keys go: ``ranks`` of the old ones, of which some are ``kept``, ``new`` of those with new rows; ``size`` of all."""

    ranks: NDArray[np.int64]
    kept: NDArray[np.bool_]
    new: dict[str, int]
    size: int

    def replaced(self, numbers: NDArray[_Row], starts: Starts, old: NDArray[np.int64],
                 rows: dict[str, list[int]]) -> tuple[NDArray[_Row], Starts]:
        """Numbers without those at ``old`` positions and with the new rows, and where those of each key begin."""
        counts = np.diff(starts)
        np.subtract.at(counts, np.searchsorted(starts, old, side="right") - 1, 1)
        rest = np.delete(numbers, old)
        sizes = np.zeros(self.size, np.int64)
        sizes[self.ranks[self.kept]] = counts[self.kept]
        first = np.append(0, np.cumsum(sizes))
        positions: list[int] = []
        values: list[int] = []
        for rank, found in sorted((self.new[key], found) for key, found in rows.items()):
            low, high = int(first[rank]), int(first[rank + 1])
            positions += (low + np.searchsorted(rest[low:high], np.array(found, rest.dtype))).tolist()
            values += found
            sizes[rank] += len(found)
        whole = np.insert(rest, positions, np.array(values, rest.dtype)) if values else rest
        return whole, np.append(0, np.cumsum(sizes))


class Coded(NamedTuple):
    """Numbers to be written as varints; those of each key begin at ``starts``, with the end of the last."""

    numbers: Numbers
    starts: Starts

    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each key's list."""
        ends = np.zeros(len(self.numbers) + 1, np.int64)
        np.cumsum(varint_lengths(self.numbers), out=ends[1:])
        return np.diff(ends[self.starts])

    def lists(self) -> list[bytes]:
        data, byte_starts = varints(self.numbers)
        whole, borders = data.tobytes(), byte_starts[self.starts].tolist()
        return [whole[start:end] for start, end in pairwise(borders)]


def posting_numbers(rows: Rows, first: int, end: int) -> Coded:
    """For each document of some keys ``gap << 2 | level``."""
    starts = rows.posting_starts[first : end + 1]
    return _posting_numbers(rows.postings[starts[0] : starts[-1]].astype(np.uint64), starts - starts[0])


def _posting_numbers(postings: Numbers, starts: Starts) -> Coded:
    gaps = _gaps(postings >> np.uint64(_LEVEL_BITS), starts)
    return Coded((gaps << np.uint64(_LEVEL_BITS)) | (postings & np.uint64(3)), starts)


def merged_list(rows: Rows, first: int, end: int, documents: int) -> tuple[int, bytes]:
    """The number of documents that hold any of some keys, and their list, each with its highest level."""
    postings = rows.postings[rows.posting_starts[first] : rows.posting_starts[end]]
    ordinals, levels = postings >> np.uint32(_LEVEL_BITS), postings & np.uint32(3)
    highest = np.zeros(documents, np.uint64)
    for level in range(4):  # higher ones write over lower ones
        highest[ordinals[levels == level]] = level + 1
    held = np.flatnonzero(highest).astype(np.uint64)
    found = (held << np.uint64(_LEVEL_BITS)) | (highest[held] - np.uint64(1))
    return len(found), _posting_numbers(found, np.array([0, len(found)])).lists()[0]


def place_numbers(rows: Rows, first: int, end: int) -> Coded:
    """For each document of some keys its gap, the number of places, the first place, the differences."""
    starts = rows.place_starts[first : end + 1]
    places = rows.places[starts[0] : starts[-1]]
    starts = starts - starts[0]
    documents = places >> np.uint64(_PLACE_BITS)
    head = np.ones(len(places), bool)
    head[1:] = documents[1:] != documents[:-1]
    head[starts[:-1][starts[:-1] < starts[1:]]] = True
    heads = np.flatnonzero(head)
    key_starts = np.searchsorted(heads, starts)
    place = places & np.uint64((1 << _PLACE_BITS) - 1)
    numbers = np.empty(len(places) + 2 * len(heads), np.uint64)
    at = np.arange(len(places)) + 2 * np.cumsum(head)
    numbers[at] = np.where(head, place, np.diff(place, prepend=np.uint64(0)))
    numbers[at[heads] - 2] = _gaps(documents[heads], key_starts)
    numbers[at[heads] - 1] = np.diff(np.append(heads, len(places)))
    return Coded(numbers, starts + 2 * key_starts)


def _gaps(ordinals: Numbers, starts: Starts) -> Numbers:
    """Documents passed over between one and the next; the first of each key counts from the beginning."""
    found = np.diff(ordinals, prepend=np.uint64(0)) - np.uint64(1)
    heads = starts[:-1][starts[:-1] < starts[1:]]
    found[heads] = ordinals[heads]
    return found
