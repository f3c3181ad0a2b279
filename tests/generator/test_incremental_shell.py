"""Invariant 2 for what MkDocs renders: editorial pages, navigation, theme, addresses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.build import BuildFailed
from tests.generator.support import SITE, build_site, differences, edit, page, tree, write, write_site

ONE_LANGUAGE = {"portal.yml": SITE["portal.yml"].replace("[en, ru]", "[en]"), "articles/KB10001.ru.md": None}
GUIDE = "pages/help/index.md"


def change_guide(root: Path) -> None:
    edit(root, GUIDE, "Call us.", "Call us on weekdays.")


def add_guide(root: Path) -> None:
    write(root, "pages/help/returns.md", "# Returns\n\nSend it back. See [help](index.md#by-phone).\n")


def delete_guide(root: Path) -> None:
    (root / GUIDE).unlink()
    edit(root, "mkdocs.yml", ", {Help: help/index.md}", "")


def rename_guide(root: Path) -> None:
    (root / GUIDE).rename(root / "pages/help/contact.md")
    edit(root, "mkdocs.yml", "help/index.md", "help/contact.md")


def retitle_guide(root: Path) -> None:
    edit(root, GUIDE, "# Help", "# Contact")


def change_navigation(root: Path) -> None:
    edit(root, "mkdocs.yml", "{Articles: /kb/}", "{Knowledge: /kb/}")


def change_address(root: Path) -> None:
    edit(root, "portal.yml", "https://support.example.com/", "https://www.example.net/support/")


def change_name(root: Path) -> None:
    edit(root, "portal.yml", "name: Box Support", "name: Help for boxes")


def add_picture(root: Path) -> None:
    shutil.copy(root / "articles/box.png", root / "pages/help/box.png")
    edit(root, GUIDE, "Call us.", "![A box](box.png)")


def add_language(root: Path) -> None:
    edit(root, "portal.yml", "[en]", "[en, ru]")
    write(root, "pages/ru/help/index.md", "# Помощь\n\nПозвоните.\n")


STEPS = [change_guide, add_guide, retitle_guide, rename_guide, change_navigation, change_address, change_name, add_picture,
         delete_guide, add_language]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_incremental_equals_clean_after_an_editorial_edit(built_one: Path, tmp_path: Path, step: Callable[[Path], None]) -> None:
    shutil.copytree(built_one, tmp_path, dirs_exist_ok=True)
    root = tmp_path / "site"
    before = tree(tmp_path / "out")
    step(root)
    build_site(root, tmp_path / "out", tmp_path / "cache")
    build_site(root, tmp_path / "clean", None)
    assert tree(tmp_path / "out") != before
    assert differences(tmp_path / "out", tmp_path / "clean") == []


@pytest.fixture(scope="module")
def built_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a site in one language, its portal and cache; to be copied."""
    folder = tmp_path_factory.mktemp("one")
    build_site(write_site(folder / "site", ONE_LANGUAGE), folder / "out", folder / "cache")
    return folder


def test_a_change_of_an_override_of_the_theme_is_seen(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", ONE_LANGUAGE)
    edit(root, "mkdocs.yml", "theme: {name: material, features: [navigation.tabs]}",
         "theme:\n  name: material\n  custom_dir: overrides")
    for words in ("One logo", "Another logo"):
        write(root, "overrides/partials/logo.html", f"<b>{words}</b>")
        build_site(root, tmp_path / "out", tmp_path / "cache")
        assert words in page(tmp_path / "out", "kb/KB10001/").html


def test_an_editorial_mistake_leaves_the_portal_as_it_was_and_is_not_cached(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", ONE_LANGUAGE)
    build_site(root, tmp_path / "out", tmp_path / "cache")
    before = tree(tmp_path / "out")
    edit(root, GUIDE, "Call us.", "See [nothing](nothing.md).")
    for _ in range(2):
        with pytest.raises(BuildFailed) as failed:
            build_site(root, tmp_path / "out", tmp_path / "cache")
        assert [(finding.path, finding.field, finding.value) for finding in failed.value.findings] == [
            (GUIDE, "link", "nothing.md")]
    assert tree(tmp_path / "out") == before
