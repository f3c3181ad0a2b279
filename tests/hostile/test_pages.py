"""Texts of attackers in every field: what is in the files. No browser is needed to see that nothing in them could run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import icalendar
import pytest
from lxml import etree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from kb import show_version
from kb.fields import Wrong
from kb.load import load
from kb.show_version import parse_template
from tests.generator.support import tree
from tests.generator.test_docs import fields_of
from tests.hostile.conftest import Built
from tests.hostile.payloads import HOST, PAYLOADS
from tests.sites.full import KINDS, LINE, full_data

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parents[2]
SCRIPTS = {"module", "application/json", "application/ld+json"}
NEVER = "base, iframe, object, embed, applet, frame, frameset, template:not([data-wp-texts], [data-wp-steps]), math, foreignObject, noembed, xmp, style, animate, use, portal"
# Fields that only files of other tests have: settings of a search engine, of a page or endpoint for answers, keys that sign.
ELSEWHERE = {"opensearch", "search", "page", "endpoint", "signing_key", "key", "epoch", "capacity", "cases", "changes", "at", "text", "before"}


UNUSED = {"term", "every_channel", "waiting", "clock", "extends", "toll_free", "pgp_key_file"}  # of the policy, which the example does without


@pytest.fixture(scope="module")
def files(hostile: Built) -> dict[str, bytes]:
    return tree(hostile.out)


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes]) -> dict[str, LexborHTMLParser]:
    return {path: LexborHTMLParser(data.decode("utf-8")) for path, data in files.items() if path.endswith(".html")}


def keys(data: object) -> set[str]:
    if isinstance(data, dict):
        return set(data) | {name for item in data.values() for name in keys(item)}
    return {name for item in data for name in keys(item)} if isinstance(data, list) else set()


def test_the_site_has_every_field_that_there_is() -> None:
    data = full_data()
    assert fields_of("portal", "csaf_settings", "feed_settings") - keys(data["portal.yml"]) <= ELSEWHERE | {"publish"}  # no page shows it
    assert fields_of("products") - keys(data["products.yml"]) <= ELSEWHERE
    records = keys([*(fields for _form, fields, _headings in KINDS.values()), LINE, *data.values()])
    assert fields_of("parse", "bulletins") - records - {"duplicate", "retired", "superseded"} <= ELSEWHERE
    policy = fields_of(*(path.stem for path in (HERE / "kb").glob("policy*.py")))
    assert policy - keys(data["policy.yml"]) <= ELSEWHERE | {"register_products", "collect", "run", "product"} | UNUSED


def test_templates_of_lines_are_words_not_patterns(hostile: Built) -> None:
    """A payload as a template is read as the words that it has; one that could be a pattern matches what is written, and nothing else."""
    templates = load(hostile.site.root, ("en", "ru")).catalogue.products[0].show_version
    assert len(templates) > 40
    for text in ("(a+)+$ {release}", r"^(\w*)*\b {release}", "a.* {release}"):
        template = [("x", [show_version.template_of(parse_template(text))])]
        assert [found.values for found in show_version.printed([text.replace("{release}", "1")], dict(template))] == [{"x": {"release": "1"}}]
        assert list(show_version.printed(["a" * 50_000 + " 1", "aaa 1"], dict(template))) == []
    for text in ("{{7*7}} {release}", "{release}" * 2, "{constructor} x", "a" * 200 + " {release}", "\u202e {release}"):
        with pytest.raises(Wrong):
            parse_template(text)


def test_each_payload_stands_in_many_fields(hostile: Built) -> None:
    assert len(hostile.site.fields) > 700
    assert len(PAYLOADS) > 60
    named = {(path.partition("/")[0], next(step for step in reversed(leaf) if isinstance(step, str))) for path, leaf in hostile.site.fields}
    for path, name in [("portal.yml", "name"), ("portal.yml", "vendor"), ("portal.yml", "summary"), ("portal.yml", "examples"),
                       ("products.yml", "name"), ("articles", "title"), ("articles", "summary"), ("articles", "keywords"), ("articles", "aliases"),
                       ("articles", "applies_to"), ("reports", "title"), ("reports", "text"), ("advisories", "credits"), ("advisories", "terms"),
                       ("advisories", "title"), ("notices", "text"), ("bulletins", "summary"), ("policy.yml", "definition"), ("policy.yml", "note")]:
        assert (path, name) in named, (path, name)


def test_nothing_in_pages_could_run_or_load(pages: dict[str, LexborHTMLParser]) -> None:
    assert len(pages) > 100
    for path, parsed in pages.items():
        plain = path.startswith(".well-known/")
        for node in parsed.css("*"):
            check(path, node)
        assert not parsed.css(NEVER if not plain else NEVER.replace("style, ", "")), (path, [node.html for node in parsed.css(NEVER)])
        assert len(parsed.css("meta[http-equiv=Content-Security-Policy]")) == 1, path
        assert len(parsed.css("#__config")) == (not plain), path
        assert len(parsed.css("#content")) == (not plain), path
        ids = [node.attributes["id"] for node in parsed.css("[id]")]
        assert len(ids) == len(set(ids)), (path, sorted(name for name in ids if ids.count(name) > 1))
        for node in parsed.css("form"):
            assert not urlsplit(node.attributes.get("action") or "").netloc, path


def check(path: str, node: LexborNode) -> None:
    """One element of a page."""
    assert not [name for name in node.attributes if name.startswith("on") or name in {"srcdoc", "formaction", "style", "xlink:href", "ping"}], (
        path, node.html)
    for name in ("href", "src", "action", "data", "poster", "srcset", "background"):
        address = re.sub(r"[\x00-\x20]", "", node.attributes.get(name) or "").lower()
        assert not address.startswith(("javascript:", "vbscript:", "data:", "blob:")), (path, node.html)
        if name != "href" or node.tag == "link":
            assert HOST not in address, (path, node.html)
    if node.tag == "script":
        kind = node.attributes.get("type")
        assert kind is None or kind in SCRIPTS, (path, node.html)
        if kind and kind.endswith("json"):
            json.loads(node.text())
    if node.tag == "meta" and (node.attributes.get("http-equiv") or "").lower() == "refresh":
        assert HOST not in (node.attributes.get("content") or "")


def test_feeds_and_other_xml_are_whole_and_hold_nothing_that_runs(files: dict[str, bytes]) -> None:
    seen = 0
    for path, data in files.items():
        if not path.endswith((".xml", ".rss", ".atom", ".opml")):
            continue
        document = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        assert not document.getroottree().docinfo.doctype, path
        for element in document.iter():
            tag = element.tag if isinstance(element.tag, str) else ""
            assert not tag.startswith(("{http://www.w3.org/1999/xhtml}script", "{http://www.w3.org/2000/svg}")), path
            for name, value in element.attrib.items():
                assert not str(value).lower().startswith(("javascript:", "vbscript:", "data:")), (path, name, value)
            if element.get("type") == "html" or tag.endswith(("encoded", "}description", "description")):
                for node in LexborHTMLParser(element.text or "").css("*"):
                    check(path, node)
                    seen += 1
    assert seen > 50


def test_json_is_json_and_its_html_is_clean(files: dict[str, bytes]) -> None:
    def walk(path: str, data: object) -> None:
        if isinstance(data, dict):
            for name, item in data.items():
                if name == "content_html":
                    for node in LexborHTMLParser(item).css("*"):
                        check(path, node)
                walk(path, item)
        elif isinstance(data, list):
            for item in data:
                walk(path, item)

    for path, data in files.items():
        if path.endswith(".json"):
            walk(path, json.loads(data))


def test_calendars_and_lists_are_whole(files: dict[str, bytes]) -> None:
    calendars = [path for path in files if path.endswith(".ics")]
    for path in calendars:
        names = {line.split(b":")[0].split(b";")[0] for line in files[path].split(b"\r\n") if line and not line.startswith(b" ")}
        assert not {name for name in names if not re.fullmatch(rb"[A-Z-]+", name)}, path
        icalendar.Calendar.from_ical(files[path])
    assert calendars
    for path in (path for path in files if path.endswith(".csv")):
        for line in files[path].decode("utf-8").splitlines():
            assert not [cell for cell in line.split(",") if cell.strip('"').startswith(("=", "+", "-", "@"))], path
    for path in ("robots.txt", "_headers", "headers/nginx.conf", "headers/caddy.conf", "redirects/nginx.map", "redirects/caddy.conf"):
        assert HOST.encode() not in files[path], path


def test_names_of_files_are_plain(files: dict[str, bytes]) -> None:
    assert not [path for path in files if not re.fullmatch(r"[A-Za-z0-9._/+-]+", path)]


def test_no_template_was_run(files: dict[str, bytes]) -> None:
    for path, data in files.items():
        if path.endswith((".html", ".atom", ".rss", ".json")) and b"{{7*7}}" in data:
            return
    raise AssertionError("the expressions stand nowhere as they were written")
