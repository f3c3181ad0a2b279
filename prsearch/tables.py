"""The tables of the index: where they are cut into parts, which parts a change touches, and the bytes of a part."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prsearch.coding import Coded, merged_list, place_numbers, posting_numbers
from prsearch.encoding import file_name, packed, table, varint
from prsearch.exchange import Exchange
from prsearch.layout import Layout, Part, lay_out
from prsearch.rows import Rows

_TEXTS_PART, _PLACES_PART, _WORDS_PART = 32_000, 144_000, 48_000  # bytes of a part before packing
_NAMES_PART = 12_000
_FACET = 8  # parts of facets are smaller than those of texts by this factor, as a query seldom wants two that are neighbours
_WORD_FROM, _WORD_TO = 3, 32  # letters
_NAME_TO = 65  # characters of a name with its mark
_DIGITS = frozenset("0123456789")
_PREFIX_FROM = 3  # letters of a beginning that has a list of its own
_PREFIX_PARTS = 2  # what is in no more parts than about these needs none
_STEP = 1 << 20  # rows that are measured at once
_ONE_BY_ONE = 8_000  # keys; more are measured with all others

Sizes = NDArray[np.int32]


class Before(NamedTuple):
    """A table as it was: ``sizes`` of all keys (of tables of words the magnitudes of their ``words``), names of its parts."""

    sizes: Sizes
    parts: list[str]
    words: list[str]


class Table(NamedTuple):
    """A table to be written: all its parts, those that differ from before, and the bytes of a part."""

    name: str
    sizes: Sizes
    layout: Layout
    dirty: list[Part]
    encode: Callable[[Part], bytes]
    words: list[str]

    @property
    def before(self) -> Before:
        return Before(self.sizes, [part.name for part in self.layout.parts], self.words)

    def file(self, part: Part) -> tuple[str, bytes]:
        """Path and packed bytes of a part."""
        return f"{self.name}/{file_name(part.name)}.bin", packed(self.encode(part))


def texts_table(rows: Rows, before: Before | None, exchange: Exchange | None) -> Table:
    """Keys with their documents."""
    def coded(first: int, end: int) -> Coded:
        return posting_numbers(*rows.postings(first, end))

    def encode(part: Part) -> bytes:
        counts, lists = rows.posting_counts[part.start : part.end].tolist(), coded(part.start, part.end).lists()
        return table((key.encode(), varint(count) + varint(len(data)) + data) for key, count, data in zip(
            rows.vocabulary[part.start : part.end], counts, lists, strict=True))

    sizes = _sizes(rows, rows.posting_counts, coded, before, exchange, exchange.postings if exchange else ())
    weights = sizes.copy()
    for first, end in (("=", "=affects:"), ("=affects;", "=fixed:"), ("=fixed;", ">")):  # ; comes after :, > after =
        weights[bisect_left(rows.vocabulary, first) : bisect_left(rows.vocabulary, end)] *= _FACET
    layout = lay_out(rows.vocabulary, weights, _TEXTS_PART)
    return Table("t", sizes, layout, _dirty(layout, before, exchange.postings if exchange else ()), encode, [])


def places_table(rows: Rows, before: Before | None, exchange: Exchange | None) -> Table:
    """Keys with the places where they stand."""
    def coded(first: int, end: int) -> Coded:
        return place_numbers(*rows.places(first, end))

    sizes = _sizes(rows, rows.place_counts, coded, before, exchange, exchange.places if exchange else ())
    held = np.flatnonzero(rows.place_counts)
    vocabulary = [rows.vocabulary[at] for at in held.tolist()]

    def encode(part: Part) -> bytes:
        """Keys without places have empty lists and are left out."""
        first, end = int(held[part.start]), int(held[part.end - 1]) + 1
        return table((key.encode(), varint(len(data)) + data) for key, data in zip(
            rows.vocabulary[first:end], coded(first, end).lists(), strict=True) if data)

    layout = lay_out(vocabulary, sizes[held], _PLACES_PART)
    return Table("p", sizes, layout, _dirty(layout, before, exchange.places if exchange else ()), encode, [])


def words_tables(rows: Rows, before: Mapping[str, Before], exchange: Exchange | None) -> Iterator[Table]:
    """The keys of letters only, and the same spelt backwards, with the magnitude of their number of documents."""
    if exchange is None:
        digits: list[int] = np.frexp(rows.posting_counts.astype(np.float64))[1].tolist()
        found = [(key, count) for key, count in zip(rows.vocabulary, digits, strict=True) if is_word(key)]
        yield _words("v", found, None, ())
        yield _words("w", sorted((key[::-1], count) for key, count in found), None, ())
        return
    dirty = [(key, magnitude(rows, key)) for key in exchange.postings if is_word(key)]
    yield _words("v", _with(before["v"], dirty), before["v"], [key for key, _ in dirty])
    backwards = [(key[::-1], count) for key, count in dirty]
    yield _words("w", _with(before["w"], backwards), before["w"], [key for key, _ in backwards])


def names_table(rows: Rows, before: Mapping[str, Before], exchange: Exchange | None) -> Table:
    """The names that hold a digit, spelt backwards, with the magnitude of their number of documents."""
    if exchange is None:
        low, high = (bisect_left(rows.vocabulary, border) for border in ("#", "$"))
        digits: list[int] = np.frexp(rows.posting_counts[low:high].astype(np.float64))[1].tolist()
        return _words("m", sorted((key[:0:-1], count) for key, count in zip(rows.vocabulary[low:high], digits, strict=True)
                                  if is_name(key)), None, (), _NAMES_PART)
    dirty = [(key[:0:-1], magnitude(rows, key)) for key in exchange.postings if is_name(key)]
    return _words("m", _with(before["m"], dirty), before["m"], [key for key, _ in dirty], _NAMES_PART)


def _with(before: Before, dirty: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The words of a table with their magnitudes after a change; what no document holds any longer has none and goes."""
    words, digits = before.words[:], before.sizes.tolist()
    for word, count in dirty:
        at = bisect_left(words, word)
        held = at < len(words) and words[at] == word
        words[at : at + held] = [word] if count else []
        digits[at : at + held] = [count] if count else []
    return list(zip(words, digits, strict=True))


def _words(name: str, found: list[tuple[str, int]], before: Before | None, dirty: Iterable[str],
           limit: int = 0) -> Table:
    words = [word for word, _ in found]

    def encode(part: Part) -> bytes:
        return table((word.encode(), varint(count)) for word, count in found[part.start : part.end])

    layout = lay_out(words, np.fromiter(map(len, words), np.int32, len(words)) + np.int32(2), limit or _WORDS_PART)
    digits = np.fromiter((count for _, count in found), np.int32, len(found))
    return Table(name, digits, layout, _dirty(layout, before, dirty), encode, words)


def is_word(key: str) -> bool:
    """Whether a key takes part in the search for words of like spelling."""
    return _WORD_FROM <= len(key) <= _WORD_TO and key.isalpha()


def is_name(key: str) -> bool:
    """Whether a key takes part in the search for names of like spelling."""
    return key.startswith("#") and len(key) <= _NAME_TO and any(letter in _DIGITS for letter in key)


def same_words(old: Rows, new: Rows, dirty: Iterable[str], chosen: Callable[[str], bool]) -> bool:
    """Whether a table of chosen words stays as it is: of the keys that differ, none changes its magnitude."""
    return all(magnitude(old, key) == magnitude(new, key) for key in dirty if chosen(key))


def magnitude(rows: Rows, key: str) -> int:
    """Binary digits of the number of documents that hold a key."""
    rank = rows.rank(key)
    return int(rows.posting_counts[rank]).bit_length() if rank is not None else 0


def beginnings(texts: Table, before: Iterable[str], dirty: Iterable[str] | None) -> tuple[list[str], list[Part]]:
    """The beginnings whose keys fill many parts, and those branches whose lists differ from before."""
    ends = np.append(0, np.cumsum(texts.sizes))
    branches = [branch for branch in texts.layout.branches if len(branch.name) >= _PREFIX_FROM and branch.name[0] not in "!#="
                and ends[branch.end] - ends[branch.start] > _PREFIX_PARTS * _TEXTS_PART]
    known = set(before)
    touched = {key[:length] for key in dirty or () for length in range(_PREFIX_FROM, len(key) + 1)}
    differing = [branch for branch in branches if dirty is None or branch.name in touched or branch.name not in known]
    return sorted(branch.name for branch in branches), differing


def beginning_file(rows: Rows, documents: int, branch: Part) -> tuple[str, bytes]:
    """Path and packed bytes of the list of all keys with a beginning."""
    count, data = merged_list(rows.postings(branch.start, branch.end)[0], documents)
    return f"x/{file_name(branch.name)}.bin", packed(varint(count) + data)


def _sizes(rows: Rows, counts: NDArray[np.int32], coded: Callable[[int, int], Coded], before: Before | None,
           exchange: Exchange | None, dirty: Collection[str]) -> Sizes:
    """About the bytes of each key's row. Keys share their beginnings, so theirs count half."""
    if before is None or exchange is None or len(dirty) > _ONE_BY_ONE:
        lists = [coded(first, end).sizes() for first, end in pairwise(_steps(counts))]
        costs = np.fromiter(map(len, rows.vocabulary), np.int32, len(rows.vocabulary)) // 2 + 4
        return np.concatenate([np.zeros(0, np.int64), *lists]).astype(np.int32) + costs
    sizes = exchange.moved(before.sizes)
    for key in dirty:
        if (rank := rows.rank(key)) is not None:
            sizes[rank] = int(coded(rank, rank + 1).sizes()[0]) + len(key) // 2 + 4
    return sizes


def _steps(counts: NDArray[np.int32]) -> list[int]:
    """Ranks that cut the rows into stretches of some size."""
    ends = np.cumsum(counts, dtype=np.int64)
    wanted = np.arange(0, int(ends[-1]) if len(ends) else 0, _STEP)
    return sorted({0, *np.searchsorted(ends, wanted).tolist(), len(counts)})


def _dirty(layout: Layout, before: Before | None, keys: Iterable[str]) -> list[Part]:
    """The parts that have other borders than before or hold a key whose row differs."""
    if before is None:
        return layout.parts
    names = [part.name for part in layout.parts]
    borders = set(pairwise([*before.parts, ""]))
    touched = {bisect_right(names, key) - 1 for key in keys}
    return [part for at, part in enumerate(layout.parts)
            if at in touched or (part.name, names[at + 1] if at + 1 < len(names) else "") not in borders]
