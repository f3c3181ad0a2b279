"""Fixtures of the browser tests: the example portal is built once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from generator.build import Options, build
from tests.browser.support import CONTENT, SOFTWARE, Portal, served

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 375, "height": 700}
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The example portal."""
    folder = tmp_path_factory.mktemp("portal")
    build(Options(CONTENT, folder / "site", datetime(2026, 11, 22, 12, tzinfo=UTC), cache=folder / "cache"))
    with served(folder / "site") as portal:
        yield portal


@pytest.fixture(scope="session")
def sites(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Portal]]:
    """The two example sites: the vendor of networks, and that of software with another policy, in Russian first."""
    folder = tmp_path_factory.mktemp("software")
    build(Options(SOFTWARE, folder / "site", datetime(2026, 11, 22, 12, tzinfo=UTC), cache=folder / "cache"))
    with served(folder / "site") as software:
        yield {"networks": portal, "software": software}


@pytest.fixture(scope="session")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The example portal with an index of many segments, below a path that looks like the index's."""
    folder = tmp_path_factory.mktemp("divided")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.prose.MOST", 6)
        build(Options(CONTENT, folder / "pagefind-portal" / "site", datetime(2026, 11, 22, 12, tzinfo=UTC)))
    assert len(list((folder / "pagefind-portal/site/pagefind").glob("en-*"))) > 10
    with served(folder) as served_portal:
        yield Portal(served_portal.folder / "pagefind-portal/site", f"{served_portal.url}pagefind-portal/site/")


@pytest.fixture
def new_page(browser: Browser, portal: Portal) -> Iterator[Open]:
    """Opens pages in contexts of their own: ``new_page("kb/", viewport=NARROW)``."""
    contexts = []

    def open_page(address: str | None = None, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": WIDE, "base_url": portal.url, "locale": "en-GB"} | options)
        contexts.append(context)
        page = context.new_page()
        if address is not None:
            page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def shared_page(browser: Browser, portal: Portal) -> Iterator[Page]:
    """A wide page that the tests of a module use one after the other, with what it has cached."""
    context = browser.new_context(viewport=WIDE, base_url=portal.url, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def shared_phone(browser: Browser, portal: Portal) -> Iterator[Page]:
    """As ``shared_page``, 375 px wide and with touch."""
    context = browser.new_context(viewport=NARROW, base_url=portal.url, locale="en-GB", has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()
