"""The making of pages by workers: a draft is planned, keyed and, where its key is new, rendered and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from generator.edition import Edition
from generator.keys import Keys, record_key
from generator.output import FileState, Writer
from generator.pages.case import case_page
from generator.pages.cases import cases_pages
from generator.pages.content_languages import content_language_pages
from generator.pages.entitlement import entitlement_pages
from generator.pages.lifecycle import lifecycle_pages
from generator.pages.listings import component_pages, news_pages, section_pages
from generator.pages.network import network_page
from generator.pages.others import feeds_page, guide_page, home_page, not_found_page, redirect_pages, search_page
from generator.pages.products import product_pages
from generator.pages.records import record_page
from generator.pages.reports import compare_page
from generator.plan import Draft, Page, planned
from generator.policy_pages import markers
from generator.render import Renderer
from generator.shell import Guide, Shell
from generator.urls import ROOT, file_of
from kb.workers import done

CHUNK = 24  # drafts handed to a worker at once
PARALLEL_FROM = 16  # chunks; fewer are made faster than workers start

_TARGET = re.compile(rf'(?:href|src)="{ROOT}([^"?#]*)')


class Made(msgspec.Struct, frozen=True, array_like=True):
    """A page after its making. ``targets`` are the addresses inside the site that authors wrote links to, ``source`` the file
    that they wrote; ``record`` is the key of the record that has the page for its own."""

    path: str
    language: str
    key: str
    listed: bool
    prose: bool
    updated: datetime | None
    source: str
    targets: tuple[str, ...]
    record: str = ""


class Outcome(NamedTuple):
    """A page with the state of its file, and whether that was written; None where the one of the live tree stays."""

    made: Made
    state: FileState | None = None
    written: bool = False


def all_drafts(editions: Sequence[Edition], keys: Mapping[str, Keys], shell: Shell) -> Iterator[Draft]:
    """Every page of a build."""
    yield from general_drafts(editions, keys, shell)
    yield from record_drafts(editions, keys, editions[0].library.heads)


def general_drafts(editions: Sequence[Edition], keys: Mapping[str, Keys], shell: Shell) -> Iterator[Draft]:
    """Every page but those of records: the long ones first, so that no worker is left with one at the end."""
    for edition in editions:
        own = keys[edition.language]
        for maker in (section_pages, component_pages, news_pages, product_pages, lifecycle_pages):
            yield from maker(edition, own)
        guides = {guide.place: guide for guide in shell.guides if guide.language == edition.language}
        yield from map(planned, _single_pages(edition, guides))
    default = editions[0]
    yield from map(planned, redirect_pages(default))
    yield from content_language_pages(default, keys[default.language])


def record_drafts(editions: Sequence[Edition], keys: Mapping[str, Keys], records: Container[str]) -> Iterator[Draft]:
    """The pages of some records, by key, in each language of the portal."""
    for edition in editions:
        own = keys[edition.language]
        for key, head in edition.library.heads.items():
            if key in records:
                yield Draft(edition.root + head.path, edition.language, record_key(edition, own, head),
                            partial(_record, edition, key), key)


def _single_pages(edition: Edition, guides: dict[str, Guide]) -> Iterator[Page]:
    for maker in (search_page, compare_page, feeds_page, not_found_page):
        yield maker(edition)
    yield home_page(edition, guides)
    yield from case_page(edition, guides)
    yield from entitlement_pages(edition, guides)
    yield from cases_pages(edition, guides)
    yield from network_page(edition, guides)
    places = {block: place for place, guide in guides.items() if place for block in markers(guide.body)}
    yield from (guide_page(edition, guide, places) for place, guide in guides.items() if place)


def _record(edition: Edition, key: str) -> Page:
    return record_page(edition, edition.library.records[key])


class Workshop:
    """Makes pages. Without a ``writer`` they are only planned; ``live`` is the state of the live tree."""

    def __init__(self, renderers: Mapping[str, Renderer], writer: Writer | None, live: Mapping[str, FileState]) -> None:
        self._renderers, self._writer, self._live = renderers, writer, live

    def make(self, drafts: Iterable[Draft]) -> list[Outcome]:
        return [self._make(draft) for draft in drafts]

    def _make(self, draft: Draft) -> Outcome:
        page = draft.plan()
        targets = dict.fromkeys(target for html in page.authored for target in _TARGET.findall(html))
        renderer = self._renderers.get(page.language)
        key = draft.key or (renderer.key(page) if renderer else "")
        made = Made(page.path, page.language, key, page.listed, page.prose, page.updated, page.source, tuple(targets),
                    draft.record)
        if renderer is None or self._writer is None:
            return Outcome(made)
        path = file_of(page.path)
        before = self._live.get(path)
        if before and before.key == key:
            return Outcome(made)
        return Outcome(made, *self._writer.write(path, renderer.render(page), key))


def make_all(workshop: Workshop, drafts: Sequence[Draft], jobs: int, report: Callable[[int, int], None]) -> Iterator[Outcome]:
    """All pages, whatever the number of workers. Raises WorkerLost."""
    chunks = [drafts[start : start + CHUNK] for start in range(0, len(drafts), CHUNK)]
    for number, found in enumerate(done([partial(workshop.make, chunk) for chunk in chunks], jobs, PARALLEL_FROM, 1)):
        yield from found
        report(min((number + 1) * CHUNK, len(drafts)), len(drafts))

