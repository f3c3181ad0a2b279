"""The portal of the hostile site, built once with the real theme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from generator.build import Options, build
from tests.browser.conftest import WIDE
from tests.browser.support import Portal, served
from tests.generator.conftest import quick_shell as quick_shell
from tests.generator.support import AT
from tests.hostile.guard import Guard
from tests.hostile.site import Hostile, write_hostile_site


class Built(NamedTuple):
    site: Hostile
    out: Path


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("hostile")
    site = write_hostile_site(folder / "source")
    build(Options(site.root, folder / "site", AT, rewrites=("all",)))
    return Built(site, folder / "site")


@pytest.fixture(scope="session")
def portal(hostile: Built) -> Iterator[Portal]:
    with served(hostile.out) as portal:
        yield portal


@pytest.fixture
def context(browser: Browser, portal: Portal) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=WIDE, base_url=portal.url, locale="en-GB", accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def guard(context: BrowserContext, portal: Portal) -> Guard:
    return Guard(context, portal.url)


@pytest.fixture
def page(context: BrowserContext, guard: Guard) -> Page:
    return context.new_page()
