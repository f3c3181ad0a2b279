"""Fixtures for tests of the generator."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.support import build_site, plain_shell, write_site
from tests.golden.update import AT, SOURCE


@pytest.fixture
def quick_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds without MkDocs: plain frames, no editorial pages."""
    monkeypatch.setattr("generator.build.make_shell", plain_shell)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The small site and its portal, built once with the real theme; only for reading."""
    folder = tmp_path_factory.mktemp("built")
    root = write_site(folder / "source")
    build_site(root, folder / "site", folder / "cache")
    return root, folder / "site"


@pytest.fixture(scope="session")
def golden_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal of the golden site, which stands in a folder of its host; only for reading."""
    folder = tmp_path_factory.mktemp("golden-site")
    build_site(SOURCE, folder / "site", folder / "cache", AT)
    return folder / "site"
