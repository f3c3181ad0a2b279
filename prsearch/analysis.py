"""From text to search terms: identifiers stay whole, words are stemmed in English and Russian (Snowball)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

# 21.4R3-S5, ge-0/0/0, CVE-2024-21591, KERN-3-ERR, RPD_BGP_NEIGHBOR: letters and digits joined by single marks.
_TOKEN = re.compile(r"[^\W_]+(?:[-_./:+][^\W_]+)*")
_PIECE = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-яё]+")
_LATIN = re.compile(r"[a-z]+")


def pieces(text: str) -> Iterator[str]:
    """The words of a text in order, each as its term; identifiers fall into their words."""
    return (term_of(piece) for piece in _PIECE.findall(text.casefold()))


def terms(text: str) -> Iterator[str]:
    """All terms of a text: each word, and each identifier as a whole beside its words."""
    for token in _TOKEN.findall(text.casefold()):
        found = _PIECE.findall(token)
        if len(found) > 1:
            yield token
        yield from map(term_of, found)


@lru_cache(maxsize=100_000)
def term_of(word: str) -> str:
    """The stem of a word in lower case; what holds digits stays as it is."""
    if _LATIN.fullmatch(word):
        return str(_stemmer("english").stemWord(word))
    if _CYRILLIC.fullmatch(word):
        return str(_stemmer("russian").stemWord(word.replace("ё", "е")))
    return word


@lru_cache(maxsize=2)
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(language)
