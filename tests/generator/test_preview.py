"""``waypost diff``: what would change, told before anything does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.building import Options
from generator.changes import Tally
from generator.cli import main
from generator.differences import FeedChange
from generator.preview import preview
from generator.reading import read_record
from kb.load import load
from tests.generator.support import AT, build_site, edit, report, tree, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")

FILE = "advisories/SA-2026-0001.md"
REVISED = ("\n---\n\n## Problem", '\n  - {number: "2", date: 2026-03-01, text: Corrected.}\n---\n\n## Problem')


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site whose portal is live in ``tmp_path / "out"``."""
    root = write_site(tmp_path / "site")
    build_site(root, tmp_path / "out", tmp_path / "cache")
    return root


def options(root: Path, at: datetime = AT, cache: bool = True) -> Options:
    return Options(root, root.parent / "out", at, cache=root.parent / "cache" if cache else None)


@pytest.mark.parametrize("cache", [True, False])
def test_nothing(root: Path, cache: bool) -> None:
    found, refused = preview(options(root, cache=cache))
    assert (found.records, found.pages, found.same, found.feeds, found.files, refused) == ((), Tally(), 0, (), (), [])


def test_the_site_is_loaded_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []
    monkeypatch.setattr("generator.build.load", lambda *arguments: loaded.append(arguments) or load(*arguments))
    preview(options(root))
    assert len(loaded) == 1


def test_a_revised_advisory(root: Path) -> None:
    before = tree(root.parent / "out")
    edit(root, FILE, "It opens.", "It opens by night.")
    edit(root, FILE, "C:H", "C:L")
    edit(root, FILE, "1.0 before 1.0.1", "1.0 before 1.0.2")
    edit(root, FILE, "fixed: [1.0.1]", "fixed: [1.0.2]")
    edit(root, FILE, *REVISED)
    found, refused = preview(options(root))
    assert refused == []
    assert tree(root.parent / "out") == before
    english, russian = found.records
    assert (english.id, english.kind, english.language, english.effect, english.title) == (
        "SA-2026-0001", "advisory", "", "changed", "The box opens to everybody")
    assert (russian.id, russian.language) == ("SA-2026-0001", "ru")
    facts = {fact.field: (fact.before, fact.after) for fact in english.facts}
    assert facts == {"Severity": ("High", "Medium"), "Fixed in": ("1.0.1", "1.0.2"), "Version": ("1", "2"),
                     "Last updated": ("10 February 2026", "1 March 2026")}
    sections = {section.section: section.lines for section in english.sections}
    assert sections["Problem"] == ("-It opens.", "+It opens by night.")
    assert sections["Revision history"][-2:] == ("+2 | 2026-03-01 | Corrected.", " 1 | 2026-02-10 | First publication.")
    assert "-1.0 before 1.0.1" in sections["Am I affected?"]
    assert FeedChange("feeds/all.atom", (), ("SA-2026-0001 (Medium): The box opens to everybody",), ()) in found.feeds
    assert {(file.path, file.effect) for file in found.files} >= {
        ("api/v1/bulletins.json", "changed"), ("osv/SA-2026-0001.json", "changed"),
        (".well-known/csaf/white/2026/sa-2026-0001.json", "changed")}


def test_what_comes_and_goes(root: Path) -> None:
    write(root, "reports/100002.md", report("100002"))
    (root / "bulletins/TB-2026-0001.md").unlink()
    edit(root, "notices/SN-2026-0001.md", "status: final", "status: withdrawn")
    edit(root, "notices/SN-2026-0001.md", "First publication.}", 'First publication.}\n  - {number: "2", date: 2026-03-01, text: Withdrawn.}')
    found, refused = preview(options(root))
    assert refused == []
    effects = {record.id: record.effect for record in found.records}
    assert effects == {"100002": "new", "TB-2026-0001": "gone", "SN-2026-0001": "withdrawn"}
    feed = next(feed for feed in found.feeds if feed.path == "feeds/all.atom")
    assert feed.appear == ("100002: Report 100002",)
    assert feed.leave == ("TB-2026-0001: New screws",)


def test_what_is_held(root: Path) -> None:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    write(root, "reports/100003.md", report("100003", publish_at="2026-12-01T00:00:00Z"))
    write(root, "reports/100004.md", report("100004", status="draft", publish_at="2026-12-01T00:00:00Z"))
    found, _refused = preview(options(root))
    assert (found.records, found.files) == ((), ())
    assert [(held.id, held.until) for held in found.held] == [("100003", until)]
    later, _refused = preview(options(root, until))
    assert {record.id for record in later.records} == {"100003"}
    assert later.held == ()


def test_a_change_of_the_frame_is_no_change_of_records(root: Path) -> None:
    edit(root, "portal.yml", "name: Box Support", "name: Box Help")
    found, _refused = preview(options(root))
    assert found.records == ()
    assert found.same > 5


def test_the_command(root: Path) -> None:
    edit(root, FILE, "It opens.", "It shuts.")
    arguments = ["diff", "--site", str(root), "--out", str(root.parent / "out"), "--at", AT.isoformat(), "--cache", str(root.parent / "cache")]
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 1  # the build would be refused
    told = json.loads(result.stdout)
    assert set(told) == {"records", "pages", "same", "feeds", "files", "held", "findings"}
    assert told["findings"][0]["field"] == "revisions"
    edit(root, FILE, *REVISED)
    result = CliRunner().invoke(main, [*arguments, "--quiet"])
    assert result.exit_code == 0
    assert "changed: SA-2026-0001  The box opens to everybody\n  Version: 1 -> 2\n" in result.stdout
    assert "  Problem:\n    -It opens.\n    +It shuts.\n" in result.stdout
    (root / FILE).write_text("---\n", encoding="utf-8")
    assert CliRunner().invoke(main, arguments).exit_code == 1


def test_a_first_portal_is_all_new(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    found, refused = preview(options(root))
    assert {record.effect for record in found.records} == {"new"}
    assert refused == []
    assert not (tmp_path / "out").exists()


def test_reading_a_page() -> None:
    page = b"""<article class="wp-record wp-record--advisory"><header><h1>A <b>title</b></h1><div class="wp-banner wp-banner--interim"><p>x</p></div></header>
<aside><dl><div><dt>Status</dt><dd><span>Final</span></dd></div></dl></aside><div class="wp-record__text"><p>In short.</p>
<section><h2>Problem<a class="headerlink" href="#x">x</a></h2><p>One\ntwo</p><pre><code>a\nb</code></pre></section>
<section><h2>Table</h2><table><tr><th>1</th>\n<td>2</td></tr></table><form>no</form></section></div></article>"""
    found = read_record(page)
    assert found
    assert (found.title, found.facts, found.banners) == ("A title", {"Status": "Final"}, frozenset({"interim"}))
    assert found.sections == {"": ["In short."], "Problem": ["One two", "a", "b"], "Table": ["1 | 2"]}
    assert read_record(b"<p>nothing</p>") is None


