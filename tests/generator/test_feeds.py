"""Feeds as Atom: well-formed, with ids that never change, newest first, whatever the texts hold; other formats in
test_feed_formats.py, windows and archives in test_feed_windows.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from generator.feed_windows import LONGEST, WINDOW
from tests.generator.support import article, build_site, edit, report, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")
ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def feed(out: Path, name: str = "all") -> etree._Element:
    return etree.fromstring((out / f"feeds/{name}.atom").read_bytes())


def texts(parent: etree._Element, path: str) -> list[str]:
    return [str(node.text) for node in parent.findall("/".join(f"{ATOM}{name}" for name in path.split("/")))]


def test_every_feed_has_what_atom_requires(built: tuple[Path, Path]) -> None:
    _root, out = built
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.atom"))
    assert {"feeds/all.atom", "feeds/kb.atom", "feeds/product-box.atom", "ru/feeds/all.atom"} <= set(files)
    for path in files:
        root = etree.fromstring((out / path).read_bytes())
        assert root.tag == f"{ATOM}feed"
        assert root.get(LANG) == ("ru" if path.startswith("ru/") else "en")
        for name in ("id", "title", "updated", "author/name"):
            assert len(texts(root, name)) == 1, f"{path} {name}"
        assert texts(root, "id") == [f"https://support.example.com/{path}"]  # no archive is that short
        links = {node.get("rel"): node.get("href") for node in root.findall(f"{ATOM}link")}
        assert links["self"] == f"https://support.example.com/{path}"
        assert len(set(texts(root, "entry/id"))) == len(root.findall(f"{ATOM}entry"))
        for entry in root.findall(f"{ATOM}entry"):
            for name in ("id", "title", "updated", "published", "summary"):
                assert len(texts(entry, name)) == 1, f"{path} {name}"
            assert texts(entry, "summary") != ["None"]
        stamps = texts(root, "updated") + texts(root, "entry/updated") + texts(root, "entry/published")
        assert all(RFC_3339.fullmatch(stamp) for stamp in stamps)


def test_entries_are_the_newest_first_and_the_feed_is_as_new_as_they(built: tuple[Path, Path]) -> None:
    _root, out = built
    for path in out.rglob("*.atom"):
        root = etree.fromstring(path.read_bytes())
        view = "published" if "/new/" in path.as_posix() else "updated"
        stamps = texts(root, f"entry/{view}")
        assert stamps == sorted(stamps, reverse=True), path
        assert texts(root, "updated") == [max(texts(root, "entry/updated"), default="2000-01-01T00:00:00Z")]


def test_ids_of_entries_stay_whatever_else_changes(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    build_site(root, tmp_path / "one")
    (root / "articles").rename(root / "elsewhere")
    (root / "articles").mkdir()
    (root / "elsewhere").rename(root / "articles/elsewhere")
    moved = "articles/elsewhere/KB10002.md"
    edit(root, moved, "title: Clean a box", "title: Another title")
    edit(root, moved, "created: 2026-01-20\nupdated: 2026-02-21", "created: 2026-01-25\nupdated: 2026-05-05")
    edit(root, "portal.yml", "https://support.example.com/", "https://support.example.com/moved/")
    edit(root, "products.yml", "name: BoxOS", "name: Box System")
    edit(root, "reports/100001.md", "status: fixed", "status: closed")
    build_site(root, tmp_path / "two")
    for language in ("", "ru/"):
        before = texts(etree.fromstring((tmp_path / f"one/{language}feeds/all.atom").read_bytes()), "entry/id")
        after = texts(etree.fromstring((tmp_path / f"two/{language}feeds/all.atom").read_bytes()), "entry/id")
        assert sorted(before) == sorted(after)
    assert "tag:support.example.com,2026:en/article/KB10001" in texts(feed(tmp_path / "one"), "entry/id")


def test_a_translation_has_an_id_of_its_own_and_says_its_language(built: tuple[Path, Path]) -> None:
    _root, out = built
    english, russian = (etree.fromstring((out / f"{language}feeds/all.atom").read_bytes()) for language in ("", "ru/"))
    assert not set(texts(english, "entry/id")) & set(texts(russian, "entry/id"))
    assert "KB10001: Перезапуск" in texts(russian, "entry/title")
    languages = {str(node.getparent().find(f"{ATOM}id").text)[-7:]: node.get(LANG) for node in russian.iter(f"{ATOM}summary")}
    assert (languages["KB10001"], languages["KB10002"]) == (None, "en")


def test_texts_may_hold_markup_and_any_script(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    title = "<b>&amp; ]]> \"quoted\" 'a' \U0001f600 عربى"
    write(root, "articles/KB10003.md", article("KB10003", title="'" + title.replace("'", "''") + "'", summary="'</summary>'"))
    build_site(root, tmp_path / "out")
    found = feed(tmp_path / "out", "kb")
    assert f"KB10003: {title}" in texts(found, "entry/title")
    assert "<p>&lt;/summary&gt;</p>" in texts(found, "entry/summary")


def test_a_feed_holds_the_newest_records_of_its_topic(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    for number in range(WINDOW + 5):
        write(root, f"reports/{300000 + number}.md", report(
            str(300000 + number), created=f"{1970 + number}-03-01", updated=f"{1970 + number}-03-01"))
    build_site(root, tmp_path / "out")
    newest = ["100001", *(str(300000 + number) for number in range(WINDOW + 4, 5, -1))]
    found = [name.rpartition("/")[2] for name in texts(feed(tmp_path / "out", "pr"), "entry/id")]
    assert found[:WINDOW] == newest
    assert len(found) <= WINDOW + LONGEST  # what no archive holds yet stays
    assert all("/report/" in name for name in texts(feed(tmp_path / "out", "pr"), "entry/id"))
    assert all("/article/" in name for name in texts(feed(tmp_path / "out", "kb"), "entry/id"))


def test_categories_name_state_and_product(built: tuple[Path, Path]) -> None:
    _root, out = built
    entry = feed(out, "pr").find(f"{ATOM}entry")
    assert entry is not None
    assert {(node.get("term"), node.get("label")) for node in entry.findall(f"{ATOM}category")} == {
        ("kind:report", "Problem report"), ("severity:medium", "Medium"), ("status:fixed", "Fixed"), ("product:box", "BoxOS"),
        ("component:web", "Web")}


def test_an_empty_topic_has_a_valid_feed(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {"bulletins/TB-2026-0001.md": None})
    build_site(root, tmp_path / "out")
    found = feed(tmp_path / "out", "bulletins")
    assert texts(found, "entry/id") == []
    assert texts(found, "updated") == ["2000-01-01T00:00:00Z"]


def test_times_are_in_utc(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    edit(root, "advisories/SA-2026-0001.md", "publish_at: 2026-02-10T16:00:00Z", "publish_at: 2026-02-10T16:00:00+03:00")
    build_site(root, tmp_path / "out")
    assert texts(feed(tmp_path / "out", "advisories"), "entry/published") == ["2026-02-10T13:00:00Z"]


def test_a_record_that_comes_out_of_its_embargo_is_the_newest(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    write(root, "articles/KB10003.md", article("KB10003", publish_at="2026-11-20T00:00:00Z"))
    build_site(root, tmp_path / "out")
    found = feed(tmp_path / "out")
    assert texts(found, "entry/id")[0].endswith("KB10003")
    entry = found.find(f"{ATOM}entry")
    assert entry is not None
    assert texts(entry, "updated") >= texts(entry, "published")
