"""Links that lead out of the site, wherever a file is expected: none is followed, each is a finding."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.build import BuildFailed, Options, build
from tests.generator.support import AT
from tests.sites.full import write_full_site

SECRET = "canary-outside-of-the-site"
PLACES = ("portal.yml", "products.yml", "policy.yml", "redirects.yml", "synonyms.yml", "seal.key", "entitlements.csv", "returns.jsonl",
          "articles/KB10001.md", "articles/KB10001.ru.md", "articles/box.log", "articles/box.png", "reports/list.jsonl", "articles", "reports",
          "pages", "pages/help", "pages/help/index.md", "pages/index.md", "advisories/SA-2026-0001.md")


@pytest.mark.parametrize("place", PLACES)
def test_a_link_is_not_followed(tmp_path: Path, quick_shell: None, place: str) -> None:
    root = write_full_site(tmp_path / "site")
    outside = tmp_path / "outside"
    shutil.move(root / place, outside)
    for file in [outside] if outside.is_file() else [path for path in outside.rglob("*") if path.is_file()]:
        if file.suffix in {"", ".md", ".log"} and file.read_bytes()[:1] != b"\x89":
            file.write_bytes(file.read_bytes() + SECRET.encode())
    (root / place).symlink_to(outside)
    try:
        build(Options(root, tmp_path / "out", AT))
    except BuildFailed as failed:
        assert failed.findings
    for file in tmp_path.joinpath("out").rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file
    if place not in {"synonyms.yml", "redirects.yml"}:
        assert not (tmp_path / "out").exists() or place.startswith("pages"), "built without a word"


def test_a_private_table_in_a_linked_folder_is_not_read(tmp_path: Path, quick_shell: None) -> None:
    root = write_full_site(tmp_path / "site")
    (tmp_path / "outside").mkdir()
    shutil.move(root / "entitlements.csv", tmp_path / "outside" / "entitlements.csv")
    (root / "tables").symlink_to(tmp_path / "outside")
    text = (root / "portal.yml").read_text(encoding="utf-8").replace("entitlements.csv", "tables/entitlements.csv")
    (root / "portal.yml").write_text(text, encoding="utf-8")
    with pytest.raises(BuildFailed, match=r"(?s).") as failed:
        build(Options(root, tmp_path / "out", AT))
    assert any(finding.path == "tables/entitlements.csv" for finding in failed.value.findings)
