"""Rows after some documents have changed."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prsearch.gathering import LEVEL_BITS, PLACE_BITS, Gathered, Starts
from prsearch.rows import ORDINALS, ByKey, Changed, Column, Flags, Ranks, Row, Rows, based

MOST_BESIDE = 200  # changed documents beside a base; with more of them a new base is made
_STEP = 1 << 20  # rows that are looked at together
_EACH = 50  # documents whose rows are looked for key by key


class Exchange(NamedTuple):
    """Rows after a change and the keys whose rows differ. What stands beside the old keys stands beside the new ones after
    ``moved``."""

    rows: Rows
    kept: Flags
    added: NDArray[np.int64]
    postings: set[str]
    places: set[str]

    def moved(self, values: Row) -> Row:
        """Values of the old keys as those of the new ones, 0 for the keys that were added."""
        return _moved(values, self.kept, self.added, 0)


def _moved(values: Row, kept: Flags, added: NDArray[np.int64], fill: int) -> Row:
    stay = values if kept.all() else values[kept]
    return np.insert(stay, added, fill) if len(added) else stay.copy()


def exchanged(rows: Rows, new: Gathered, ordinals: Collection[int]) -> Exchange:
    """The rows with those of some documents replaced by new ones."""
    changed = set(ordinals)
    old_postings, old_places = _held(rows, changed)
    postings = _by_key(new, new.keys, new.counts, new.postings)
    places = _by_key(new, new.place_keys, new.place_counts, new.places)
    dirty, dirty_places = _differing(old_postings, postings), _differing(old_places, places)
    steps = {key: len(postings.get(key, ())) - len(old_postings.get(key, ())) for key in old_postings.keys() | postings.keys()}
    gone = [rank for key, step in steps.items()
            if step < 0 and (rank := rows.rank(key)) is not None and rows.posting_counts[rank] + step == 0]
    added = sorted(key for key in postings if rows.rank(key) is None)
    kept = np.ones(len(rows.vocabulary), bool)
    kept[gone] = False
    vocabulary = [key for key, stays in zip(rows.vocabulary, kept.tolist(), strict=True) if stays] if gone else rows.vocabulary[:]
    before = np.array([bisect_left(vocabulary, key) for key in added], np.int64)
    for key in added:
        insort(vocabulary, key)
    source, touched, posting_counts, place_counts = (
        _moved(values, kept, before, fill) for values, fill in (
            (rows.source, -1), (rows.touched, 1), (rows.posting_counts, 0), (rows.place_counts, 0)))
    beside = Changed(rows.changed.ordinals | changed, _with(rows.changed.postings, LEVEL_BITS, changed, postings),
                     _with(rows.changed.places, PLACE_BITS, changed, places))
    found = Rows(vocabulary, rows.base_postings, rows.base_places, beside, source, touched, posting_counts, place_counts)
    for key, step in steps.items():
        if (rank := found.rank(key)) is not None:
            touched[rank] = True
            posting_counts[rank] += step
            place_counts[rank] += len(places.get(key, ())) - len(old_places.get(key, ()))
    return Exchange(found if len(beside.ordinals) <= MOST_BESIDE else rebased(found), kept, before, dirty, dirty_places)


def _by_key(new: Gathered, keys: Ranks, counts: Ranks, rows: Row) -> ByKey:
    """New rows by key."""
    ends = np.cumsum(counts).tolist()
    values = rows.tolist()
    return {new.vocabulary[key]: values[end - count : end] for key, count, end in zip(
        keys.tolist(), counts.tolist(), ends, strict=True)}


def _with(before: ByKey, bits: int, ordinals: set[int], new: ByKey) -> ByKey:
    """Rows by key without those of some documents, and with new ones."""
    found = {key: rest for key, held in before.items() if (rest := [row for row in held if row >> bits not in ordinals])}
    for key, held in new.items():
        found[key] = sorted([*found.get(key, ()), *held])
    return found


def _differing(before: ByKey, after: ByKey) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _held(rows: Rows, ordinals: set[int]) -> tuple[ByKey, ByKey]:
    """The rows of some documents by key, as they are."""
    sources = np.maximum.accumulate(rows.source)  # keys that the base lacks repeat the one before
    sought = ordinals - rows.changed.ordinals
    found = []
    keys: list[int] | None = None
    for column, beside in ((rows.base_postings, rows.changed.postings), (rows.base_places, rows.changed.places)):
        by_number = _searched(column, sought, keys)
        held = {key: own for key, before in beside.items()
                if (own := [row for row in before if row >> column.bits in ordinals])}
        for rank, own in zip(np.searchsorted(sources, list(by_number)).tolist(), by_number.values(), strict=True):
            held[rows.vocabulary[rank]] = sorted([*held.get(rows.vocabulary[rank], ()), *own])
        found.append(held)
        keys = list(by_number) if len(sought) <= _EACH else None
    return found[0], found[1]


def _searched(column: Column, ordinals: set[int], keys: Sequence[int] | None) -> dict[int, list[int]]:
    """The rows of some documents by the number of their key in the base; ``keys`` are those that can hold any."""
    found: dict[int, list[int]] = {}
    if not ordinals:
        return found
    if keys is not None:
        for number in keys:
            if own := _within(column.of(number), column.bits, ordinals):
                found[number] = own
        return found
    positions = _positions(column, ordinals)
    numbers = np.searchsorted(column.starts, positions, side="right") - 1
    for number, row in zip(numbers.tolist(), column.rows[positions].tolist(), strict=True):
        found.setdefault(number, []).append(row)
    return found


def _within(held: Row, bits: int, ordinals: set[int]) -> list[int]:
    if not len(held):
        return []
    kind = held.dtype.type
    edges = np.array(sorted(ordinals), held.dtype)
    low, high = (np.searchsorted(held, (edges + kind(step)) << kind(bits)).tolist() for step in (0, 1))
    return [row for start, end in zip(low, high, strict=True) for row in held[start:end].tolist()]


def _positions(column: Column, ordinals: set[int]) -> Starts:
    """Where the rows of some documents stand in a base."""
    flags = np.zeros(ORDINALS, bool)
    flags[list(ordinals)] = True
    shift = column.rows.dtype.type(column.bits)
    one = np.uint32(next(iter(ordinals)))
    found = [np.zeros(0, np.int64)]
    for start in range(0, len(column.rows), _STEP):
        documents = column.rows[start : start + _STEP] >> shift
        hits = documents == one if len(ordinals) == 1 else flags[documents]
        found.append(np.flatnonzero(hits) + start)
    return np.concatenate(found)


def rebased(rows: Rows) -> Rows:
    """The same rows as a base of their own."""
    return based(rows.vocabulary,
                 _rebased(rows, rows.base_postings, rows.changed.postings, rows.posting_counts),
                 _rebased(rows, rows.base_places, rows.changed.places, rows.place_counts))


def _rebased(rows: Rows, base: Column, changed: ByKey, counts: Ranks) -> Column:
    """Stretch by stretch, so that little stands beside the old rows and the new ones."""
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    flags = np.zeros(ORDINALS, bool)
    flags[list(rows.changed.ordinals)] = True
    found = np.empty(int(starts[-1]), base.rows.dtype)
    ranks = np.full(len(base.starts) - 1, -1, np.int64)  # of the keys of the base; all rows of those without one have gone
    ranks[rows.source[rows.source >= 0]] = np.flatnonzero(rows.source >= 0)
    new_ranks, new_rows = _flat(rows, changed, base.rows.dtype)
    borders = sorted({0, len(counts), *np.searchsorted(starts, np.arange(0, int(starts[-1]), _STEP)).tolist()})
    for first, end in pairwise(borders):
        sources = rows.source[first:end]
        known = sources[sources >= 0]
        low, high = (int(known[0]), int(known[-1]) + 1) if len(known) else (0, 0)
        held = base.rows[base.starts[low] : base.starts[high]]
        own = np.repeat(ranks[low:high], np.diff(base.starts[low : high + 1]))
        stays = ~flags[held >> base.rows.dtype.type(base.bits)]
        held, own = held[stays], own[stays]
        within = slice(*np.searchsorted(new_ranks, [first, end]).tolist())
        at = np.searchsorted(_joint(own, held), _joint(new_ranks[within], new_rows[within]))
        found[starts[first] : starts[end]] = np.insert(held, at, new_rows[within])
    return Column(found, starts, base.bits)


def _flat(rows: Rows, changed: ByKey, kind: np.dtype[np.uint32] | np.dtype[np.uint64]) -> tuple[Starts, NDArray[np.uint64]]:
    """The rank of the key of each row of the changed documents, and the rows, sorted."""
    held = sorted((bisect_left(rows.vocabulary, key), own) for key, own in changed.items())
    ranks = np.repeat(np.array([rank for rank, _ in held], np.int64), np.array([len(own) for _, own in held], np.int64))
    return ranks, np.array([row for _, own in held for row in own], kind)


def _joint(ranks: Starts, rows: Row) -> NDArray[np.uint64]:
    """Rank and row as one number."""
    joint: NDArray[np.uint64] = (ranks.astype(np.uint64) << np.uint64(40)) | rows
    return joint
