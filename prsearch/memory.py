"""Search in memory: an index over a library's records that is built when it is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from kb.findings import nearest
from kb.library import Library
from kb.products import Product
from kb.ranges import compile_affected
from kb.records import AnyRecord, Report, SecurityBulletin, affected_of, normal_id, severity_of
from kb.releases import ReleaseError, parse_release
from prsearch.analysis import pieces, terms
from prsearch.query import Filter, Query, QueryError, Words

# What an occurrence is worth by where it stands. Whole numbers throughout: every reader of an index must count alike.
TITLE, SUMMARY, OFTEN, ONCE = 8, 5, 3, 2
OFTEN_FROM = 3  # occurrences in the text
NAMED = 1_000  # the record's own id or another of its names
_TYPO_FROM = 5  # letters; shorter words are too much alike


class Hit(msgspec.Struct, frozen=True):
    record: AnyRecord
    score: int


class Found(msgspec.Struct, frozen=True):
    """Hits, the best first; ``corrections`` maps words that occur nowhere to those that were searched instead."""

    hits: tuple[Hit, ...]
    corrections: tuple[tuple[str, str], ...] = ()


class _Document(NamedTuple):
    record: AnyRecord
    worth: dict[str, int]
    sequences: tuple[tuple[str, ...], ...]


class MemoryIndex:
    """An index of all records that a library shows."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._documents = {key: _document(record) for key, record in library.records.items()}
        postings: defaultdict[str, set[str]] = defaultdict(set)
        for key, document in self._documents.items():
            for term in document.worth:
                postings[term].add(key)
        self._postings = dict(postings)

    def search(self, query: Query) -> Found:
        """The records that match, by score, then by last change, then by id. Raises QueryError."""
        keys = set(self._documents)
        for item in query.filters:
            matches = _condition(self._library, item)
            keys = {key for key in keys if matches(self._documents[key].record) != item.excluded}
        corrections: dict[str, str] = {}
        scores: dict[str, int] = dict.fromkeys(keys, 0)
        for words in query.words:
            found = self._words(words, corrections)
            if words.excluded:
                scores = {key: score for key, score in scores.items() if key not in found}
            else:
                scores = {key: score + found[key] for key, score in scores.items() if key in found}
        hits = [Hit(self._documents[key].record, score) for key, score in scores.items()]
        hits.sort(key=lambda hit: (-hit.score, -hit.record.updated.timestamp(), normal_id(hit.record.id)))
        return Found(tuple(hits), tuple(corrections.items()))

    def _words(self, words: Words, corrections: dict[str, str]) -> dict[str, int]:
        """Worth by key of the records that hold the words."""
        named = self._named(words.text)
        wanted = tuple(pieces(words.text)) if words.phrase else tuple(dict.fromkeys(terms(words.text)))
        if not wanted:
            return named or dict.fromkeys(self._documents, 0)  # marks only: nothing that could be missing
        found: dict[str, int] | None = None
        for term in wanted:
            holders = self._holders(term, words, corrections)
            found = holders if found is None else {key: found[key] + holders[key] for key in found.keys() & holders.keys()}
        assert found is not None
        if words.phrase:
            found = {key: worth for key, worth in found.items() if _holds(self._documents[key], wanted)}
        return found | {key: worth + found.get(key, 0) for key, worth in named.items()}

    def _named(self, text: str) -> dict[str, int]:
        name = normal_id(text)
        keys = [name] if name in self._documents else list(self._library.names.get(name, ()))
        if not keys and name.isdigit() and len(name) >= 3:
            keys = [key for key, document in self._documents.items()
                    if document.record.kind == "report" and key.startswith(name)]
        return dict.fromkeys(keys, NAMED)

    def _holders(self, term: str, words: Words, corrections: dict[str, str]) -> dict[str, int]:
        """Worth by key of the records that hold a term, or a term that it begins, or one that differs by a typing error."""
        if words.prefix:
            chosen = [known for known in self._postings if known.startswith(term)]
        elif term in self._postings:
            chosen = [term]
        else:
            chosen = [] if words.phrase or words.excluded else self._alike(term)
            if chosen:
                corrections[term] = nearest(term, chosen) or chosen[0]
        worth: dict[str, int] = {}
        for known in chosen:
            rarity = _rarity(len(self._documents), len(self._postings[known]))
            for key in self._postings[known]:
                worth[key] = max(worth.get(key, 0), rarity * self._documents[key].worth[known])
        return worth

    def _alike(self, term: str) -> list[str]:
        if len(term) < _TYPO_FROM or not term.isalpha():
            return []
        return sorted(known for known in self._postings if abs(len(known) - len(term)) < 2 and one_edit(term, known))


def _document(record: AnyRecord) -> _Document:
    worth: dict[str, int] = {}
    counts: defaultdict[str, int] = defaultdict(int)
    sequences = []
    for text in record.texts:
        parts = [text.title, f"{text.summary} {' '.join(text.keywords)}", *(section.markdown for section in text.sections)]
        for weight, part in zip((TITLE, SUMMARY), parts[:2], strict=True):
            for term in terms(part):
                worth[term] = max(worth.get(term, 0), weight)
        for part in parts[2:]:
            for term in terms(part):
                counts[term] += 1
        sequences += [tuple(pieces(part)) for part in parts]
    for term, count in counts.items():
        worth[term] = max(worth.get(term, 0), OFTEN if count >= OFTEN_FROM else ONCE)
    return _Document(record, worth, tuple(sequences))


def _rarity(documents: int, holders: int) -> int:
    """Larger for rarer terms: about four times the binary logarithm of their share, in whole numbers."""
    share = (documents + holders) ** 4 // max(1, holders) ** 4
    return max(1, share.bit_length())


def _holds(document: _Document, wanted: tuple[str, ...]) -> bool:
    """Whether the pieces stand one after the other."""
    return any(wanted == sequence[start : start + len(wanted)] for sequence in document.sequences
               for start, piece in enumerate(sequence) if piece == wanted[0])


def one_edit(word: str, other: str) -> bool:
    """Whether one letter added, left out, changed, or two neighbours swapped turn one word into the other."""
    if len(word) > len(other):
        word, other = other, word
    start = next((index for index, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), len(word))
    if len(word) < len(other):
        return word[start:] == other[start + 1 :]
    swapped = word[start : start + 2] == other[start : start + 2][::-1] and word[start + 2 :] == other[start + 2 :]
    return word != other and (word[start + 1 :] == other[start + 1 :] or swapped)


def _condition(library: Library, item: Filter) -> Callable[[AnyRecord], bool]:
    """The filter as a question to a record. Raises QueryError for products and releases that nobody knows."""
    values = {value.casefold() for value in item.values}
    if item.name in {"affects", "fixed"}:
        return _release_condition(library, item)
    if item.name == "product":
        ids = {_product(library, value).id for value in item.values}
        return lambda record: bool(ids & set(record.products))
    if item.name == "platform":
        platforms = {platform.id for value in item.values for product in library.catalogue.products
                     if (platform := product.platform(value))}
        if not platforms:
            raise QueryError(f"platform: '{', '.join(item.values)}' is not known; write a platform's id or name")
        return lambda record: bool(platforms & set(record.platforms))
    if item.name == "component":
        return lambda record: isinstance(record, Report) and record.component.casefold() in values
    if item.name == "since":
        return lambda record: record.updated.date().isoformat() >= item.values[0]
    if item.name == "has":
        return lambda record: any(text.section("workaround") for text in record.texts)
    if item.name == "severity":
        return lambda record: severity_of(record) in values
    return lambda record: getattr(record, item.name) in values  # status, kind


def _product(library: Library, name: str) -> Product:
    if product := library.catalogue.find(name):
        return product
    guess = nearest(name, (product.id for product in library.catalogue.products))
    raise QueryError(f"product: '{name}' is not known" + (f"; did you mean {guess}?" if guess else ""))


def _release_condition(library: Library, item: Filter) -> Callable[[AnyRecord], bool]:
    """Whether a record affects, or is fixed in, one of the releases: of the products that list it, else of all that could."""
    readable = [(product, value) for value in item.values for product in library.catalogue.products if _reads(value, product)]
    if not readable:
        raise QueryError(f"{item.name}: '{', '.join(item.values)}' is no release of these products; write it like 21.4R3-S5")
    exact = [(product, value) for product, value in readable
             if any(value.casefold() == other.id.casefold() for other in product.releases)]

    def matches(record: AnyRecord) -> bool:
        return any(_answers(record, item.name, product, value) for product, value in exact or readable)

    return matches


def _answers(record: AnyRecord, name: str, product: Product, release: str) -> bool:
    own = [entry for entry in affected_of(record) if entry.product == product.id]
    if not own or not isinstance(record, Report | SecurityBulletin):
        return False
    if name == "fixed":
        return any(_same(release, fix, product) for entry in own for fix in entry.fixed)
    return compile_affected(own, product.id, product.scheme).verdict(release).status == "affected"


def _reads(release: str, product: Product) -> bool:
    try:
        parse_release(release, product.scheme)
    except ReleaseError:
        return False
    return True


def _same(release: str, other: str, product: Product) -> bool:
    return _reads(other, product) and parse_release(release, product.scheme) == parse_release(other, product.scheme)

