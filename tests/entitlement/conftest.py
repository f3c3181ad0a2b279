"""The browser's modules for entitlements and sealed tables, run by Node.js."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser_modules import Node, answering


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with answering(Path(__file__).with_name("node.mjs")) as started:
        yield started
