"""Renders pages: context and template give the body, which is poured into a frame.

A page's bytes depend on nothing but its plan, its template and its frame (invariant 1); ``key`` is the hash of all three.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import urlsplit

import msgspec
from markupsafe import escape

from generator.assets import Assets
from generator.contexts.lists import RedirectPage, SearchPage
from generator.contexts.pieces import Chrome, Head, Link
from generator.contexts.records import RecordPage
from generator.edition import Edition
from generator.end_dates import LIFECYCLE
from generator.frames import Frame, Ready
from generator.headers import page_policy
from generator.i18n import catalogue_bytes, own_name
from generator.memory import Memory
from generator.pages.records import structured_data
from generator.plan import Page
from generator.search_description import PATH as DESCRIPTION
from generator.shell import Shell
from generator.templates import environment, fill, template_digest
from generator.urls import ROOT, link, way_up


def _policy(page: Page, scripts: Iterable[str]) -> str:
    """What the page may do: the search page alone asks the search engine that portal.yml names, and pages that ask whether they
    were helpful tell the host that gets the answers."""
    if isinstance(page.context, SearchPage):
        return page_policy(scripts, asks=page.context.endpoint)
    if isinstance(page.context, RecordPage) and page.context.feedback:
        answers = page.context.feedback
        return page_policy(scripts, answers=answers.action, sends=answers.way == "endpoint")
    return page_policy(scripts)


class Renderer:
    """Renders the pages of one edition."""

    def __init__(self, edition: Edition, shell: Shell, assets: Assets) -> None:
        self._edition, self._shell, self._assets = edition, shell, assets
        digest = template_digest()
        self._environment = environment(edition.language, digest)
        self._frames: Memory[tuple[str, str], Ready] = Memory(200)
        self._last: tuple[Page, Head] | None = None
        self._base = digest.encode() + catalogue_bytes(edition.language) + edition.language.encode()

    def key(self, page: Page) -> str:
        """Identifies the page's bytes without rendering it."""
        digest = self._keyed.copy()
        digest.update(self._frame(page).key.encode())
        digest.update(repr(type(page.context)).encode())
        digest.update(msgspec.msgpack.encode((page.context, page.template, page.path, self._head(page), self._languages(page))))
        return digest.hexdigest()

    def render(self, page: Page) -> bytes:
        """The page's bytes."""
        languages = self._languages(page)
        return self._ready(page).pour({
            "head": self._template("_head.html", msgspec.structs.asdict(self._head(page))),
            "body": self._template(page.template, msgspec.structs.asdict(page.context) | {"language": page.language}),
            "topic": escape(page.context.title),
            "languages": self._template("_languages.html", {"languages": languages}) if languages else ""})

    def _ready(self, page: Page) -> Ready:
        frame = self._frame(page)
        # Hosts serve the page of errors at any depth.
        up = way_up(page.path) if page.place != "404.html" else urlsplit(self._edition.portal.url).path
        found = self._frames.get((frame.key, up))
        return self._frames.keep((frame.key, up), frame.ready(self._common, up)) if found is None else found

    def _template(self, name: str, values: dict[str, object]) -> str:
        return fill(self._environment, name, values)

    def _frame(self, page: Page) -> Frame:
        return self._shell.frame(page.language, page.frame, page.tab)

    @cached_property
    def _chrome(self) -> Chrome:
        edition, say = self._edition, self._edition.say
        footer = (edition.to(say("What is new"), "new/"), edition.to(say("Subscribe"), "feeds/"),
                  edition.to(say("Releases"), "releases/"), edition.to(say("Life cycle"), LIFECYCLE),
                  edition.to(say("Compare two releases"), "compare/"),
                  edition.to(say("Knowledge base"), "kb/"),
                  edition.to(say("Problem reports"), "pr/"))
        return Chrome(search_href=edition.href("search/"), footer=footer, vendor=edition.portal.vendor,
                      style=link(self._assets.style), script=link(self._assets.script))

    @cached_property
    def _keyed(self) -> hashlib.blake2b:
        """The beginning of all keys."""
        return hashlib.blake2b(self._base + msgspec.msgpack.encode(self._chrome), digest_size=16)

    @cached_property
    def _common(self) -> dict[str, str]:
        """Slots that are alike on all pages of the edition."""
        values = msgspec.structs.asdict(self._chrome)
        return {name: self._template(f"_{name}.html", values) for name in ("styles", "search", "footer", "scripts")}

    def _languages(self, page: Page) -> tuple[Link, ...]:
        """The same page in the portal's other languages."""
        portal = self._edition.portal
        if len(portal.languages) < 2 or isinstance(page.context, RedirectPage):
            return ()
        return tuple(Link(title=own_name(language), id=language, language=language, current=language == page.language,
                          href=link(self._path_in(page, language))) for language in portal.languages)

    def _path_in(self, page: Page, language: str) -> str:
        root = "" if language == self._edition.portal.language else f"{language}/"
        return root + page.place

    def _head(self, page: Page) -> Head:
        """The page's head, which its key and its rendering need one after the other."""
        if self._last is None or self._last[0] is not page:
            self._last = page, self._head_of(page)
        return self._last[1]

    def _head_of(self, page: Page) -> Head:
        portal = self._edition.portal
        name, title = portal.text_in(page.language).name, page.context.title
        if isinstance(page.context, RecordPage):
            title = f"{page.context.id}: {title}"
        canonical = link(page.path).replace(ROOT, portal.url)
        languages = [*portal.languages, *page.alternates] if len(portal.languages) + len(page.alternates) > 1 else []
        alternates = [(language, link(self._path_in(page, language)).replace(ROOT, portal.url)) for language in languages]
        if alternates:
            alternates.append(("x-default", alternates[0][1]))
        policy = _policy(page, self._frame(page).scripts)
        data = structured_data(page, canonical, portal.vendor) if page.schema else ""
        return Head(title=title if title == name else f"{title} - {name}", description=page.description, canonical=canonical,
                    alternates=tuple(alternates) if page.listed or page.schema else (), feeds=page.feeds,
                    search=Link(title=name, href=link(self._edition.root + DESCRIPTION)), json_ld=data,
                    noindex=not page.listed, policy=policy, icon=link(self._assets.icon),
                    refresh=page.context.target.href if isinstance(page.context, RedirectPage) else "")
