"""Editorial pages that link to records which this build does not show."""

from pathlib import Path

import pytest

from generator.build import BuildFailed
from tests.generator.support import build_site, write_site

HIDDEN = """\
---
id: KB10077
status: draft
title: Secret
summary: Secret.
products: [box]
created: 2026-01-01
updated: 2026-01-01
---
"""


def site(folder: Path, line: str) -> Path:
    return write_site(folder, {"articles/KB10077.md": HIDDEN, "pages/help/more.md": f"# More\n\n{line}\n"})


@pytest.mark.parametrize("link", ["/kb/KB10077/", "/kb/KB10077", "/kb/kb10077/#solution", "/ru/kb/KB10077/"])
def test_a_link_to_a_hidden_record_leaves_its_words_and_a_note(tmp_path: Path, link: str) -> None:
    out = tmp_path / "out"
    summary = build_site(site(tmp_path / "site", f"Before [these words]({link}) after."), out)
    assert "Before these words after." in (out / "help/more/index.html").read_text(encoding="utf-8")
    assert [str(note) for note in summary.notes] == [
        f"pages/help/more.md:3: link: '{link}' is not shown in this build (draft, embargoed or for another audience); "
        "the link is left out"]
    assert not any(b"KB10077" in path.read_bytes() for path in out.rglob("*") if path.is_file())


def test_a_hidden_record_may_not_be_named(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed) as failed:
        build_site(site(tmp_path / "site", "See KB10077."), tmp_path / "out")
    assert [str(finding) for finding in failed.value.findings] == [
        "pages/help/more.md:3: text: 'KB10077' names a record that this build does not show; "
        "link it by its address or leave it out"]
