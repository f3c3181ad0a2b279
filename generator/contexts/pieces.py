"""What templates see: one frozen context for each template, nothing else.

All texts are in the page's language and plain, unless a field's name ends in ``html``; every ``href`` is a link as
``generator.urls.link`` makes it.
"""

from __future__ import annotations

import msgspec

# Stands in a row of releases for the names of the platforms that it holds for, so that many records share the row; no input can
# hold it (kb.source).
PLATFORMS = "\x01"


class Context(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """Base of all contexts. Templates remember what they have made of one by its hash."""


class Link(Context, frozen=True, kw_only=True):
    """A link; ``current`` where it leads to the page itself; ``language`` where its words are in another language."""

    title: str
    href: str
    id: str = ""
    current: bool = False
    language: str = ""


class Chip(Context, frozen=True, kw_only=True):
    """A short state: ``kind`` (severity, status, type) and ``value`` choose shape and colour, ``label`` says it."""

    kind: str
    value: str
    label: str


class ReleaseChip(Context, frozen=True, kw_only=True):
    """A release; ``href`` is empty where it has no page."""

    id: str
    href: str = ""


class ReleaseRun(Context, frozen=True, kw_only=True):
    """Releases that stand together for the same ``reason``, a sentence without capital and full stop."""

    reason: str
    releases: tuple[ReleaseChip, ...]


class Entry(Context, frozen=True, kw_only=True):
    """A record in a list. ``date`` is its last change, ``YYYY-MM-DD``. ``language`` is set where it is not the page's."""

    id: str
    href: str
    title: str
    summary: str
    kind: str
    kind_label: str
    chips: tuple[Chip, ...]
    date: str
    products: tuple[str, ...] = ()
    fixed_in: tuple[ReleaseChip, ...] = ()
    language: str = ""
    reason: str = ""


class Group(Context, frozen=True, kw_only=True):
    """Entries under a heading; ``more`` leads to all of them."""

    id: str
    title: str
    entries: tuple[Entry, ...]
    more: Link | None = None
    note: str = ""


class Fact(Context, frozen=True, kw_only=True):
    """A line of a facts panel: a term and one or more of text, links, chips, releases; ``day`` is machine-readable."""

    term: str
    text: str = ""
    day: str = ""
    links: tuple[Link, ...] = ()
    chips: tuple[Chip, ...] = ()
    releases: tuple[ReleaseChip, ...] = ()


class Banner(Context, frozen=True, kw_only=True):
    """A state that a reader must not miss: ``kind`` is draft, embargoed, withdrawn, superseded, retired or duplicate."""

    kind: str
    text: str
    link: Link | None = None


class Head(Context, frozen=True, kw_only=True):
    """What stands in a page's head. Addresses are absolute, except feeds and ``search``, which describes the search to
    browsers."""

    title: str
    description: str
    canonical: str
    alternates: tuple[tuple[str, str], ...]
    feeds: tuple[Link, ...]
    search: Link
    json_ld: str
    noindex: bool
    policy: str
    icon: str
    refresh: str


class Chrome(Context, frozen=True, kw_only=True):
    """What a frame needs besides head and body: the search form, the footer, styles and scripts."""

    search_href: str
    footer: tuple[Link, ...]
    vendor: str
    style: str
    script: str


class PageContext(Context, frozen=True, kw_only=True):
    """What every page body has."""

    crumbs: tuple[Link, ...]
    title: str


class FacetView(Context, frozen=True, kw_only=True):
    """Values of one property with their counts, as links to lists; ``more`` leads to all of them where there are too many."""

    title: str
    options: tuple[tuple[Link, int], ...]
    more: Link | None = None
