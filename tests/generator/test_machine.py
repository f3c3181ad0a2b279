"""Files for machines: sitemaps, names, redirect maps, robots.txt; and the search index that Pagefind makes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from generator.machine import sitemaps
from generator.plan import Derived
from generator.work import Made
from kb.portal import Portal
from tests.generator.support import article, build_site, differences, edit, fragments, tree, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")


def locations(data: bytes) -> list[str]:
    return [str(node.text) for node in etree.fromstring(data).iter("{*}loc")]


def test_a_large_sitemap_is_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_site(tmp_path / "site")
    build_site(root, tmp_path / "one")
    monkeypatch.setattr("generator.machine.SITEMAP_LIMIT", 20)
    build_site(root, tmp_path / "many")
    whole = locations((tmp_path / "one/sitemap.xml").read_bytes())
    index = etree.fromstring((tmp_path / "many/sitemap.xml").read_bytes())
    assert index.tag == "{http://www.sitemaps.org/schemas/sitemap/0.9}sitemapindex"
    addresses = locations((tmp_path / "many/sitemap.xml").read_bytes())
    names = [address.removeprefix("https://support.example.com/") for address in addresses]
    assert sorted(names) == sorted(path.name for path in (tmp_path / "many").glob("sitemap-*.xml"))
    assert len(names) > 2
    parts = [locations((tmp_path / "many" / name).read_bytes()) for name in names]
    assert all(len(part) <= 20 and part == sorted(part) for part in parts)
    assert sorted(address for part in parts for address in part) == whole == sorted(whole)


def dated(data: bytes) -> dict[str, str | None]:
    return {str(node.findtext("{*}loc")): node.findtext("{*}lastmod") for node in etree.fromstring(data)}


def made(count: int) -> list[Made]:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return [Made(f"pr/{1000 + 7 * at}/", "en", "", True, False, day + timedelta(days=at), "", ()) for at in range(count)]


def files_of(derived: Iterable[Derived]) -> dict[str, bytes]:
    return {item.path: item.make() for item in derived}


def test_a_new_page_changes_one_part_of_the_sitemap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.machine.SITEMAP_LIMIT", 50)
    portal = Portal("A", "https://a.example/?a&b/", ("en",), ())
    before, after = files_of(sitemaps(portal, made(300), str)), files_of(sitemaps(portal, made(301), str))
    changed = [path for path in after if before.get(path) != after[path]]
    assert len(before) > 6
    assert len(changed) == 2 and "sitemap.xml" in changed
    listed = dated(after["sitemap.xml"])
    assert len(listed) == len(after) - 1
    for address, date in listed.items():
        entries = dated(after[address.removeprefix(portal.url)])
        assert date == max(str(entry) for entry in entries.values())


def test_a_sitemap_of_long_addresses_stays_below_50_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.machine._MOST_BYTES", 12000)
    files = files_of(sitemaps(Portal("A", "https://a.example/", ("en",), ()), made(100), str))
    assert len(files) > 2
    assert all(len(data) < 5200 for data in files.values())


def test_a_sitemap_that_shrinks_leaves_no_parts_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, out, cache = write_site(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    with monkeypatch.context() as patch:
        patch.setattr("generator.machine.SITEMAP_LIMIT", 20)
        build_site(root, out, cache)
    assert list(out.glob("sitemap-*.xml"))
    build_site(root, out, cache)
    assert not list(out.glob("sitemap-*.xml"))


def test_dates_in_the_sitemap_are_those_of_the_records(tmp_path: Path) -> None:
    build_site(write_site(tmp_path / "site"), tmp_path / "out")
    root = etree.fromstring((tmp_path / "out/sitemap.xml").read_bytes())
    found = {node.findtext("{*}loc"): node.findtext("{*}lastmod") for node in root.iter("{*}url")}
    assert found["https://support.example.com/kb/KB10002/"] == "2026-02-21T00:00:00Z"
    assert found["https://support.example.com/ru/kb/"] == "2026-02-21T00:00:00Z"
    assert found["https://support.example.com/search/"] is None


def test_robots_name_the_sitemap(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    edit(root, "portal.yml", "https://support.example.com/", "https://www.example.net/help")
    build_site(root, tmp_path / "out")
    assert (tmp_path / "out/robots.txt").read_text(encoding="utf-8") == (
        "User-agent: *\nAllow: /\n\nSitemap: https://www.example.net/help/sitemap.xml\n")


def test_the_search_box_knows_the_releases_of_each_product(tmp_path: Path) -> None:
    build_site(write_site(tmp_path / "site"), tmp_path / "out")
    (product, name, releases), *_others = json.loads((tmp_path / "out/search/releases.json").read_text(encoding="utf-8"))
    assert (product, name) == ("box", "BoxOS") and "1.0.1" in releases


def test_a_portal_without_redirects_has_no_maps(tmp_path: Path) -> None:
    build_site(write_site(tmp_path / "site", {"redirects.yml": None}), tmp_path / "out")
    assert not (tmp_path / "out/redirects").exists()


def test_redirects_to_records_follow_them(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {
        "redirects.yml": "/a.html: kb10001\n/b: PR100001\n/c/: /kb/KB10002/\n/d/e.php: SA-2026-0001\n/f: /feeds/all.atom\n"})
    build_site(root, tmp_path / "out")
    assert (tmp_path / "out/redirects/nginx.map").read_text(encoding="utf-8").splitlines()[1:] == [
        '"/a.html" "/kb/KB10001/";', '"/b" "/pr/100001/";', '"/c/" "/kb/KB10002/";', '"/d/e.php" "/advisories/SA-2026-0001/";',
        '"/f" "/feeds/all.atom";']
    pages = {"a.html": "./kb/KB10001/", "b/index.html": "../pr/100001/", "d/e.php": "../advisories/SA-2026-0001/"}
    for path, target in pages.items():
        assert f'content="0; url={target}"' in (tmp_path / "out" / path).read_text(encoding="utf-8")


def test_texts_are_found_and_drafts_are_not(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    write(root, "articles/KB10003.md", article("KB10003", status="draft"))
    build_site(root, tmp_path / "out")
    pages = {str(page["url"]): page for page in fragments(tree(tmp_path / "out"))}
    assert {"/kb/KB10001/", "/ru/kb/KB10001/", "/advisories/SA-2026-0001/", "/bulletins/TB-2026-0001/"} <= set(pages)
    assert "/kb/KB10003/" not in pages
    assert "/kb/" not in pages
    meta = pages["/kb/KB10001/"]["meta"]
    assert isinstance(meta, dict)
    assert [meta[name] for name in ("id", "kind", "title")] == ["KB10001", "article", "Restart a box"]
    assert "Press the button" in str(pages["/kb/KB10001/"]["content"])
    assert "Home" not in str(pages["/kb/KB10001/"]["content"]), "navigation is not searched"


def test_a_record_is_found_by_its_keywords(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site")
    write(root, "articles/KB10003.md", article("KB10003", keywords="[qzkeyword]"))
    build_site(root, tmp_path / "out")
    assert "qzkeyword" in json.dumps(fragments(tree(tmp_path / "out")))


def test_the_index_is_kept_while_no_text_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, out, cache = write_site(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    build_site(root, out, cache)
    runs: list[Path] = []
    real = __import__("generator.prose", fromlist=["_run"])._run
    monkeypatch.setattr("generator.prose._run", lambda source, target: runs.append(source) or real(source, target))
    edit(root, "redirects.yml", "/gone: /kb/", "/gone: /pr/")
    build_site(root, out, cache)
    assert runs == []
    edit(root, "articles/KB10002.md", "Use a brush.", "Use a broom.")
    build_site(root, out, cache)
    assert len(runs) == 1, "only texts in the page's own language are indexed"


def test_a_segment_is_made_anew_where_one_of_its_pages_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.prose.MOST", 2)
    root, out, cache = write_site(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    for number in range(3, 9):
        write(root, f"articles/KB1000{number}.md", article(f"KB1000{number}"))
    build_site(root, out, cache, jobs=2)
    before = tree(out)
    segments = json.loads(before["pagefind/segments.json"])
    assert set(segments) == {"en", "ru"} and len(segments["en"]) > 1
    assert {f"pagefind/{name}/pagefind-entry.json" for name, _tag, _pages in segments["en"]} < set(before)
    pages = [path for path in before if re.fullmatch(r"pagefind/en-.*\.pf_fragment", path)]
    assert sum(count for _name, _tag, count in segments["en"]) == len(pages)
    edit(root, "articles/KB10007.md", "Wait.", "Hurry.")
    build_site(root, out, cache)
    build_site(root, tmp_path / "clean", None)
    assert differences(out, tmp_path / "clean") == []
    after = tree(out)
    changed = {path.split("/")[1] for path in before.keys() | after.keys()
               if path.startswith("pagefind/") and before.get(path) != after.get(path)}
    assert len(changed) == 1, "one segment"
    assert {page["url"] for page in fragments(before)} == {page["url"] for page in fragments(after)}


def test_only_the_first_segment_of_a_language_brings_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.prose.MOST", 2)
    build_site(write_site(tmp_path / "site"), tmp_path / "out")
    files = tree(tmp_path / "out")
    programs = sorted(path for path in files if re.fullmatch(r"pagefind/.*(\.js|\.pagefind)", path))
    first = {language: names[0] for language, names in json.loads(files["pagefind/segments.json"]).items()}
    assert programs == sorted(["pagefind/pagefind.js", *(f"pagefind/{name}/{file}" for name, tag, _pages in first.values()
                                                         for file in ("pagefind-worker.js", f"wasm.{tag}.pagefind"))])


def test_a_lost_file_of_the_index_comes_back(tmp_path: Path) -> None:
    root, out, cache = write_site(tmp_path / "site"), tmp_path / "out", tmp_path / "cache"
    build_site(root, out, cache)
    before = tree(out)
    for path in ("pagefind/pagefind.js", next(path for path in before if path.endswith(".pf_meta"))):
        (out / path).unlink()
        build_site(root, out, cache)
        assert tree(out) == before


def test_builds_for_two_audiences_share_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = write_site(tmp_path / "site"), tmp_path / "cache"
    write(root, "articles/KB10003.md", article("KB10003", audience="partner"))
    for audience in ("", "partner"):
        build_site(root, tmp_path / f"out-{audience}", cache, audience=audience)
    monkeypatch.setattr("generator.prose._run", lambda source, target: pytest.fail("neither index had to be made anew"))
    for audience in ("", "partner"):
        build_site(root, tmp_path / f"out-{audience}", cache, audience=audience)


def test_the_cache_does_not_grow(tmp_path: Path) -> None:
    root, cache = write_site(tmp_path / "site"), tmp_path / "cache"
    for number in range(7):
        edit(root, "articles/KB10002.md", "## Solution\n", f"## Solution\n\nStep {number}.\n")
        build_site(root, tmp_path / "out", cache)
    assert len(list(cache.glob("prose-*"))) <= 4
    assert len(list(cache.iterdir())) < 12
