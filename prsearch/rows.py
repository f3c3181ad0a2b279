"""The rows of the index as sorted numbers: which key stands in which document with which level, and in which places.

A posting is ``rank << 24 | ordinal << 2 | level``, a place ``rank << 40 | ordinal << 18 | place``, where the rank is that of
the key in the sorted vocabulary. Sorted numbers are the table itself: all rows of a key stand together, documents in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prsearch.encoding import Numbers, varints

ORDINALS = 1 << 22  # documents that an index can hold
POSTING_RANK, PLACE_RANK = 24, 40  # bits below the rank
_PLACE_BITS = 18


class Rows(NamedTuple):
    """``vocabulary`` is sorted; ``postings`` and ``places`` are sorted numbers over it."""

    vocabulary: list[str]
    postings: Numbers
    places: Numbers


class Batch:
    """Rows of some documents, gathered under a vocabulary of their own."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._postings: list[int] = []
        self._places: list[int] = []

    def add(self, ordinal: int, levels: Iterable[tuple[str, int]], stems: Sequence[str | None]) -> None:
        ids, low = self._ids, ordinal << 2
        self._postings += [ids.setdefault(key, len(ids)) << POSTING_RANK | low | level for key, level in levels]
        low = ordinal << _PLACE_BITS
        self._places += [ids[stem] << PLACE_RANK | low | place for place, stem in enumerate(stems[: 1 << _PLACE_BITS])
                         if stem is not None]

    def rows(self) -> Rows:
        return _sorted(list(self._ids), np.array(self._postings, np.uint64), np.array(self._places, np.uint64))


def merged(batches: Sequence[Rows]) -> Rows:
    """The rows of several sets of documents as one."""
    vocabulary = list(dict.fromkeys(key for batch in batches for key in batch.vocabulary))
    ids = {key: number for number, key in enumerate(vocabulary)}
    parts = [[_renumbered(numbers, np.array([ids[key] for key in batch.vocabulary], np.uint64), bits)
              for numbers, bits in ((batch.postings, POSTING_RANK), (batch.places, PLACE_RANK))] for batch in batches]
    postings, places = (np.concatenate([part[side] for part in parts]) if parts else np.zeros(0, np.uint64) for side in (0, 1))
    return _sorted(vocabulary, postings, places)


def _sorted(vocabulary: list[str], postings: Numbers, places: Numbers) -> Rows:
    order = sorted(range(len(vocabulary)), key=vocabulary.__getitem__)
    ranks = np.empty(len(order), np.uint64)
    ranks[order] = np.arange(len(order), dtype=np.uint64)
    found = _renumbered(postings, ranks, POSTING_RANK), _renumbered(places, ranks, PLACE_RANK)
    for numbers in found:
        numbers.sort()
    return Rows([vocabulary[number] for number in order], *found)


def _renumbered(numbers: Numbers, ranks: Numbers, bits: int) -> Numbers:
    """Rows under the new ranks of their keys."""
    shift, low = np.uint64(bits), np.uint64((1 << bits) - 1)
    return (ranks[numbers >> shift] << shift) | (numbers & low) if len(numbers) else numbers


def rows_of(numbers: Numbers, bits: int, ranks: int) -> NDArray[np.int64]:
    """Where the rows of each rank begin, with the end of the last."""
    return np.searchsorted(numbers, np.arange(ranks + 1, dtype=np.uint64) << np.uint64(bits))


def posting_lists(postings: Numbers, starts: NDArray[np.int64]) -> list[bytes]:
    """The list of each key, whose rows begin at ``starts``: varints of ``gap << 2 | level``."""
    ordinals = (postings >> np.uint64(2)) & np.uint64(ORDINALS - 1)
    numbers = (_gaps(ordinals, starts) << np.uint64(2)) | (postings & np.uint64(3))
    return _cut(*varints(numbers), starts)


def merged_list(postings: Numbers) -> tuple[int, bytes]:
    """The number of documents that hold any of these rows, and their list, each with its highest level."""
    found = np.unique(postings & np.uint64(ORDINALS * 4 - 1))
    found = found[np.append(np.diff(found >> np.uint64(2)) > 0, True)]
    return len(found), posting_lists(found, np.array([0, len(found)]))[0]


def place_lists(places: Numbers, starts: NDArray[np.int64]) -> list[bytes]:
    """The list of each key: for each document varints of its gap, the number of places, the first, the differences."""
    documents = places >> np.uint64(_PLACE_BITS)
    first = np.ones(len(places), bool)
    first[1:] = np.diff(documents) > 0
    heads = np.flatnonzero(first)
    key_starts = np.searchsorted(heads, starts)
    place = places & np.uint64((1 << _PLACE_BITS) - 1)
    numbers = np.empty(len(places) + 2 * len(heads), np.uint64)
    at = np.arange(len(places)) + 2 * np.cumsum(first)
    differences = np.diff(place, prepend=np.uint64(0))
    numbers[at] = np.where(first, place, differences)
    numbers[at[heads] - 2] = _gaps(documents[heads] & np.uint64(ORDINALS - 1), key_starts)
    numbers[at[heads] - 1] = np.diff(np.append(heads, len(places)))
    return _cut(*varints(numbers), starts + 2 * key_starts)


def _gaps(ordinals: Numbers, starts: NDArray[np.int64]) -> Numbers:
    """Documents passed over between one and the next; the first of each key counts from the beginning."""
    found = np.diff(ordinals, prepend=np.uint64(0)) - np.uint64(1)
    heads = starts[:-1][starts[:-1] < starts[1:]]
    found[heads] = ordinals[heads]
    return found


def _cut(data: NDArray[np.uint8], byte_starts: NDArray[np.int64], starts: NDArray[np.int64]) -> list[bytes]:
    whole, borders = data.tobytes(), byte_starts[starts].tolist()
    return [whole[start:end] for start, end in pairwise(borders)]
