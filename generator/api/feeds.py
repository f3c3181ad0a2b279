"""The feeds of the portal for programs: ``api/v1/feeds.json`` (docs/api.md)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from generator.edition import Edition
from generator.feed_formats import FORMATS
from generator.topics import topics

INDEX = "api/v1/feeds.json"
FORMAT = 1


class FeedEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A topic that can be followed. ``updates`` and ``new`` are paths of its feeds by format, below the root of a language;
    ``product`` stands where its title makes sense within that product only."""

    id: str
    group: str
    titles: dict[str, str]
    place: str
    updates: dict[str, str]
    new: dict[str, str]
    products: dict[str, str] = {}


class FeedIndex(msgspec.Struct, frozen=True):
    """All topics. ``roots`` are the roots of languages: feeds in Russian may stand below ``ru/``."""

    format: int
    url: str
    roots: dict[str, str]
    feeds: tuple[FeedEntry, ...]


def feed_index(editions: Sequence[Edition]) -> bytes:
    """The index of feeds."""
    by_language = {edition.language: list(topics(edition)) for edition in editions}
    entries = []
    for same in zip(*by_language.values(), strict=True):
        topic, by_name = same[0], dict(zip(by_language, same, strict=True))
        entries.append(FeedEntry(
            topic.id, topic.group, {language: one.title for language, one in by_name.items()}, topic.place,
            {name: f"feeds/{topic.id}.{name}" for name in FORMATS}, {name: f"feeds/new/{topic.id}.{name}" for name in FORMATS},
            {language: one.product for language, one in by_name.items() if one.product}))
    roots = {edition.language: edition.root for edition in editions}
    return msgspec.json.encode(FeedIndex(FORMAT, editions[0].portal.url, roots, tuple(entries))) + b"\n"
