"""How a sorted table of keys is cut into parts of about one size, so that a change moves few borders.

The keys form a tree by their letters. A branch that is small enough stays in one part, small neighbours share one, a larger
branch is cut further. Borders depend on the keys and their sizes alone, not on how the table came to be.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Part(NamedTuple):
    """A part of a table: the key that it begins with, and its rows from ``start`` to before ``end``."""

    name: str
    start: int
    end: int


class Layout(NamedTuple):
    """All parts in order; ``branches`` are those that were cut, by the beginning that their keys share."""

    parts: list[Part]
    branches: list[Part]


def lay_out(keys: Sequence[str], sizes: NDArray[np.int32] | NDArray[np.int64], limit: int) -> Layout:
    """Cuts sorted keys, each of which takes ``sizes`` bytes, into parts of at most ``limit`` bytes; one key is never cut."""
    ends = np.zeros(len(keys) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    branches: list[Part] = []
    starts = [*_cut(keys, ends.tolist(), limit, 0, len(keys), branches)] if len(keys) else []
    if starts:
        starts[0] = ("", 0)
    borders = [*(start for _, start in starts[1:]), len(keys)][: len(starts)]
    return Layout([Part(name, start, end) for (name, start), end in zip(starts, borders, strict=True)], branches)


def _cut(keys: Sequence[str], ends: Sequence[int], limit: int, low: int, high: int,
         branches: list[Part]) -> Iterator[tuple[str, int]]:
    """Yields name and first row of each part of the branch."""
    if high - low == 1 or ends[high] - ends[low] <= limit:
        yield keys[low], low
        return
    shared = _common(keys[low], keys[high - 1])
    branches.append(Part(shared, low, high))
    filled = limit + 1  # bytes in the part that the next branch may join
    while low < high:
        end, name = _branch(keys, low, high, len(shared))
        size = ends[end] - ends[low]
        if size > limit and end - low > 1:
            yield from _cut(keys, ends, limit, low, end, branches)
            filled = limit + 1
        elif filled + size > limit:
            yield name, low
            filled = size
        else:
            filled += size
        low = end


def _common(one: str, other: str) -> str:
    """The beginning that two keys share."""
    return one[: sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))]


def _branch(keys: Sequence[str], low: int, high: int, depth: int) -> tuple[int, str]:
    """The end of the branch that begins at a row, and its name: the key that is over, or all keys with the same next letter."""
    name = keys[low][: depth + 1]
    if len(name) == depth:
        return low + 1, name
    if name[depth] == "\U0010ffff":
        return high, name
    return bisect_left(keys, name[:depth] + chr(ord(name[depth]) + 1), low, high), name
