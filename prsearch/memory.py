"""Search in memory: an index over a library's records that is built when it is asked. docs/pr-index.md says what it must find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import msgspec

from kb.findings import nearest
from kb.library import Library, sort_key
from kb.products import Product
from kb.records import SEVERITIES, AnyRecord, severity_of
from prsearch.analysis import LONGEST, name_key, normalise, piece_keys, pieces, stem_of, stems, tokens
from prsearch.documents import facets, other_names, read
from prsearch.messages import MessageIndex, rarity
from prsearch.names import LookedUp, Names
from prsearch.query import Filter, Query, QueryError, Words
from prsearch.quoted import message_keys

WORTH = (2, 3, 5, 8)  # of each level. Whole numbers throughout: every reader of an index must count alike
NAMED = 1_000  # the record's own id or another of its names
PREFIX_FROM = 3  # letters of a beginning
NAME_FROM = 3  # characters of the beginning of a name
TYPO_FROM = 4  # letters; shorter words are too much alike
TYPO_MOST = 8  # words that are tried instead
ORDERS = ("relevance", "number", "severity", "updated")

Holders = dict[int, int]  # ordinal -> level, or what it is worth


class Hit(msgspec.Struct, frozen=True):
    record: AnyRecord
    score: int


class Found(msgspec.Struct, frozen=True):
    """Hits, the best first; ``corrections`` maps words that occur nowhere to those that were searched instead."""

    hits: tuple[Hit, ...]
    corrections: tuple[tuple[str, str], ...] = ()


class MemoryIndex:
    """An index of all records that a library shows."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._keys = list(library.ordinals)
        self._records = [library.records[key] for key in self._keys]
        self._texts: defaultdict[str, Holders] = defaultdict(dict)
        self._names: defaultdict[str, Holders] = defaultdict(dict)
        self._facets: defaultdict[str, Holders] = defaultdict(dict)
        named = other_names(library)
        for ordinal, record in enumerate(self._records):
            for key, level in read(record, self._shown)[0].items():
                self._texts[key][ordinal] = level
            for name in (record.id, *named.get(self._keys[ordinal], ())):
                self._names[name_key(name)][ordinal] = 0
            found = facets(library, record)
            for level, keys in enumerate((found.plain, found.depending)):
                for key in keys:
                    self._facets[key][ordinal] = level

    def search(self, query: Query, order: str = "relevance") -> Found:
        """The records that match, in one of ORDERS. Raises QueryError."""
        chosen = self._filtered(query.filters)
        corrections: dict[str, str] = {}
        scores = dict.fromkeys(chosen, 0)
        for words in query.words:
            found = self._words(words, corrections)
            if found is None:
                continue
            if words.excluded:
                scores = {ordinal: score for ordinal, score in scores.items() if ordinal not in found}
            else:
                scores = {ordinal: score + found[ordinal] for ordinal, score in scores.items() if ordinal in found}
        hits = [(ordinal, Hit(self._records[ordinal], score)) for ordinal, score in scores.items()]
        hits.sort(key=lambda item: (*_rank(item[1], order), item[0]), reverse=True)
        return Found(tuple(hit for _, hit in hits), tuple(corrections.items()))

    def look_up(self, query: str) -> LookedUp:
        """What a query leads to that is an id, another name or a release as a whole."""
        return self._known_names.look_up(query)

    def match(self, message: str) -> list[Hit] | None:
        """The records that quote a message, the best first; None where the query is no message."""
        found = self._messages.match(message)
        return None if found is None else [Hit(self._records[ordinal], score) for score, ordinal in found]

    def quoting(self, keys: Iterable[Sequence[str]]) -> list[tuple[int, int]]:
        """(score, ordinal) of the records that have enough of the keys of a line of a message."""
        return self._messages.best(keys)

    @cached_property
    def _messages(self) -> MessageIndex:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for ordinal, record in enumerate(self._records):
            for key in message_keys(record, self._shown):
                found[key].append(ordinal)
        return MessageIndex(found, len(self._records))

    def record(self, ordinal: int) -> AnyRecord:
        return self._records[ordinal]

    @cached_property
    def _known_names(self) -> Names:
        return Names(self._names, [record.id for record in self._records], self._library.catalogue)

    def nearest(self, number: str) -> list[AnyRecord]:
        """Up to three records whose numbers, of as many digits, lie closest."""
        numbers = [(abs(int(key[1:]) - int(number)), key) for key in self._names
                   if key[1:].isdecimal() and len(key) == len(number) + 1]
        return [self._records[ordinal] for _, key in sorted(numbers)[:3] for ordinal in self._names[key]][:3]

    def _shown(self, name: str) -> bool:
        return self._library.find(name) is not None

    def _words(self, words: Words, corrections: dict[str, str]) -> Holders | None:
        """Worth by ordinal of the records that hold the words; None where they ask nothing."""
        found = self._phrase(words.text) if words.phrase else self._tokens(words, corrections)
        named = dict.fromkeys(self._named(words.text), NAMED)
        if found is None:
            return named or None
        return found | {ordinal: worth + found.get(ordinal, 0) for ordinal, worth in named.items()}

    def _named(self, text: str) -> Iterable[int]:
        name = name_key(text)
        if name in self._names:
            return self._names[name]
        if len(name) <= NAME_FROM or not any(letter.isdecimal() for letter in name):
            return ()
        return {ordinal for key, holders in self._names.items() if key.startswith(name) for ordinal in holders}

    def _tokens(self, words: Words, corrections: dict[str, str]) -> Holders | None:
        found: Holders | None = None
        cut = tokens(normalise(words.text))
        for at, token in enumerate(cut):
            last = at == len(cut) - 1
            found = _both(found, self._token(token, words.prefix and last, words.excluded, corrections))
        return found

    def _token(self, token: str, prefix: bool, excluded: bool, corrections: dict[str, str]) -> Holders | None:
        own = pieces(token)
        if len(own) > 1:
            whole = token[:LONGEST]
            if holders := self._of([whole, *self._beginning(whole)] if prefix else [whole]):
                return self._worth(holders)
        found: Holders | None = None
        for at, piece in enumerate(own):
            found = _both(found, self._piece(piece, prefix and at == len(own) - 1, excluded, corrections))
        return found

    def _piece(self, piece: str, prefix: bool, excluded: bool, corrections: dict[str, str]) -> Holders | None:
        """None for a stop word, unless words that begin so are wanted too."""
        begun = self._beginning(piece) if prefix else []
        wanted = list(piece_keys(piece)[:1]) + begun
        if not wanted:
            return None if not piece_keys(piece) else {}
        holders = self._of(wanted)
        if not holders and not excluded and (alike := self._alike(piece)):
            corrections[piece] = alike[0]
            holders = self._of([key for word in alike for key in (word, stem_of(word))])
        return self._worth(holders)

    def _beginning(self, text: str) -> list[str]:
        return [key for key in self._texts if key.startswith(text)] if len(text) >= PREFIX_FROM else []

    def _of(self, keys: Iterable[str]) -> Holders:
        """Highest level by ordinal of all holders of the keys."""
        found: Holders = {}
        for key in keys:
            for ordinal, level in self._texts.get(key, {}).items():
                found[ordinal] = max(found.get(ordinal, 0), level)
        return found

    def _worth(self, holders: Holders) -> Holders:
        factor = rarity(len(self._records), len(holders))
        return {ordinal: factor * WORTH[level] for ordinal, level in holders.items()}

    def _alike(self, piece: str) -> list[str]:
        if len(piece) < TYPO_FROM or not piece.isalpha():
            return []
        found = [key for key in self._texts if 3 <= len(key) <= 32 and key.isalpha() and abs(len(key) - len(piece)) < 2
                 and one_edit(piece, key)]
        return sorted(found, key=lambda key: (-len(self._texts[key]).bit_length(), key))[:TYPO_MOST]

    def _phrase(self, text: str) -> Holders | None:
        wanted = stems(text)
        while wanted and wanted[0] is None:
            wanted.pop(0)
        while wanted and wanted[-1] is None:
            wanted.pop()
        found: Holders | None = None
        for stem in dict.fromkeys(stem for stem in wanted if stem is not None):
            found = _both(found, self._worth(self._of([stem])))
        if found is None or len(wanted) == 1:
            return found
        return {ordinal: worth for ordinal, worth in found.items() if self._holds(ordinal, wanted)}

    def _holds(self, ordinal: int, wanted: list[str | None]) -> bool:
        """Whether the stems stand one after the other, with any piece where a stop word is wanted."""
        _levels, sequence = read(self._records[ordinal], self._shown)
        return any(all(stem is None or sequence[start + at] == stem for at, stem in enumerate(wanted))
                   for start in range(len(sequence) - len(wanted) + 1))

    def _filtered(self, filters: tuple[Filter, ...]) -> set[int]:
        """Ordinals that pass all filters. Raises QueryError."""
        check = _Filters(self._library, filters)
        chosen = set(range(len(self._records)))
        for item in filters:
            keys = check.keys(item)
            found = {ordinal for key in keys for ordinal in self._facets.get(key, {})}
            if item.name == "affects":
                for platforms in check.platforms:
                    found &= self._affected_on(platforms, keys)
            if item.name == "platform" and not item.excluded and check.affects:
                continue  # answered by what is affected
            if item.name == "since":
                found = {ordinal for ordinal, record in enumerate(self._records)
                         if record.updated.date().isoformat() >= min(item.values)}
            chosen = chosen - found if item.excluded else chosen & found
        return chosen

    def _affected_on(self, platforms: list[str], releases: list[str]) -> set[int]:
        """Ordinals of what is affected on one of the platforms; what has level 1 stands in lists of their own."""
        named = {ordinal for platform in (*platforms, "") for ordinal in self._facets.get(f"=platform:{platform}", {})}
        plain = {ordinal for key in releases for ordinal, level in self._facets.get(key, {}).items() if not level}
        return (plain & named).union(*(self._facets.get(f"{key}@{platform}", {}) for key in releases for platform in platforms))


class _Filters:
    """The facet keys of a query's filters."""

    def __init__(self, library: Library, filters: tuple[Filter, ...]) -> None:
        self._products = library.catalogue.products
        self._find: Callable[[str], Product | None] = library.catalogue.find
        self._named = [product for item in filters if item.name == "product" and not item.excluded
                       for product in map(self._product, item.values)]
        self.affects = any(item.name == "affects" and not item.excluded for item in filters)
        self.platforms = [self._platform_ids(item) for item in filters if item.name == "platform" and not item.excluded]

    def keys(self, item: Filter) -> list[str]:
        """The keys of a filter, one of which must hold; none for ``since``. Raises QueryError."""
        if item.name == "product":
            return [f"=product:{self._product(value).id}" for value in item.values]
        if item.name == "platform":
            return [f"=platform:{platform}" for platform in self._platform_ids(item)]
        if item.name in {"affects", "fixed"}:
            return [key for value in item.values for key in self._releases(item.name, value)]
        return [f"={item.name}:{normalise(value)}" for value in item.values] if item.name != "since" else []

    def _product(self, name: str) -> Product:
        if product := self._find(name):
            return product
        raise _unknown("product", name, (product.id for product in self._products))

    def _platform_ids(self, item: Filter) -> list[str]:
        found: dict[str, None] = {}
        for value in item.values:
            ids = [platform.id for product in self._products if (platform := product.platform(value))]
            if not ids:
                raise _unknown("platform", value, (platform.id for product in self._products for platform in product.platforms))
            found.update(dict.fromkeys(ids))
        return list(found)

    def _releases(self, name: str, value: str) -> list[str]:
        wanted = value.lower()
        found = [f"={name}:{product.id}/{wanted}" for product in self._named or self._products
                 if any(release.lower() == wanted for release in product.release_order.names)]
        if not found:
            products = self._named or self._products
            raise _unknown(name, value, (release for product in products for release in product.release_order.names))
        return found


def _unknown(name: str, value: str, known: Iterable[str]) -> QueryError:
    guess = nearest(value, known)
    return QueryError(f"{name}: '{value}' is not known" + (f"; did you mean {guess}?" if guess else ""))


def _both(found: Holders | None, other: Holders | None) -> Holders | None:
    """What both hold with the sum of its worth; None asks nothing."""
    if found is None or other is None:
        return other if found is None else found
    return {ordinal: found[ordinal] + other[ordinal] for ordinal in found.keys() & other.keys()}


def _rank(hit: Hit, order: str) -> tuple[object, ...]:
    """Greater for hits that come earlier."""
    if order == "number":
        return sort_key(hit.record.id)
    if order == "severity":
        return (-SEVERITIES.index(severity_of(hit.record)),)
    return (hit.record.updated.date(),) if order == "updated" else (hit.score,)


def one_edit(word: str, other: str) -> bool:
    """Whether one letter added, left out, changed, or two neighbours swapped turn one word into the other."""
    if len(word) > len(other):
        word, other = other, word
    start = next((index for index, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), len(word))
    if len(word) < len(other):
        return word[start:] == other[start + 1 :]
    swapped = word[start : start + 2] == other[start : start + 2][::-1] and word[start + 2 :] == other[start + 2 :]
    return word != other and (word[start + 1 :] == other[start + 1 :] or swapped)
