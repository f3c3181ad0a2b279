"""Settings of a portal and its redirects: the valid example and each rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.audiences import Audience
from kb.feed_settings import FeedSettings
from kb.findings import Finding
from kb.portal import Portal, PortalText, Redirect, parse_portal, parse_redirects
from kb.records import Place
from kb.source import parse_yaml
from tests.kb.checking import LANGUAGES, load_messages, messages
from tests.sites.make import changed, make_site

ARTICLE_FILE = "articles/KB10001.md"
FULL = """\
name: Exemplar Support
vendor: Exemplar Networks
url: https://support.example.com/portal
languages: [en, ru]
summary: Find a known problem.
timezone: Europe/Berlin
audiences: [public, partners, staff]
popular: [KB10001]
examples: [1700001, rpd core]
search: {opensearch: "https://search.example.com:9243/support/_search"}
translations:
  ru: {name: Поддержка, summary: Найдите проблему., examples: [сбой rpd]}
"""


def portal_of(text: str) -> tuple[Portal | None, list[str]]:
    findings: list[Finding] = []
    portal = parse_portal(parse_yaml(text, "portal.yml"), "portal.yml", LANGUAGES, findings)
    return portal, [str(finding) for finding in findings]


def test_every_field() -> None:
    assert portal_of(FULL) == (Portal(
        vendor="Exemplar Networks", url="https://support.example.com/portal/", languages=("en", "ru"),
        texts=(PortalText("Exemplar Support", "Find a known problem.", ("1700001", "rpd core")),
               PortalText("Поддержка", "Найдите проблему.", ("сбой rpd",))),
        timezone="Europe/Berlin", audiences=(Audience("public", ("public",)), Audience("partners", ("public", "partners")),
                                               Audience("staff", ("public", "partners", "staff"))), popular=("KB10001",),
        opensearch="https://search.example.com:9243/support/_search",
        place=Place("portal.yml", 1)), [])


def test_what_may_be_left_out() -> None:
    portal, found = portal_of("# comment\nname: A\nvendor: B\nurl: http://example.org/")
    assert found == []
    assert portal == Portal("B", "http://example.org/", ("en",), (PortalText("A", "", ()),), place=Place("portal.yml", 2))
    assert portal.language == "en"


def test_a_translation_lends_what_it_lacks_from_the_first_language() -> None:
    portal, _ = portal_of(FULL.replace(", summary: Найдите проблему., examples: [сбой rpd]", ""))
    assert portal
    assert portal.text_in("ru") == PortalText("Поддержка", "Find a known problem.", ("1700001", "rpd core"))
    without, _ = portal_of(FULL[:FULL.index("translations")])
    assert without and without.text_in("ru") == without.text_in("en")


ENDPOINT = '"https://search.example.com:9243/support/_search"'


@pytest.mark.parametrize("address", ["https://search.example.com/_search", "https://10.0.0.7:9200/a-b_c/_search", "/engine/_search"])
def test_search_engines(address: str) -> None:
    portal, found = portal_of(FULL.replace(ENDPOINT, f'"{address}"'))
    assert found == [] and portal and portal.opensearch == address


@pytest.mark.parametrize("address", [
    "http://search.example.com/_search", "search.example.com/_search", "https://search.example.com", "//search.example.com/_search",
    "https:///_search", "javascript:alert(1)", "https://a.example;script-src/_search", "https://a.example, https://b.example/_search",
    "https://*.example.com/_search", "https://search.example.com/_search?pretty", "https://search.example.com/_search#x",
    "/_search;x", "/a b", "https://search.example.com:port/_search", "https://поиск.example/_search", "/\\evil.example/", "engine/_search"])
def test_what_is_no_address_of_a_search_engine(address: str) -> None:
    portal, found = portal_of(FULL.replace(ENDPOINT, f"'{address}'"))
    assert (portal, found) == (None, [
        f"portal.yml:10: search.opensearch: '{address}' is neither an https address nor a path of this host; "
        "write https://host/index/_search or /path/_search"])


@pytest.mark.parametrize("address", ["https://user:secret@search.example.com/_search", "https://secret@search.example.com/_search",
                                     "//user:secret@search.example.com/_search"])
def test_a_password_is_refused_and_not_repeated(address: str) -> None:
    portal, found = portal_of(FULL.replace(ENDPOINT, f'"{address}"'))
    assert (portal, found) == (None, [
        "portal.yml:10: search.opensearch: holds a name or password, which every reader could see; "
        "remove it, and have a server in front of the engine answer without one"])


@pytest.mark.parametrize(("reader", "audience", "sees"), [
    ("public", "public", True), ("public", "partners", False), ("partners", "public", True), ("partners", "staff", False),
    ("staff", "partners", True), ("staff", "staff", True)])
def test_each_audience_includes_those_before_it(reader: str, audience: str, sees: bool) -> None:
    portal, _ = portal_of(FULL)
    assert portal and portal.may_see(reader, audience) is sees


@pytest.mark.parametrize(("old", "new", "message"), [
    ("name: Exemplar Support\n", "", "portal.yml:1: name: is missing; add a line 'name: ...'"),
    ("vendor: Exemplar Networks\n", "", "portal.yml:1: vendor: is missing; add a line 'vendor: ...'"),
    ("url: https://support.example.com/portal\n", "", "portal.yml:1: url: is missing; add a line 'url: ...'"),
    ("support.example.com/portal", "support.example.com/?a=b",
     "portal.yml:3: url: 'https://support.example.com/?a=b' holds more than host and path; "
     "write https://host/ or https://host/path/"),
    ("support.example.com/portal", "support.example.com/#a",
     "portal.yml:3: url: 'https://support.example.com/#a' holds more than host and path; "
     "write https://host/ or https://host/path/"),
    ("support.example.com/portal", "user@support.example.com/",
     "portal.yml:3: url: 'https://user@support.example.com/' holds more than host and path; "
     "write https://host/ or https://host/path/"),
    ("support.example.com/portal", ":secret@support.example.com/",
     "portal.yml:3: url: 'https://:secret@support.example.com/' holds more than host and path; "
     "write https://host/ or https://host/path/"),
    ("https://support", "ftp://support",
     "portal.yml:3: url: 'ftp://support.example.com/portal' is not a web address; write https://host/path"),
    ("languages: [en, ru]", "languages: [en, ru, de]",
     "portal.yml:4: languages: 'de' has no user-interface texts; choose from en, ru"),
    ("languages: [en, ru]", "languages: [ru, en, ru]", "portal.yml:4: languages: 'ru, en, ru' names a language twice; keep one"),
    ("languages: [en, ru]", "languages: [English, ru]",
     "portal.yml:4: languages: 'English' is no language tag; write a tag such as en or ru"),
    ("Europe/Berlin", "Europe/Bonn", "portal.yml:6: timezone: 'Europe/Bonn' is no time zone; "
     "write a name such as UTC or Europe/Berlin"),
    ("partners, staff", "partners, public",
     "portal.yml:7: audiences: 'public, partners, public' names an audience twice; keep one"),
    ("partners, staff", "Partners",
     "portal.yml:7: audiences: 'Partners' is no audience name; use lower case letters, digits and hyphens"),
    ("popular: [KB10001]", "popular: [[KB10001]]", "portal.yml:8: popular: is a list, not one value; write one value"),
    ("examples: [1700001", "examples: [''", "portal.yml:9: examples: is empty; write a text or leave the field out"),
    ("  ru: {name", "  ru: {title", "portal.yml:12: translations.ru.title: is not a known field; "
     "known fields: name, summary, examples"),
    ("  ru: {name", "  de: {name",
     "portal.yml:12: translations: 'de' is not a language of this portal; add it to languages or remove it"),
    ("search: {opensearch", "search: {open_search", "portal.yml:10: search.open_search: is not a known field; did you mean opensearch?"),
    ('search: {opensearch: "https://search.example.com:9243/support/_search"}', "search: https://search.example.com/_search",
     "portal.yml:10: search: is not a mapping; write 'field: value' pairs"),
    (ENDPOINT, "[/a, /b]", "portal.yml:10: search.opensearch: is a list, not one value; write one value"),
    ("summary: Find", "sumary: Find", "portal.yml:5: sumary: is not a known field; did you mean summary?"),
])
def test_one_change_makes_one_finding(old: str, new: str, message: str) -> None:
    assert FULL.count(old) == 1
    assert portal_of(FULL.replace(old, new)) == (None, [message])


@pytest.mark.parametrize("text", ["- name", "name", "[]"])
def test_settings_are_a_mapping(text: str) -> None:
    assert portal_of(text) == (None, ["portal.yml:1: is no mapping; write 'name: ...', 'vendor: ...', 'url: ...'"])


def test_all_that_is_wrong_is_found_at_once() -> None:
    assert [message.split(": ")[1] for message in portal_of("url: x\ntimezone: y\nfoo: z\n")[1]] == [
        "name", "vendor", "url", "timezone", "foo"]


# -- redirects -------------------------------------------------------------------------------------


def redirects_of(text: str) -> tuple[tuple[Redirect, ...], list[str]]:
    findings: list[Finding] = []
    return parse_redirects(parse_yaml(text, "redirects.yml"), "redirects.yml", findings), [str(item) for item in findings]


def test_redirects_lead_to_paths_and_records() -> None:
    assert redirects_of("/old.html: KB10001\n/a/b%20c/: /kb/\n/kb_id: /\n") == ((
        Redirect("/old.html", "KB10001", Place("redirects.yml", 1)), Redirect("/a/b%20c/", "/kb/", Place("redirects.yml", 2)),
        Redirect("/kb_id", "/", Place("redirects.yml", 3))), [])


NO_PATH = "is no path of this site; write it from the root: /old/page.html"


@pytest.mark.parametrize(("line", "message"), [
    ("old.html: KB10001", f"'old.html' {NO_PATH}"),
    ("/: /kb/", f"'/' {NO_PATH}"),
    ("/a//b: /kb/", f"'/a//b' {NO_PATH}"),
    ("//example.org/: /kb/", f"'//example.org/' {NO_PATH}"),
    ("/a/../b: /kb/", f"'/a/../b' {NO_PATH}"),
    ("/a/./b: /kb/", f"'/a/./b' {NO_PATH}"),
    ("'/a b': /kb/", f"'/a b' {NO_PATH}"),
    ("/a?b=c: /kb/", f"'/a?b=c' {NO_PATH}"),
    ("/старое: /kb/", f"'/старое' {NO_PATH}"),
    ("'/a;return': /kb/", f"'/a;return' {NO_PATH}"),
    ("https://example.org/: /kb/", f"'https://example.org/' {NO_PATH}"),
    ("/a:", "/a: has no target; write a path or a record's id"),
    ("/a: [/b]", "/a: has no target; write a path or a record's id"),
    ("/a: //example.org/", "/a: '//example.org/' is no path of this site; write /path/ in ASCII"),
    ("/a: /../b", "/a: '/../b' is no path of this site; write /path/ in ASCII"),
    ("/a: '/b c'", "/a: '/b c' is no path of this site; write /path/ in ASCII"),
    ("/a: '/b;'", "/a: '/b;' is no path of this site; write /path/ in ASCII"),
])
def test_a_redirect_that_is_none_is_refused(line: str, message: str) -> None:
    assert redirects_of(f"/good: /kb/\n{line}\n") == (
        (Redirect("/good", "/kb/", Place("redirects.yml", 1)),), [f"redirects.yml:2: {message}"])


def test_redirects_are_a_mapping() -> None:
    assert redirects_of("- /a") == ((), ["redirects.yml:1: is no mapping; write '/old/path: /new/path/' lines"])


# -- in a site -------------------------------------------------------------------------------------


def test_a_site_needs_settings(tmp_path: Path) -> None:
    make_site(tmp_path, {"portal.yml": None})
    assert load_messages(tmp_path) == [
        "portal.yml: cannot be read (No such file or directory); check that it exists and its permissions"]


NO_ADDRESS = "is the address of no record; write the id of a record or the address of another page"


@pytest.mark.parametrize(("files", "found"), [
    ({"redirects.yml": "/a: KB10001\n/b: PR1700001\n/c: cve-2026-10001\n"}, []),
    ({"redirects.yml": "/a: KB10001\n\n/b: KB99999\n"},
     ["redirects.yml:3: /b: 'KB99999' is neither a path nor a known id; write /path/ or the id of a record"]),
    ({"redirects.yml": "/a: /kb/KB10001/\n/b: /pr/PR1700001\n/c: /kb/KB%310001/\n/d: /kb/product/exos/\n/e: /kb/\n"}, []),
    ({"redirects.yml": "/a: /kb/KB99999/\n/b: /pr/a+b\n"},
     [f"redirects.yml:1: /a: '/kb/KB99999/' {NO_ADDRESS}", f"redirects.yml:2: /b: '/pr/a+b' {NO_ADDRESS}"]),
    ({"portal.yml": FULL}, []),
    ({"portal.yml": FULL.replace("[KB10001]", "\n  - KB10001\n  - KB10002")},
     ["portal.yml:10: popular: 'KB10002' is not a known id; write the id of an article"]),
    ({"portal.yml": b"name: \xff"}, ["portal.yml:1: 'byte 0xff' is not UTF-8; save the file in UTF-8"]),
    ({"redirects.yml": "/a: *b"}, ["redirects.yml:1: 'b' is an anchor or alias; write the value out"]),
])
def test_ids_in_settings_are_known(tmp_path: Path, files: dict[str, str | bytes | None], found: list[str]) -> None:
    make_site(tmp_path, files)
    assert messages(tmp_path) == found


@pytest.mark.parametrize("target", ["KB10001", "/kb/KB10001/"])
def test_redirects_to_hidden_records_and_to_files_with_faults_of_their_own_are_no_more_findings(
        tmp_path: Path, target: str) -> None:
    make_site(tmp_path, {**changed(ARTICLE_FILE, "status: published", "status: draft"), "redirects.yml": f"/a: {target}\n"})
    assert messages(tmp_path) == []
    make_site(tmp_path, changed(ARTICLE_FILE, "status: published", "status: new"))
    assert messages(tmp_path) == [
        f"{ARTICLE_FILE}:5: status: 'new' is not allowed here; write one of draft, published, retired"]


def test_feeds() -> None:
    portal, found = portal_of(FULL + "feeds: {hub: 'https://hub.example.net/', records: all, archives: none}\n")
    assert found == [] and portal and portal.feeds == FeedSettings("https://hub.example.net/", "all", "none")


@pytest.mark.parametrize(("written", "message"), [
    ("{hub: hub.example.net}", "portal.yml:{line}: feeds.hub: 'hub.example.net' "), ("{records: closed}", "portal.yml:{line}: feeds.records: 'closed' "),
    ("{archives: kinds}", "portal.yml:{line}: feeds.archives: 'kinds' "), ("{window: 5}", "portal.yml:{line}: feeds.window"),
])
def test_wrong_settings_of_feeds(written: str, message: str) -> None:
    portal, found = portal_of(f"{FULL}feeds: {written}\n")
    assert portal is None and len(found) == 1
    assert found[0].startswith(message.format(line=FULL.count("\n") + 1)) and ";" in found[0], found
