"""From text to search keys: identifiers stay whole, words are stemmed in English and Russian (Snowball).

docs/pr-index.md says what the parts are called; the browser cuts words alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

LONGEST = 64  # code points of a key; what is longer is cut

# Function words, which say nothing of a fault. What may be a technical word (as, no, not, off, up) is none.
STOP_WORDS = frozenset((
    "a", "an", "and", "are", "at", "be", "been", "but", "by", "for", "from", "had", "has", "have", "if", "in", "into", "is",
    "it", "its", "of", "on", "or", "that", "the", "their", "these", "this", "those", "to", "was", "were", "when", "which",
    "will", "with", "а", "без", "бы", "в", "во", "для", "до", "же", "за", "и", "из", "или", "к", "как", "ко", "ли", "на", "о",
    "об", "от", "по", "под", "при", "с", "со", "то", "у", "что", "это",
))

# 21.4R3-S5, ge-0/0/0, CVE-2024-21591, KERN-3-ERR, RPD_BGP_NEIGHBOR: letters and digits joined by single marks.
_TOKEN = re.compile(r"[^\W_]+(?:[-_./:+][^\W_]+)*")
_FOLDED = {code: chr(code).lower() if chr(code).isalnum() or chr(code) in "-_./:+" else " " for code in range(128)}
_PIECE = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-я]+")
_LATIN = re.compile(r"[a-z]+")
_ENGLISH, _RUSSIAN = Stemmer.Stemmer("english"), Stemmer.Stemmer("russian")
_PR_NUMBER = re.compile(r"\A(?:pr)?#?(?=[0-9]+\Z)")
_UNWRITTEN = {ord(mark): None for mark in "-_\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212"}  # hyphens, dashes, minus


def normalise(text: str) -> str:
    """The form in which texts and queries are compared."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).lower().replace("ё", "е")


def tokens(text: str) -> list[str]:
    """Words and identifiers of a normalised text."""
    return _TOKEN.findall(text)


def words(text: str) -> list[str]:
    """The normalised text cut at what belongs to no token. ``tokens`` of each give those of the text; a word is often met again,
    so they need not be looked for each time."""
    return text.translate(_FOLDED).split() if text.isascii() else _TOKEN.findall(normalise(text))


def pieces(token: str) -> list[str]:
    """The words of a normalised text or token, in order."""
    return [piece[:LONGEST] for piece in _PIECE.findall(token)]


def name_key(name: str) -> str:
    """The key of an id or another name: case, blanks and hyphens make no difference, nor does ``PR`` before a number."""
    return "#" + _PR_NUMBER.sub("", "".join(normalise(name).split()).translate(_UNWRITTEN))


@lru_cache(maxsize=1 << 17)
def piece_keys(piece: str) -> tuple[str, ...]:
    """What a piece is found by: its stem, and itself where that is another word; nothing for a stop word."""
    if piece in STOP_WORDS:
        return ()
    stem = stem_of(piece)
    return (stem,) if stem == piece else (stem, piece)


def token_keys(token: str) -> tuple[str, ...]:
    """What a token is found by: the keys of its pieces and, of several pieces, the token itself."""
    found = _PIECE.findall(token)
    if len(found) == 1:
        return piece_keys(token[:LONGEST])
    return (token[:LONGEST], *(key for piece in found for key in piece_keys(piece[:LONGEST])))


def keys(text: str) -> Iterator[str]:
    """All keys of a text, as often as they occur."""
    for token in tokens(normalise(text)):
        yield from token_keys(token)


@lru_cache(maxsize=1 << 17)
def stem_of(piece: str) -> str:
    """The stem of a normalised word; what holds digits or other letters stays as it is."""
    if _LATIN.fullmatch(piece):
        return str(_ENGLISH.stemWord(piece))
    if _CYRILLIC.fullmatch(piece):
        return str(_RUSSIAN.stemWord(piece))
    return piece


@lru_cache(maxsize=1 << 17)
def word_keys(word: str) -> tuple[str, ...]:
    """What the tokens of a word are found by."""
    if word.isalnum():
        return piece_keys(word[:LONGEST])
    return tuple(key for token in _TOKEN.findall(word) for key in token_keys(token))


@lru_cache(maxsize=1 << 17)
def word_stems(word: str) -> tuple[str | None, ...]:
    """The stems of a word's pieces, None in the place of a stop word."""
    if word.isalnum():
        piece = word[:LONGEST]
        return (None if piece in STOP_WORDS else stem_of(piece),)
    return tuple(stem for token in _TOKEN.findall(word) for stem in token_stems(token))


def token_stems(token: str) -> tuple[str | None, ...]:
    """The stems of a token's pieces, None in the place of a stop word."""
    return tuple(None if piece in STOP_WORDS else stem_of(piece) for piece in pieces(token))


def stems(text: str) -> list[str | None]:
    """The stems of a text in order, None in the place of a stop word."""
    return [stem for token in tokens(normalise(text)) for stem in token_stems(token)]
