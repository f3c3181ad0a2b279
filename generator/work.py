"""The making of pages in units that workers share: a unit is planned, keyed and, where its key is new, rendered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from generator.edition import Edition
from generator.output import FileState
from generator.pages.content_languages import content_language_pages
from generator.pages.listings import component_pages, news_pages, section_pages
from generator.pages.others import feeds_page, guide_page, home_page, not_found_page, redirect_pages, search_page
from generator.pages.products import product_pages
from generator.pages.records import record_page
from generator.pages.reports import compare_page
from generator.plan import Page
from generator.render import Renderer
from generator.shell import Guide, Shell
from generator.urls import ROOT, file_of
from prsearch.workers import done

CHUNK = 24  # units handed to a worker at once
PARALLEL_FROM = 400  # units; fewer are made faster than workers start

_TARGET = re.compile(rf'(?:href|src)="{ROOT}([^"?#]*)')


class Unit(NamedTuple):
    """Pages that are planned together: one record's, or all of a maker's."""

    language: str
    maker: str
    record: str = ""


class Made(msgspec.Struct, frozen=True):
    """A page after its making. ``data`` is None where the page of the live tree can stay, and always when only checking.

    ``targets`` are the addresses inside the site that authors wrote links to, ``source`` the file that they wrote.
    """

    path: str
    unit: Unit
    key: str
    data: bytes | None
    listed: bool
    prose: bool
    updated: datetime | None
    source: str
    targets: tuple[str, ...]


_MAKERS: dict[str, Callable[[Edition], Iterator[Page]]] = {
    "sections": section_pages, "components": component_pages, "news": news_pages, "products": product_pages,
}
_SINGLE: dict[str, Callable[[Edition], Page]] = {
    "search": search_page, "compare": compare_page, "feeds": feeds_page, "404": not_found_page,
}


def all_units(editions: Sequence[Edition]) -> list[Unit]:
    """Every unit of a build: the long ones first, so that no worker is left with one at the end."""
    found = [Unit(edition.language, maker) for edition in editions for maker in (*_MAKERS, *_SINGLE, "home", "guides")]
    default = editions[0]
    found += [Unit(default.language, maker) for maker in ("redirects", "languages")]
    return found + [Unit(edition.language, "record", key) for edition in editions for key in edition.library.records]


class Workshop:
    """Makes the pages of units. Without ``renderers`` pages are only planned; ``live`` is the state of the live tree."""

    def __init__(self, editions: Sequence[Edition], shell: Shell, renderers: Mapping[str, Renderer],
                 live: Mapping[str, FileState]) -> None:
        self._editions = {edition.language: edition for edition in editions}
        self._guides: dict[str, dict[str, Guide]] = {language: {} for language in self._editions}
        for guide in shell.guides:
            self._guides[guide.language][guide.place] = guide
        self._renderers, self._live = renderers, live

    def make(self, unit: Unit) -> list[Made]:
        return [self._made(page, unit) for page in self.plan(unit)]

    def plan(self, unit: Unit) -> Iterator[Page]:
        """The pages of a unit before they are rendered."""
        edition, guides = self._editions[unit.language], self._guides[unit.language]
        if unit.maker == "record":
            yield record_page(edition, edition.library.records[unit.record])
        elif unit.maker in _MAKERS:
            yield from _MAKERS[unit.maker](edition)
        elif unit.maker in _SINGLE:
            yield _SINGLE[unit.maker](edition)
        elif unit.maker == "home":
            yield home_page(edition, guides)
        elif unit.maker == "guides":
            yield from (guide_page(edition, guide) for place, guide in guides.items() if place)
        elif unit.maker == "redirects":
            yield from redirect_pages(edition)
        else:
            yield from content_language_pages(edition)

    def _made(self, page: Page, unit: Unit) -> Made:
        renderer, key, data = self._renderers.get(page.language), "", None
        if renderer:
            key = renderer.key(page)
            before = self._live.get(file_of(page.path))
            data = None if before and before.key == key else renderer.render(page)
        targets = dict.fromkeys(target for html in page.authored for target in _TARGET.findall(html))
        return Made(page.path, unit, key, data, page.listed, page.prose, page.updated, page.source, tuple(targets))

    def render_again(self, made: Made) -> bytes:
        """The page's bytes after all, where the live tree turned out not to have them."""
        page = next(page for page in self.plan(made.unit) if page.path == made.path)
        return self._renderers[page.language].render(page)


def make_all(workshop: Workshop, units: Sequence[Unit], jobs: int, report: Callable[[int, int], None]) -> Iterator[Made]:
    """The pages of all units in their order, whatever the number of workers. Raises WorkerLost."""
    work = [partial(workshop.make, unit) for unit in units]
    for number, made in enumerate(done(work, jobs, PARALLEL_FROM, CHUNK)):
        yield from made
        if number % CHUNK == 0:
            report(number, len(units))
