"""Names shared out among buckets in a way that depends on the names alone, so that a new name disturbs one bucket only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from zlib import crc32

import numpy as np

_BITS = 32


def buckets(names: Iterable[str], fits: Callable[[Sequence[str]], bool]) -> dict[str, list[str]]:
    """The names by bucket, sorted in each.

    A bucket holds the names whose CRC-32 begins with its bits (``""``, ``0``, ``10``). One that does not fit is cut in two by the
    next bit, so that a new name changes its own bucket or, rarely, halves it.
    """
    ordered = sorted(names)
    return dict(_split(ordered, {name: crc32(name.encode()) for name in ordered}, "", fits))


def _split(names: list[str], marks: dict[str, int], bits: str,
           fits: Callable[[Sequence[str]], bool]) -> Iterator[tuple[str, list[str]]]:
    if len(names) < 2 or len(bits) == _BITS or fits(names):
        if names or not bits:
            yield bits, names
        return
    bit = 1 << (_BITS - 1 - len(bits))
    yield from _split([name for name in names if not marks[name] & bit], marks, f"{bits}0", fits)
    yield from _split([name for name in names if marks[name] & bit], marks, f"{bits}1", fits)


def even_buckets(names: Iterable[str], most: int) -> dict[str, list[str]]:
    """As ``buckets`` with at most so many names each, ten times as fast; in each they stand in the order of their CRC-32."""
    known = list(names)
    marks = np.fromiter(map(crc32, map(str.encode, known)), np.uint32, len(known))
    order = np.argsort(marks, kind="stable")
    marks = marks[order]
    found = {}
    pending = [("", 0, len(known))]
    while pending:
        bits, first, end = pending.pop()
        if end - first <= most or len(bits) == _BITS:
            if end > first or not bits:
                found[bits] = [known[at] for at in order[first:end].tolist()]
            continue
        half = int((bits + "1").ljust(_BITS, "0"), 2)
        middle = first + int(np.searchsorted(marks[first:end], np.uint32(half)))
        pending += ((f"{bits}1", middle, end), (f"{bits}0", first, middle))
    return found
