"""Gathers the rows of documents: which key stands in which with which level, and in which places.

A posting is ``ordinal << 2 | level``, a place ``ordinal << 18 | place``.
"""

from __future__ import annotations

import os
from array import array
from collections import defaultdict
from collections.abc import Sequence
from itertools import count, islice, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prsearch.analysis import word_keys, word_stems
from prsearch.documents import OFTEN, OFTEN_FROM, ONCE, ROUND

LEVEL_BITS, PLACE_BITS, ORDINAL_BITS = 2, 18, 22

Starts = NDArray[np.int64]
Postings = NDArray[np.uint32]
Places = NDArray[np.uint64]


class Gathered(NamedTuple):
    """Rows of some documents, sorted by the numbers of their keys: ``keys`` (ascending) and how many rows each has.

    ``vocabulary`` names the keys from the number ``known`` on. Those before were told by earlier batches of the ``teller`` (a
    process), or by those of the process that it was forked from."""

    teller: int
    known: int
    vocabulary: list[str]
    keys: NDArray[np.int32]
    counts: NDArray[np.int32]
    postings: Postings
    place_keys: NDArray[np.int32]
    place_counts: NDArray[np.int32]
    places: Places


class Vocabulary:
    """Words met so far and what they stand for, numbered as they came. One serves all batches of a process."""

    def __init__(self) -> None:
        self.words: defaultdict[str, int] = defaultdict(count().__next__)
        self.keys: defaultdict[str, int] = defaultdict(count().__next__)
        self.told = 0  # keys whose names were handed over
        self._of_keys, self._of_stems = _Lists(), _Lists()

    def learn(self) -> tuple[_Lists, _Lists]:
        """The keys and the stems of each word; a stop word's place is taken by -1."""
        number = self.keys.__getitem__
        for word in islice(self.words, len(self._of_keys), None):
            self._of_keys.append([number(key) for key in word_keys(word)])
            self._of_stems.append([-1 if stem is None else number(stem) for stem in word_stems(word)])
        return self._of_keys, self._of_stems

    def news(self) -> tuple[int, list[str]]:
        """The names of keys that were not told before, and the number of the first."""
        known, self.told = self.told, len(self.keys)
        return known, list(islice(self.keys, known, None))


class _Lists:
    """Lists of small numbers, one after the other."""

    def __init__(self) -> None:
        self._numbers, self._ends = array("i"), array("q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, numbers: Sequence[int]) -> None:
        self._numbers.extend(numbers)
        self._ends.append(len(self._numbers))

    def expanded(self, chosen: Starts) -> tuple[Starts, Starts]:
        """The numbers of the chosen lists, and for each the place of its list among the chosen."""
        ends = np.array(self._ends, np.int64)
        sizes = np.diff(ends)[chosen]
        of = np.repeat(np.arange(len(chosen)), sizes)
        first = ends[chosen] - (np.cumsum(sizes) - sizes)
        return np.array(self._numbers, np.int64)[np.arange(len(of)) + first[of]], of


class Batch:
    """Gathers documents, their words and other keys. What words stand for is worked out for all at once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._words: list[int] = []
        self._parts: list[tuple[int, int, int]] = []  # ordinal, level, number of words
        self._keys: list[int] = []
        self._documents: list[int] = []  # ordinal and level of each key

    def add_part(self, ordinal: int, level: int, words: Sequence[str]) -> None:
        """Adds a part of a document's texts. Parts of a document follow each other."""
        self._words += map(self._vocabulary.words.__getitem__, words)
        self._parts.append((ordinal, level, len(words)))

    def add_keys(self, ordinal: int, level: int, keys: Sequence[str]) -> None:
        """Adds keys of a document that do not come out of its texts."""
        self._keys += map(self._vocabulary.keys.__getitem__, keys)
        self._documents += repeat(ordinal << LEVEL_BITS | level, len(keys))

    def gathered(self) -> Gathered:
        documents, levels, sizes = np.array(self._parts, np.int64).reshape(-1, 3).T
        words = np.array(self._words, np.int64)
        part = np.repeat(np.arange(len(sizes)), sizes)  # of each word
        keys, stems = self._vocabulary.learn()
        places = _placed(*stems.expanded(words), part, documents)
        other = np.array(self._keys, np.int64) << 24 | np.array(self._documents, np.int64)
        postings = np.concatenate([_rated(*keys.expanded(words), documents[part], levels[part]), other])
        postings.sort()
        return Gathered(os.getpid(), *self._vocabulary.news(), *_counted(postings >> 24), (postings & 0xFFFFFF).astype(np.uint32),
                        *_counted(places >> 40), (places & ((1 << 40) - 1)).astype(np.uint64))


def _rated(keys: Starts, word: Starts, documents: Starts, levels: Starts) -> Starts:
    """``number << 24 | posting`` of each key of each document with its highest level."""
    rows = keys << ORDINAL_BITS | documents[word]
    rated = levels[word]
    once, counts = np.unique(rows[rated == ONCE], return_counts=True)
    others = (rows << LEVEL_BITS | rated)[rated != ONCE]
    found = np.concatenate([once << LEVEL_BITS | np.where(counts >= OFTEN_FROM, OFTEN, ONCE), others])
    found.sort()
    return found[np.append(found[1:] >> LEVEL_BITS != found[:-1] >> LEVEL_BITS, True)] if len(found) else found


def _placed(stems: Starts, word: Starts, part: Starts, documents: Starts) -> Starts:
    """``number << 40 | place`` of each stem, sorted."""
    own = part[word]
    sizes = np.bincount(own, minlength=len(documents))
    blocks = np.cumsum(sizes // ROUND + 1) - (sizes // ROUND + 1)  # before each part, over all documents
    first = np.append(True, documents[1:] != documents[:-1])[: len(documents)]
    blocks -= np.maximum.accumulate(np.where(first, blocks, 0))
    place = np.arange(len(stems)) - (np.cumsum(sizes) - sizes)[own] + blocks[own] * ROUND
    known = (place < 1 << PLACE_BITS) & (stems >= 0)
    found: Starts = (stems << 40 | documents[own] << PLACE_BITS | place)[known]
    found.sort()
    return found


def _counted(numbers: Starts) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Each of the sorted numbers once, and how often it stands there."""
    heads = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])[: len(numbers)])
    return numbers[heads].astype(np.int32), np.diff(np.append(heads, len(numbers))).astype(np.int32)
