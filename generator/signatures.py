"""Signatures: what makes a record like others, as a few numbers that records which have it in common share."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.heads import Head
from kb.library import Library
from kb.records import Text
from prsearch.analysis import normalise, word_stems, words

TERM_BITS = 41  # so that a term and an ordinal stay a positive number of 64 bits
HASH_BITS = TERM_BITS - 3
# Kinds of terms, above the bits of the hash: a word; two that follow each other; a word in a component; a component; a message's
# tag; a record that both are linked with; a CVE id.
WORD, PAIR, TOPIC, COMPONENT, MESSAGE, LINK, VULNERABILITY = range(7)

_MASK = (1 << HASH_BITS) - 1
_TITLED, _MOST_WORDS, _MOST_NAMES = 16, 24, 8  # words of a title, words and names of a record that count
_TAG = re.compile(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]+-\d-[A-Z0-9_]+")  # RPD_BGP_NEIGHBOR, KERN-3-ERR
_CVE = re.compile(r"CVE-\d{4}-\d{4,}", re.IGNORECASE)
_EVERYDAY = frozenset(re.findall(r"\w+", """
    about after all also any before can cannot does doing done down each every first get gets has have how if into its
    later long make makes may more most new no not of off old on one only other out over own same see set shows some
    still such take than that them then there they two up use used uses using via want was way what when where which
    while who why with without would you your day более все где если есть еще когда который которая которое которые
    между можно не нет никогда один одна одно после перед пока потом при того только тот ту уже чем через что чтобы эта
    этот
"""))  # words that many titles hold and that say nothing of their subject

Ints = NDArray[Any]


class Signed(NamedTuple):
    """The terms of records, those of each sorted and each once, one record after the other; how many each has, and their titles
    by language."""

    terms: Ints
    sizes: Ints
    titles: list[dict[str, str]]


class Signer:
    """Signs the records of a library. What products are called says nothing: nearly all of their records name them."""

    def __init__(self, library: Library) -> None:
        self._library = library
        names = (name for product in library.catalogue.products
                 for name in (library.portal.vendor, product.vendor, product.name, *product.aliases))
        self._known = _Words(_EVERYDAY | {word for name in names for word in words(name)})

    def signed(self, keys: Sequence[str]) -> Signed:
        found, titles = _Batch([], [], [], [], [], []), []
        for key in keys:
            texts = self._library.texts_of(key)
            self._add(self._library.heads[key], texts[0], found)
            titles.append({text.language: text.title for text in texts})
        return Signed(*_unique(*_terms(found), len(keys)), titles)

    def _add(self, head: Head, text: Text, batch: _Batch) -> None:
        titled = self._words(text.title)[:_TITLED]
        said = titled if text.summary == text.title else titled + self._words(text.summary)
        if text.keywords:
            said = titled + self._words(" ".join(text.keywords)) + said
        batch.words.extend(said[:_MOST_WORDS])
        batch.sizes.append(min(len(said), _MOST_WORDS))
        batch.titled.append(len(titled))
        batch.components.append(_term(COMPONENT, normalise(head.component)) if head.component else 0)
        body = "\n".join([section.markdown for section in text.sections])
        before = len(batch.others)
        if tags := _TAG.findall(body):
            batch.others.extend(_named(MESSAGE, tags))
        if head.names or "CVE-" in body:
            named = [name.upper() for name in (*head.names, *_CVE.findall(body)) if _CVE.fullmatch(name)]
            batch.others.extend(_named(VULNERABILITY, named))
        if relations := self._library.relations.get(head.key):
            batch.others.extend(_named(LINK, [relation.id for relation in relations]))
        batch.other_sizes.append(len(batch.others) - before)

    def _words(self, text: str) -> list[int]:
        return [term for word in words(text) for term in self._known[word]]


class _Words(dict[str, tuple[int, ...]]):
    """The terms of each word, worked out when it is first met."""

    def __init__(self, silent: Collection[str]) -> None:
        self._silent = silent

    def __missing__(self, word: str) -> tuple[int, ...]:
        found = self[word] = () if word in self._silent else tuple(
            _term(WORD, stem) for stem in word_stems(word) if stem is not None and len(stem) > 1)
        return found


class _Batch(NamedTuple):
    """Of some records, one after the other: their words with how many each has and how many of them are of its title, their
    components (0: none) and their other terms."""

    words: list[int]
    sizes: list[int]
    titled: list[int]
    components: list[int]
    others: list[int]
    other_sizes: list[int]


def _terms(batch: _Batch) -> tuple[Ints, Ints]:
    """All terms with the places of their records."""
    single, sizes, titled = (np.array(column, np.int64) for column in (batch.words, batch.sizes, batch.titled))
    records = np.arange(len(sizes))
    of = np.repeat(records, sizes)
    place = np.arange(len(of)) - (np.cumsum(sizes) - sizes)[of]
    follows = np.flatnonzero((place > 0) & (place < titled[of]))
    components, others = np.array(batch.components, np.int64), np.array(batch.others, np.int64)
    topical = components[of] != 0
    return (np.concatenate([of, of[follows], of[topical], records[components != 0], np.repeat(records, batch.other_sizes)]),
            np.concatenate([single, _joined(PAIR, single[follows - 1], single[follows]),
                            _joined(TOPIC, components[of[topical]], single[topical]), components[components != 0], others]))


def _unique(of: Ints, terms: Ints, count: int) -> tuple[Ints, Ints]:
    rows = of << TERM_BITS | terms
    rows.sort()
    rows = rows[np.append(True, rows[1:] != rows[:-1])[: len(rows)]]
    return rows & ((1 << TERM_BITS) - 1), np.bincount(rows >> TERM_BITS, minlength=count)


def _joined(kind: int, one: Ints, other: Ints) -> Ints:
    """A term for two that stand together; mixed, so that their order counts."""
    mixed = ((one & _MASK) * 0x2545F491 ^ one >> 17) + other
    found: Ints = kind << HASH_BITS | mixed & _MASK
    return found


def _named(kind: int, names: Iterable[str]) -> list[int]:
    return [_term(kind, name) for name in list(dict.fromkeys(names))[:_MOST_NAMES]]


@lru_cache(maxsize=1 << 16)
def _term(kind: int, name: str) -> int:
    return kind << HASH_BITS | int.from_bytes(blake2b(name.encode(), digest_size=5).digest(), "big") & _MASK
