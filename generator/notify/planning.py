"""Decides who is told of which changes in which messages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from generator.notify.state import Message, State
from generator.notify.subscribers import Subscriber
from generator.notify.topics import Notice, Topic, at_least, belongs
from kb.records import normal_id

_BULLETINS = frozenset({"advisory", "notice"})


def plan(state: State, news: Sequence[tuple[bytes, Notice]], subscribers: Iterable[Subscriber], now: datetime) -> list[Message]:
    """Keeps changes that somebody wants to hear of, and a message or more for each who does."""
    ordered = sorted(news, key=_order)
    by_topic: dict[Topic, frozenset[int]] = {}

    def places(topic: Topic) -> frozenset[int]:
        if topic not in by_topic:
            by_topic[topic] = frozenset(at for at, (_mark, notice) in enumerate(ordered) if belongs(notice, topic))
        return by_topic[topic]

    wanted = [(subscriber, sorted(frozenset[int]().union(*map(places, subscriber.topics)))) for subscriber in subscribers]
    used = sorted({at for _subscriber, own in wanted for at in own})
    numbers = dict(zip(used, state.keep_changes(ordered[at] for at in used), strict=True))
    found = []
    for subscriber, own in wanted:
        for group in _messages(subscriber, own, ordered):
            marks = b"".join(normal_id(ordered[at][1].record.id).encode() + b"\0" + ordered[at][0] for at in group)
            name = hashlib.sha256(subscriber.key.encode() + b"\0" + marks).hexdigest()[:40]
            found.append(Message(name, subscriber.key, now, tuple(numbers[at] for at in group)))
    state.keep_messages(found)
    return found


def _order(item: tuple[bytes, Notice]) -> tuple[bool, float, str]:
    """What is new first, in each the newest change first."""
    record = item[1].record
    return item[1].effect != "new", -record.updated.timestamp(), record.id


def _messages(subscriber: Subscriber, own: Sequence[int], ordered: Sequence[tuple[bytes, Notice]]) -> Iterator[list[int]]:
    """What goes into each message: bulletins that are urgent one by one, then all else in a digest."""
    urgent = {at for at in own if subscriber.immediate and ordered[at][1].record.kind in _BULLETINS
              and at_least(ordered[at][1].record.severity, subscriber.immediate)}
    for at in own:
        if at in urgent:
            yield [at]
    if rest := [at for at in own if at not in urgent]:
        yield rest
