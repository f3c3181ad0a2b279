"""The rows of the index as sorted numbers: which key stands in which document with which level, and in which places.

A posting is ``rank << 24 | ordinal << 2 | level``, a place ``rank << 40 | ordinal << 18 | place``, where the rank is that of
the key in the sorted vocabulary. Sorted numbers are the table itself: all rows of a key stand together, documents in order.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prsearch.encoding import Numbers, varint_lengths, varints

ORDINALS = 1 << 22  # documents that an index can hold
_LEVEL_BITS, _PLACE_BITS = 2, 18
_POSTING_RANK, _PLACE_RANK = 24, 40  # bits below the rank


class Rows(NamedTuple):
    """``vocabulary`` is sorted; ``postings`` and ``places`` are sorted numbers over it."""

    vocabulary: list[str]
    postings: Numbers
    places: Numbers

    def posting_starts(self) -> NDArray[np.int64]:
        """Where the postings of each key begin, with the end of the last."""
        return _starts(self.postings, _POSTING_RANK, len(self.vocabulary))

    def count(self, rank: int) -> int:
        """The number of documents that hold a key."""
        first, end = np.searchsorted(self.postings, np.array([rank, rank + 1], np.uint64) << np.uint64(_POSTING_RANK))
        return int(end - first)

    def place_starts(self) -> NDArray[np.int64]:
        return _starts(self.places, _PLACE_RANK, len(self.vocabulary))


class Batch:
    """Rows of some documents, gathered under a vocabulary of their own."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._postings: list[int] = []
        self._places: list[int] = []

    def add(self, ordinal: int, levels: Iterable[tuple[str, int]], stems: Sequence[str | None]) -> None:
        """Adds a document: its keys with their levels, its stems in order."""
        ids, low = self._ids, ordinal << _LEVEL_BITS
        self._postings += [ids.setdefault(key, len(ids)) << _POSTING_RANK | low | level for key, level in levels]
        low = ordinal << _PLACE_BITS
        self._places += [ids[stem] << _PLACE_RANK | low | place for place, stem in enumerate(stems[: 1 << _PLACE_BITS])
                         if stem is not None]

    def rows(self) -> Rows:
        return _sorted(list(self._ids), [np.array(self._postings, np.uint64)], [np.array(self._places, np.uint64)])


def merged(batches: Iterable[Rows]) -> Rows:
    """The rows of several sets of documents as one; each set can go as soon as the next is asked for."""
    ids: dict[str, int] = {}
    postings, places = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    for batch in batches:
        numbers = np.array([ids.setdefault(key, len(ids)) for key in batch.vocabulary], np.uint64)
        postings.append(_renumbered(batch.postings, numbers, _POSTING_RANK))
        places.append(_renumbered(batch.places, numbers, _PLACE_RANK))
    return _sorted(list(ids), postings, places)


def _sorted(vocabulary: list[str], postings: list[Numbers], places: list[Numbers]) -> Rows:
    """Rows under the ranks of their keys; takes the numbers out of the lists to spare memory."""
    order = sorted(range(len(vocabulary)), key=vocabulary.__getitem__)
    ranks = np.empty(len(order), np.uint64)
    ranks[order] = np.arange(len(order), dtype=np.uint64)
    found = []
    for parts, bits in ((postings, _POSTING_RANK), (places, _PLACE_RANK)):
        for at, numbers in enumerate(parts):
            parts[at] = _renumbered(numbers, ranks, bits)
        joined = np.concatenate(parts)
        parts.clear()
        joined.sort()
        found.append(joined)
    return Rows([vocabulary[number] for number in order], *found)


def _renumbered(numbers: Numbers, ranks: Numbers, bits: int) -> Numbers:
    """Rows under the new ranks of their keys."""
    shift, low = np.uint64(bits), np.uint64((1 << bits) - 1)
    return (ranks[numbers >> shift] << shift) | (numbers & low) if len(numbers) else numbers


class Exchange(NamedTuple):
    """Rows after a change: the new ``ranks`` of the old keys, which of them are ``kept``, and the keys whose rows differ."""

    rows: Rows
    ranks: NDArray[np.int64]
    kept: NDArray[np.bool_]
    postings: set[str]
    places: set[str]


def exchanged(rows: Rows, new: Rows, ordinals: Iterable[int]) -> Exchange:
    """The rows with those of some documents replaced by new ones."""
    changed = np.zeros(ORDINALS, bool)
    changed[list(ordinals)] = True
    ordinal_mask = np.uint64(ORDINALS - 1)
    stay = ~changed[(rows.postings >> np.uint64(_LEVEL_BITS)) & ordinal_mask]
    stay_places = ~changed[(rows.places >> np.uint64(_PLACE_BITS)) & ordinal_mask]
    dirty = _differing(rows.vocabulary, rows.postings[~stay], new.vocabulary, new.postings, _POSTING_RANK)
    dirty_places = _differing(rows.vocabulary, rows.places[~stay_places], new.vocabulary, new.places, _PLACE_RANK)
    postings, places = rows.postings[stay], rows.places[stay_places]

    vocabulary = list(rows.vocabulary)
    shifts = np.zeros(len(vocabulary) + 1, np.int64)
    kept = np.ones(len(vocabulary), bool)
    for key in dirty:
        at = bisect_left(rows.vocabulary, key)
        if at == len(rows.vocabulary) or rows.vocabulary[at] != key:
            insort(vocabulary, key)
            shifts[at] += 1
        elif not Rows(rows.vocabulary, postings, places).count(at) and not _known(new.vocabulary, key):
            del vocabulary[bisect_left(vocabulary, key)]
            shifts[at + 1] -= 1
            kept[at] = False
    ranks = np.arange(len(rows.vocabulary)) + np.cumsum(shifts)[:-1]
    new_ranks = np.array([bisect_left(vocabulary, key) for key in new.vocabulary], np.uint64)
    if shifts.any():
        postings = _renumbered(postings, ranks.astype(np.uint64), _POSTING_RANK)
        places = _renumbered(places, ranks.astype(np.uint64), _PLACE_RANK)
    both = Rows(vocabulary, _joined(postings, np.sort(_renumbered(new.postings, new_ranks, _POSTING_RANK))),
                _joined(places, np.sort(_renumbered(new.places, new_ranks, _PLACE_RANK))))
    return Exchange(both, ranks, kept, dirty, dirty_places)


def _differing(vocabulary: Sequence[str], numbers: Numbers, new_vocabulary: Sequence[str], new_numbers: Numbers,
               bits: int) -> set[str]:
    """The keys with a row on one side that the other side lacks."""
    low = (1 << bits) - 1
    before = {(vocabulary[number >> bits], number & low) for number in numbers.tolist()}
    after = {(new_vocabulary[number >> bits], number & low) for number in new_numbers.tolist()}
    return {key for key, _ in before ^ after}


def _known(vocabulary: Sequence[str], key: str) -> bool:
    at = bisect_left(vocabulary, key)
    return at < len(vocabulary) and vocabulary[at] == key


def _joined(numbers: Numbers, new: Numbers) -> Numbers:
    return np.insert(numbers, np.searchsorted(numbers, new), new) if len(new) else numbers


def _starts(numbers: Numbers, bits: int, ranks: int) -> NDArray[np.int64]:
    return np.searchsorted(numbers, np.arange(ranks + 1, dtype=np.uint64) << np.uint64(bits))


class Coded(NamedTuple):
    """Numbers to be written as varints; those of each key begin at ``starts``, with the end of the last."""

    numbers: Numbers
    starts: NDArray[np.int64]

    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each key's list."""
        ends = np.zeros(len(self.numbers) + 1, np.int64)
        np.cumsum(varint_lengths(self.numbers), out=ends[1:])
        return np.diff(ends[self.starts])

    def lists(self) -> list[bytes]:
        data, byte_starts = varints(self.numbers)
        whole, borders = data.tobytes(), byte_starts[self.starts].tolist()
        return [whole[start:end] for start, end in pairwise(borders)]


def posting_numbers(postings: Numbers, starts: NDArray[np.int64]) -> Coded:
    """For each document ``gap << 2 | level``."""
    ordinals = (postings >> np.uint64(_LEVEL_BITS)) & np.uint64(ORDINALS - 1)
    return Coded((_gaps(ordinals, starts) << np.uint64(_LEVEL_BITS)) | (postings & np.uint64(3)), starts)


def merged_list(postings: Numbers) -> tuple[int, bytes]:
    """The number of documents that hold any of these rows, and their list, each with its highest level."""
    found = np.unique(postings & np.uint64((ORDINALS << _LEVEL_BITS) - 1))
    found = found[np.append(np.diff(found >> np.uint64(_LEVEL_BITS)) > 0, True)]
    return len(found), posting_numbers(found, np.array([0, len(found)])).lists()[0]


def place_numbers(places: Numbers, starts: NDArray[np.int64]) -> Coded:
    """For each document its gap, the number of places, the first place, the differences."""
    documents = places >> np.uint64(_PLACE_BITS)
    first = np.ones(len(places), bool)
    first[1:] = documents[1:] > documents[:-1]
    heads = np.flatnonzero(first)
    key_starts = np.searchsorted(heads, starts)
    place = places & np.uint64((1 << _PLACE_BITS) - 1)
    numbers = np.empty(len(places) + 2 * len(heads), np.uint64)
    at = np.arange(len(places)) + 2 * np.cumsum(first)
    numbers[at] = np.where(first, place, np.diff(place, prepend=np.uint64(0)))
    numbers[at[heads] - 2] = _gaps(documents[heads] & np.uint64(ORDINALS - 1), key_starts)
    numbers[at[heads] - 1] = np.diff(np.append(heads, len(places)))
    return Coded(numbers, starts + 2 * key_starts)


def _gaps(ordinals: Numbers, starts: NDArray[np.int64]) -> Numbers:
    """Documents passed over between one and the next; the first of each key counts from the beginning."""
    found = np.diff(ordinals, prepend=np.uint64(0)) - np.uint64(1)
    heads = starts[:-1][starts[:-1] < starts[1:]]
    found[heads] = ordinals[heads]
    return found
