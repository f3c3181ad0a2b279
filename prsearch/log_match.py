"""Which records quote the messages of a log, ranked. docs/network.md says how; theme/assets/log-rank.js ranks the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from prsearch.logs import MOST_KEYS, Message, in_turn
from prsearch.messages import FEW_KEYS, LEAST_KEYS, LEAST_SHARE, rarity, spread

MOST_PARTS = 300  # of the table of keys that are read for a log
MOST_HOLDERS = 2_000  # documents of a key; what more of them quote says little of any
LEVEL_WORTH = 2  # of a message without trouble; of the others one more for each level


class KeyIndex(Protocol):
    """The keys of an index of messages (prsearch/published.py)."""

    documents: int

    def part_of(self, key: str) -> int: ...

    def lists(self, keys: Iterable[str]) -> Mapping[str, Sequence[tuple[int, int]]]: ...


class Quoting(msgspec.Struct, frozen=True):
    """A document that quotes messages of a log: its number, the score, and the messages, those worth most first."""

    ordinal: int
    score: int
    messages: tuple[Message, ...]


class Ranking(msgspec.Struct, frozen=True):
    """The documents that quote messages of a log, the best first; how many messages were asked for."""

    found: tuple[Quoting, ...]
    asked: int


def rank(index: KeyIndex, messages: Iterable[Message]) -> Ranking:
    """The documents that quote some of the messages."""
    chosen = _asked(index, in_turn(messages))
    lists = index.lists({key for _message, keys in chosen for key in keys})
    holders = {key: [ordinal for ordinal, _level in found] for key, found in lists.items()}
    found: dict[int, dict[tuple[str, ...], tuple[int, Message]]] = {}
    for message, keys in chosen:
        for ordinal, score, held in _holding(index.documents, keys, holders):
            own = found.setdefault(ordinal, {})
            score *= LEVEL_WORTH + message.level
            if held not in own or own[held][0] < score:
                own[held] = score, message
    ranked = [Quoting(ordinal, sum(score for score, _message in own.values()), _worthiest(own.values()))
              for ordinal, own in found.items()]
    return Ranking(tuple(sorted(ranked, key=lambda one: (one.score, one.ordinal), reverse=True)), len(chosen))


def _asked(index: KeyIndex, messages: Iterable[Message]) -> list[tuple[Message, list[str]]]:
    """The messages whose keys stand in the parts that may be read, with these keys."""
    parts: set[int] = set()
    found: list[tuple[Message, list[str]]] = []
    for message in messages:
        keys = spread(message.keys, MOST_KEYS)
        new = {index.part_of(key) for key in keys} - parts
        if len(parts) + len(new) <= MOST_PARTS:
            parts |= new
            found.append((message, keys))
    return found


def _holding(documents: int, keys: Sequence[str],
             holders: Mapping[str, Sequence[int]]) -> Iterable[tuple[int, int, tuple[str, ...]]]:
    """(ordinal, score, keys that it has) of the documents that have enough of a message's keys. Of the worth of what a document
    has, the share counts that this is of all, so that a whole message is worth more than the halves of two."""
    total, worths, held = 0, dict[int, int](), dict[int, list[str]]()
    for key in keys:
        own = holders.get(key, ())
        worth = rarity(documents, max(1, len(own)))
        total += worth
        for ordinal in own if len(own) <= MOST_HOLDERS else ():
            worths[ordinal] = worths.get(ordinal, 0) + worth
            held.setdefault(ordinal, []).append(key)
    least = LEAST_KEYS if len(keys) > FEW_KEYS else 1
    for ordinal, worth in worths.items():
        if worth * LEAST_SHARE >= total and len(held[ordinal]) >= least:
            yield ordinal, worth * worth // total, tuple(held[ordinal])


def _worthiest(own: Iterable[tuple[int, Message]]) -> tuple[Message, ...]:
    """Messages, those worth most first."""
    by_worth: Callable[[tuple[int, Message]], tuple[int, int]] = lambda pair: (-pair[0], pair[1].line)  # noqa: E731
    return tuple(message for _score, message in sorted(own, key=by_worth))
