"""Fixtures for tests of the generator."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.generator.publishing_support import reduced, two_versions
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
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two versions of a portal, with an attachment less in the second one; only for reading."""
    return two_versions(tmp_path_factory.mktemp("versions"))


@pytest.fixture(scope="session")
def small_versions(versions: tuple[Path, Path]) -> tuple[Path, Path]:
    """The same with a file or two of each sort; only for reading."""
    one, two = (reduced(out, out.parent / "small" / out.name) for out in versions)
    return one, two


@pytest.fixture(scope="session")
def golden_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal of the golden site, which stands in a folder of its host; only for reading."""
    folder = tmp_path_factory.mktemp("golden-site")
    build_site(SOURCE, folder / "site", folder / "cache", AT)
    return folder / "site"


@pytest.fixture(scope="session")
def example_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal of the example content, in a folder of its host too; only for reading."""
    folder, here = tmp_path_factory.mktemp("example"), Path(__file__).resolve().parents[2]
    root = shutil.copytree(here / "content", folder / "content", ignore=shutil.ignore_patterns(".waypost", "site"))
    portal, configuration = (root / "portal.yml").read_text(encoding="utf-8"), (here / "mkdocs.yml").read_text(encoding="utf-8")
    (root / "portal.yml").write_text(portal.replace("https://support.example.com/", "https://support.example.com/portal/"),
                                     encoding="utf-8")
    (folder / "mkdocs.yml").write_text(configuration.replace("custom_dir: theme", f"custom_dir: {here}/theme"), encoding="utf-8")
    build_site(root, folder / "site", folder / "cache", AT)
    return folder / "site"
