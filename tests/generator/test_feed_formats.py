"""Feeds in three formats: each says the same, by feedparser and by JSON; old addresses; what a hub and hostile texts leave."""

from __future__ import annotations

import re
from calendar import timegm
from email.utils import parsedate_to_datetime
from pathlib import Path

import feedparser
import msgspec
import pytest
from lxml import etree

from tests.generator.support import build_site, edit, page, report, tree, write, write_site

pytestmark = pytest.mark.usefixtures("quick_shell")
HOST = "https://support.example.com/"
ATOM = "{http://www.w3.org/2005/Atom}"

# Addresses that were published once; none of them may ever vanish.
OLD = ("feeds/all.atom", "feeds/kb.atom", "feeds/pr.atom", "feeds/advisories.atom", "feeds/notices.atom", "feeds/bulletins.atom",
       "feeds/product-box.atom", "feeds/component-web.atom")
NEW = ("feeds/new/all.atom", "feeds/all.rss", "feeds/all.json", "feeds/bulletins-hardware.atom", "feeds/bulletins-software.rss",
       "feeds/severity-critical.json", "feeds/platform-box.bx1.atom", "feeds/train-box.1.0.atom", "feeds/advisories-box.atom",
       "feeds/pr/100001.atom", "feeds/advisories/SA-2026-0001.atom", "feeds/feeds.opml", "feeds/feed.css")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small site with a history, a hub and hostile texts, built once; only for reading."""
    from tests.generator.support import plain_shell

    folder = tmp_path_factory.mktemp("feeds")
    root = write_site(folder / "site")
    edit(root, "portal.yml", "summary: All about boxes.", "summary: All about boxes.\nfeeds: {hub: 'https://hub.example.net/?a&b'}")
    write(root, "reports/100002.md", report(
        "100002", title="'<script>alert(1)</script> &amp; ]]>'", severity="critical", component="web", status="open", history=(
            "[{date: 2026-03-01, text: Opened.}, {date: 2026-03-01, text: 'See [[KB10001]], [above](#problem) and [it](https://x.example/).'},"
            " {date: 2026-03-02, text: 'Found the *cause* <b onclick=alert(1)>here</b>.'}]")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.build.make_shell", plain_shell)
        build_site(root, folder / "out")
    return folder / "out"


def topics(out: Path) -> list[str]:
    """Each feed that is there in three formats, without its ending."""
    return [path.removesuffix(".rss") for path in tree(out) if path.endswith(".rss")]


def test_addresses_stay(out: Path) -> None:
    assert [path for path in (*OLD, *NEW) for language in ("", "ru") if not (out / language / path).is_file()] == []


def test_all_formats_tell_the_same(out: Path) -> None:
    assert len(topics(out)) > 60
    for path in topics(out):
        atom, rss = (feedparser.parse((out / f"{path}.{name}").read_bytes()) for name in ("atom", "rss"))
        json = msgspec.json.decode((out / f"{path}.json").read_bytes())
        assert not atom.bozo and not rss.bozo and (atom.version, rss.version) == ("atom10", "rss20")
        assert json["version"] == "https://jsonfeed.org/version/1.1"
        assert atom.feed.title == rss.feed.title == json["title"]
        assert atom.feed.link == rss.feed.link == json["home_page_url"]
        assert atom.feed.language == rss.feed.language == json["language"] == ("ru" if path.startswith("ru/") else "en")
        assert len(atom.entries) == len(rss.entries) == len(json["items"])
        for one, other, item in zip(atom.entries, rss.entries, json["items"], strict=True):
            assert one.id == other.id == item["id"] and one.id.startswith("tag:support.example.com,2026:")
            assert one.link == other.link == item["url"] and one.link.startswith(HOST)
            assert one.title_detail.value == other.title_detail.value
            assert one.author == other.author == item["authors"][0]["name"] == "Box Networks"
            assert one.published == item["date_published"] and one.updated == item["date_modified"]
            assert timegm(other.published_parsed) == timegm(one.published_parsed)
            assert timegm(other.updated_parsed) == timegm(one.updated_parsed)
            assert [tag.label for tag in one.tags] == [tag.term for tag in other.tags] == item["tags"]
            assert one.summary == other.summary


def test_times_are_as_the_formats_want_them(out: Path) -> None:
    for path in topics(out):
        for item in msgspec.json.decode((out / f"{path}.json").read_bytes())["items"]:
            for name in ("date_published", "date_modified"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", item[name])
        root = etree.fromstring((out / f"{path}.rss").read_bytes())
        for node in (*root.iter("pubDate"), *root.iter("lastBuildDate")):
            assert parsedate_to_datetime(str(node.text)).utcoffset() is not None
        dates = [parsedate_to_datetime(str(node.text)) for node in root.iter("pubDate")]
        assert dates == sorted(dates, reverse=True)
        assert len({node.text for node in root.iter("guid")}) == len(list(root.iter("item")))
        assert {node.get("isPermaLink") for node in root.iter("guid")} <= {"false"}


def test_a_hub_stands_in_each_feed(out: Path) -> None:
    for path in topics(out):
        assert [node.get("href") for name in ("atom", "rss") for node in etree.fromstring(
            (out / f"{path}.{name}").read_bytes()).iter(f"{ATOM}link") if node.get("rel") == "hub"] == ["https://hub.example.net/?a&b"] * 2
        assert msgspec.json.decode((out / f"{path}.json").read_bytes())["hubs"] == [
            {"type": "WebSub", "url": "https://hub.example.net/?a&b"}]


def test_without_a_hub_nothing_is_said_of_one(built: tuple[Path, Path]) -> None:
    _root, folder = built
    assert not any(b"hub" in data.lower() for path, data in tree(folder).items() if re.search(r"feeds/.*\.(atom|rss|json)$", path))


def test_an_entry_says_what_has_changed_with_absolute_links(out: Path) -> None:
    [item] = [item for item in msgspec.json.decode((out / "feeds/pr.json").read_bytes())["items"] if item["id"].endswith("/100002")]
    assert item["title"] == "100002 (Critical): <script>alert(1)</script> &amp; ]]>"
    assert "<script" not in item["content_html"] and "onclick" not in item["content_html"]
    assert "<p><b>Latest change:</b> 2026-03-02: Found the <em>cause</em>" in item["content_html"]
    [fixed] = [item for item in msgspec.json.decode((out / "feeds/pr.json").read_bytes())["items"] if item["id"].endswith("/100001")]
    assert "<p><b>Fixed in:</b> 1.0.1</p>" in fixed["content_html"]


def test_a_report_has_a_feed_of_its_changes(out: Path) -> None:
    found = feedparser.parse((out / "feeds/pr/100002.atom").read_bytes())
    own = "tag:support.example.com,2026:en/report/100002"
    assert [entry.id for entry in found.entries] == [f"{own}/2026-03-02", f"{own}/2026-03-01+", f"{own}/2026-03-01"]
    second = etree.fromstring((out / "feeds/pr/100002.atom").read_bytes()).findall(f"{ATOM}entry")[1].findtext(f"{ATOM}summary") or ""
    assert f'href="{HOST}kb/KB10001/"' in second and f'href="{HOST}pr/100002/#problem"' in second
    assert 'href="https://x.example/"' in second and ROOTS.search(second) is None
    assert "<b>Status:</b> Open" in str(found.entries[0].summary)
    advisory = feedparser.parse((out / "ru/feeds/advisories/SA-2026-0001.atom").read_bytes())
    assert [entry.id for entry in advisory.entries] == ["tag:support.example.com,2026:ru/advisory/SA-2026-0001/1"]
    assert "(Редакция 1)" in advisory.entries[0].title


ROOTS = re.compile(r'(href|src)="(?!https://)')


def test_pages_offer_their_own_feeds(out: Path) -> None:
    for place, feeds in {
        "pr/100002/": ["pr/100002", "component-web", "pr", "product-box"],
        "pr/100001/": ["component-web", "pr", "product-box"],  # fixed: nothing more is awaited
        "advisories/SA-2026-0001/": ["advisories/SA-2026-0001", "advisories", "product-box"],
        "kb/KB10001/": ["kb", "product-box"], "products/box/": ["product-box", "advisories-box"],
        "products/box/bx1/": ["platform-box.bx1", "product-box"], "releases/box/1.0.0/": ["train-box.1.0", "product-box"],
        "components/web/": ["component-web"], "feeds/": ["all"],
    }.items():
        parsed = page(out, place)
        links = [str(node.attributes["href"]) for node in parsed.css('link[rel="alternate"][type="application/atom+xml"]')]
        assert [link.removeprefix("../" * place.count("/")) for link in links] == [f"feeds/{name}.atom" for name in feeds], place
        assert all((out / place / link).resolve().is_file() for link in links)


def test_the_subscribe_page_lists_every_feed_of_its_language(out: Path) -> None:
    for language in ("", "ru/"):
        parsed = page(out, f"{language}feeds/")
        linked = {(out / language / "feeds" / str(node.attributes["href"])).resolve().relative_to(out).as_posix()
                  for node in parsed.css(".wp-feeds__links a")}
        assert linked == {f"{path}.{name}" for path in topics(out) for name in ("atom", "rss", "json")
                          if path.startswith("ru/") == bool(language)}


def test_the_list_for_feed_readers_names_every_topic(out: Path) -> None:
    root = etree.fromstring((out / "ru/feeds/feeds.opml").read_bytes())
    named = {str(node.get("xmlUrl")) for node in root.iter("outline") if node.get("xmlUrl")}
    assert named == {f"{HOST}{path}.atom" for path in topics(out) if path.startswith("ru/") and "/new/" not in path}
    assert all(node.get("text") and node.get("language") == "ru" for node in root.iter("outline") if node.get("type"))


def test_a_browser_shows_feeds_with_a_style_sheet_of_this_host(out: Path) -> None:
    for path, data in tree(out).items():
        if path.endswith((".atom", ".rss")):
            [style] = re.findall(rb'<\?xml-stylesheet type="text/css" href="([^"]+)"\?>', data)
            root = "ru/" if path.startswith("ru/") else ""
            assert ((out / path).parent / style.decode()).resolve() == (out / root / "feeds/feed.css").resolve()
    assert "Это лента" in (out / "ru/feeds/feed.css").read_text(encoding="utf-8")
