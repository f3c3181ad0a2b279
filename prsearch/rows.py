"""The rows of the index by key: a large base that stays as it is, and over it the rows of the few documents that changed since.

A base lies on disk and is read where it is asked; the rows of a key that a changed document holds or held are put together anew.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from prsearch.gathering import LEVEL_BITS, ORDINAL_BITS, PLACE_BITS, Gathered, Places, Postings, Starts

ORDINALS = 1 << ORDINAL_BITS  # documents that an index can hold

Flags = NDArray[np.bool_]
Ranks = NDArray[np.int32]
ByKey = dict[str, list[int]]
Row = NDArray[Any]  # postings or places


class Column(NamedTuple):
    """Rows of all keys, one after the other: those of key number ``n`` from ``starts[n]`` to before ``starts[n + 1]``."""

    rows: Row
    starts: Starts
    bits: int  # of a row, below its ordinal

    def of(self, key: int) -> Row:
        return self.rows[self.starts[key] : self.starts[key + 1]]


class Changed(NamedTuple):
    """The documents that are others than in the base, with all their rows by key: sorted, and the same rows as in a base."""

    ordinals: set[int]
    postings: ByKey
    places: ByKey


class Rows(NamedTuple):
    """The rows of all documents. Beside each key of the sorted ``vocabulary`` stand its number in the base (-1: it is not there),
    whether a changed document holds or held it, and how many rows it has."""

    vocabulary: list[str]
    base_postings: Column
    base_places: Column
    changed: Changed
    source: Ranks
    touched: Flags
    posting_counts: Ranks
    place_counts: Ranks

    def rank(self, key: str) -> int | None:
        at = bisect_left(self.vocabulary, key)
        return at if at < len(self.vocabulary) and self.vocabulary[at] == key else None

    def postings(self, first: int, end: int) -> tuple[Postings, Starts]:
        """The postings of some keys in a row, and where those of each begin, with the end of the last."""
        return self._rows(self.base_postings, self.changed.postings, self.posting_counts, first, end)

    def places(self, first: int, end: int) -> tuple[Places, Starts]:
        return self._rows(self.base_places, self.changed.places, self.place_counts, first, end)

    def _rows(self, base: Column, changed: ByKey, counts: Ranks, first: int, end: int) -> tuple[Row, Starts]:
        starts = np.zeros(end - first + 1, np.int64)
        np.cumsum(counts[first:end], out=starts[1:])
        source, touched = self.source[first:end], self.touched[first:end]
        if not touched.any() and (first == end or source[-1] - source[0] == end - first - 1):
            low, high = (int(source[0]), int(source[-1]) + 1) if first < end else (0, 0)
            return base.rows[base.starts[low] : base.starts[high]], starts
        parts = [base.rows[:0]]
        cuts = (np.flatnonzero(touched[1:] | touched[:-1] | (np.diff(source) != 1)) + 1).tolist()
        for low, high in pairwise([0, *cuts, end - first]):
            if touched[low]:
                parts.append(self.of_key(base, changed, first + low))
            else:
                parts.append(base.rows[base.starts[source[low]] : base.starts[source[high - 1] + 1]])
        return np.concatenate(parts), starts

    def of_key(self, base: Column, changed: ByKey, rank: int) -> Row:
        """The rows of one key, whether it was touched or not."""
        source = int(self.source[rank])
        held: Row = base.of(source) if source >= 0 else base.rows[:0]
        if not self.touched[rank]:
            return held
        new = np.array(changed.get(self.vocabulary[rank], ()), held.dtype)
        found: Row = np.concatenate([without(held, base.bits, self.changed.ordinals), new])
        found.sort()
        return found


def without(held: Row, bits: int, ordinals: set[int]) -> Row:
    """Sorted rows but for those of some documents."""
    edges = np.array(sorted(ordinals), held.dtype)
    shift = held.dtype.type(bits)
    low, high = np.searchsorted(held, edges << shift), np.searchsorted(held, (edges + held.dtype.type(1)) << shift)
    gone = low < high
    if not gone.any():
        return held
    stays = np.ones(len(held), bool)
    for start, end in zip(low[gone].tolist(), high[gone].tolist(), strict=True):
        stays[start:end] = False
    return held[stays]


def based(vocabulary: list[str], postings: Column, places: Column) -> Rows:
    """Rows that are all in the base."""
    source = np.arange(len(vocabulary), dtype=np.int32)
    return Rows(vocabulary, postings, places, Changed(set(), {}, {}), source, np.zeros(len(source), bool),
                np.diff(postings.starts).astype(np.int32), np.diff(places.starts).astype(np.int32))


def merged(batches: Iterable[Gathered]) -> Rows:
    """The rows of all documents, which the batches hold in order; each batch can go as soon as the next is asked for."""
    ids: dict[str, int] = {}
    numbers: dict[int, list[int]] = {}  # of the keys of each teller
    postings: list[_Numbered] = []
    places: list[_Numbered] = []
    for batch in batches:
        if batch.teller not in numbers:
            numbers[batch.teller] = numbers.get(os.getpid(), [])[: batch.known]
        own = numbers[batch.teller]
        own += [ids.setdefault(key, len(ids)) for key in batch.vocabulary]
        table = np.array(own, np.int32)
        postings.append(_Numbered(table[batch.keys], batch.counts, batch.postings))
        places.append(_Numbered(table[batch.place_keys], batch.place_counts, batch.places))
        del batch
    names = list(ids)
    del ids, numbers
    order = sorted(range(len(names)), key=names.__getitem__)
    ranks = np.empty(len(order), np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return based([names[number] for number in order], Column(*_together(postings, ranks, np.uint32), LEVEL_BITS),
                 Column(*_together(places, ranks, np.uint64), PLACE_BITS))


class _Numbered(NamedTuple):
    keys: Ranks
    counts: Ranks
    rows: Row


def _together(parts: list[_Numbered], ranks: Ranks, kind: type[np.generic]) -> tuple[Row, Starts]:
    """All rows under the ranks of their keys, and where those of each begin. Documents of later parts come later, so nothing
    needs to be compared. Takes the parts, to spare memory."""
    starts = np.zeros(len(ranks) + 1, np.int64)
    for part in parts:
        starts[ranks[part.keys] + 1] += part.counts
    np.cumsum(starts, out=starts)
    free = starts[:-1].copy()
    found = np.empty(int(starts[-1]), kind)
    parts.reverse()
    while parts:
        part = parts.pop()
        own = ranks[part.keys]
        offsets = free[own] - (np.cumsum(part.counts) - part.counts)
        found[np.repeat(offsets, part.counts) + np.arange(len(part.rows))] = part.rows
        free[own] += part.counts
    return found, starts
