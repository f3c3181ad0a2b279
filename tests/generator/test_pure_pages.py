"""Invariant 1: a page's bytes depend on its context, template and frame only, and its key says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from generator.assets import make_assets
from generator.build import Options, make_editions, prepare
from generator.concealed import Unseen
from generator.contexts.pieces import Link, PageContext
from generator.frames import cut
from generator.keys import make_keys
from generator.plan import Page
from generator.render import Renderer
from generator.shell import Shell
from generator.work import all_drafts
from tests.generator.support import AT, FRAME, build_site, edit, plain_shell, write_site
from tests.golden import update as golden


@dataclasses.dataclass(frozen=True)
class Planned:
    renderers: dict[str, Renderer]
    pages: list[Page]


def plan(root: Path, shell: Shell | None = None) -> Planned:
    prepared = prepare(Options(root, root / "out", golden.AT))
    editions = make_editions(prepared.library)
    renderers = {edition.language: Renderer(edition, shell or prepared.shell, make_assets()) for edition in editions}
    drafts = all_drafts(editions, make_keys(editions, shell or prepared.shell, make_assets()), shell or prepared.shell)
    return Planned(renderers, [draft.plan() for draft in drafts])


@pytest.fixture
def planned(quick_shell: None) -> Planned:
    return plan(golden.SOURCE)


def test_rendering_twice_gives_the_same_bytes_and_key(planned: Planned) -> None:
    again = plan(golden.SOURCE)
    assert len(planned.pages) > 80
    for page, other in zip(planned.pages, again.pages, strict=True):
        first, second = planned.renderers[page.language], again.renderers[other.language]
        assert first.key(page) == second.key(other)
        assert first.render(page) == first.render(page) == second.render(other)


def test_no_two_pages_share_a_key(planned: Planned) -> None:
    keys = [planned.renderers[page.language].key(page) for page in planned.pages]
    assert len(set(keys)) == len(keys)


def variants(page: Page) -> Iterator[Page]:
    """The page with one of its properties changed."""
    changed = datetime(2020, 2, 2, tzinfo=UTC)
    for name, value in {
        "path": page.path + "more/", "place": page.place + "more/", "description": "Another one", "tab": "bulletins/",
        "updated": changed, "published": changed, "feeds": (Link(title="A feed", href="feeds/x.atom"),), "alternates": ("es",),
        "listed": not page.listed,
    }.items():
        yield msgspec.structs.replace(page, **{name: value})
    yield msgspec.structs.replace(page, context=with_title(page.context))


def with_title(context: PageContext) -> PageContext:
    return msgspec.structs.replace(context, title="Another title")


def test_what_changes_a_page_changes_its_key(planned: Planned) -> None:
    by_template = {page.template: page for page in planned.pages}
    seen = 0
    for page in by_template.values():
        renderer = planned.renderers[page.language]
        for other in variants(page):
            if renderer.render(other) != renderer.render(page):
                seen += 1
                assert renderer.key(other) != renderer.key(page)
    assert seen > 50


def test_the_key_depends_on_the_frame(planned: Planned, quick_shell: None) -> None:
    shell, _findings = plain_shell(golden.SOURCE, planned.renderers["en"]._edition.portal, None, Unseen(), None)
    frames = dict(shell.frames) | {"en:kb/": cut(FRAME.format(language="en", tab="kb/").replace("<main>", "<main class='x'>"))}
    other = plan(golden.SOURCE, Shell(frames, (), {}))
    for page, changed in zip(planned.pages, other.pages, strict=True):
        same = planned.renderers[page.language].key(page) == other.renderers[page.language].key(changed)
        assert same == (page.language != "en" or page.tab != "kb/")


@pytest.mark.parametrize("name", ["generator.render.template_digest", "generator.render.catalogue_bytes"])
def test_the_key_depends_on_templates_and_translations(planned: Planned, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(name, (lambda: "other") if name.endswith("digest") else (lambda language: b"other"))
    page = planned.pages[0]
    assert plan(golden.SOURCE).renderers["en"].key(page) != planned.renderers["en"].key(page)


def test_the_key_depends_on_what_fills_templates(planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.templates.version", lambda name: "another" if name == "jinja2" else "2.0")
    assert plan(golden.SOURCE).renderers["en"].key(planned.pages[0]) != planned.renderers["en"].key(planned.pages[0])


def test_pages_with_an_unchanged_key_are_neither_rendered_nor_written(quick_shell: None, tmp_path: Path,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    root, out, cache = write_site(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    first = build_site(root, out, cache)
    before = {file: (file.stat().st_ino, file.stat().st_mtime_ns) for file in out.rglob("*.html")}
    again = build_site(root, out, cache)
    assert first.rendered == first.pages
    assert (again.pages, again.rendered, again.written, again.changed) == (first.pages, 0, 0, False)

    rendered: list[str] = []
    real = Renderer.render
    monkeypatch.setattr(Renderer, "render", lambda self, page: rendered.append(page.path) or real(self, page))
    edit(root, "articles/KB10002.md", "Use a brush.", "Use a soft brush.")
    summary = build_site(root, out, cache)
    assert rendered == ["kb/KB10002/", "ru/kb/KB10002/"]
    assert (summary.rendered, summary.changed) == (2, True)
    after = {file: (file.stat().st_ino, file.stat().st_mtime_ns) for file in out.rglob("*.html")}
    assert {file.relative_to(out).as_posix() for file in after if after[file] != before[file]} == {
        "kb/KB10002/index.html", "ru/kb/KB10002/index.html"}


def test_a_release_that_ends_its_support_changes_only_what_says_so(quick_shell: None, tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    edit(root, "products.yml", "{id: 1.0.0, date: 2026-01-10}", "{id: 1.0.0, date: 2026-01-10, end_of_support: 2026-11-22}")
    build_site(root, tmp_path / "out", tmp_path / "cache")
    summary = build_site(root, tmp_path / "out", tmp_path / "cache", AT.replace(day=23))
    assert summary.rendered == 2  # the release's page in two languages; a product's says by script what holds today
