"""Lists of documents and of places as the numbers that a table writes."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prsearch.encoding import Numbers, varint_lengths, varints
from prsearch.gathering import LEVEL_BITS, PLACE_BITS, Places, Postings, Starts


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


def posting_numbers(postings: Postings, starts: Starts) -> Coded:
    """For each document of some keys ``gap << 2 | level``; the rows of each key begin at ``starts``."""
    gaps = _gaps(postings >> np.uint32(LEVEL_BITS), starts)
    return Coded((gaps << np.uint32(LEVEL_BITS)) | (postings & np.uint32(3)), starts)


def merged_list(postings: Postings, documents: int) -> tuple[int, bytes]:
    """The number of documents that hold any of some keys, given the rows of all, and their list, each with its highest level."""
    ordinals, levels = postings >> np.uint32(LEVEL_BITS), postings & np.uint32(3)
    highest = np.zeros(documents, np.uint8)
    for level in range(4):  # higher ones write over lower ones
        highest[ordinals[levels == level]] = level + 1
    held = np.flatnonzero(highest).astype(np.uint32)
    found = (held << np.uint32(LEVEL_BITS)) | (highest[held] - np.uint8(1))
    return len(found), posting_numbers(found, np.array([0, len(found)])).lists()[0]


def place_numbers(places: Places, starts: Starts) -> Coded:
    """For each document of some keys its gap, the number of places, the first place, the differences."""
    documents = (places >> np.uint64(PLACE_BITS)).astype(np.uint32)
    head = np.ones(len(places), bool)
    head[1:] = documents[1:] != documents[:-1]
    head[starts[:-1][starts[:-1] < starts[1:]]] = True
    heads = np.flatnonzero(head)
    key_starts = np.searchsorted(heads, starts)
    place = (places & np.uint64((1 << PLACE_BITS) - 1)).astype(np.uint32)
    numbers = np.empty(len(places) + 2 * len(heads), np.uint32)
    at = np.arange(len(places)) + 2 * np.cumsum(head)
    numbers[at] = np.diff(place, prepend=np.uint32(0))
    numbers[at[heads]] = place[heads]
    numbers[at[heads] - 2] = _gaps(documents[heads], key_starts)
    numbers[at[heads] - 1] = np.diff(np.append(heads, len(places)))
    return Coded(numbers, starts + 2 * key_starts)


def _gaps(ordinals: NDArray[np.uint32], starts: Starts) -> NDArray[np.uint32]:
    """Documents passed over between one and the next; the first of each key counts from the beginning."""
    found = np.diff(ordinals, prepend=np.uint32(0)) - np.uint32(1)
    heads = starts[:-1][starts[:-1] < starts[1:]]
    found[heads] = ordinals[heads]
    return found
