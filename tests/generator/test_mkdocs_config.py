"""The configuration of MkDocs: a site takes its own or one that names its pages, never a stranger's."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.mkdocs_config import mkdocs_file
from tests.generator.support import SITE, build_site, page, write, write_site


@pytest.mark.parametrize("line", [
    "docs_dir: site/pages", "docs_dir: 'site/pages'  # the guides", 'docs_dir: "./site/pages/"', "docs_dir: ../{name}/site/pages",
    "docs_dir:\tsite/pages # x",
])
def test_the_configuration_in_the_parent_folder_counts_where_it_names_the_pages(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    (tmp_path / "site").mkdir()
    write(tmp_path, "mkdocs.yml", f"site_name: x\n{line.format(name=tmp_path.name)}\nplugins: []\n")
    assert mkdocs_file(tmp_path / "site") == tmp_path / "mkdocs.yml"
    monkeypatch.chdir(tmp_path / "site")
    assert mkdocs_file(Path()) == tmp_path / "mkdocs.yml"
    write(tmp_path, "site/mkdocs.yml", "site_name: y\n")
    assert mkdocs_file(tmp_path / "site") == tmp_path / "site/mkdocs.yml"


@pytest.mark.parametrize("text", [
    "site_name: x\n", "docs_dir: docs\n", "docs_dir: pages\n", "# docs_dir: site/pages\n", "  docs_dir: site/pages\n", "docs_dir:\n",
    "docs_dir: site/pages/ru\n", "docs_dir: \0\n", "",
])
def test_the_configuration_of_something_else_does_not_count(tmp_path: Path, text: str) -> None:
    (tmp_path / "site").mkdir()
    write(tmp_path, "mkdocs.yml", text)
    assert mkdocs_file(tmp_path / "site") is None


def test_a_site_beside_the_manual_of_a_program_keeps_its_own_navigation(tmp_path: Path) -> None:
    write(tmp_path, "mkdocs.yml", "site_name: A program\nnav: [{The program: program.md}]\nplugins: [nosuchplugin]\n")
    one_language = {"portal.yml": SITE["portal.yml"].replace("[en, ru]", "[en]"), "articles/KB10001.ru.md": None}
    build_site(write_site(tmp_path / "site", one_language | {"mkdocs.yml": None}), tmp_path / "out")
    assert "The program" not in page(tmp_path / "out", "").html
