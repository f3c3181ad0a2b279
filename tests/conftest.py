"""Fixtures that several test packages use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.browser.support import chromium

# No test depends on how fast a machine is, or on chance.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
expect.set_options(timeout=15_000)  # a busy machine is no fault


class Launch(Protocol):
    def __call__(self, *arguments: str) -> Browser: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What fails in a browser is tried twice more: on a busy machine a page may be late, a fault fails three times."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of collected real-world records, which stands beside the repository where it is available."""
    path = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip("needs the collected records in ../shared/data")
    return path


@pytest.fixture(scope="session")
def launch() -> Iterator[Launch]:
    """Starts Chromium with more arguments; one Playwright serves the whole process, for two cannot run in one thread."""
    with sync_playwright() as playwright:

        def start(*arguments: str) -> Browser:
            try:
                return playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", *arguments])
            except BrowserError as error:
                pytest.skip(f"needs Chromium: {str(error).splitlines()[0]}")

        yield start


@pytest.fixture(scope="session")
def browser(launch: Launch) -> Iterator[Browser]:
    """One Chromium for all tests that need no arguments of their own."""
    browser = launch()
    yield browser
    browser.close()
