"""The browser's modules for deadlines, run by Node.js."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser_modules import Node, answering


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    with answering(Path(__file__).with_name("node_deadlines.mjs")) as started:
        yield started
