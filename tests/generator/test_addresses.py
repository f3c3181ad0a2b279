"""Addresses: every link and fragment leads somewhere, in whatever folder the portal stands; pages load nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from generator.build import BuildFailed
from tests.generator.support import build_site, edit, page, scripts_of, tree, write, write_site

HOST = "https://support.example.com"
PORTAL = f"{HOST}/portal/"  # where these portals stand


@pytest.fixture(scope="module", params=["golden_site", pytest.param("example_site", marks=pytest.mark.slow)])
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    return tree(request.getfixturevalue(request.param))


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes]) -> dict[str, LexborHTMLParser]:
    return {path: LexborHTMLParser(data.decode("utf-8")) for path, data in files.items() if path.endswith(".html")}


@pytest.fixture(scope="module")
def ids(pages: dict[str, LexborHTMLParser]) -> dict[str, list[str]]:
    return {path: [node.attributes["id"] or "" for node in parsed.css("[id]")] for path, parsed in pages.items()}


def address(path: str) -> str:
    """Where a file of the tree is served."""
    return PORTAL + path.removesuffix("index.html")


def file_at(url: str) -> str:
    """The file of the tree behind an address below the portal."""
    path = unquote(urlsplit(url).path).removeprefix("/portal/")
    return f"{path}index.html" if path.endswith("/") or not path else path


def references(parsed: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """(attribute, address) of all that a page links to or loads."""
    for name in ("href", "src", "action", "poster", "data"):
        for node in parsed.css(f"[{name}]"):
            yield name, node.attributes[name] or ""
    for node in parsed.css("[srcset]"):
        for part in (node.attributes["srcset"] or "").split(","):
            yield "srcset", part.split()[0]
    for node in parsed.css("meta[http-equiv=refresh]"):
        yield "refresh", (node.attributes["content"] or "").partition("url=")[2]


def is_inside(reference: str) -> bool:
    return not re.match(r"[a-z][a-z0-9+.-]*:|//", reference, re.IGNORECASE)


def test_every_link_and_fragment_of_every_page_resolves(
        files: dict[str, bytes], pages: dict[str, LexborHTMLParser], ids: dict[str, list[str]]) -> None:
    wrong, seen = [], 0
    for path, parsed in pages.items():
        for name, reference in references(parsed):
            if not is_inside(reference):
                continue
            seen += 1
            target = urljoin(address(path), reference)
            file = file_at(target)
            fragment = unquote(urlsplit(target).fragment)
            if not target.startswith(PORTAL) or file not in files:
                wrong.append(f"{path}: {name}={reference}")
            elif fragment and fragment not in ids[file]:
                wrong.append(f"{path}: {name}={reference} (no such id)")
    assert wrong == []
    assert seen > 2000


def test_links_are_relative_but_on_the_page_for_unknown_addresses(pages: dict[str, LexborHTMLParser]) -> None:
    for path, parsed in pages.items():
        inside = [reference for _name, reference in references(parsed) if is_inside(reference) and not reference.startswith("#")]
        if path.endswith("404.html"):
            assert all(reference.startswith("/portal/") for reference in inside)
        else:
            assert not [reference for reference in inside if reference.startswith("/")], path


def test_links_to_the_portals_own_host_stand_only_where_they_must(pages: dict[str, LexborHTMLParser]) -> None:
    for path, parsed in pages.items():
        absolute = {(node.tag, node.attributes.get("rel")) for node in parsed.css("[href], [src], [action]")
                    for name in ("href", "src", "action") if (node.attributes.get(name) or "").startswith(HOST)
                    and not (node.parent and "data-wp-insecure" in node.parent.attributes)}  # leads from http to https
        assert absolute <= {("link", "canonical"), ("link", "alternate")}, path


def test_canonical_and_translations_name_pages_and_each_other(
        files: dict[str, bytes], pages: dict[str, LexborHTMLParser]) -> None:
    alternates: dict[str, dict[str, str]] = {}
    for path, parsed in pages.items():
        canonical = parsed.css_first("link[rel=canonical]")
        if canonical:
            assert canonical.attributes["href"] == address(path)
        alternates[path] = {node.attributes["hreflang"] or "": node.attributes["href"] or ""
                            for node in parsed.css("link[rel=alternate][hreflang]")}
    assert sum(bool(found) for found in alternates.values()) > 80
    for path, found in alternates.items():
        for language, target in found.items():
            assert file_at(target) in files, f"{path} {language}"
            assert alternates[file_at(target)] == found, f"{path} is no alternate of {target}"
        if found:
            assert address(path) in found.values()
            assert found["x-default"] == found["en"]


def test_no_two_files_have_one_address(files: dict[str, bytes]) -> None:
    folded = [path.casefold() for path in files]
    assert len(set(folded)) == len(folded)


def test_ids_are_unique_on_each_page(ids: dict[str, list[str]]) -> None:
    assert {path: found for path, found in ids.items() if len(set(found)) != len(found)} == {}


def test_what_names_an_id_names_one_of_the_page(pages: dict[str, LexborHTMLParser], ids: dict[str, list[str]]) -> None:
    for path, parsed in pages.items():
        for name in ("for", "aria-labelledby", "aria-controls", "aria-describedby"):
            for node in parsed.css(f"[{name}]"):
                for word in (node.attributes[name] or "").split():
                    assert word in ids[path], f"{path}: {name}={word}"


def test_feeds_and_sitemap_name_pages(files: dict[str, bytes]) -> None:
    seen = 0
    for path, data in files.items():
        if path.endswith((".atom", ".xml")):
            root = etree.fromstring(data)
            found = [str(node.get("href")) for node in root.iter("{*}link")] + [str(node.text) for node in root.iter("{*}loc")]
            for target in found:
                seen += 1
                assert target.startswith(PORTAL), path
                assert file_at(target) in files, f"{path}: {target}"
    assert seen > 150


def test_the_sitemap_lists_what_search_engines_may_keep(files: dict[str, bytes], pages: dict[str, LexborHTMLParser]) -> None:
    listed = {file_at(str(node.text)) for node in etree.fromstring(files["sitemap.xml"]).iter("{*}loc")}
    kept = {path for path, parsed in pages.items() if not parsed.css_first("meta[name=robots][content~=noindex]")}
    assert listed == kept


def test_the_sitemap_leaves_out_what_is_retired_unknown_or_elsewhere(golden_site: Path) -> None:
    listed = {file_at(str(node.text)) for node in etree.fromstring((golden_site / "sitemap.xml").read_bytes()).iter("{*}loc")}
    assert {"kb/KB10002/index.html", "404.html", "ru/404.html", "archive/index.html"} & listed == set()
    assert {"kb/KB10001/index.html", "help/index.html", "ru/index.html"} <= listed


@pytest.mark.parametrize("language", ["", "ru/"])
def test_releases_that_are_opened_by_name_have_pages(files: dict[str, bytes], language: str) -> None:
    products = json.loads(files[f"{language}search/releases.json"])
    assert sum(len(releases) for _id, _name, releases in products) > 3
    for product, _name, releases in products:
        for release in releases:
            assert f"{language}releases/{product}/{release}/index.html" in files, release


def test_redirects_lead_to_pages_and_stand_where_their_pages_stand(golden_site: Path) -> None:
    files = tree(golden_site)
    lines = files["redirects/nginx.map"].decode().splitlines()[1:]
    assert len(lines) == 2
    for line in lines:
        old, new = re.fullmatch(r'"([^"]+)" "([^"]+)";', line).groups()  # type: ignore[union-attr]
        assert file_at(HOST + new) in files
        assert {file_at(HOST + old), file_at(f"{HOST}{old}/")} & set(files)
    assert files["redirects/caddy.conf"].decode().splitlines() == [
        f"redir {line[1:-2].replace(chr(34), '')} permanent" for line in lines]


def test_scripts_and_styles_load_what_is_there(files: dict[str, bytes]) -> None:
    seen = 0
    for path, data in files.items():
        if path.startswith("assets/") and path.endswith((".js", ".css")) and "javascripts/bundle" not in path:
            text = data.decode("utf-8")
            found = re.findall(r"url\(['\"]?([^)'\"]+)|(?:from|import)\s*\(?\s*[\"'](\.[^\"']+)[\"']", text)
            for reference in (one or other for one, other in found):
                if not reference.startswith(("data:", "#")):
                    seen += 1
                    assert posixpath.normpath(posixpath.join(posixpath.dirname(path), reference.split("?")[0])) in files, path
    assert seen > 3


def test_pages_load_nothing_from_another_host(pages: dict[str, LexborHTMLParser]) -> None:
    for path, parsed in pages.items():
        loaded = [node.attributes.get("src") or node.attributes.get("href") or "" for node in parsed.css(
            "[src], link[rel=stylesheet], link[rel=icon], link[rel=preload], link[rel=modulepreload], link[rel=manifest], "
            "link[rel=preconnect], link[rel=dns-prefetch]")]
        assert not [reference for reference in loaded if not is_inside(reference) and not reference.startswith("data:")], path
        assert not parsed.css("iframe, object, embed, base"), path


def test_styles_load_nothing_from_another_host(files: dict[str, bytes]) -> None:
    for path, data in files.items():
        if path.endswith(".css"):
            assert not re.search(rb"@import|url\(['\"]?(https?:)?//", data), path


def policy_of(parsed: LexborHTMLParser) -> dict[str, list[str]]:
    content = parsed.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"] or ""
    return {words[0]: words[1:] for part in content.split(";") if (words := part.split())}


def test_the_policy_allows_exactly_the_inline_scripts_of_the_page(
        files: dict[str, bytes], pages: dict[str, LexborHTMLParser]) -> None:
    seen: set[str] = set()
    for path, parsed in pages.items():
        allowed = {word for word in policy_of(parsed)["script-src"] if word.startswith("'sha256-")}
        needed = {f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
                  for attributes, code in scripts_of(files[path].decode("utf-8"))
                  if "src=" not in attributes and "json" not in attributes and "text/template" not in attributes}
        assert allowed == needed, path
        seen |= needed
    assert seen


def test_the_policy_is_strict_on_every_page(pages: dict[str, LexborHTMLParser]) -> None:
    for path, parsed in pages.items():
        policy = policy_of(parsed)
        assert policy["default-src"] == ["'none'"], path
        assert policy["base-uri"] == ["'none'"], path
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "blob:"} & set(policy["script-src"]), path
        assert not {"*", "https:", "http:"} & {word for words in policy.values() for word in words}, path
        first = parsed.css_first("script, link[rel=stylesheet], style")
        head = parsed.css_first("head").html or ""
        assert head.index("Content-Security-Policy") < head.index(f"<{first.tag}"), "the policy comes before what it governs"


def test_no_page_has_a_handler_in_its_markup(pages: dict[str, LexborHTMLParser]) -> None:
    for path, parsed in pages.items():
        for node in parsed.css("*"):
            assert not [name for name in node.attributes if name.startswith("on")], f"{path}: {node.tag}"
            assert not (node.attributes.get("href") or "").lower().startswith("javascript:"), path


def test_every_page_has_title_description_language_and_one_main_heading(pages: dict[str, LexborHTMLParser]) -> None:
    for path, parsed in pages.items():
        assert parsed.css_first("html").attributes["lang"] == ("ru" if path.startswith("ru/") else "en"), path
        assert len(parsed.css("head > title")) == 1, path
        assert parsed.css_first("title").text().strip(), path
        assert parsed.css_first("meta[name=description]").attributes["content"], path
        assert len(parsed.css("h1")) == 1, path


def test_structured_data_says_what_the_page_says(pages: dict[str, LexborHTMLParser]) -> None:
    seen = 0
    for path, parsed in pages.items():
        for node in parsed.css("script[type='application/ld+json']"):
            seen += 1
            data = json.loads(node.text())
            assert data["url"] == address(path)
            assert data["headline"] == parsed.css_first("h1").text()[:110]
            assert data["dateModified"] >= data["datePublished"]
    assert seen > 10


# -- what stands in the way of an address ------------------------------------------------------------------------------


@pytest.mark.parametrize(("redirects", "reason"), [
    ("/kb/KB10001/: /pr/\n", "'/kb/KB10001/' is the address of a page"),
    ("/KB: /pr/\n", "'/KB' is the address of a page"),
    ("/old: /pr/\n/OLD/: /kb/\n", "'/old' is the address of a page"),
])
def test_a_redirect_may_not_take_the_address_of_a_page(tmp_path: Path, quick_shell: None, redirects: str, reason: str) -> None:
    root = write_site(tmp_path / "site", {"redirects.yml": redirects})
    with pytest.raises(BuildFailed) as failed:
        build_site(root, tmp_path / "out")
    assert [f"'{finding.value}' {finding.reason}" for finding in failed.value.findings] == [reason]
    assert {finding.path for finding in failed.value.findings} == {"redirects.yml"}


def test_a_redirect_to_the_address_of_no_record_is_an_error(tmp_path: Path, quick_shell: None) -> None:
    root = write_site(tmp_path / "site", {"redirects.yml": "/gone: /kb/\n/old: /kb/KB99999/\n"})
    with pytest.raises(BuildFailed) as failed:
        build_site(root, tmp_path / "out")
    assert [str(finding) for finding in failed.value.findings] == [
        "redirects.yml:2: /old: '/kb/KB99999/' is the address of no record; "
        "write the id of a record or the address of another page"]


@pytest.mark.parametrize("target", ["/nowhere/", "/kb", "/products/other/", "/releases/box/9.9.9/", "/ru/nowhere/"])
def test_a_link_to_no_page_is_an_error(tmp_path: Path, quick_shell: None, target: str) -> None:
    root = write_site(tmp_path / "site")
    edit(root, "articles/KB10002.md", "Use a brush.", f"Use [a brush]({target}).")
    with pytest.raises(BuildFailed) as failed:
        build_site(root, tmp_path / "out")
    lines = (root / "articles/KB10002.md").read_text(encoding="utf-8").split("\n")
    line = next(number for number, text in enumerate(lines, 1) if target in text)
    assert {str(finding) for finding in failed.value.findings} >= {
        f"articles/KB10002.md:{line}: link: '{target}' leads to no page; "
        "write the address of a page, such as /kb/ or /kb/KB10042/"}


@pytest.mark.parametrize("target", [
    "/kb/", "/releases/box/1.0.0/", "/feeds/all.atom", "/search/", "/components/web/", "/kb/KB10001", "/pr/100001/#problem",
    "/search/?q=hum", "/ru/kb/"])
def test_a_link_to_a_page_by_its_address_is_taken(tmp_path: Path, quick_shell: None, target: str) -> None:
    root = write_site(tmp_path / "site")
    edit(root, "articles/KB10002.md", "Use a brush.", f"Use [a brush]({target}).")
    build_site(root, tmp_path / "out")
    link = next(node.attributes["href"] for node in page(tmp_path / "out", "kb/KB10002/").css("a") if node.text() == "a brush")
    file = urlsplit(urljoin("https://x.example.com/kb/KB10002/", link or "")).path.removeprefix("/")
    assert (tmp_path / "out" / file).exists()


def test_pages_may_have_names_in_any_script(tmp_path: Path) -> None:
    """MkDocs percent-encodes such links; they lead to the page all the same."""
    root = write_site(tmp_path / "site")
    write(root, "pages/help/как звонить.md", "# Как звонить\n\nПо телефону. Назад: [помощь](index.md).\n")
    edit(root, "pages/help/index.md", "Call us.", "Call [us](<как звонить.md>).")
    build_site(root, tmp_path / "out")
    links = page(tmp_path / "out", "help/").css(".md-content a")
    target = posixpath.normpath("help/" + unquote(next(node.attributes["href"] or "" for node in links if node.text() == "us")))
    assert page(tmp_path / "out", f"{target}/").css_first("h1").text().startswith("Как звонить")
    assert "help/%D0%BA%D0%B0%D0%BA%20" in (tmp_path / "out/sitemap.xml").read_text(encoding="utf-8")


def test_an_original_in_a_language_without_interface_has_a_page_of_its_own(tmp_path: Path, quick_shell: None) -> None:
    root = write_site(tmp_path / "site")
    edit(root, "articles/KB10002.md", "status: published", "status: published\nlanguage: de")
    write(root, "articles/KB10002.es.md", "---\ntitle: Limpiar\n---\n\n## Solution\n\nCepillo.\n")
    build_site(root, tmp_path / "out")
    for path, language in (("de/kb/KB10002/", "de"), ("es/kb/KB10002/", "es")):
        shown = page(tmp_path / "out", path)
        assert shown.css_first("h1").attributes["lang"] == language
    for path in ("kb/KB10002/", "ru/kb/KB10002/", "de/kb/KB10002/", "es/kb/KB10002/"):
        shown = page(tmp_path / "out", path)
        for node in shown.css("link[hreflang], a[hreflang]"):
            target = urlsplit(urljoin(f"https://support.example.com/{path}", node.attributes["href"] or "")).path
            assert (tmp_path / "out" / target.removeprefix("/") / "index.html").is_file(), f"{path}: {node.html}"
