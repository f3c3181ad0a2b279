"""The example portal's records and their index, and the browser's modules, run by Node.js."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kb.library import Library, View
from kb.load import load
from kb.resolve import resolve
from prsearch.memory import MemoryIndex
from tests.browser_modules import Node, answering

CONTENT = Path(__file__).resolve().parents[2] / "content"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with answering(Path(__file__).with_name("node_search.mjs")) as started:
        yield started


@pytest.fixture(scope="session")
def library() -> Library:
    found, findings = resolve(load(CONTENT, ("en", "ru")), View(datetime(2026, 11, 22, tzinfo=UTC)))
    assert found is not None, findings
    return found


@pytest.fixture(scope="session")
def index(library: Library) -> MemoryIndex:
    return MemoryIndex(library)
