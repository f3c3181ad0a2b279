"""Topics: what a subscriber wants to hear of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from generator.record_lists import Listed
from kb.records import SEVERITIES, normal_id

Effect = Literal["new", "update"]
RATED: tuple[str, ...] = tuple(name for name in SEVERITIES if name)


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A change to tell of: the record as it is now, and for an update the status and severity that it had."""

    effect: Effect
    record: Listed
    before: dict[str, str] = {}


class Topic(msgspec.Struct, frozen=True):
    """A change belongs to it where each field that is given fits. Names are folded (``fold``), ids as ``normal_id`` has them;
    ``severity`` is the least one; ``tell`` is new, updates, or empty for both."""

    kinds: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    severity: str = ""
    trains: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    tell: str = ""


def fold(name: str) -> str:
    """The form in which names of products, platforms, components and trains are compared."""
    return name.strip().casefold()


def belongs(notice: Notice, topic: Topic) -> bool:
    """Whether a change belongs to a topic."""
    record = notice.record
    return (
        (not topic.tell or (topic.tell == "new") == (notice.effect == "new"))
        and (not topic.kinds or record.kind in topic.kinds)
        and _share(record.products, topic.products) and _share(record.platforms, topic.platforms)
        and _share(record.components, topic.components)
        and (not topic.severity or at_least(record.severity, topic.severity))
        and (not topic.trains or _in_trains(record.trains, topic))
        and (not topic.ids or any(normal_id(name) in topic.ids for name in (record.id, *record.aliases))))


def at_least(severity: str, least: str) -> bool:
    """Whether a severity is one, and not below another."""
    return severity in RATED and RATED.index(severity) <= RATED.index(least)


def _share(names: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return not wanted or any(fold(name) in wanted for name in names)


def _in_trains(trains: Mapping[str, tuple[str, ...]], topic: Topic) -> bool:
    """A train counts of the products that the topic names, of any where it names none."""
    return any(fold(train) in topic.trains for product, own in trains.items()
               if not topic.products or fold(product) in topic.products for train in own)
