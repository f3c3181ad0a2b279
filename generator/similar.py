"""Which records are like others: those that share the most of their rare terms.

Each term counts by how few records have it, in powers of two, and one that more than ``COMMON`` have counts nothing. So a changed
record can move the lists of those alone that share a rare term with it, whatever the size of the portal, and only these are made
anew (docs/search.md).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from generator.signatures import HASH_BITS, Signer
from kb.library import Library
from kb.workers import done
from prsearch.documents import ELSEWHERE

MOST = 5  # records that are like one
COMMON = 64  # records; a term of more says nothing
LEAST = 16  # points; more than a single word is worth
WORTH = (2, 3, 1, 1, 4, 4, 6)  # of the kinds of terms, as generator.signatures has them
POOR = ELSEWHERE | {"retired"}  # states of records that are not suggested: another one tells of it, or none does

_ORDINAL_BITS = 22
_FACT_BITS = 9  # of a shared term: 6 for its points, 3 for its kind
_CHUNK = 4_000  # records that are compared at once
_BATCH = 2_000  # records that a worker reads at once
_WORTH = np.array([*WORTH, *(0 for _ in range(len(WORTH), 8))], np.int64)

Ints = NDArray[Any]


class Likeness(msgspec.Struct, frozen=True, array_like=True):
    """What is kept from build to build, as arrays of this machine. ``postings`` (64 bits, sorted) are ``term << 22 | ordinal``;
    for each ordinal stand in ``nearest`` (32 bits) the ordinals of the records most like it, best first, then -1, and in
    ``shared`` (8 bits) what kinds of terms they have in common."""

    postings: bytes = b""
    nearest: bytes = b""
    shared: bytes = b""


class Alike(NamedTuple):
    """A record that is like another: its key, and the kinds of terms that both have, as a mask of bits."""

    key: str
    shared: int

    def by(self, kind: int) -> bool:
        return bool(self.shared >> kind & 1)


class Similar:
    """The records of a library that are like each other: all are compared when the first is asked for, unless ``update`` could
    take over what was known before."""

    def __init__(self, library: Library, jobs: int = 1) -> None:
        self._library, self._jobs = library, jobs
        self._keys = list(library.heads)
        self._tables: _Tables | None = None
        self._titles: dict[str, dict[str, str]] = {}

    def to(self, key: str) -> list[Alike]:
        """The records like one, best first, without those that are linked with it; with these they are ``MOST`` at most."""
        tables = self._known()
        linked = {relation.id for relation in self._library.relations.get(key, ())}
        ordinal = tables.ordinals[key]
        found = [Alike(self._keys[other], shared)
                 for other, shared in zip(tables.nearest[ordinal].tolist(), tables.shared[ordinal].tolist(), strict=True)
                 if other >= 0 and self._keys[other] not in linked]
        return found[: max(0, MOST - len(linked))]

    def title(self, key: str, language: str) -> tuple[str, str]:
        """(title, its language) of a record for readers of a language."""
        titles = self._titles.get(key) or {text.language: text.title for text in self._library.texts_of(key)}
        chosen = language if language in titles else next(iter(titles))
        return titles[chosen], chosen

    def kept(self) -> Likeness:
        """For the next build."""
        tables = self._known()
        return Likeness(tables.postings.tobytes(), tables.nearest.tobytes(), tables.shared.tobytes())

    def update(self, before: Likeness, keys: Sequence[str], changed: Collection[str]) -> set[str] | None:
        """Takes over what was known of the records ``keys``, of which some have ``changed`` since. Gives the keys of those whose
        list is another one now or holds a changed record; None where nothing fits."""
        known = _read(before, len(keys))
        if known is None:
            return None
        if not changed and keys == self._keys:
            self._tables = _Tables(self._ordinals(), *known)
            return set()
        return self._merge(known, _places(keys, self._keys), changed)

    def _merge(self, known: _Kept, places: Ints, changed: Collection[str]) -> set[str]:
        """``places`` are the ordinals that records of before have now, -1 where they are gone."""
        ordinals = self._ordinals()
        new = np.array(sorted(ordinals[key] for key in changed if key in ordinals), np.int64)
        fresh = np.zeros(len(self._keys), bool)
        fresh[new] = True
        moved = places[_ordinals(known.postings)]
        stays = (moved >= 0) & ~fresh[moved]
        postings = known.postings >> _ORDINAL_BITS << _ORDINAL_BITS | moved
        lost = _terms(known.postings[~stays])
        postings, rows, terms = postings[stays], *self._signatures(new)
        added = np.sort(terms << _ORDINAL_BITS | rows)
        postings = np.insert(postings, np.searchsorted(postings, added), added)

        nearest = np.full((len(self._keys), MOST), -1, np.int32)
        shared = np.zeros((len(self._keys), MOST), np.uint8)
        there = places >= 0
        held = known.nearest[there]
        nearest[places[there]] = np.where(held >= 0, places[held], -1)
        shared[places[there]] = known.shared[there]
        names = np.isin(nearest, new).any(axis=1) | fresh
        before, before_shared = nearest.copy(), shared.copy()

        touched = np.unique(np.concatenate([lost, _terms(added)]))
        low, high = _ranges(postings, touched)
        counted = (high - low <= COMMON) | (high - low - _counts(added, touched) + _counts_of(lost, touched) <= COMMON)
        asked = np.union1d(new, _ordinals(postings[_spread(low[counted], high[counted])[0]]))
        self._tables = _Tables(ordinals, postings, nearest, shared)
        self._fill(asked)
        names |= ((nearest != before) | (shared != before_shared)).any(axis=1)
        return {self._keys[ordinal] for ordinal in np.flatnonzero(names).tolist()}

    def _known(self) -> _Tables:
        if self._tables is None:
            rows, terms = self._signatures(np.arange(len(self._keys)))
            postings = np.sort(terms << _ORDINAL_BITS | rows)
            count = len(self._keys)
            self._tables = _Tables(self._ordinals(), postings, np.full((count, MOST), -1, np.int32),
                                   np.zeros((count, MOST), np.uint8))
            self._compare(_all_rare(postings))
        return self._tables

    def _ordinals(self) -> dict[str, int]:
        return {key: ordinal for ordinal, key in enumerate(self._keys)}

    def _fill(self, asked: Ints) -> None:
        """Makes the lists of some records anew."""
        tables = self._tables
        assert tables
        tables.nearest[asked], tables.shared[asked] = -1, 0
        rows, terms = self._signatures(asked)
        self._compare(_rare(_Held(rows, terms, *_ranges(tables.postings, terms))))

    def _compare(self, held: _Held) -> None:
        """The lists of records from what they hold; the rows are sorted."""
        facts = _facts(self._library)
        assert self._tables
        for first in range(0, len(self._keys), _CHUNK):
            start, end = np.searchsorted(held.rows, (first, first + _CHUNK))
            if start < end:
                _put_nearest(self._tables, facts, _Held(*(column[start:end] for column in held)))

    def _signatures(self, ordinals: Ints) -> tuple[Ints, Ints]:
        """The ordinals of some records, each as often as it has terms, and these. Their titles are remembered."""
        keys = [self._keys[ordinal] for ordinal in ordinals.tolist()]
        signer = Signer(self._library)
        work = [partial(signer.signed, keys[start : start + _BATCH]) for start in range(0, len(keys), _BATCH)]
        found = [*done(work, self._jobs, 4, 1)] or [signer.signed(())]
        self._titles.update(zip(keys, (titles for signed in found for titles in signed.titles), strict=True))
        return (np.repeat(ordinals, np.concatenate([signed.sizes for signed in found])),
                np.concatenate([signed.terms for signed in found]))


class _Kept(NamedTuple):
    postings: Ints
    nearest: Ints
    shared: Ints


class _Tables(NamedTuple):
    """As ``Likeness``, with the ordinals of keys."""

    ordinals: Mapping[str, int]
    postings: Ints
    nearest: Ints
    shared: Ints


class _Held(NamedTuple):
    """Terms that records hold: their ordinals, the terms, and where the postings of each term begin and end."""

    rows: Ints
    terms: Ints
    low: Ints
    high: Ints


class _Facts(NamedTuple):
    """By ordinal: the days on which records were made, masks of their products, and whether they are suggested at all."""

    days: Ints
    products: Ints
    fine: Ints


def _facts(library: Library) -> _Facts:
    bits = {product.id: 1 << number % 63 for number, product in enumerate(library.catalogue.products)}
    heads = library.heads.values()
    masks = {products: sum({bits.get(name, 0) for name in products}) for products in {head.products for head in heads}}
    return _Facts(np.array([head.created.toordinal() for head in heads], np.int32),
                  np.array([masks[head.products] for head in heads], np.int64),
                  np.array([head.status not in POOR for head in heads], bool))


def _all_rare(postings: Ints) -> _Held:
    """All that is held and rare, in the order of records."""
    terms = _terms(postings)
    heads = np.flatnonzero(np.append(True, terms[1:] != terms[:-1])[: len(terms)])
    sizes = np.diff(np.append(heads, len(terms)))
    low = np.repeat(heads, sizes)
    held = _rare(_Held(_ordinals(postings), terms, low, low + np.repeat(sizes, sizes)))
    order = np.argsort(held.rows, kind="stable")
    return _Held(*(column[order] for column in held))


def _rare(held: _Held) -> _Held:
    counts = held.high - held.low
    useful = (counts > 1) & (counts <= COMMON)
    return _Held(*(column[useful] for column in held))


def _put_nearest(tables: _Tables, facts: _Facts, held: _Held) -> None:
    """Finds the records most like those of some rows: by points, then of nearly the same age, then by id."""
    own, others, points, shared = _shared(tables.postings, held)
    apart = (facts.products[own] & facts.products[others] == 0) & (facts.products[own] != 0) & (facts.products[others] != 0)
    points = np.where(apart, points // 2, points)
    enough = (points >= LEAST) & facts.fine[others]
    own, others, points, shared = own[enough], others[enough], points[enough], shared[enough]
    order = np.lexsort((others, np.abs(facts.days[own] - facts.days[others]), -points, own))
    own, others, shared = own[order], others[order], shared[order]
    rank = np.arange(len(own)) - np.searchsorted(own, own)
    best = rank < MOST
    tables.nearest[own[best], rank[best]] = others[best]
    tables.shared[own[best], rank[best]] = shared[best]


def _shared(postings: Ints, held: _Held) -> tuple[Ints, Ints, Ints, Ints]:
    """(own, other, points, kinds of terms as a mask) of all pairs of one of the records and another one with a rare term."""
    places, of = _spread(held.low, held.high)
    kinds, first = held.terms >> HASH_BITS, held.rows[0]
    points = _WORTH[kinds] * (1 + COMMON.bit_length() - np.ceil(np.log2(held.high - held.low)).astype(np.int64))
    own = (held.rows - first << _ORDINAL_BITS + _FACT_BITS) | points << 3 | kinds
    packed = own[of] | _ordinals(postings[places]) << _FACT_BITS  # sorted as one number: far faster than by several columns
    packed.sort()
    pairs = packed >> _FACT_BITS
    starts = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    points, shared = np.add.reduceat(packed >> 3 & 63, starts), np.bitwise_or.reduceat(1 << (packed & 7), starts)
    pairs = pairs[starts]
    own, others = (pairs >> _ORDINAL_BITS) + first, _ordinals(pairs)
    differ = own != others
    return own[differ], others[differ], points[differ], shared[differ]


def _terms(postings: Ints) -> Ints:
    return postings >> _ORDINAL_BITS


def _ordinals(postings: Ints) -> Ints:
    found: Ints = postings & ((1 << _ORDINAL_BITS) - 1)
    return found


def _ranges(postings: Ints, terms: Ints) -> tuple[Ints, Ints]:
    """Where the postings of each term begin and end."""
    return np.searchsorted(postings, terms << _ORDINAL_BITS), np.searchsorted(postings, (terms + 1) << _ORDINAL_BITS)


def _spread(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """All places from each of ``low`` to before ``high``, and which of these each belongs to."""
    sizes = high - low
    of = np.repeat(np.arange(len(sizes)), sizes)
    return np.arange(len(of)) - (np.cumsum(sizes) - sizes)[of] + low[of], of


def _counts(postings: Ints, terms: Ints) -> Ints:
    low, high = _ranges(postings, terms)
    return high - low


def _counts_of(found: Ints, terms: Ints) -> Ints:
    """How often each of the terms stands among sorted ones."""
    return np.searchsorted(found, terms, side="right") - np.searchsorted(found, terms)


def _places(before: Sequence[str], now: Sequence[str]) -> Ints:
    """For each key of before its place now, -1 where it is gone."""
    if before == now:
        return np.arange(len(now))
    places = {key: place for place, key in enumerate(now)}
    return np.array([places.get(key, -1) for key in before], np.int64)


def _read(kept: Likeness, count: int) -> _Kept | None:
    """What was kept, where it is of as many records."""
    found = _Kept(np.frombuffer(kept.postings, np.int64), np.frombuffer(kept.nearest, np.int32).reshape(-1, MOST),
                  np.frombuffer(kept.shared, np.uint8).reshape(-1, MOST))
    return found if count and len(found.nearest) == len(found.shared) == count else None
