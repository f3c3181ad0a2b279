"""What a page is before it is rendered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import msgspec

from generator.contexts.pieces import Link, PageContext


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the portal in one language.

    ``path`` is the address below the root (``ru/kb/KB10042/``), ``place`` the same without the language's root, by which
    pages in different languages find each other. ``tab`` is the place of the header tab that it belongs to. ``frame`` names an
    editorial page whose frame it fills, empty for the general frame. ``prose`` marks text for the site search. ``authored`` is
    the HTML of what an author wrote in ``source``.
    """

    path: str
    place: str
    language: str
    template: str
    context: PageContext
    description: str
    tab: str = ""
    frame: str = ""
    updated: datetime | None = None
    published: datetime | None = None
    feeds: tuple[Link, ...] = ()
    alternates: tuple[str, ...] = ()
    schema: str = ""
    listed: bool = True
    prose: bool = False
    source: str = ""
    authored: tuple[str, ...] = ()


class Draft(NamedTuple):
    """A page before it is planned. ``key`` tells its bytes from others without planning it; where it is empty, the planned page
    has to be asked. ``record`` is the key of the record that has the page for its own."""

    path: str
    language: str
    key: str
    plan: Callable[[], Page]
    record: str = ""


def planned(page: Page) -> Draft:
    """The draft of a page that is planned already."""
    return Draft(page.path, page.language, "", lambda: page)


class Derived(NamedTuple):
    """A file that is no page. ``key`` as that of a draft; where it is empty, the file is made each time."""

    path: str
    key: str
    make: Callable[[], bytes]
