"""The example portal's records and their index, and the browser's modules, run by Node.js."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kb.library import Library, View
from kb.load import load
from kb.resolve import resolve
from prsearch import static
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
def index_folder(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published index in a folder; its texts are in several parts."""
    folder = tmp_path_factory.mktemp("index")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("prsearch.tables._TEXTS_PART", 2_000)
        files = static.index_files(library)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def index(library: Library) -> MemoryIndex:
    return MemoryIndex(library)
